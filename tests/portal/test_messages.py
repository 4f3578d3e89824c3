"""Messages in the portal: what is new, an answer, and a question to a merchant."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from merchants.tenancy import merchant_context
from messaging.models import Attachment, Side, Thread
from messaging.selectors import messages_of
from messaging.services import HOURLY_MAX
from tests.cast import Company, Promoter, make_user
from tests.messaging.test_files import PDF
from tests.messaging.writing import begin, merchant_of, now
from tests.portal.people import browser_of, errors_of, text_of


def test_a_message_is_new_until_it_is_opened_and_is_answered(acme: Company, bob: Promoter) -> None:
    browser = browser_of(bob.user)
    assert "Ask your merchants anything" in text_of(browser.get(reverse("portal:messages")))
    thread = begin(acme, bob, by=merchant_of(acme), body="See https://acme.example/<x>")

    listed = text_of(browser.get(reverse("portal:messages")))
    page = browser.get(reverse("portal:thread", args=[thread.id]))
    sent = browser.post(
        reverse("portal:thread-answer", args=[thread.id]), {"body": "Fine."}, follow=True
    )

    assert "1 unread" in listed
    assert "Banners for spring New" in listed
    assert "unread" not in text_of(page)
    assert 'rel="nofollow">https://acme.example/</a>&lt;x&gt;' in page.content.decode()
    assert "Fine." in text_of(sent)
    assert now(thread).read_at is not None
    with merchant_context(acme.id):
        last = messages_of(thread).last()
        assert last is not None
        assert (last.side, last.writer, last.user_id) == (Side.AFFILIATE, "Bob", bob.user.id)


def test_a_file_comes_as_something_to_save(acme: Company, bob: Promoter) -> None:
    browser = browser_of(bob.user)
    thread = begin(acme, bob)
    url = reverse("portal:thread-answer", args=[thread.id])

    sent = browser.post(
        url, {"body": "Look.", "attachments": [_file("plan.pdf", PDF)]}, follow=True
    )
    refused = browser.post(url, {"body": "Look.", "attachments": [_file("a.svg", b"<svg/>")]})

    with merchant_context(acme.id):
        kept = Attachment.objects.get()
    given = browser.get(reverse("portal:thread-file", args=[thread.id, kept.id]))
    assert "plan.pdf" in text_of(sent)
    assert errors_of(refused) == ["“a.svg” is no PNG or JPEG picture and no PDF document."]
    assert given.content == PDF
    assert given["Content-Disposition"] == 'attachment; filename="plan.pdf"'
    assert given["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in given["Content-Security-Policy"]
    assert (
        browser.get(reverse("portal:thread-file", args=[thread.id, thread.id])).status_code == 404
    )


def _file(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


def test_a_question_goes_to_the_merchant_of_the_program(acme: Company, bob: Promoter) -> None:
    browser = browser_of(bob.user)
    said = {"to": str(bob.enrollment.id), "subject": "Rates", "body": "Any higher in May?"}

    answer = browser.post(reverse("portal:thread-create"), said, follow=True)

    assert "Any higher in May?" in text_of(answer)
    with merchant_context(acme.id):
        assert Thread.objects.get().subject == "Rates"


def test_the_form_says_what_is_wrong(acme: Company, bob: Promoter, carol: Promoter) -> None:
    browser = browser_of(bob.user)
    url = reverse("portal:thread-create")
    said = {"to": str(bob.enrollment.id), "subject": "Rates", "body": "Hm?"}

    foreign = browser.post(url, {**said, "to": str(carol.enrollment.id)})
    turned = browser.post(url, {**said, "subject": "\u202e"})
    for _number in range(HOURLY_MAX):
        begin(acme, bob, at=timezone.now())
    late = browser.post(url, said)

    assert foreign.status_code == turned.status_code == late.status_code == 422
    assert errors_of(turned) == ["Write what it is about."]
    assert "wait before you write again" in text_of(late)


def test_who_is_in_no_program_is_told_how_to_begin() -> None:
    browser = browser_of(make_user("Nobody"))

    assert browser.get(reverse("portal:messages")).status_code == 302
