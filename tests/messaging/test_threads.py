"""Threads: begun and answered by either side, read by each person, closed and opened again."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError

from affiliates.models import Enrollment, Status
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM, Event
from merchants.rights import Role
from merchants.tenancy import affiliate_context, merchant_context
from messaging.models import Message, Side, Thread, ThreadStatus
from messaging.selectors import (
    latest_messages,
    messages_of,
    seen_by,
    threads_of_affiliate,
    unread_of_account,
    unread_of_member,
)
from messaging.services import (
    DAILY_MAX,
    HOURLY_MAX,
    NotReachable,
    TooManyMessages,
    close_thread,
    mark_read,
    reopen_thread,
)
from tests.cast import NOON, Company, Promoter, add_member
from tests.messaging.writing import EVENING, affiliate_of, answer, begin, merchant_of, now


def unread(company: Company, promoter: Promoter) -> tuple[int, int]:
    """Return how many threads hold news for the owner, and for the promoter."""
    with merchant_context(company.id):
        of_owner = unread_of_member(company.id, company.owner.user)
    with affiliate_context(promoter.affiliate.id):
        return of_owner, unread_of_account(promoter.affiliate.id, promoter.user)


def test_a_question_is_answered_and_each_side_knows_what_is_new(
    acme: Company, bob: Promoter
) -> None:
    thread = begin(acme, bob)
    assert unread(acme, bob) == (1, 0)

    answer(thread, merchant_of(acme))

    assert unread(acme, bob) == (0, 1)  # Whoever answers has read.
    with merchant_context(acme.id):
        written = [(row.side, row.writer, row.body) for row in messages_of(thread)]
    assert written == [
        (Side.AFFILIATE, "Bob", "Are there banners in green?"),
        (Side.MERCHANT, "Alice", "They come on Monday."),
    ]
    stored = now(thread)
    assert (stored.last_at, stored.affiliate_wrote_at) == (EVENING, NOON)
    assert (stored.merchant_wrote_at, stored.read_at) == (EVENING, None)


def test_reading_is_noted_for_each_person_by_themselves(acme: Company, bob: Promoter) -> None:
    thread = begin(acme, bob)
    ann = add_member(acme, "Ann", Role.VIEWER)

    with merchant_context(acme.id):
        mark_read(thread=thread, user=ann.user, side=Side.MERCHANT, at=EVENING)
        of_ann = unread_of_member(acme.id, ann.user)

    assert of_ann == 0
    assert unread(acme, bob) == (1, 0)


def test_the_merchant_sees_when_the_affiliate_first_read(acme: Company, bob: Promoter) -> None:
    thread = begin(acme, bob, by=merchant_of(acme))

    with merchant_context(acme.id):
        for minutes in (1, 2):
            at = NOON + timedelta(minutes=minutes)
            mark_read(thread=thread, user=bob.user, side=Side.AFFILIATE, at=at)

    assert now(thread).read_at == NOON + timedelta(minutes=1)


def test_a_list_marks_what_is_new_to_whom_it_is_shown(acme: Company, bob: Promoter) -> None:
    old = begin(acme, bob, by=merchant_of(acme), subject="Old")
    new = begin(acme, bob, by=merchant_of(acme), subject="New", at=EVENING)
    with merchant_context(acme.id):
        mark_read(thread=old, user=bob.user, side=Side.AFFILIATE, at=NOON)

    with affiliate_context(bob.affiliate.id):
        rows = seen_by(threads_of_affiliate(bob.affiliate.id), bob.user, Side.AFFILIATE)
        marked = [(row.subject, row.is_unread) for row in rows]

    assert marked == [("New", True), ("Old", False)]
    assert new.id != old.id


def test_a_closed_thread_opens_when_somebody_writes_and_history_says_so(
    acme: Company, bob: Promoter
) -> None:
    thread = begin(acme, bob)
    with merchant_context(acme.id):
        close_thread(thread=thread, by=SYSTEM, at=NOON)
        with pytest.raises(IllegalMove):
            close_thread(thread=thread, by=SYSTEM, at=NOON)
    assert now(thread).status == ThreadStatus.CLOSED

    answer(thread, affiliate_of(bob))

    assert now(thread).status == ThreadStatus.OPEN
    with merchant_context(acme.id), pytest.raises(IllegalMove):
        reopen_thread(thread=now(thread), by=SYSTEM, at=EVENING)
    with merchant_context(acme.id):
        events = Event.objects.filter(subject_id=thread.id).order_by("id")
        told = list(events.values_list("type", flat=True))
        said = [row.data for row in events]
    assert told == ["thread.started", "thread.closed", "thread.reopened", "thread.answered"]
    assert "green" not in str(said)  # What is written stays between the two.


@pytest.mark.parametrize(
    ("_case", "subject", "kept"),
    [
        ("a header", "Hi\r\nBcc: all@example.com", "Hi Bcc: all@example.com"),
        ("turned around", "pay\u202egpj.exe\u2066!", "paygpj.exe!"),
        ("control characters", "a\x00b\x1b[31mc\x7f", "ab[31mc"),
        ("a half of a pair", "x\ud800y", "xy"),
        ("joined emoji stay", "👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("much space", "  a \t b\u2028c ", "a b c"),
    ],
)
def test_a_subject_is_one_plain_line(
    _case: str, subject: str, kept: str, acme: Company, bob: Promoter
) -> None:
    assert now(begin(acme, bob, subject=subject)).subject == kept


def test_a_message_keeps_its_lines_and_nothing_that_is_not_seen(
    acme: Company, bob: Promoter
) -> None:
    thread = begin(acme, bob, body=" One\r\n\r\n\r\n\r\n\r\nTwo\u202e\x08\tthree ")

    with merchant_context(acme.id):
        assert messages_of(thread).get().body == "One\n\n\nTwo\tthree"


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"subject": " \u202e "}, ("subject", "required")),
        ({"subject": "x" * 151}, ("subject", "max_length")),
        ({"body": "\n\u2066"}, ("body", "required")),
        ({"body": "x" * 5001}, ("body", "max_length")),
    ],
)
def test_nothing_empty_or_too_long_is_kept(
    said: dict[str, str], refusal: tuple[str, str], acme: Company, bob: Promoter
) -> None:
    with pytest.raises(BadValue) as caught:
        begin(acme, bob, **said)

    assert (caught.value.field, caught.value.code) == refusal
    with merchant_context(acme.id):
        assert not Thread.objects.exists()


@pytest.mark.parametrize("status", [Status.INVITED, Status.DECLINED, Status.LEFT])
def test_nobody_writes_to_who_is_not_there(status: Status, acme: Company, bob: Promoter) -> None:
    gone = Enrollment(**{**_columns(bob.enrollment), "status": status})
    for by in (merchant_of(acme), affiliate_of(bob)):
        with pytest.raises(NotReachable):
            begin(acme, Promoter(bob.user, bob.affiliate, gone, bob.link), by=by)


def _columns(row: Enrollment) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_an_affiliate_who_writes_without_end_waits_and_the_merchant_does_not(
    acme: Company, bob: Promoter
) -> None:
    thread = begin(acme, bob)
    for _number in range(HOURLY_MAX - 1):
        answer(thread, affiliate_of(bob), at=NOON)

    with pytest.raises(TooManyMessages):
        answer(thread, affiliate_of(bob), at=NOON + timedelta(minutes=59))
    with pytest.raises(TooManyMessages):
        begin(acme, bob, subject="Another")
    answer(thread, merchant_of(acme), at=NOON)
    answer(thread, affiliate_of(bob), at=NOON + timedelta(minutes=61))

    with merchant_context(acme.id):
        assert Message.objects.filter(side=Side.AFFILIATE).count() == HOURLY_MAX + 1
        assert Thread.objects.count() == 1


def test_a_day_has_its_limit_too(acme: Company, bob: Promoter) -> None:
    thread = begin(acme, bob)
    with merchant_context(acme.id):
        first = messages_of(thread).get()
        rows = [Message(**_message_columns(first)) for _n in range(DAILY_MAX - 1)]
        for number, row in enumerate(rows):
            row.at = NOON + timedelta(minutes=10 * number)
        Message.objects.bulk_create(rows)

    with pytest.raises(TooManyMessages):
        answer(thread, affiliate_of(bob), at=NOON + timedelta(hours=23))


def _message_columns(row: Message) -> dict[str, object]:
    kept = [field.attname for field in row._meta.concrete_fields if field.name != "id"]
    return {name: getattr(row, name) for name in kept}


def test_long_threads_are_read_page_by_page(acme: Company, bob: Promoter) -> None:
    thread = begin(acme, bob, by=merchant_of(acme), body="0")
    for number in range(1, 6):
        answer(thread, merchant_of(acme), body=str(number), at=NOON + timedelta(minutes=number))

    with merchant_context(acme.id):
        last = latest_messages(thread, limit=2)
        before = latest_messages(thread, limit=3, before=last[0].id)

    assert [row.body for row in last] == ["4", "5"]
    assert [row.body for row in before] == ["1", "2", "3"]


# The walls ----------------------------------------------------------------------------------------


def test_others_see_nothing_and_affiliates_change_nothing(
    acme: Company, bob: Promoter, globex: Company, carol: Promoter
) -> None:
    thread = begin(acme, bob)

    for context in (merchant_context(globex.id), affiliate_context(carol.affiliate.id)):
        with context:
            assert not Thread.objects.exists()
            assert not Message.objects.exists()
    with affiliate_context(bob.affiliate.id):
        assert Thread.objects.get() == thread
        assert Message.objects.update(body="Never said.") == 0
        assert Thread.objects.update(subject="Never said.") == 0
    with pytest.raises(ProgrammingError), affiliate_context(bob.affiliate.id):
        Message.objects.create(**_message_columns(messages_of(thread).get()))


def test_a_thread_cannot_be_about_anothers_enrollment(
    acme: Company, bob: Promoter, globex: Company, carol: Promoter
) -> None:
    with pytest.raises((IntegrityError, DatabaseError)), merchant_context(acme.id):
        Thread.objects.create(
            merchant_id=acme.id,
            enrollment_id=carol.enrollment.id,
            affiliate_id=carol.affiliate.id,
            subject="S",
            status_changed_at=NOON,
            last_at=NOON,
            merchant_wrote_at=NOON,
        )
    assert globex.id != acme.id
