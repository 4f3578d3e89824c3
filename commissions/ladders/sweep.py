"""climb: once a day everybody on an automatic ladder is looked at, and moved where they belong."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from affiliates.models import Enrollment
from commissions.ladders.judging import Judged, judge, rungs_of
from commissions.ladders.preview import PAGE, pages_of
from commissions.services.tiers import place
from merchants.events import draft_event, record_events
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Ladder, Tier


def ladders_due(ladders: QuerySet[Ladder], *, at: datetime) -> QuerySet[Ladder]:
    """Return the automatic ladders on which not everybody was looked at today, in UTC."""
    today = at.astimezone(UTC).date()
    automatic = ladders.filter(is_automatic=True)
    return automatic.filter(Q(judged_on=None) | Q(judged_on__lt=today))


def climb(*, merchant_id: UUID, at: datetime) -> int:
    """Judge the next page of a merchant's ladder that is due; return how many were looked at.

    Safe to repeat, and to run twice at once: the ladder's row is locked, and a verdict that was
    carried out is not given again. What a killed worker has not kept, the next one does anew.
    """
    with merchant_context(merchant_id):
        due = ladders_due(Ladder.objects.filter(merchant_id=merchant_id), at=at)
        locked = due.select_for_update(of=("self",), no_key=True, skip_locked=True)
        ladder = locked.select_related("program__merchant").order_by("id").first()
        if ladder is None:
            return 0
        page = next(pages_of(ladder.program, after=ladder.judged_until), [])
        _carry_out(ladder, page, at)
        if len(page) < PAGE:
            ladder.judged_on, ladder.judged_until = at.astimezone(UTC).date(), None
        else:
            ladder.judged_until = page[-1].id
        ladder.save(update_fields=["judged_on", "judged_until"])
    return max(len(page), 1)  # Of an empty program, too: another ladder may be due.


def _carry_out(ladder: Ladder, page: Sequence[Enrollment], at: datetime) -> None:
    rungs = rungs_of(ladder.program)
    tiers = Tier.objects.filter(merchant_id=ladder.merchant_id).in_bulk(
        [rung.tier_id for rung in rungs]
    )
    locked = Enrollment.objects.filter(
        merchant_id=ladder.merchant_id, id__in=[row.id for row in page]
    )
    rows = list(
        locked.select_related("affiliate", "tier", "program")
        .select_for_update(of=("self",), no_key=True)
        .order_by("id")
    )
    missed = []
    for judged in judge(ladder, rungs, rows, at=at):
        row, verdict = judged.enrollment, judged.verdict
        if verdict.cause is not None:
            place(
                enrollment=row,
                tier=tiers[verdict.tier_id] if verdict.tier_id else None,
                cause=verdict.cause,
                figures=judged.figures,
                lock=timedelta(days=ladder.lock_days),
                by=SYSTEM,
                at=at,
            )
        elif verdict.missed_since != row.tier_missed_since:
            missed.append(judged)
    _note_missed(missed, at)


def _note_missed(changed: Sequence[Judged], at: datetime) -> None:
    """Keep since when who is below their targets, and forget it of who is not any more."""
    for judged in changed:
        judged.enrollment.tier_missed_since = judged.verdict.missed_since
        judged.enrollment.tier_missed_told_at = None
    Enrollment.objects.bulk_update(
        [judged.enrollment for judged in changed], ["tier_missed_since", "tier_missed_told_at"]
    )
    record_events(
        [
            draft_event(
                merchant_id=judged.enrollment.merchant_id,
                type="enrollment.tier_missed",
                subject_id=judged.enrollment.id,
                by=SYSTEM,
                at=at,
                data={
                    "program": str(judged.enrollment.program_id),
                    "affiliate": str(judged.enrollment.affiliate_id),
                    "figures": dict(judged.figures),
                },
            )
            for judged in changed
            if judged.verdict.missed_since is not None
        ]
    )
