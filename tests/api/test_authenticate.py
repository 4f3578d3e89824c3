"""Keys: none, wrong, out of force, of the wrong kind, without the scope, of a fallen member."""

from datetime import timedelta

import pytest

from affiliates.models import AffiliateKey
from common import clock
from merchants.models import ApiKey, KeyKind, Member
from merchants.rights import Role, Scope
from merchants.services import change_role, disable_member, revoke_key
from merchants.tenancy import affiliate_context, merchant_context
from tests.api.conftest import Caller, key_for
from tests.cast import NOON, Company, Promoter, add_member


def only_key(company: Company) -> ApiKey:
    """Return the company's only key."""
    with merchant_context(company.id):
        return ApiKey.objects.select_related("member__user").get()


def test_me_says_merchant_key_and_scopes(acme: Company, api: Caller) -> None:
    key = only_key(acme)

    answer = api.get("me")

    assert answer.status == 200
    assert answer.json == {
        "merchant": {
            "id": str(acme.id),
            "name": "Acme",
            "slug": "acme",
            "currency": "EUR",
            "website": "",
        },
        "key": {
            "id": str(key.id),
            "kind": "secret",
            "name": "Test",
            "last_four": key.last_four,
        },
        "scopes": sorted(Scope.values),
    }


def test_without_a_key_there_is_a_challenge() -> None:
    answer = Caller(None).get("me")

    assert answer.refusal == (401, "not_authenticated")
    assert answer.response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer fl_sk_wrong",
        "Bearer fl_pa_wrong",
        "Bearer fl_em_wrong",
        "Bearer \xff\xfe",
        "Basic YWxpY2U6cGFzcw==",
        "fl_sk_wrong",
        "Bearer " + "x" * 4_000,
    ],
)
def test_a_wrong_key_gets_a_challenge(acme: Company, header: str) -> None:
    answer = Caller(None).get("me", Authorization=header)

    assert answer.refusal == (401, "authentication_failed")
    assert answer.response.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_may_be_written_in_lower_case(api: Caller) -> None:
    answer = Caller(None).get("me", Authorization=f"bearer {api.key}")

    assert answer.status == 200


def test_a_revoked_key_is_refused_at_once(acme: Company, api: Caller) -> None:
    key = only_key(acme)
    with merchant_context(acme.id):
        revoke_key(member=acme.owner, key=key, at=NOON)

    assert api.get("me").refusal == (401, "authentication_failed")


def test_a_disabled_members_key_is_refused_at_once(acme: Company) -> None:
    mona = add_member(acme, "Mona", Role.MANAGER)
    hers = Caller(key_for(mona))
    assert hers.get("me").status == 200
    with merchant_context(acme.id):
        disable_member(member=acme.owner, target=mona, at=NOON)

    assert hers.get("me").refusal == (401, "authentication_failed")


def test_a_deactivated_users_key_is_refused_at_once(acme: Company, api: Caller) -> None:
    user = acme.owner.user
    user.is_active = False
    user.save(update_fields=["is_active"])

    assert api.get("me").refusal == (401, "authentication_failed")


def test_a_key_loses_what_its_member_loses(acme: Company) -> None:
    mona = add_member(acme, "Mona", Role.MANAGER)
    hers = Caller(key_for(mona))
    with merchant_context(acme.id):
        change_role(member=acme.owner, target=mona, role=Role.VIEWER, at=NOON)

    assert hers.get("conversions").status == 200
    assert hers.post("conversions", {}).refusal == (403, "not_allowed")


def test_a_key_without_the_scope_is_refused(acme: Company) -> None:
    reading = Caller(key_for(acme.owner, [Scope.READ]))
    writing = Caller(key_for(acme.owner, [Scope.CONVERSIONS]))

    assert reading.get("conversions").status == 200
    assert reading.post("conversions", {}).refusal == (403, "missing_scope")
    assert writing.get("conversions").refusal == (403, "missing_scope")
    assert writing.get("me").status == 200


def test_keys_open_their_own_doors_only(acme: Company, partner: Caller, api: Caller) -> None:
    publishable = Caller(key_for(acme.owner, [], KeyKind.PUBLISHABLE))

    assert publishable.get("me").refusal == (403, "wrong_key_kind")
    assert publishable.post("conversions", {}).refusal == (403, "wrong_key_kind")
    assert partner.get("conversions").refusal == (403, "wrong_key_kind")
    assert api.get("partner/me").refusal == (403, "wrong_key_kind")


def test_use_is_noted_and_reading_again_writes_nothing(acme: Company, api: Caller) -> None:
    before = clock.now()

    api.get("me")
    first = only_key(acme).last_used_at
    api.get("me")

    assert first is not None
    assert before <= first <= clock.now()
    assert only_key(acme).last_used_at == first


def test_use_of_an_affiliates_key_is_noted(bob: Promoter, partner: Caller) -> None:
    partner.get("partner/me")

    with affiliate_context(bob.affiliate.id):
        noted = AffiliateKey.objects.get().last_used_at
    assert noted is not None
    assert clock.now() - noted < timedelta(minutes=1)


def test_a_key_of_a_member_without_rights_still_reads(acme: Company) -> None:
    ann: Member = add_member(acme, "Ann", Role.VIEWER)

    assert Caller(key_for(ann)).get("conversions").status == 200
