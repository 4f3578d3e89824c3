"""The mails around tiers: into which one an affiliate came, and that it may lose the one it has.

Rows are marked first and mailed after the commit; a mail server that is away takes the marks back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.models import Enrollment, MoveCause, Status, TierMove
from mailing.delivery import Mail, deliver, in_each_language
from mailing.kinds import Kind
from merchants.tenancy import merchant_context
from programs.models import Ladder

log = structlog.get_logger()

BATCH = 200


def moves_to_tell_of(moves: QuerySet[TierMove]) -> QuerySet[TierMove]:
    """Return the moves of which the affiliate was not told."""
    return moves.filter(told_at=None)


def enrollments_to_warn(enrollments: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    """Return those who are below their tier's targets and were not told."""
    below = enrollments.filter(tier_missed_since__isnull=False, tier_missed_told_at=None)
    return below.filter(status=Status.APPROVED)


def tell_of_tiers(*, merchant_id: UUID, at: datetime) -> int:
    """Mail what is to be said of tiers; return of how many it was said. Safe to run twice."""
    with merchant_context(merchant_id):
        moves = _lock_moves(merchant_id)
        warned = _lock_warned(merchant_id)
        _mark(moves, warned, at)
        days = dict(
            Ladder.objects.filter(merchant_id=merchant_id).values_list("program_id", "grace_days")
        )
        mails = [
            *(_move_mail(move) for move in moves),
            *(_warning_mail(row, days.get(row.program_id, 0)) for row in warned),
        ]
    try:
        deliver(mails, merchant_id=merchant_id, at=at)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("tiers.mail_failed", merchant=str(merchant_id), error=str(error))
        with merchant_context(merchant_id):
            _mark(moves, warned, None)
        return 0
    return len(mails)


def _lock_moves(merchant_id: UUID) -> list[TierMove]:
    due = moves_to_tell_of(TierMove.objects.filter(merchant_id=merchant_id))
    locked = due.select_for_update(of=("self",), skip_locked=True)
    named = locked.select_related("enrollment__program__merchant", "affiliate", "before", "after")
    return list(named.order_by("at", "id")[:BATCH])


def _lock_warned(merchant_id: UUID) -> list[Enrollment]:
    due = enrollments_to_warn(Enrollment.objects.filter(merchant_id=merchant_id))
    locked = due.select_for_update(of=("self",), no_key=True, skip_locked=True)
    named = locked.select_related("program__merchant", "affiliate", "tier")
    return list(named.order_by("tier_missed_since", "id")[:BATCH])


def _mark(moves: Sequence[TierMove], warned: Sequence[Enrollment], at: datetime | None) -> None:
    TierMove.objects.filter(id__in=[move.id for move in moves]).update(told_at=at)
    ids = [row.id for row in warned]
    Enrollment.objects.filter(id__in=ids).update(tier_missed_told_at=at)


@in_each_language
def _move_mail(move: TierMove) -> Mail:
    program = move.enrollment.program
    facts = {
        "move": move,
        "program": program,
        "merchant": program.merchant,
        "is_up": move.cause == MoveCause.REACHED,
        "is_down": move.cause == MoveCause.MISSED,
        "url": settings.APP_URL + reverse("portal:terms", args=[move.enrollment_id]),
    }
    text = render_to_string("commissions/mail/tier_moved.txt", facts)
    said = {"tier": move.after, "program": program.name}
    subject = _("You are in the tier %(tier)s of %(program)s")
    if move.after is None:
        subject = _("Your tier at %(program)s has changed")
    return Mail(Kind.TIERS, subject % said, text, affiliate=move.affiliate)


@in_each_language
def _warning_mail(row: Enrollment, grace_days: int) -> Mail:
    assert row.tier_missed_since is not None
    falls_at = row.tier_missed_since + timedelta(days=grace_days)
    facts = {
        "enrollment": row,
        "program": row.program,
        "merchant": row.program.merchant,
        "falls_at": max(falls_at, row.tier_locked_until or falls_at),
        "url": settings.APP_URL + reverse("portal:terms", args=[row.id]),
    }
    text = render_to_string("commissions/mail/tier_missed.txt", facts)
    said = {"tier": row.tier, "program": row.program.name}
    subject = _("Your tier %(tier)s at %(program)s is in danger") % said
    return Mail(Kind.TIERS, subject, text, affiliate=row.affiliate)
