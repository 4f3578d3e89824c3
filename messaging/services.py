"""Every write to threads: start, answer, close and reopen them, and note who read what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.models import Affiliate, Enrollment, Status
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor, Member
from messaging.files import CleanFile, Upload, clean_files
from messaging.models import Attachment, Message, Side, Thread, ThreadRead, ThreadStatus
from messaging.text import plain_line, plain_text
from users.models import User

# Who has an account with the merchant, whatever became of the application.
REACHABLE = (Status.APPLIED, Status.APPROVED, Status.SUSPENDED, Status.REJECTED)
HOURLY_MAX = 20  # Messages of an affiliate to one merchant, by all its users and keys.
DAILY_MAX = 100
WINDOWS = ((timedelta(hours=1), HOURLY_MAX), (timedelta(days=1), DAILY_MAX))


class NotReachable(Exception):
    """The enrollment is not of those who write and are written to."""


class TooManyMessages(Exception):
    """The affiliate wrote so much of late that it has to wait."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, for which side, and under which name the others read it."""

    side: Side
    name: str
    actor: Actor
    member: Member | None = None
    user: User | None = None


def as_member(member: Member, actor: Actor) -> Writer:
    """Return a member as the one who writes for the merchant."""
    name = member.user.get_full_name()
    return Writer(Side.MERCHANT, name, actor, member=member, user=member.user)


def as_affiliate(affiliate: Affiliate, actor: Actor, user: User | None = None) -> Writer:
    """Return a user of the account, or a key of it, as the one who writes for the affiliate."""
    name = user.get_full_name() if user else affiliate.name
    return Writer(Side.AFFILIATE, name, actor, user=user)


def start_thread(
    *,
    enrollment: Enrollment,
    subject: str,
    body: str,
    by: Writer,
    at: datetime,
    attachments: Sequence[Upload] = (),
) -> Thread:
    """Begin a thread with its first message; return it.

    :raises NotReachable: if nobody stands at the other end, or the writer does not.
    :raises BadValue: if subject or message are empty or too long, or a file cannot be.
    :raises TooManyMessages: if the affiliate wrote too much of late.
    """
    if enrollment.status not in REACHABLE:
        raise NotReachable(enrollment.status)
    subject = plain_line(subject)
    if not subject:
        raise BadValue("subject", "required", _("Write what it is about."))
    kept, wrote = clean_files(list(attachments)), {_wrote(by.side): at}
    with transaction.atomic():
        thread = Thread.objects.create(
            merchant_id=enrollment.merchant_id,
            enrollment=enrollment,
            affiliate_id=enrollment.affiliate_id,
            subject=cleaned(Thread, "subject", subject),
            status_changed_at=at,
            last_at=at,
            **wrote,
        )
        _store_message(thread, body, by, at, kept)
        _record(thread, "thread.started", by.actor, at, by=by.side.lower())
    return thread


def write_message(
    *, thread: Thread, body: str, by: Writer, at: datetime, attachments: Sequence[Upload] = ()
) -> Message:
    """Add a message to a thread and return it; a closed thread is open again.

    :raises BadValue: if the message is empty or too long, or a file cannot be.
    :raises TooManyMessages: if the affiliate wrote too much of late.
    """
    kept = clean_files(list(attachments))
    threads = Thread.objects.filter(merchant_id=thread.merchant_id, id=thread.id)
    with transaction.atomic():
        # Locked, so that two who answer at once leave the later time behind.
        locked = threads.select_for_update(of=("self",)).get()
        message = _store_message(locked, body, by, at, kept)
        last_at = max(at, locked.last_at)
        threads.update(**{"last_at": last_at, _wrote(by.side): last_at})
        if threads.move(to=ThreadStatus.OPEN, at=at):
            _record(locked, "thread.reopened", by.actor, at)
        _record(locked, "thread.answered", by.actor, at, by=by.side.lower())
    return message


def _wrote(side: Side) -> str:
    return f"{side.lower()}_wrote_at"


def _store_message(
    thread: Thread, body: str, by: Writer, at: datetime, files: Sequence[CleanFile]
) -> Message:
    body = plain_text(body)
    if not body:
        raise BadValue("body", "required", _("Write a message."))
    body = str(cleaned(Message, "body", body))
    if by.side == Side.AFFILIATE:
        _require_patience(thread, at)
    message = Message.objects.create(
        merchant_id=thread.merchant_id,
        thread=thread,
        affiliate_id=thread.affiliate_id,
        side=by.side,
        member=by.member,
        user=by.user,
        writer=plain_line(by.name)[:150],
        body=body,
        at=at,
        mail_due_at=at,
    )
    Attachment.objects.bulk_create(_attachment(message, file) for file in files)
    if by.user:
        mark_read(thread=thread, user=by.user, side=by.side, at=at)
    return message


def _attachment(message: Message, file: CleanFile) -> Attachment:
    return Attachment(
        merchant_id=message.merchant_id,
        message=message,
        affiliate_id=message.affiliate_id,
        name=file.name,
        kind=file.kind,
        size=len(file.content),
        content=file.content,
    )


def _require_patience(thread: Thread, at: datetime) -> None:
    """Count what the affiliate wrote to this merchant; its enrollment is locked meanwhile."""
    rows = Enrollment.objects.filter(merchant_id=thread.merchant_id, id=thread.enrollment_id)
    rows.select_for_update(of=("self",), no_key=True).get()
    written = Message.objects.filter(
        merchant_id=thread.merchant_id, affiliate_id=thread.affiliate_id, side=Side.AFFILIATE
    )
    for window, most in WINDOWS:
        if written.filter(at__gt=at - window).count() >= most:
            raise TooManyMessages(_("You wrote a lot of late. Please wait before you write again."))


# What becomes of a thread -------------------------------------------------------------------------


def close_thread(*, thread: Thread, by: Actor, at: datetime) -> Thread:
    """Settle a thread; return it. Whoever writes in it opens it again.

    :raises IllegalMove: if it is closed already.
    """
    return _move(thread, ThreadStatus.CLOSED, "thread.closed", by, at)


def reopen_thread(*, thread: Thread, by: Actor, at: datetime) -> Thread:
    """Open a settled thread again; return it.

    :raises IllegalMove: if it is open.
    """
    return _move(thread, ThreadStatus.OPEN, "thread.reopened", by, at)


def _move(thread: Thread, to: ThreadStatus, event: str, by: Actor, at: datetime) -> Thread:
    rows = Thread.objects.filter(merchant_id=thread.merchant_id, id=thread.id)
    with transaction.atomic():
        if not rows.move(to=to, at=at):
            raise IllegalMove("The thread", to=to, status=thread.status)
        _record(thread, event, by, at)
    thread.status, thread.status_changed_at = to, at
    return thread


def mark_read(*, thread: Thread, user: User, side: Side, at: datetime) -> None:
    """Note that a person has seen a thread up to now. Safe to repeat."""
    ThreadRead.objects.update_or_create(
        merchant_id=thread.merchant_id,
        thread=thread,
        user=user,
        side=side,
        defaults={
            "read_at": at,
            "affiliate_id": thread.affiliate_id if side == Side.AFFILIATE else None,
        },
    )
    if side == Side.AFFILIATE and thread.merchant_wrote_at is not None:
        unread = Thread.objects.filter(merchant_id=thread.merchant_id, id=thread.id, read_at=None)
        unread.update(read_at=at)


def _record(thread: Thread, type: str, actor: Actor, at: datetime, **said: UUID | str) -> None:
    """Record what happened to a thread; what was written stays between the two."""
    facts = {"enrollment": str(thread.enrollment_id), "subject": thread.subject, **said}
    record_event(
        merchant_id=thread.merchant_id,
        type=type,
        subject_id=thread.id,
        by=actor,
        at=at,
        data=facts,
    )
