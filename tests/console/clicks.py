"""Clicks as the edge stores them: the row, and the rollup of its day."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F

from common.ids import id_floor
from merchants.tenancy import merchant_context
from reports.models import DailyClicks
from tests.cast import Company, Promoter
from tracking.models import Click, ClickClass


def store_clicks(
    company: Company,
    promoter: Promoter,
    *,
    at: datetime,
    count: int = 1,
    kind: ClickClass = ClickClass.HUMAN,
    refusal: str = "",
) -> None:
    """Store clicks of one moment through the promoter's link."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_click_partitions(%s, 1)", [at.date()])
    link = promoter.link
    owner = {
        "merchant_id": company.id,
        "program_id": link.program_id,
        "enrollment_id": link.enrollment_id,
        "affiliate_id": link.affiliate_id,
        "link_id": link.id,
    }
    with merchant_context(company.id):
        Click.objects.bulk_create(
            Click(**owner, **_visit(at), kind=kind, refusal=refusal) for _ in range(count)
        )
        human = count if kind == ClickClass.HUMAN else 0
        credited = 0 if refusal else human
        row, _created = DailyClicks.objects.get_or_create(
            **owner, day=at.date(), defaults={"clicks": 0, "human": 0, "credited": 0}
        )
        DailyClicks.objects.filter(merchant_id=company.id, link_id=link.id, day=row.day).update(
            clicks=F("clicks") + count,
            human=F("human") + human,
            credited=F("credited") + credited,
        )


def _visit(at: datetime) -> dict[str, object]:
    return {
        "id": UUID(int=id_floor(at).int | (uuid4().int & ((1 << 62) - 1))),
        "destination_host": "acme.example",
        "referrer_host": "blog.example",
        "device": "phone",
        "os": "iOS",
        "browser": "Safari",
        "ip_net": "198.51.100.0/24",
        "source": "",
        "ext_click_id": "",
        "subs": {},
        "country": "",
        "language": "",
        "destination_id": None,
        "visitor": "",
        "is_unique": False,
    }
