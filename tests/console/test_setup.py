"""The first-run wizard: four steps, nothing lost on errors or on going back."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from commissions.models import Reward, RuleVersion
from merchants.directory import memberships_of
from merchants.models import ApiKey, Merchant
from merchants.rights import Role, Scope
from merchants.tenancy import merchant_context
from programs.models import JoinMode, Program, Status, Terms
from tests.cast import Company, add_member, make_user
from tests.console.conftest import SignIn, words
from users.models import User

PROGRAM = {
    "name": "Nora's friends",
    "landing_url": "https://nora.example/shop",
    "kind": "REFERRAL",
    "join_mode": "OPEN",
}
RATES = {"rate_sale": "12,5 %", "rate_lead": "5.00", "rate_signup": "", "hold_days": "14"}


def url(step: str) -> str:
    return reverse(f"console:setup-{step}")


@pytest.fixture
def nora(sign_in: SignIn) -> Client:
    """Return the browser of Nora, who has just made her merchant."""
    client = sign_in(make_user("Nora"))
    facts = {"name": "Nora's", "currency": "EUR", "website": "nora.example"}
    answer = client.post(reverse("console:merchant-create"), facts)
    assert answer.headers["Location"] == url("program")
    return client


def merchant() -> Merchant:
    return Merchant.objects.using("ops").get()


def test_a_new_merchant_has_its_maker_as_owner(nora: Client) -> None:
    member = memberships_of(User.objects.get(email="nora@example.com"))[0]

    assert (member.merchant.name, member.merchant.currency) == ("Nora's", "EUR")
    assert member.merchant.website == "https://nora.example"
    assert member.role == Role.OWNER


def test_a_merchant_needs_a_name_and_a_known_currency(sign_in: SignIn) -> None:
    client = sign_in(make_user("Nora"))

    answer = client.post(reverse("console:merchant-create"), {"name": "", "currency": "XXX"})

    assert "Please correct 2 things." in words(answer.content)
    assert not Merchant.objects.using("ops").exists()


def test_without_a_program_home_is_the_wizard(nora: Client) -> None:
    assert nora.get(reverse("console:home")).headers["Location"] == url("program")


def test_steps_ahead_lead_back_to_the_first(nora: Client) -> None:
    for step in ("rates", "terms", "done"):
        assert nora.get(url(step)).headers["Location"] == url("program")


def test_the_wizard_ends_with_an_open_program_its_link_and_its_snippet(nora: Client) -> None:
    assert nora.post(url("program"), PROGRAM).headers["Location"] == url("rates")
    assert nora.post(url("rates"), RATES).headers["Location"] == url("terms")
    terms = {"summary": "Be honest.", "body": "Be honest, always."}
    assert nora.post(url("terms"), terms).headers["Location"] == url("done")
    page = nora.get(url("done")).content.decode()

    with merchant_context(merchant().id):
        program = Program.objects.get()
        assert (program.status, program.join_mode, program.hold_days) == ("ACTIVE", "OPEN", 14)
        assert program.currency == "EUR"
        paid = RuleVersion.objects.values_list(
            "rule__goal__code", "reward", "rate_bps", "fixed_minor"
        )
        assert set(paid) == {
            ("sale", Reward.PERCENT, 1_250, 0),
            ("lead", Reward.FIXED, 0, 500),
        }
        assert Terms.objects.get().body == "Be honest, always."
    assert f"{settings.APP_URL}/join/{merchant().slug}/{program.slug}/" in page
    assert f"/fl.js?program={program.id}&quot;" in page
    assert "Authorization: Bearer fl_sk_YOUR_KEY" in page


def test_the_key_is_shown_once_inside_the_call(nora: Client) -> None:
    nora.post(url("program"), PROGRAM)

    answer = nora.post(url("key"))

    with merchant_context(merchant().id):
        key = ApiKey.objects.get()
        assert key.scopes == [Scope.CONVERSIONS]
    shown = answer.content.decode()
    assert "fl_sk_YOUR_KEY" not in shown
    assert f"{key.last_four}" in shown
    assert "no-store" in answer.headers["Cache-Control"]
    assert "fl_sk_YOUR_KEY" in nora.get(url("done")).content.decode()


def test_what_was_typed_survives_an_error(nora: Client) -> None:
    answer = nora.post(url("program"), {**PROGRAM, "landing_url": "not an address"})

    assert answer.status_code == 422
    assert "not an address" in answer.content.decode()
    assert "Nora&#x27;s friends" in answer.content.decode()
    with merchant_context(merchant().id):
        assert not Program.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("abc", "Write a share as in 10%, or an amount as in 5.00 EUR."),
        ("101%", "A share lies between 0.01% and 100%."),
        ("0", "Write a share as in 10%"),
        ("5.005", "Write a share as in 10%"),
        ("10.123%", "Write a share as in 10%"),
        ("-5", "Write a share as in 10%"),
    ],
)
def test_a_rate_that_cannot_be_read_is_named(nora: Client, typed: str, said: str) -> None:
    nora.post(url("program"), PROGRAM)

    answer = nora.post(url("rates"), {**RATES, "rate_sale": typed})

    assert answer.status_code == 422
    assert said in words(answer.content)
    with merchant_context(merchant().id):
        assert not RuleVersion.objects.exists()


def test_a_program_that_pays_for_nothing_is_refused(nora: Client) -> None:
    nora.post(url("program"), PROGRAM)

    answer = nora.post(url("rates"), {"hold_days": "14"})

    assert "Say what you pay for at least one goal." in words(answer.content)


def test_going_back_edits_the_same_program_and_shows_what_was_said(nora: Client) -> None:
    nora.post(url("program"), PROGRAM)
    nora.post(url("rates"), RATES)

    rates = nora.get(url("rates")).content.decode()
    nora.post(url("program"), {**PROGRAM, "name": "Friends of Nora", "join_mode": "APPLICATION"})
    nora.post(url("rates"), RATES)

    assert 'value="12.5%"' in rates
    assert 'value="5.00 EUR"' in rates
    with merchant_context(merchant().id):
        program = Program.objects.get()
        assert (program.name, program.join_mode) == ("Friends of Nora", JoinMode.APPLICATION)
        assert program.kind == "REFERRAL"
        assert RuleVersion.objects.count() == 2


def test_terms_may_be_skipped(nora: Client) -> None:
    nora.post(url("program"), PROGRAM)
    page = words(nora.get(url("terms")).content)

    assert "Terms of Nora" in page
    assert nora.post(url("terms"), {"skip": "1"}).headers["Location"] == url("done")
    with merchant_context(merchant().id):
        assert Program.objects.get().status == Status.ACTIVE
        assert not Terms.objects.exists()


def test_saving_the_same_terms_twice_makes_one_version(nora: Client) -> None:
    nora.post(url("program"), PROGRAM)
    terms = {"summary": "Be honest.", "body": "Be honest, always."}

    nora.post(url("terms"), terms)
    nora.post(url("terms"), terms)

    with merchant_context(merchant().id):
        assert Terms.objects.count() == 1


def test_leaving_ends_the_wizard_and_leaves_a_list(nora: Client) -> None:
    nora.post(url("program"), PROGRAM)

    assert nora.post(url("leave")).headers["Location"] == reverse("console:home")

    assert merchant().setup_done_at is not None
    page = words(nora.get(reverse("console:home")).content)
    assert "Say what you pay" in page
    assert "Invite a second member" in page


def test_a_manager_without_the_right_is_told_who_makes_keys(acme: Company, sign_in: SignIn) -> None:
    mia = sign_in(add_member(acme, "Mia", Role.MANAGER).user)

    assert "An owner creates the key" in words(mia.get(url("done")).content)
    assert mia.post(url("key")).status_code == 403
