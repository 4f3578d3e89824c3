"""The intake log: found by order and click, told in words, one merchant's alone."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from interfaces.console.intake_words import reason_title
from tests.cast import NOON, Company, Promoter, click_of, sell
from tests.console.arrivals import store_call
from tests.console.conftest import words
from tracking.models import IntakeCall, Outcome

LIST = reverse("console:intake-calls")


def found(client: Client, **query: str) -> list[str]:
    """Return the order ids of the calls that are listed."""
    table = client.get(LIST, query).context["table"]
    return [row.record.order_id for row in table.page.object_list]


def page_of(client: Client, call: IntakeCall) -> str:
    """Return the words of a call's page."""
    return words(client.get(reverse("console:intake-call", args=[call.id])).content)


def test_calls_are_listed_newest_first_with_outcome_and_reason(
    acme: Company, alice: Client
) -> None:
    store_call(acme, at=NOON - timedelta(hours=1), order_id="S-1")
    store_call(acme, order_id="S-2", intake="tune", outcome=Outcome.REFUSED, reason="unknown_goal")

    assert found(alice) == ["S-2", "S-1"]
    page = words(alice.get(LIST).content)
    assert "TUNE GET Refused No such goal S-2" in page
    assert "Postback GET New S-1 tok-1 Acme Partners" in page


def test_a_call_is_found_by_its_order_and_by_whatever_it_said(acme: Company, alice: Client) -> None:
    store_call(acme, order_id="S-1", said={"click_id": "Aaaa"})
    store_call(acme, order_id="S-2", said={"clickid": "Bbbb"})
    store_call(acme, order_id="S-3", said={"transaction_id": "Cccc"}, detail="goal: unknown")

    assert found(alice, q="S-1") == ["S-1"]
    assert found(alice, q="Bbbb") == ["S-2"]
    assert found(alice, q="ccc") == ["S-3"]
    assert found(alice, q="goal: unk") == ["S-3"]
    assert found(alice, q="S-4") == []
    page = words(alice.get(LIST).content)
    assert all(click in page for click in ("Aaaa", "Bbbb", "Cccc"))


def test_calls_are_filtered(acme: Company, alice: Client) -> None:
    store_call(acme, at=NOON - timedelta(days=2), order_id="old")
    store_call(acme, order_id="bad", outcome=Outcome.REFUSED, reason="invalid_amount")
    store_call(acme, order_id="pixel", intake="pixel")

    assert found(alice, outcome="REFUSED") == ["bad"]
    assert found(alice, reason="invalid_amount") == ["bad"]
    assert found(alice, intake="pixel") == ["pixel"]
    assert found(alice, until="2026-02-28") == ["old"]
    assert set(found(alice, since="2026-03-02")) == {"bad", "pixel"}
    assert found(alice, since="yesterday") == []


def test_a_refused_call_says_what_to_do_and_shows_no_secret(acme: Company, alice: Client) -> None:
    call = store_call(
        acme,
        outcome=Outcome.REFUSED,
        reason="unknown_goal",
        detail="goal: The program has no such goal.",
    )

    page = page_of(alice, call)

    assert "Nothing was stored. The caller was told why." in page
    assert "No such goal unknown_goal" in page
    assert "goal: The program has no such goal." in page
    assert "add a goal with this code" in page
    assert "token •••" in page


def test_a_call_leads_to_its_conversion(acme: Company, bob: Promoter, alice: Client) -> None:
    sale = sell(acme, click=click_of(bob), external_id="S-1")
    call = store_call(acme, conversion_id=sale.id)

    answer = alice.get(reverse("console:intake-call", args=[call.id]))

    assert reverse("console:conversion", args=[sale.id]) in answer.content.decode()
    assert "To the conversion" in words(answer.content)


def test_a_reason_without_words_is_shown_as_it_is(acme: Company, alice: Client) -> None:
    call = store_call(acme, outcome=Outcome.REFUSED, reason="never_heard_of")

    assert "never heard of" in page_of(alice, call)
    assert reason_title("bot") == "Called by a robot"


def test_an_empty_log_says_what_will_appear(acme: Company, alice: Client) -> None:
    assert "No call in the last 30 days" in words(alice.get(LIST).content)


def test_another_merchants_calls_are_not_ours(
    acme: Company, globex: Company, alice: Client
) -> None:
    call = store_call(globex)

    assert found(alice) == []
    assert alice.get(reverse("console:intake-call", args=[call.id])).status_code == 404
