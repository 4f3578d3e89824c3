"""What the cast writes to each other."""

from datetime import datetime, timedelta

from affiliates.selectors import enrollments_of
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from messaging.broadcasts import draft_broadcast, plan_broadcast, send_broadcast
from messaging.files import Upload
from messaging.models import Attachment, Broadcast, Message, Thread
from messaging.services import Writer, as_affiliate, as_member, start_thread, write_message
from tests.cast import NOON, Company, Promoter

EVENING = NOON + timedelta(hours=5)


def merchant_of(company: Company) -> Writer:
    """Return the company's owner as the one who writes."""
    owner = company.owner
    return as_member(owner, acting_user(owner.user))


def affiliate_of(promoter: Promoter) -> Writer:
    """Return the promoter as the one who writes."""
    return as_affiliate(promoter.affiliate, acting_user(promoter.user), promoter.user)


def begin(
    company: Company,
    promoter: Promoter,
    *,
    by: Writer | None = None,
    subject: str = "Banners for spring",
    body: str = "Are there banners in green?",
    at: datetime = NOON,
) -> Thread:
    """Start a thread about the promoter's enrollment; the promoter does, unless said."""
    with merchant_context(company.id):
        return start_thread(
            enrollment=promoter.enrollment,
            subject=subject,
            body=body,
            by=by or affiliate_of(promoter),
            at=at,
        )


def attach(thread: Thread, by: Writer, *, at: datetime = EVENING) -> Attachment:
    """Write in a thread with a file; return the file."""
    with merchant_context(thread.merchant_id):
        files = [Upload("offer.pdf", b"%PDF-1.4\n%%EOF")]
        message = write_message(thread=thread, body="See here.", by=by, at=at, attachments=files)
        return message.attachments.get()


def answer(
    thread: Thread, by: Writer, *, body: str = "They come on Monday.", at: datetime = EVENING
) -> Message:
    """Write in a thread."""
    with merchant_context(thread.merchant_id):
        return write_message(thread=thread, body=body, by=by, at=at)


def draft(
    company: Company,
    *,
    subject: str = "Spring, {name}",
    body: str = "Hello {name}, your link in {program}: {link}",
    query: str = "",
) -> Broadcast:
    """Write a broadcast that goes to nobody yet."""
    with merchant_context(company.id):
        return draft_broadcast(
            member=company.owner,
            subject=subject,
            body=body,
            query=query,
            by=acting_user(company.owner.user),
            at=NOON,
        )


def send(
    company: Company,
    broadcast: Broadcast,
    *,
    at: datetime = NOON,
    starts_at: datetime | None = None,
) -> Broadcast:
    """Let a broadcast go out to all affiliates of the company."""
    with merchant_context(company.id):
        rows = enrollments_of(company.id)
        expected = plan_broadcast(rows).seen
        by = acting_user(company.owner.user)
        return send_broadcast(
            broadcast=broadcast, rows=rows, expected=expected, by=by, at=at, starts_at=starts_at
        )


def now(thread: Thread) -> Thread:
    """Return the thread as it is stored."""
    with merchant_context(thread.merchant_id):
        return Thread.objects.get(id=thread.id)
