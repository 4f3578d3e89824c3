"""Broadcasts in the console: from the filtered list to what became of them."""

from datetime import timedelta

from django.core import mail
from django.test import Client
from django.urls import reverse

from merchants.tenancy import merchant_context
from messaging.models import Broadcast, BroadcastStatus, Message
from messaging.sending import run_broadcasts
from tests.cast import Company, Promoter, make_promoter
from tests.console.conftest import TODAY, words
from tests.messaging.writing import draft, send

SOON = TODAY + timedelta(minutes=1)


def page(client: Client, broadcast: Broadcast, query: str = "") -> str:
    """Return the words of a broadcast's page."""
    url = reverse("console:broadcast", args=[broadcast.id])
    return words(client.get(f"{url}{query}").content)


def test_it_is_written_for_a_filter_looked_at_and_sent(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    make_promoter(acme, "Eve", method=False)
    listed = alice.get(reverse("console:affiliates") + "?q=eve").content.decode()
    create = reverse("console:broadcast-create") + "?q=eve"
    assert f'href="{create}"' in listed

    said = {"subject": "Spring, {name}", "body": "Hi {name}: {link}"}
    answer = alice.post(create, said)
    with merchant_context(acme.id):
        broadcast = Broadcast.objects.get()
    shown = page(alice, broadcast)
    send_url = reverse("console:broadcast-send", args=[broadcast.id])
    changed = alice.post(send_url, {"expected": "2 0"}, follow=True)
    sent = alice.post(send_url, {"expected": "1 0"}, follow=True)
    run_broadcasts(merchant_id=acme.id, at=SOON)
    run_broadcasts(merchant_id=acme.id, at=SOON)
    progress = alice.get(reverse("console:broadcast-progress", args=[broadcast.id]))

    assert answer.headers["Location"] == reverse("console:broadcast", args=[broadcast.id])
    assert "Send to 1 affiliate?" in shown
    assert "Spring, Eve" in shown
    assert "changed meanwhile" in words(changed.content)
    assert sent.status_code == 200
    assert progress.headers["HX-Refresh"] == "true"
    assert "Sent 1" in page(alice, broadcast)
    assert "Spring, {name}" in words(alice.get(reverse("console:broadcasts")).content)
    with merchant_context(acme.id):
        assert Message.objects.get().affiliate.name == "Eve"


def test_a_reader_is_chosen_and_a_test_goes_to_oneself(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    eve = make_promoter(acme, "Eve", method=False)
    broadcast = draft(acme)

    shown = page(alice, broadcast, f"?affiliate={eve.enrollment.code}")
    wrong = page(alice, broadcast, "?affiliate=nobody")
    url = reverse("console:broadcast-test", args=[broadcast.id])
    tested = alice.post(f"{url}?affiliate={eve.enrollment.code}", follow=True)

    assert "Hello Eve" in shown
    assert "Hello Bob" in wrong
    assert "A test is on its way to alice@acme.example." in words(tested.content)
    assert [(row.to, row.subject) for row in mail.outbox] == [
        (["alice@acme.example"], "Test: Spring, Eve")
    ]


def test_a_draft_is_edited_scheduled_and_cancelled(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    broadcast = draft(acme)
    edit = reverse("console:broadcast-edit", args=[broadcast.id])
    send_url = reverse("console:broadcast-send", args=[broadcast.id])

    wrong = alice.post(edit, {"subject": "New", "body": "{nobody}"})
    alice.post(edit, {"subject": "New", "body": "Hello"})
    past = alice.post(send_url, {"expected": "1 0", "starts_at": "2020-01-01T10:00"})
    alice.post(send_url, {"expected": "1 0", "starts_at": "2026-03-03T10:00"})
    scheduled = page(alice, broadcast)
    cancelled = alice.post(reverse("console:broadcast-cancel", args=[broadcast.id]), follow=True)

    assert "There is no {nobody}." in words(wrong.content)
    assert "This is over already." in words(past.content)
    assert "Scheduled" in scheduled
    assert "Cancel this broadcast?" in scheduled
    assert "Cancelled. Who has it keeps it." in words(cancelled.content)
    with merchant_context(acme.id):
        stored = Broadcast.objects.get()
        assert (stored.subject, stored.status) == ("New", BroadcastStatus.CANCELLED)
        assert not Message.objects.exists()


def test_what_is_under_way_shows_how_far_it_is(acme: Company, bob: Promoter, alice: Client) -> None:
    make_promoter(acme, "Eve", method=False)
    broadcast = send(acme, draft(acme))
    run_broadcasts(merchant_id=acme.id, at=SOON, limit=1)

    shown = page(alice, broadcast)

    assert "1 of 2" in shown
    assert "You may leave this page" in shown


def test_texts_are_shown_as_text(acme: Company, bob: Promoter, alice: Client) -> None:
    broadcast = draft(acme, subject="<b>x</b>", body="<script>alert(1)</script>")

    for name in ("broadcast", "broadcast-edit"):
        shown = alice.get(reverse(f"console:{name}", args=[broadcast.id])).content.decode()
        assert "<script>alert(1)" not in shown
        assert "<b>x</b>" not in shown
