"""Every write to an affiliate's API keys."""

from datetime import datetime, timedelta

from affiliates.models import KEY_PREFIX, Affiliate, AffiliateKey
from common.secrets import hash_key, new_key
from merchants.tenancy import affiliate_context

USE_NOTED_EVERY = timedelta(minutes=1)


def create_key(*, affiliate: Affiliate, name: str) -> tuple[AffiliateKey, str]:
    """Create a key; return it with its text, which cannot be shown again."""
    text = new_key(KEY_PREFIX)
    with affiliate_context(affiliate.id):
        key = AffiliateKey.objects.create(
            affiliate_id=affiliate.id, name=name, key_hash=hash_key(text), last_four=text[-4:]
        )
    return key, text


def revoke_key(*, key: AffiliateKey, at: datetime) -> None:
    """Put a key out of force at once; safe to repeat."""
    with affiliate_context(key.affiliate_id):
        AffiliateKey.objects.filter(id=key.id, revoked_at=None).update(revoked_at=at)


def note_key_use(*, key: AffiliateKey, at: datetime) -> None:
    """Note that a key was used, to the minute: not every request shall write."""
    if key.last_used_at is None or at - key.last_used_at >= USE_NOTED_EVERY:
        with affiliate_context(key.affiliate_id):
            AffiliateKey.objects.filter(id=key.id).update(last_used_at=at)
