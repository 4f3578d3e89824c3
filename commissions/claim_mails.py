"""The mails around claims: rows that are due, marked first and sent after the commit.

A mail server that is away takes the marks back, so that the next round tries again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commissions.models import Claim, ClaimStatus
from mailing.delivery import Mail, deliver, in_each_language
from mailing.kinds import Kind
from merchants.events import draft_event, record_events
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context

log = structlog.get_logger()

NEAR = timedelta(days=2)  # Before the deadline members are reminded.
NAMED_MAX = 10  # Claims that a mail lists; the rest it counts.
BATCH = 200
ANSWERED = (ClaimStatus.CREDITED, ClaimStatus.REFUSED)


@dataclass(frozen=True, slots=True)
class Telling:
    """Mails about some claims, and the column that says they went out."""

    mark: str
    claims: Sequence[Claim]
    mails: Sequence[Mail]


def claims_to_tell_of(claims: QuerySet[Claim], *, at: datetime) -> QuerySet[Claim]:
    """Return those of which somebody is to be told something now."""
    is_open = Q(status=ClaimStatus.OPEN)
    return claims.filter(
        (is_open & Q(told_at=None))
        | (is_open & Q(reminded_at=None, due_at__lte=at + NEAR))
        | (is_open & Q(overdue_at=None, due_at__lte=at))
        | Q(status__in=ANSWERED),
        answer_told_at=None,
    )


def tell_of_claims(*, merchant_id: UUID, at: datetime) -> int:
    """Mail what is to be said of a merchant's claims; return of how many it was said.

    Members hear of new claims, of near and of passed deadlines, once each and together; an
    affiliate hears each answer.
    """
    with merchant_context(merchant_id):
        due = claims_to_tell_of(Claim.objects.filter(merchant_id=merchant_id), at=at)
        locked = due.select_for_update(of=("self",), skip_locked=True)
        named = locked.select_related("program__merchant", "affiliate", "goal", "enrollment")
        claims = list(named.order_by("due_at", "id")[:BATCH])
        tellings = _tellings(claims, at) if claims else []
        for telling in tellings:
            _mark(telling, at)
    return sum(len(telling.claims) for telling in tellings if _sent(telling, merchant_id, at))


def _tellings(claims: list[Claim], at: datetime) -> list[Telling]:
    waiting = [claim for claim in claims if claim.status == ClaimStatus.OPEN]
    new = [claim for claim in waiting if claim.told_at is None]
    over = [claim for claim in waiting if claim.due_at <= at and claim.overdue_at is None]
    near = [claim for claim in waiting if claim.due_at <= at + NEAR and claim.reminded_at is None]
    answered = [claim for claim in claims if claim.status in ANSWERED]
    _note_overdue(over, at)
    return [
        Telling("told_at", new, _to_members(new, _new_words)),
        # Whose deadline has passed already hears that, and no reminder before it.
        Telling(
            "reminded_at",
            near,
            _to_members([row for row in near if row.due_at > at], _near_words),
        ),
        Telling("overdue_at", over, _to_members(over, _over_words)),
        Telling("answer_told_at", answered, [_answer(claim) for claim in answered]),
    ]


def _note_overdue(claims: Sequence[Claim], at: datetime) -> None:
    """Record, once for each claim, that its deadline has passed."""
    known = Event.objects.filter(
        type="claim.overdue", subject_id__in=[claim.id for claim in claims]
    )
    noted = set(known.values_list("subject_id", flat=True))
    record_events(
        [
            draft_event(
                merchant_id=claim.merchant_id,
                type="claim.overdue",
                subject_id=claim.id,
                by=SYSTEM,
                at=at,
                data={
                    "enrollment": str(claim.enrollment_id),
                    "goal": claim.goal.code,
                    "order_id": claim.order_id,
                    "happened_on": claim.happened_on.isoformat(),
                    "due_at": claim.due_at.isoformat(),
                },
            )
            for claim in claims
            if claim.id not in noted
        ]
    )


def _new_words(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)s claim to answer", "%(count)s claims to answer", count),
        _("An affiliate says that a sale of theirs is missing:"),
    )


def _near_words(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)s claim is due soon", "%(count)s claims are due soon", count),
        _("An answer is due within two days:"),
    )


def _over_words(count: int) -> tuple[str, str]:
    return (
        ngettext("%(count)s claim is overdue", "%(count)s claims are overdue", count),
        _("The time to answer has passed:"),
    )


def _to_members(claims: Sequence[Claim], words: Callable[[int], tuple[str, str]]) -> list[Mail]:
    return [_listed(claims, words)] if claims else []


@in_each_language
def _listed(claims: Sequence[Claim], words: Callable[[int], tuple[str, str]]) -> Mail:
    subject, intro = words(len(claims))
    facts = {
        "intro": intro,
        "claims": claims[:NAMED_MAX],
        "more": max(len(claims) - NAMED_MAX, 0),
        "url": settings.APP_URL + reverse("console:claims"),
    }
    text = render_to_string("commissions/mail/claims_waiting.txt", facts)
    return Mail(Kind.CLAIMS, subject % {"count": len(claims)}, text)


@in_each_language
def _answer(claim: Claim) -> Mail:
    facts = {
        "claim": claim,
        "is_credited": claim.status == ClaimStatus.CREDITED,
        "url": settings.APP_URL + reverse("portal:claim", args=[claim.id]),
    }
    text = render_to_string("commissions/mail/claim_answered.txt", facts)
    subject = _("Your claim for order %(order)s was answered") % {"order": claim.order_id}
    return Mail(Kind.CLAIM_ANSWERS, subject, text, affiliate=claim.affiliate)


def _mark(telling: Telling, at: datetime | None) -> None:
    ids = [claim.id for claim in telling.claims]
    Claim.objects.filter(id__in=ids).update(**{telling.mark: at})


def _sent(telling: Telling, merchant_id: UUID, at: datetime) -> bool:
    """Send some mails; return whether they went out, and if not, forget that they did."""
    try:
        deliver(telling.mails, merchant_id=merchant_id, at=at)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("claims.mail_failed", merchant=str(merchant_id), error=str(error))
        with merchant_context(merchant_id):
            _mark(telling, None)
        return False
    return True
