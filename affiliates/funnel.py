"""How far visitors of a join page come, counted before there is anything else to count."""

from datetime import UTC, datetime

from django.db.models import F

from affiliates.models import FunnelCount, FunnelStep
from merchants.tenancy import merchant_context
from programs.models import Program


def count_step(*, program: Program, step: FunnelStep, at: datetime) -> None:
    """Count one visitor who came that far: one UPDATE, but for the first of a day.

    Nothing is kept of the visitor, so somebody who returns counts again.
    """
    day = at.astimezone(UTC).date()
    with merchant_context(program.merchant_id):
        rows = FunnelCount.objects.filter(
            merchant_id=program.merchant_id, program=program, day=day, step=step
        )
        if rows.update(count=F("count") + 1):
            return
        FunnelCount.objects.bulk_create(
            [
                FunnelCount(
                    merchant_id=program.merchant_id, program=program, day=day, step=step, count=0
                )
            ],
            ignore_conflicts=True,  # Two first ones at once make one row, and both count in it.
        )
        rows.update(count=F("count") + 1)
