"""What tests of postbacks send, and what they look at afterwards."""

from typing import Any
from urllib.parse import urlencode

from common.clock import now
from merchants.tenancy import merchant_context
from tests.cast import Company
from tests.edge.running import RunningEdge
from tests.facts import work
from tracking.models import Conversion, IntakeCall

WRONG_CLICK = "1027c887059b47b0d9f0e2b1c3a4d5"


def send(edge: RunningEdge, path: str, **said: Any):
    return edge.get(f"{path}?{urlencode(said)}")


def stored(company: Company) -> list[tuple[str, str, int, str]]:
    with merchant_context(company.id):
        rows = Conversion.objects.order_by("created_at").select_related("goal")
        return [(row.goal.code, row.external_id, row.amount_minor, row.source) for row in rows]


def logged(company: Company) -> list[tuple[str, str, str, str]]:
    with merchant_context(company.id):
        rows = IntakeCall.objects.order_by("id")
        return [(row.intake, row.outcome, row.reason, row.order_id) for row in rows]


def settled(company: Company) -> Conversion:
    work(company, at=now())
    with merchant_context(company.id):
        return Conversion.objects.get()
