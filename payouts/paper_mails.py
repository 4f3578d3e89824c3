"""Mails about what affiliates have to give before they can be paid, and forms that expire."""

from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from common.money import format_money
from mailing.delivery import Mail, deliver_to, in_each_language
from mailing.kinds import Kind
from merchants.tenancy import affiliate_context
from payouts.left_out import LeftOut
from payouts.models import Exclusion, TaxProfile

log = structlog.get_logger()


@in_each_language
def of_exclusion(exclusion: Exclusion) -> Mail:
    """Return what somebody is told who could not be paid and can do something about it."""
    page = "payout-method" if exclusion.reason == LeftOut.NO_METHOD else "tax"
    facts = {
        "exclusion": exclusion,
        "amount": format_money(exclusion.amount_minor, currency=exclusion.batch.currency),
        "lacks": LeftOut(exclusion.reason).name,
        "url": settings.APP_URL + reverse(f"portal:{page}"),
    }
    subject = _("%(name)s cannot pay you yet") % {"name": exclusion.merchant.name}
    text = render_to_string("payouts/mail/paper_lacks.txt", facts)
    return Mail(Kind.PAPERS, subject, text, affiliate=exclusion.affiliate)


def tell_of_expiry(*, affiliate_id: UUID, profile_id: UUID, at: datetime) -> bool:
    """Mail an affiliate that its form expires soon, once; return whether it was told.

    Marked first and mailed after the commit; a mail server that is away takes the mark back.
    """
    with affiliate_context(affiliate_id):
        rows = TaxProfile.objects.filter(id=profile_id, replaced_at=None, expiry_told_at=None)
        if not rows.update(expiry_told_at=at):
            return False
        profile = TaxProfile.objects.select_related("affiliate").get(id=profile_id)
    try:
        deliver_to([profile.affiliate.email], _expires(profile))
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("tax_form.mail_failed", profile=str(profile_id), error=str(error))
        with affiliate_context(affiliate_id):
            TaxProfile.objects.filter(id=profile_id).update(expiry_told_at=None)
        return False
    return True


@in_each_language
def _expires(profile: TaxProfile) -> Mail:
    facts = {
        "profile": profile,
        "kind": profile.get_kind_display(),
        "url": settings.APP_URL + reverse("portal:tax"),
    }
    subject = _("Your tax form expires")
    return Mail(Kind.FORMS, subject, render_to_string("payouts/mail/form_expires.txt", facts))
