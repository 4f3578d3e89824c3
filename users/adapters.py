"""What we tell django-allauth."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter

from common.secrets import decrypt, encrypt


class MfaAdapter(DefaultMFAAdapter):
    """Keeps TOTP secrets and recovery seeds encrypted at rest."""

    def encrypt(self, text: str) -> str:
        """Return the ciphertext as text."""
        return encrypt({"text": text}).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what `encrypt` was given."""
        value: dict[str, Any] = decrypt(encrypted_text.encode())
        return str(value["text"])
