"""Whose letters and bounties are due, and whose a letter's key is: across merchants, as ops."""

from typing import NamedTuple
from uuid import UUID

from merchants.tenancy import OPS
from recruiting.models import Letter, RecruitingOffer


class Found(NamedTuple):
    """A letter, and whose it is."""

    id: UUID
    merchant_id: UUID


def letter_of(key_hash: str) -> Found | None:
    """Return the letter of a key, whoever's it is."""
    rows = Letter.objects.using(OPS).filter(key_hash=key_hash)
    found = rows.values_list("id", "merchant_id").first()
    return Found(*found) if found else None


def merchants_with_letters() -> list[UUID]:
    """Return the merchants with letters that have not gone out."""
    due = Letter.objects.using(OPS).filter(mail_due_at__isnull=False)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_bounties() -> list[UUID]:
    """Return the merchants whose affiliates may earn by recruiting others."""
    offers = RecruitingOffer.objects.using(OPS).filter(is_open=True, bounty_minor__isnull=False)
    return list(offers.order_by().values_list("merchant_id", flat=True).distinct())
