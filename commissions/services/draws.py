"""Who is in which variant: drawn at the start, and for those who are approved later."""

from collections import Counter
from datetime import datetime
from typing import Final
from uuid import UUID

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.experiments import Lot, draw
from commissions.models import Experiment, ExperimentAssignment, ExperimentVariant
from merchants.tenancy import merchant_context

BATCH: Final = 5_000


def draw_experiments(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Put approved affiliates who are in no variant yet into one; return how many.

    Safe to repeat and to run twice at once: the experiment's row is locked or skipped.
    """
    with merchant_context(merchant_id):
        running = Experiment.objects.filter(
            merchant_id=merchant_id,
            starts_at__lte=at,
            ends_at__gt=at,
            stopped_at=None,
            archived_at=None,
        )
        locked = running.select_for_update(of=("self",), skip_locked=True, no_key=True)
        return sum(_draw(experiment, at, limit) for experiment in locked.order_by("id"))


def _draw(experiment: Experiment, at: datetime, limit: int) -> int:
    merchant_id = experiment.merchant_id
    own = ExperimentAssignment.objects.filter(merchant_id=merchant_id, experiment=experiment)
    missing = Enrollment.objects.filter(
        merchant_id=merchant_id,
        program_id=experiment.program_id,
        status=EnrollmentStatus.APPROVED,
    ).exclude(id__in=own.values("enrollment_id"))
    ids = list(missing.values_list("id", flat=True))
    if ids:
        variants = ExperimentVariant.objects.filter(merchant_id=merchant_id, experiment=experiment)
        lots = [Lot(row.id, row.weight) for row in variants.order_by("id")]
        taken = Counter(own.values_list("variant_id", flat=True))
        drawn = draw(experiment.id, lots, ids, taken=taken, limit=limit)
        ExperimentAssignment.objects.bulk_create(
            ExperimentAssignment(
                merchant_id=merchant_id,
                experiment=experiment,
                variant_id=variant_id,
                enrollment_id=enrollment_id,
            )
            for enrollment_id, variant_id in drawn
        )
    if experiment.assigned_at is None and len(ids) <= limit:
        experiment.assigned_at = at
        experiment.save(update_fields=["assigned_at"])
    return min(len(ids), limit)
