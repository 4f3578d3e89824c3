"""The mails the portal sends itself; each only after what it tells of was committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from affiliates.models import Affiliate, AffiliateUser
from commissions.models import Change, RateNotice
from commissions.words import describe_rule
from mailing.delivery import Mail, deliver, deliver_to, in_each_language
from mailing.kinds import Kind
from merchants.tenancy import affiliate_context, merchant_context
from payouts.models import PayoutMethod
from users.languages import language_of

log = structlog.get_logger()

NOTICES_BATCH = 200


def send_contact_changed(affiliate: Affiliate, addresses: Sequence[str]) -> None:
    """Tell the old and the new contact address, in case it was not its owner who changed it."""
    context = {
        "affiliate": affiliate,
        "account_url": settings.APP_URL + reverse("account_change_password"),
    }
    text = render_to_string("portal/mail/contact_changed.txt", context)
    subject = _("Your contact address was changed")
    deliver_to(addresses, Mail(Kind.CONTACTS, subject, text))


def tell_of_methods(*, affiliate_id: UUID, at: datetime) -> int:
    """Mail the people of an affiliate where its money goes from now on; return how many changes.

    All of them, at every address that is theirs: one of them, or the contact address, may be in a
    thief's hands. Marked first and mailed after the commit; a mail server that is away takes the
    mark back. Safe to run twice.
    """
    with affiliate_context(affiliate_id):
        due = PayoutMethod.objects.filter(affiliate_id=affiliate_id, mail_due_at__isnull=False)
        locked = due.select_for_update(of=("self",), skip_locked=True)
        methods = list(locked.order_by("created_at"))
        _mark_methods(methods, None)
        addresses, language = _addresses_of(affiliate_id), _language_of(affiliate_id)
        mails = [_method_mail(method) for method in methods]
    try:
        deliver_to(addresses, *mails, language=language)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("payout_method.mail_failed", affiliate=str(affiliate_id), error=str(error))
        with affiliate_context(affiliate_id):
            _mark_methods(methods, at)
        return 0
    return len(methods)


def _mark_methods(methods: Sequence[PayoutMethod], due_at: datetime | None) -> None:
    ids = [method.id for method in methods]
    PayoutMethod.objects.filter(id__in=ids).update(mail_due_at=due_at)


def _addresses_of(affiliate_id: UUID) -> list[str]:
    affiliate = Affiliate.objects.get(id=affiliate_id)
    users = dict(affiliate.users.values_list("user_id", "user__email"))
    verified = EmailAddress.objects.filter(user_id__in=users, verified=True)
    return sorted({affiliate.email, *users.values(), *verified.values_list("email", flat=True)})


def _language_of(affiliate_id: UUID) -> str:
    """Return the language of the account's first user who chose one."""
    users = AffiliateUser.objects.filter(affiliate_id=affiliate_id).exclude(user__language="")
    first = users.select_related("user").order_by("created_at", "id").first()
    return language_of(first.user if first else None)


@in_each_language
def _method_mail(method: PayoutMethod) -> Mail:
    context = {
        "method": method,
        "kind": method.get_kind_display(),
        "account_url": settings.APP_URL + reverse("account_change_password"),
        "method_url": settings.APP_URL + reverse("portal:payout-method"),
    }
    text = render_to_string("portal/mail/method_changed.txt", context)
    return Mail(Kind.METHODS, _("Your payout method was changed"), text)


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
        deliver(mails, merchant_id=merchant_id, at=at)
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


@in_each_language
def _rates_mail(notices: Sequence[RateNotice]) -> Mail:
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
    return Mail(Kind.RATES, subject, text, affiliate=notices[0].affiliate)


def _told_change(notice: RateNotice) -> ToldChange:
    goal = notice.rule_version.rule.goal
    words = describe_rule(
        notice.rule_version,
        goal=goal.name if goal else None,
        currency=notice.enrollment.program.currency,
        language=get_language() or "en",
    )
    return ToldChange(words, notice.effective_at, notice.change == Change.ENDS)
