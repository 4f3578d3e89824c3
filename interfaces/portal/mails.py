"""The mails the portal sends itself; each only after what it tells of was committed."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from payouts.models import PayoutMethod


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
