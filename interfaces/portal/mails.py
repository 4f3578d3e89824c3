"""The mails the portal sends itself; each only after what it tells of was committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection, send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commissions.models import Change, RateNotice
from commissions.words import describe_rule
from merchants.tenancy import merchant_context
from payouts.models import PayoutMethod

log = structlog.get_logger()

NOTICES_BATCH = 200


def send_method_changed(method: PayoutMethod, *, to: str) -> None:
    """Tell the owner of an account that its money goes elsewhere, in case it was not them."""
    context = {
        "method": method,
        "kind": method.get_kind_display(),
        "account_url": settings.APP_URL + reverse("account_change_password"),
        "method_url": settings.APP_URL + reverse("portal:payout-method"),
    }
    text = render_to_string("portal/mail/method_changed.txt", context)
    send_mail(_("Your payout method was changed"), text, settings.DEFAULT_FROM_EMAIL, [to])


def mail_rate_notices(*, merchant_id: UUID, at: datetime) -> int:
    """Mail the next notices of changed rates, one mail for each affiliate; return how many notices.

    They are marked first and mailed after the commit; a mail server that is away takes the marks
    back. Safe to run twice: what another worker holds is skipped.
    """
    with merchant_context(merchant_id):
        due = RateNotice.objects.filter(merchant_id=merchant_id, mailed_at=None)
        locked = due.select_for_update(of=("self",), skip_locked=True)
        named = locked.select_related(
            "enrollment__program__merchant", "affiliate", "rule_version__rule__goal"
        )
        notices = list(named.order_by("enrollment_id", "effective_at", "id")[:NOTICES_BATCH])
        _mark(notices, at)
        mails = [
            _rates_mail(list(rows))
            for _enrollment, rows in groupby(notices, key=lambda row: row.enrollment_id)
        ]
    if not notices:
        return 0
    try:
        get_connection().send_messages(mails)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("rates.mail_failed", merchant=str(merchant_id), error=str(error))
        with merchant_context(merchant_id):
            _mark(notices, None)
        return 0
    return len(notices)


def _mark(notices: Sequence[RateNotice], at: datetime | None) -> None:
    ids = [notice.id for notice in notices]
    RateNotice.objects.filter(id__in=ids).update(mailed_at=at)


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change of a rate in words."""

    words: str
    effective_at: datetime
    ends: bool


def _rates_mail(notices: Sequence[RateNotice]) -> EmailMessage:
    enrollment = notices[0].enrollment
    program = enrollment.program
    context = {
        "program": program,
        "merchant": program.merchant,
        "changes": [_told_change(notice) for notice in notices],
        "url": settings.APP_URL + reverse("portal:program", args=[enrollment.id]),
    }
    text = render_to_string("portal/mail/rates_change.txt", context)
    subject = _("Your rates at %(program)s change") % {"program": program.name}
    return EmailMessage(subject, text, to=[notices[0].affiliate.email])


def _told_change(notice: RateNotice) -> ToldChange:
    goal = notice.rule_version.rule.goal
    words = describe_rule(
        notice.rule_version,
        goal=goal.name if goal else None,
        currency=notice.enrollment.program.currency,
        language=get_language() or "en",
    )
    return ToldChange(words, notice.effective_at, notice.change == Change.ENDS)
