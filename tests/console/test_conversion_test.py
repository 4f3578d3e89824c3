"""“Send a test conversion”: told step by step without storing anything, then sent as a test."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from commissions.models import Commission
from interfaces.console.preview_words import TELLERS
from merchants.rights import Role
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter, add_member, click_of, sell, settle
from tests.console.conftest import TODAY, SignIn, words
from tests.console.rates import new_customers, store_rule
from tracking.models import Conversion, IntakeCall


def url(company: Company, *, by: str = "") -> str:
    """Return the address of the page."""
    page = reverse("console:conversion-test", args=[company.program.id])
    return f"{page}?by={by}" if by else page


def facts(**said: str) -> dict[str, str]:
    """Return a filled-in form."""
    return {"goal": "sale", "amount": "100.00", "external_id": "T-1"} | said


def told(client: Client, company: Company, **said: str) -> str:
    """Return what the page says would happen."""
    answer = client.post(url(company), facts(**said))
    assert answer.status_code == 200
    return words(answer.content).partition("What would happen")[2]


def stored(company: Company) -> int:
    """Return how many conversions there are."""
    with merchant_context(company.id):
        return Conversion.objects.count()


def test_a_rule_that_is_passed_over_says_why_and_the_next_pays_by_volume(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    steps = [{"from": 1, "rate_bps": 700}, {"from": 21, "rate_bps": 900}]
    details = {"period": "MONTH", "counts": "CONVERSIONS", "mode": "ONWARDS", "steps": steps}
    large = [{"field": "amount_minor", "op": "gte", "value": 50}]
    store_rule(acme, **new_customers())
    store_rule(acme, reward="VOLUME", details=details, conditions=large)

    page = told(alice, acme, link=str(bob.link.id))

    assert "Passed over: 20% of each sale for new customers Does not hold: Customer" in page
    assert "Rate: 7% of each sale, 9% from the 21st sale of a month" in page
    assert "By volume in a period: €7.00" in page


# By hand -----------------------------------------------------------------------------------------


def test_a_click_on_a_link_is_told_through_to_the_ledger(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    page = told(alice, acme, link=str(bob.link.id))

    steps = [
        *("Program: Active", "Goal: sale", "It is new", "Click of Bob · 100% Counts"),
        *("Bob is credited with 100%", "Rate: 10% of each sale", "10% of €100.00 = €10.00"),
        *("It would be: Pending Waiting for the hold to end", "Commission expense: −€10.00"),
    ]
    places = [page.find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)
    assert stored(acme) == 0


def test_without_evidence_nobody_is_credited(acme: Company, alice: Client) -> None:
    page = told(alice, acme)

    assert "Nobody is credited" in page
    assert "It would be: Approved Nobody is credited: no touch counts" in page


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"click_id": "nonsense"}, "Click Not one of ours: nobody owns this click or code"),
        ({"coupon": "NOBODYS"}, "Coupon Not one of ours: nobody owns this click or code"),
        ({"referral": "nobody"}, "Referral code Not one of ours"),
    ],
)
def test_evidence_that_is_none_is_named(
    said: dict[str, str], expected: str, acme: Company, alice: Client
) -> None:
    assert expected in told(alice, acme, **said)


def test_a_known_order_is_told(acme: Company, bob: Promoter, alice: Client) -> None:
    sell(acme, click=click_of(bob), external_id="S-1", amount_minor=5_000)

    page = told(alice, acme, external_id="S-1", link=str(bob.link.id))

    assert "It is known already" in page
    assert "The order S-1 is known with €50.00: it stays as it is." in page


def test_an_old_click_is_too_old(acme: Company, bob: Promoter, alice: Client) -> None:
    page = told(alice, acme, click_id=click_of(bob, at=NOON - timedelta(days=40)))

    assert "Click of Bob Older than the attribution window" in page


def test_what_cannot_be_read_stays_in_the_form(acme: Company, alice: Client) -> None:
    answer = alice.post(url(acme), facts(amount="lots"))

    assert answer.status_code == 422
    assert 'value="lots"' in answer.content.decode()


def test_it_is_sent_for_real_as_a_test_and_arrives(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    answer = alice.post(url(acme), facts(link=str(bob.link.id), send="1"), follow=True)

    assert "Attribution looks at it" in words(answer.content)
    assert "hx-get" in answer.content.decode()
    settle(acme, at=TODAY)
    page = words(alice.get(answer.request["PATH_INFO"]).content)
    assert "Bob is credited with 100%, but nothing is paid: this is a test" in page
    assert "A real one would have paid:" in page
    assert "10% of €100.00 = €10.00" in page
    with merchant_context(acme.id):
        assert Conversion.objects.get().is_test
        assert Commission.objects.count() == 0


def test_its_progress_is_asked_for_as_a_part(acme: Company, bob: Promoter, alice: Client) -> None:
    answer = alice.post(url(acme), facts(link=str(bob.link.id), send="1"))

    part = alice.get(answer.headers["Location"], headers={"HX-Request": "true"}).content.decode()

    assert part.startswith('<section class="ui-card" id="arrival"')


def test_a_real_conversion_is_not_shown_under_another_program(
    acme: Company, globex: Company, bob: Promoter, alice: Client
) -> None:
    sale = sell(acme, click=click_of(bob))
    page = reverse("console:conversion-arriving", args=[globex.program.id, sale.id])

    assert alice.get(page).status_code == 404


def test_viewers_send_nothing(acme: Company, sign_in: SignIn) -> None:
    viewer = sign_in(add_member(acme, "Vic", Role.VIEWER).user)

    assert viewer.post(url(acme), facts(send="1")).status_code == 403
    assert stored(acme) == 0


# As an address ------------------------------------------------------------------------------------


def address(path: str = "/postback", **said: str) -> str:
    """Return a postback's address."""
    return f"https://edge.example{path}?{urlencode(said)}"


def told_of(client: Client, company: Company, text: str) -> str:
    """Return what the page says would become of an address."""
    answer = client.post(url(company, by="address"), {"address": text})
    assert answer.status_code == 200
    return words(answer.content).partition("What would happen")[2]


def test_the_page_offers_an_address_that_works(acme: Company, bob: Promoter, alice: Client) -> None:
    page = alice.get(url(acme, by="address")).context["form"].initial["address"]

    assert acme.program.postback_token not in page
    said = told_of(alice, acme, page)
    assert "The token is left out here" in said
    assert "Bob is credited with 100%" in said


def test_another_systems_address_is_read_in_its_words(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    text = address(
        "/aff_lsr",
        transaction_id=click_of(bob),
        amount="25.00",
        conversion_unique_id="C-1",
        security_token=acme.program.postback_token,
        odd="1",
    )

    page = told_of(alice, acme, text)

    assert "A postback as TUNE sends it" in page
    assert "The token is this program's" in page
    assert "Not understood, so passed over: odd." in page
    assert "10% of €25.00 = €2.50" in page
    assert acme.program.postback_token not in page.partition("Every parameter")[2]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"token": "wrong"}, "The token is not this program's It would be refused."),
        ({"order_id": "A"}, "The token is missing It would be refused."),
        ({"amount": "lots"}, "The parameters would be refused"),
        ({"goal": "nothing"}, "goal: The program has no such goal."),
        (
            {"refund_id": "R-1", "refund_amount": "5", "order_id": "A"},
            "A refund of €5.00 of the order A.",
        ),
    ],
)
def test_what_would_be_refused_says_why(
    said: dict[str, str], expected: str, acme: Company, alice: Client
) -> None:
    usual = {"order_id": "T-1", "token": acme.program.postback_token}
    if expected.startswith("The token is missing"):
        usual.pop("token")
    page = told_of(alice, acme, address(**(usual | said)))

    assert expected in page


def test_an_unknown_path_is_told_where_to_call(acme: Company, alice: Client) -> None:
    page = told_of(alice, acme, address("/", nid="55", transaction_id="abc", amount="12"))

    assert "It looks like Everflow" in page
    assert "/pb/everflow" in page


def test_no_address_is_refused_beside_the_field(acme: Company, alice: Client) -> None:
    answer = alice.post(url(acme, by="address"), {"address": "hello"})

    assert answer.status_code == 422
    assert "Paste an address with parameters" in words(answer.content)


def test_an_address_is_sent_as_a_test_with_a_row_in_the_log(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    text = address(click_id=click_of(bob), order_id="P-1", amount="10.00", token="•••")

    answer = alice.post(url(acme, by="address"), {"address": text, "send": "1"})

    with merchant_context(acme.id):
        conversion, call = Conversion.objects.get(), IntakeCall.objects.get()
    assert re.search(str(conversion.id), answer.headers["Location"])
    assert (conversion.is_test, conversion.source) == (True, "POSTBACK")
    assert (call.is_test, call.intake, call.conversion_id) == (True, "postback", conversion.id)


def test_every_step_of_a_preview_has_words() -> None:
    named = "program goal step currency duplicate touch credit cap look rule arithmetic outcome"

    assert set(named.split()) == TELLERS.keys()
