"""The console's inbox: what is new, a thread, an answer, and a first word to an affiliate."""

from django.test import Client
from django.urls import reverse

from merchants.tenancy import merchant_context
from messaging.models import Side, Thread
from messaging.selectors import messages_of
from tests.cast import Company, Promoter
from tests.console.conftest import words
from tests.messaging.writing import answer, begin, merchant_of, now

EVIL = "<script>alert(1)</script> https://a.example/?a=1&b=2 javascript:alert(2)"


def test_the_inbox_shows_what_is_new_until_it_is_opened(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    empty = words(alice.get(reverse("console:messages")).content)
    thread = begin(acme, bob)

    listed = alice.get(reverse("console:messages"))
    home = words(alice.get(reverse("console:home")).content)
    opened = words(alice.get(reverse("console:thread", args=[thread.id])).content)
    after = alice.get(reverse("console:messages") + "?show=unread")

    assert "No message yet" in empty
    assert "Banners for spring New" in words(listed.content)
    assert "Messages 1" in home
    assert "Are there banners in green?" in opened
    assert "Messages 1" not in opened
    assert "Banners for spring" not in words(after.content)


def test_an_answer_is_sent_and_the_thread_closed_and_opened(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    thread = begin(acme, bob)
    url = reverse("console:thread-answer", args=[thread.id])

    empty = alice.post(url, {"body": " "})
    sent = alice.post(url, {"body": "On Monday."}, follow=True)
    closed = alice.post(reverse("console:thread-close", args=[thread.id]), follow=True)
    again = alice.post(reverse("console:thread-close", args=[thread.id]), follow=True)
    opened = alice.post(reverse("console:thread-reopen", args=[thread.id]), follow=True)

    assert empty.status_code == 422
    assert "On Monday." in words(sent.content)
    assert "it opens again when you write" in words(closed.content)
    assert "Nothing was changed" in words(again.content)
    assert "Open again." in words(opened.content)


def test_an_affiliates_page_shows_their_threads_and_leads_to_a_new_one(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    create = reverse("console:thread-create", args=[bob.enrollment.id])

    answer_to = alice.post(create, {"subject": "Hello", "body": "Welcome!"})
    page = words(alice.get(reverse("console:affiliate", args=[bob.enrollment.id])).content)

    with merchant_context(acme.id):
        thread = Thread.objects.get()
        assert messages_of(thread).get().side == Side.MERCHANT
    assert answer_to.headers["Location"] == reverse("console:thread", args=[thread.id])
    assert "Hello" in page
    assert now(thread).affiliate_wrote_at is None


def test_what_is_written_is_text_and_its_addresses_are_links(
    acme: Company, bob: Promoter, alice: Client
) -> None:
    thread = begin(acme, bob, subject="<b>Bold</b>", body=EVIL)
    answer(thread, merchant_of(acme))

    page = alice.get(reverse("console:thread", args=[thread.id])).content.decode()

    assert "<script>alert(1)" not in page
    assert "<b>Bold</b>" not in page
    assert '<a href="https://a.example/?a=1&amp;b=2" rel="nofollow">' in page
    assert 'href="javascript' not in page
