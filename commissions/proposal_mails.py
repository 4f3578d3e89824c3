"""The mails around proposals: the other side hears of an offer, who offered hears the answer.

Rows are marked first and mailed after the commit; a mail server that is away takes the marks back.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commissions.agreements import words_of
from commissions.models import Proposal, ProposalStatus, Side
from mailing.delivery import Mail, deliver, in_each_language
from mailing.kinds import Kind
from merchants.tenancy import merchant_context

log = structlog.get_logger()

BATCH = 200
SILENT = (ProposalStatus.OPEN, ProposalStatus.COUNTERED, ProposalStatus.WITHDRAWN)


def proposals_to_tell_of(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Return the offers and the answers of which nobody was told."""
    return proposals.filter(Q(told_at=None) | (Q(answer_told_at=None) & ~Q(status__in=SILENT)))


def tell_of_proposals(*, merchant_id: UUID, at: datetime) -> int:
    """Mail what is to be said of a merchant's proposals; return of how many. Safe to run twice."""
    with merchant_context(merchant_id):
        due = proposals_to_tell_of(Proposal.objects.filter(merchant_id=merchant_id))
        locked = due.select_for_update(of=("self",), no_key=True, skip_locked=True)
        named = locked.select_related("enrollment__program__merchant", "affiliate", "goal")
        rows = list(named.order_by("offered_at", "id")[:BATCH])
        offers = [row for row in rows if row.told_at is None]
        answers = [row for row in rows if row.status not in SILENT]
        _mark(offers, answers, at)
        mails = [
            *(_mail(row, is_answer=False) for row in offers),
            *(_mail(row, is_answer=True) for row in answers),
        ]
    try:
        deliver(mails, merchant_id=merchant_id, at=at)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("proposals.mail_failed", merchant=str(merchant_id), error=str(error))
        with merchant_context(merchant_id):
            _mark(offers, answers, None)
        return 0
    return len(rows)


def _mark(offers: Sequence[Proposal], answers: Sequence[Proposal], at: datetime | None) -> None:
    Proposal.objects.filter(id__in=[row.id for row in offers]).update(told_at=at)
    Proposal.objects.filter(id__in=[row.id for row in answers]).update(answer_told_at=at)


@in_each_language
def _mail(row: Proposal, *, is_answer: bool) -> Mail:
    """Return what one side is told: of an answer who offered, of an offer the other."""
    to_merchant = (row.offered_by == Side.MERCHANT) == is_answer
    program = row.enrollment.program
    route = "console:proposal" if to_merchant else "portal:proposal"
    facts = {
        "proposal": row,
        "program": program,
        "words": words_of(row, language=get_language() or settings.LANGUAGE_CODE),
        "is_answer": is_answer,
        "who": row.affiliate.name if to_merchant else program.merchant.name,
        "url": settings.APP_URL + reverse(route, args=[row.id]),
    }
    text = render_to_string("commissions/mail/proposal.txt", facts)
    said = {"program": program.name, "status": row.get_status_display()}
    subject = _("A rate is proposed to you: %(program)s") % said
    if is_answer:
        subject = _("Your proposal for %(program)s: %(status)s") % said
    if to_merchant:
        return Mail(Kind.OFFERS, subject, text)
    return Mail(Kind.PROPOSALS, subject, text, affiliate=row.affiliate)
