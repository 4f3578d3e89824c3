"""Which merchants have automations that are due: asked by the worker, so as ops."""

from datetime import datetime
from uuid import UUID

from automations.models import Automation
from automations.services import active_automations
from merchants.tenancy import OPS


def merchants_with_automations(*, at: datetime) -> list[UUID]:
    """Return the merchants with an automation that is to look for somebody."""
    due = active_automations(Automation.objects.using(OPS).all(), at=at)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())
