"""What is read of threads, by either side in its own context."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from messaging.models import Attachment, Message, Side, Thread, ThreadRead, ThreadStatus
from users.models import User

COUNTED_MAX = 99  # More than these nobody counts.
NEWEST = ("-last_at", "-id")


def threads_of(merchant_id: UUID) -> QuerySet[Thread]:
    """Return the merchant's threads with what a list names, the latest word first."""
    threads = Thread.objects.filter(merchant_id=merchant_id)
    return threads.select_related("affiliate", "enrollment__program").order_by(*NEWEST)


def inbox_of(merchant_id: UUID) -> QuerySet[Thread]:
    """Return what somebody wrote to somebody: of broadcasts only what was answered."""
    answered = Q(broadcast=None) | Q(affiliate_wrote_at__isnull=False)
    return threads_of(merchant_id).filter(answered)


def threads_of_affiliate(affiliate_id: UUID) -> QuerySet[Thread]:
    """Return the affiliate's threads of all merchants, the latest word first; in its context."""
    threads = Thread.objects.filter(affiliate_id=affiliate_id)
    return threads.select_related("enrollment__program__merchant").order_by(*NEWEST)


def seen_by(threads: QuerySet[Thread], user: User, side: Side) -> QuerySet[Thread]:
    """Return the threads with `is_unread`: whether the other side wrote since the user looked."""
    return threads.annotate(is_unread=_is_unread(user, side))


def _is_unread(user: User, side: Side) -> Q:
    told = "affiliate_wrote_at" if side == Side.MERCHANT else "merchant_wrote_at"
    seen = ThreadRead.objects.filter(
        merchant_id=OuterRef("merchant_id"),
        thread_id=OuterRef("id"),
        user_id=user.id,
        side=side,
        read_at__gte=OuterRef(told),
    )
    return Q(**{f"{told}__isnull": False}) & ~Q(Exists(seen))


def unread_of_member(merchant_id: UUID, user: User) -> int:
    """Return in how many open threads affiliates wrote what the member has not seen, up to 99."""
    open_ones = Thread.objects.filter(merchant_id=merchant_id, status=ThreadStatus.OPEN)
    return _counted(open_ones.filter(_is_unread(user, Side.MERCHANT)))


def unread_of_account(affiliate_id: UUID, user: User) -> int:
    """Return in how many threads merchants wrote what the user has not seen, up to 99."""
    own = Thread.objects.filter(affiliate_id=affiliate_id)
    return _counted(own.filter(_is_unread(user, Side.AFFILIATE)))


def _counted(threads: QuerySet[Thread]) -> int:
    return threads.order_by()[:COUNTED_MAX].count()


def messages_of(thread: Thread) -> QuerySet[Message]:
    """Return what was written in a thread, the oldest first."""
    rows = Message.objects.filter(merchant_id=thread.merchant_id, thread=thread)
    # What files hold is read when somebody downloads them.
    files = Attachment.objects.defer("content").order_by("id")
    return rows.prefetch_related(Prefetch("attachments", files)).order_by("id")


def attachment_of(thread: Thread, attachment_id: UUID) -> Attachment | None:
    """Return a file of one of the thread's messages, with what it holds."""
    files = Attachment.objects.filter(
        merchant_id=thread.merchant_id, message__thread=thread, id=attachment_id
    )
    return files.first()


def latest_messages(thread: Thread, *, limit: int, before: UUID | None = None) -> Sequence[Message]:
    """Return the last messages of a thread, or the last before one of them, the oldest first."""
    rows = messages_of(thread).reverse()
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows[:limit])[::-1]
