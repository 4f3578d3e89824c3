"""Write, send and cancel broadcasts. A worker carries them out (messaging/sending.py)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from affiliates.care.jobs import Plan
from affiliates.models import Enrollment, Status
from common.ids import id_run
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from mailing.delivery import Mail, deliver_when_committed
from mailing.kinds import Kind
from merchants.events import record_event
from merchants.models import Actor, Member
from messaging.merge import filled, links_of, require_known_tags
from messaging.models import Broadcast, BroadcastStatus, Thread
from messaging.text import plain_line, plain_text

REACHED = (Status.APPLIED, Status.APPROVED, Status.SUSPENDED)
AHEAD_MAX = timedelta(days=366)
# Their ids are a run, as common.ids has it.
STORE_RECIPIENTS = """
INSERT INTO messaging_broadcastrecipient (
    id, created_at, merchant_id, broadcast_id, enrollment_id, affiliate_id
)
SELECT (%%s || lpad(to_hex(row_number() OVER ()), 12, '0'))::uuid, now(), %%s, %%s,
       first.id, first.affiliate_id
FROM (%(chosen)s) AS first
"""


def draft_broadcast(
    *, member: Member, subject: str, body: str, query: str, by: Actor, at: datetime
) -> Broadcast:
    """Store a broadcast that goes to nobody yet; return it.

    :raises BadValue: if a text is empty, too long, or holds a tag that we do not know.
    """
    subject, body = _clean_texts(subject, body)
    with transaction.atomic():
        broadcast = Broadcast.objects.create(
            merchant_id=member.merchant_id,
            subject=subject,
            body=body,
            query=cleaned(Broadcast, "query", query),
            member=member,
            status_changed_at=at,
        )
        record_broadcast(broadcast, "broadcast.drafted", by, at)
    return broadcast


def edit_broadcast(*, broadcast: Broadcast, subject: str, body: str) -> Broadcast:
    """Change the texts of a draft; return it.

    :raises BadValue: as for a new one.
    :raises IllegalMove: if it is no draft any more.
    """
    subject, body = _clean_texts(subject, body)
    with transaction.atomic():
        locked = _lock(broadcast, to=BroadcastStatus.DRAFT, from_=(BroadcastStatus.DRAFT,))
        locked.subject, locked.body = subject, body
        locked.save(update_fields=["subject", "body"])
    return locked


def _clean_texts(subject: str, body: str) -> tuple[str, str]:
    subject, body = plain_line(subject), plain_text(body)
    if not subject:
        raise BadValue("subject", "required", _("Write what it is about."))
    if not body:
        raise BadValue("body", "required", _("Write a message."))
    require_known_tags("subject", subject)
    require_known_tags("body", body)
    return str(cleaned(Broadcast, "subject", subject)), str(cleaned(Broadcast, "body", body))


# To whom, and how it reads there ------------------------------------------------------------------


def plan_broadcast(rows: QuerySet[Enrollment]) -> Plan:
    """Return how many affiliates a broadcast would reach, and why others it would not."""
    counts = dict(rows.order_by().values_list("status").annotate(count=Count("id")))
    reached = _reached(rows).aggregate(count=Count("affiliate_id", distinct=True))["count"]
    skipped = [
        (str(Status(status).label), count)
        for status, count in sorted(counts.items())
        if status not in REACHED
    ]
    again = sum(count for status, count in counts.items() if status in REACHED) - reached
    if again:
        skipped.append((_("Reached through another program already"), again))
    return Plan(reached, skipped)


def _reached(rows: QuerySet[Enrollment]) -> QuerySet[Enrollment]:
    return rows.filter(status__in=REACHED).order_by()


def first_reached(rows: QuerySet[Enrollment]) -> Enrollment | None:
    """Return somebody whom a broadcast would reach, to see how it reads there."""
    found = _reached(rows).select_related("affiliate", "program__merchant", "tier")
    return found.order_by("id").first()


@dataclass(frozen=True, slots=True)
class Letter:
    """A broadcast as one affiliate reads it."""

    enrollment: Enrollment
    subject: str
    body: str


def letter_to(broadcast: Broadcast, enrollment: Enrollment) -> Letter:
    """Return a broadcast as it reads for an affiliate."""
    links = links_of([enrollment])
    subject = plain_line(filled(broadcast.subject, enrollment, links))
    return Letter(enrollment, subject, filled(broadcast.body, enrollment, links))


def send_test(*, letter: Letter, member: Member) -> None:
    """Mail a member how an affiliate would read a broadcast, once the transaction is committed."""
    facts = {"letter": letter, "merchant": member.merchant}
    text = render_to_string("messaging/mail/test.txt", facts)
    subject = _("Test: %(subject)s") % {"subject": letter.subject}
    deliver_when_committed([member.user.email], Mail(Kind.TESTS, subject, text))


# Sending -----------------------------------------------------------------------------------------


def send_broadcast(
    *,
    broadcast: Broadcast,
    rows: QuerySet[Enrollment],
    expected: str,
    by: Actor,
    at: datetime,
    starts_at: datetime | None = None,
) -> Broadcast:
    """Write down whom a draft goes to, and let it go out now or later; return it.

    Whoever comes into the filter afterwards is not taken along.

    :raises BadValue: if it reaches nobody, others than `expected` (`Plan.seen`), or starts at a
        time that cannot be.
    :raises IllegalMove: if it was sent or cancelled already.
    """
    starts_at = _clean_start(starts_at, at)
    with transaction.atomic():
        to = BroadcastStatus.SCHEDULED
        locked = _lock(broadcast, to=to, from_=(BroadcastStatus.DRAFT,))
        plan = plan_broadcast(rows)
        if plan.seen != expected:
            raise BadValue(
                "expected", "changed", _("The recipients changed meanwhile: look again.")
            )
        if not plan.applies:
            raise BadValue("rows", "nobody", _("There is nobody whom it would reach."))
        locked.total = _store_recipients(locked, rows)
        locked.starts_at = starts_at
        locked.save(update_fields=["total", "starts_at"])
        Broadcast.objects.filter(id=locked.id).move(to=to, at=at)
        locked.refresh_from_db()
        record_broadcast(locked, "broadcast.scheduled", by, at)
    return locked


def _clean_start(starts_at: datetime | None, at: datetime) -> datetime:
    if starts_at is None:
        return at
    if starts_at < at:
        raise BadValue("starts_at", "in_past", _("This is over already."))
    if starts_at > at + AHEAD_MAX:
        raise BadValue("starts_at", "too_late", _("A year ahead at the most."))
    return starts_at


def _store_recipients(broadcast: Broadcast, rows: QuerySet[Enrollment]) -> int:
    """Store each affiliate once, by the first of their enrollments; return how many."""
    first = _reached(rows).order_by("affiliate_id", "id").distinct("affiliate_id")
    chosen, values = first.values("id", "affiliate_id").query.sql_with_params()
    with connection.cursor() as cursor:  # Named by PostgreSQL itself: they may be 50,000.
        cursor.execute(
            STORE_RECIPIENTS % {"chosen": chosen},
            [id_run(), broadcast.merchant_id, broadcast.id, *values],
        )
        return int(cursor.rowcount)


def cancel_broadcast(*, broadcast: Broadcast, by: Actor, at: datetime) -> Broadcast:
    """Let a broadcast reach nobody further; return it. What went out stays.

    :raises IllegalMove: if it is sent, or cancelled already.
    """
    rows = Broadcast.objects.filter(merchant_id=broadcast.merchant_id, id=broadcast.id)
    with transaction.atomic():
        if not rows.move(to=BroadcastStatus.CANCELLED, at=at):
            now = rows.get().status
            raise IllegalMove("The broadcast", to=BroadcastStatus.CANCELLED, status=now)
        broadcast.refresh_from_db()
        record_broadcast(broadcast, "broadcast.cancelled", by, at)
    return broadcast


def _lock(
    broadcast: Broadcast, *, to: BroadcastStatus, from_: tuple[BroadcastStatus, ...]
) -> Broadcast:
    rows = Broadcast.objects.filter(merchant_id=broadcast.merchant_id, id=broadcast.id)
    locked = rows.select_for_update(of=("self",)).get()
    if locked.status not in from_:
        raise IllegalMove("The broadcast", to=to, status=locked.status)
    return locked


def record_broadcast(broadcast: Broadcast, type: str, by: Actor, at: datetime) -> None:
    """Record what happened to a broadcast, in the running transaction."""
    record_event(
        merchant_id=broadcast.merchant_id,
        type=type,
        subject_id=broadcast.id,
        by=by,
        at=at,
        data={"subject": broadcast.subject, "total": broadcast.total},
    )


# What became of them -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """How many affiliates a broadcast went to, who opened it and who answered."""

    sent: int = 0
    read: int = 0
    answered: int = 0


def broadcasts_of(merchant_id: UUID) -> QuerySet[Broadcast]:
    """Return the merchant's broadcasts, newest first."""
    rows = Broadcast.objects.filter(merchant_id=merchant_id)
    return rows.select_related("member__user").order_by("-id")


def reach_of(merchant_id: UUID, ids: list[UUID]) -> dict[UUID, Reach]:
    """Return how far each of these broadcasts reached; those that reached nobody are missing."""
    threads = Thread.objects.filter(merchant_id=merchant_id, broadcast_id__in=ids).order_by()
    counts = threads.values_list("broadcast_id").annotate(
        sent=Count("id"),
        read=Count("id", filter=Q(read_at__isnull=False)),
        answered=Count("id", filter=Q(affiliate_wrote_at__isnull=False)),
    )
    return {id: Reach(sent, read, answered) for id, sent, read, answered in counts}
