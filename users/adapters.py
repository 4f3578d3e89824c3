"""What we tell django-allauth."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as now
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.sites.requests import RequestSite
from django.http import HttpRequest

from common.secrets import decrypt, encrypt

PRODUCT = "Fairlead"


class AccountAdapter(DefaultAccountAdapter):
    """Writes mails about accounts in the name that people know, and not in that of a host."""

    def format_email_subject(self, subject: str) -> str:
        """Return the subject as it is: who writes is told by the sender."""
        return str(subject)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail in the merchant's name from its own host, else in the product's."""
        named = {"current_site": NamedSite(now.request)} if now.request else {}
        super().send_mail(template_prefix, email, {**named, **context})


class NamedSite(RequestSite):
    """The host of a request, by the name of whose it is."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        merchant = getattr(request, "host_merchant", None)  # Set where it is a merchant's own.
        self.name = merchant.name if merchant else PRODUCT


class MfaAdapter(DefaultMFAAdapter):
    """Keeps TOTP secrets and recovery seeds encrypted at rest."""

    def encrypt(self, text: str) -> str:
        """Return the ciphertext as text."""
        return encrypt({"text": text}).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what `encrypt` was given."""
        value: dict[str, Any] = decrypt(encrypted_text.encode())
        return str(value["text"])
