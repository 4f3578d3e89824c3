"""Rails: connected by who may, shown without secrets, changed without losing what is under way."""

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings

from common.refusals import BadValue
from demo.providers.wise import FakeWise
from merchants.models import Event
from merchants.rights import Role
from merchants.services import NotAllowed
from merchants.tenancy import merchant_context
from payouts.models import Mode, Rail
from payouts.rails import archive_rail, ask_for_check, check_rails, set_rail
from tests.cast import NOON, Company, add_member

WISE = {"profile": "12345678", "token": "wise-token-of-fairlead"}
SECRET = "whsec_" + base64.b64encode(b"x" * 32).decode()


@pytest.fixture
def wise(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWise]:
    """Return Wise's stand-in, which the product takes for Wise."""
    with FakeWise() as fake:
        assert isinstance(fake, FakeWise)
        monkeypatch.setitem(settings.PROVIDER_URLS, "WISE", fake.url)
        yield fake


def connect(company: Company, *, mode: str = Mode.SANDBOX, **credentials: str) -> Rail:
    """Connect Wise as the owner."""
    with merchant_context(company.id):
        return set_rail(
            member=company.owner, provider="WISE", mode=mode, credentials=credentials, at=NOON
        )


def rails(company: Company) -> list[Rail]:
    """Return the company's rails."""
    with merchant_context(company.id):
        return list(Rail.objects.order_by("id"))


def test_secrets_are_encrypted_and_not_in_history(acme):
    rail = connect(acme, **WISE)

    assert WISE["token"].encode() not in bytes(rail.credentials)
    assert (rail.reveal(), rail.masked) == (WISE, "12345678")
    with merchant_context(acme.id):
        event = Event.objects.get(type="rail.connected")
    assert event.data == {"provider": "WISE", "mode": "SANDBOX", "account": "12345678"}


def test_the_same_account_keeps_its_rail_and_the_secrets_left_out(acme):
    first = connect(acme, **WISE)

    again = connect(acme, profile="12345678", token="another-token-for-wise", signing_key="")

    assert (again.id, again.notice_token) == (first.id, first.notice_token)
    assert again.reveal()["token"] == "another-token-for-wise"
    assert connect(acme, profile="12345678").reveal()["token"] == "another-token-for-wise"
    assert len(rails(acme)) == 1


@pytest.mark.parametrize(
    "change", [{"profile": "999"}, {"source_currency": "USD"}, {"mode": Mode.LIVE}]
)
def test_another_account_is_another_rail(acme, change):
    first = connect(acme, **WISE)

    other = connect(acme, **{**WISE, **change})

    former, present = rails(acme)
    assert (former.id, former.archived_at) == (first.id, NOON)
    assert former.reveal() == WISE  # What is under way is asked for where it was sent.
    assert (present.id, present.archived_at) == (other.id, None)
    assert present.notice_token != former.notice_token


@pytest.mark.parametrize(
    ("_case", "provider", "credentials", "field"),
    [
        ("no provider", "BANKNOTES", WISE, "provider"),
        ("one that needs none", "CSV", {}, "provider"),
        ("a part is missing", "WISE", {"profile": "1"}, "token"),
        ("a part is misshapen", "WISE", {**WISE, "profile": "one"}, "profile"),
        ("a part too many", "WISE", {**WISE, "password": "x"}, "password"),
        ("no text", "WISE", {**WISE, "token": 7}, "token"),
        ("no key", "WISE", {**WISE, "signing_key": "A" * 200}, "signing_key"),
        ("inside", "BALANCE", {"url": "https://127.0.0.1/", "secret": SECRET}, "url"),
        ("no https", "BALANCE", {"url": "http://shop.example/", "secret": SECRET}, "url"),
        (
            "short secret",
            "BALANCE",
            {"url": "https://a.example/", "secret": "whsec_YWJj"},
            "secret",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(acme, _case, provider, credentials, field):
    with merchant_context(acme.id), pytest.raises(BadValue) as refused:
        set_rail(
            member=acme.owner, provider=provider, mode="SANDBOX", credentials=credentials, at=NOON
        )

    assert refused.value.field == field
    assert rails(acme) == []


@pytest.mark.parametrize("role", [Role.FINANCE, Role.MANAGER, Role.SALES, Role.VIEWER])
def test_only_owners_connect_and_archive(acme, role):
    rail = connect(acme, **WISE)
    member = add_member(acme, "Finn", role)

    with merchant_context(acme.id):
        with pytest.raises(NotAllowed):
            set_rail(member=member, provider="WISE", mode="LIVE", credentials=WISE, at=NOON)
        with pytest.raises(NotAllowed):
            archive_rail(member=member, rail=rail, at=NOON)
        with pytest.raises(NotAllowed):
            ask_for_check(member=member, rail=rail, at=NOON)

    assert [each.archived_at for each in rails(acme)] == [None]


def test_another_merchants_rail_is_not_there(acme, globex):
    connect(acme, **WISE)

    assert rails(globex) == []
    assert connect(globex, **WISE).id != rails(acme)[0].id


def test_a_new_account_is_checked_by_itself(acme, wise):
    rail = connect(acme, **WISE)
    assert rail.check_due_at == NOON

    assert check_rails(merchant_id=acme.id, at=NOON) == 1
    assert check_rails(merchant_id=acme.id, at=NOON) == 0

    (rail,) = rails(acme)
    assert (rail.account, rail.problem, rail.checked_at) == ("Acme Ltd", "", NOON)


def test_a_check_that_fails_says_why_and_may_be_asked_for_again(acme, wise):
    connect(acme, profile="12345678", token="a-token-of-somebody-else")
    check_rails(merchant_id=acme.id, at=NOON)
    (rail,) = rails(acme)
    assert (rail.account, rail.problem) == ("", "Wise does not accept the token.")

    later = NOON + timedelta(hours=1)
    connect(acme, **WISE)
    with merchant_context(acme.id):
        ask_for_check(member=acme.owner, rail=rails(acme)[0], at=later)
    check_rails(merchant_id=acme.id, at=later)

    (rail,) = rails(acme)
    assert (rail.account, rail.problem, rail.checked_at) == ("Acme Ltd", "", later)
