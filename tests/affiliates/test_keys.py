"""Affiliate keys: shown once, stored hashed, the affiliate's own."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from affiliates.directory import key_of
from affiliates.keys import create_key, note_key_use, revoke_key
from affiliates.models import AffiliateKey
from merchants.tenancy import affiliate_context, merchant_context
from tests.cast import NOON, Company, Promoter


def test_a_key_is_found_by_its_text_which_is_not_stored(bob: Promoter) -> None:
    key, text = create_key(affiliate=bob.affiliate, name="Script")

    found = key_of(text)

    assert found == key
    assert found is not None
    assert found.affiliate == bob.affiliate
    assert text.startswith("fl_pa_")
    assert text not in (key.key_hash, key.masked)
    assert key.masked == f"fl_pa_…{text[-4:]}"


def test_a_revoked_key_is_not_found(bob: Promoter) -> None:
    key, text = create_key(affiliate=bob.affiliate, name="Script")

    revoke_key(key=key, at=NOON)

    assert key_of(text) is None


def test_a_key_falls_with_the_last_active_user(bob: Promoter) -> None:
    _key, text = create_key(affiliate=bob.affiliate, name="Script")

    bob.user.is_active = False
    bob.user.save(update_fields=["is_active"])

    assert key_of(text) is None


def test_only_its_affiliate_reads_a_key(acme: Company, bob: Promoter, carol: Promoter) -> None:
    create_key(affiliate=bob.affiliate, name="Script")

    with affiliate_context(bob.affiliate.id):
        assert AffiliateKey.objects.count() == 1
    with affiliate_context(carol.affiliate.id):
        assert AffiliateKey.objects.count() == 0
    with merchant_context(acme.id):
        assert AffiliateKey.objects.count() == 0


def test_use_is_noted_to_the_minute(bob: Promoter) -> None:
    _key, text = create_key(affiliate=bob.affiliate, name="Script")

    for seconds in (0, 59, 61):
        key = key_of(text)
        assert key is not None
        note_key_use(key=key, at=NOON + timedelta(seconds=seconds))
        found = key_of(text)
        assert found is not None
        noted = NOON if seconds < 60 else NOON + timedelta(seconds=61)
        assert found.last_used_at == noted


def test_an_operator_makes_a_key_by_command(bob: Promoter) -> None:
    printed = StringIO()

    call_command("create_affiliate_key", "BOB@example.com", name="Script", stdout=printed)

    found = key_of(printed.getvalue().strip())
    assert found is not None
    assert (found.affiliate, found.name) == (bob.affiliate, "Script")


def test_who_acts_for_nobody_gets_no_key(acme: Company) -> None:
    for email in (acme.owner.user.email, "nobody@example.com"):
        with pytest.raises(CommandError, match="acts for no affiliate"):
            call_command("create_affiliate_key", email)
