"""Broadcasts: written with tags, counted, sent now or later, once to each, and answered."""

import os
import signal
import time
from datetime import timedelta
from threading import Barrier
from threading import Thread as Running

import pytest
from django.conf import settings
from django.core import mail
from django.db import connections

from affiliates.models import Enrollment, Status
from affiliates.selectors import enrollments_of
from affiliates.services import move_enrollment
from common.refusals import BadValue
from common.states import IllegalMove
from mailing.kinds import Kind, When
from merchants.models import SYSTEM, Event, acting_user
from merchants.tenancy import OPS, affiliate_context, merchant_context
from messaging.broadcasts import (
    Reach,
    cancel_broadcast,
    edit_broadcast,
    letter_to,
    plan_broadcast,
    reach_of,
    send_broadcast,
    send_test,
)
from messaging.directory import merchants_with_broadcasts
from messaging.mails import tell_of_messages
from messaging.models import (
    Broadcast,
    BroadcastRecipient,
    BroadcastStatus,
    Message,
    Side,
    Thread,
)
from messaging.selectors import inbox_of
from messaging.sending import run_broadcasts
from messaging.services import mark_read
from payouts.sending import faults
from programs.models import JoinMode
from programs.models import Status as ProgramStatus
from programs.services import ProgramDraft, create_program, move_program
from tests.cast import NOON, Company, Promoter, make_promoter
from tests.mailing.telling import as_user, set_choice
from tests.messaging.writing import EVENING, affiliate_of, answer, draft, send

NAMES = ("Ben", "Cleo", "Dan", "Eve", "Finn", "Gus")


@pytest.fixture
def many(acme: Company, bob: Promoter) -> list[Promoter]:
    """Return Bob and six more affiliates of Acme."""
    return [bob, *(make_promoter(acme, name, method=False) for name in NAMES)]


def run(company: Company, *, at=EVENING, limit: int = 500) -> int:
    """Do what workers do until nobody is left; return to how many it went."""
    done = 0
    while count := run_broadcasts(merchant_id=company.id, at=at, limit=limit):
        done += count
    return done


def bodies(company: Company) -> list[str]:
    """Return what was written, by the reader's name."""
    with merchant_context(company.id):
        rows = Message.objects.order_by("affiliate__name")
        return list(rows.values_list("body", flat=True))


def stored(broadcast: Broadcast) -> Broadcast:
    """Return the broadcast as it is now."""
    with merchant_context(broadcast.merchant_id):
        return Broadcast.objects.get(id=broadcast.id)


def test_each_gets_a_thread_of_their_own_with_the_tags_filled_in(
    acme: Company, bob: Promoter
) -> None:
    eve = make_promoter(acme, "Eve", method=False)
    broadcast = send(acme, draft(acme, body="{name}: {program} of {merchant}, {link}, {code}"))
    assert merchants_with_broadcasts(at=NOON) == [acme.id]

    assert run(acme) == 2

    url = f"{settings.EDGE_URL}/c/"
    assert bodies(acme) == [
        f"Bob: Acme Partners of Acme, {url}{bob.link.code}, {bob.enrollment.code}",
        f"Eve: Acme Partners of Acme, {url}{eve.link.code}, {eve.enrollment.code}",
    ]
    assert (stored(broadcast).status, stored(broadcast).total) == (BroadcastStatus.DONE, 2)
    assert merchants_with_broadcasts(at=EVENING) == []
    with affiliate_context(bob.affiliate.id):
        thread = Thread.objects.get()
        assert (thread.subject, thread.merchant_wrote_at) == ("Spring, Bob", EVENING)


def test_what_stands_in_for_a_tag_is_not_searched_for_tags(acme: Company, bob: Promoter) -> None:
    with affiliate_context(bob.affiliate.id):
        bob.affiliate.name = "{code}\n\u202eBcc:"
        bob.affiliate.save(update_fields=["name"])
    send(acme, draft(acme, subject="{name}", body="{name} {{name}} {tier}"))

    run(acme)

    assert bodies(acme) == ["{code} Bcc: {{code} Bcc:} –"]


def test_a_tag_that_nothing_stands_in_for_is_refused(acme: Company) -> None:
    with pytest.raises(BadValue, match=r"There is no \{nmae\}") as caught:
        draft(acme, body="Hello {nmae}")

    assert (caught.value.field, caught.value.code) == ("body", "unknown_tag")


def test_readers_answers_and_silence_are_counted(acme: Company, many: list[Promoter]) -> None:
    broadcast = send(acme, draft(acme))
    run(acme)
    with merchant_context(acme.id):
        threads = {row.affiliate.name: row for row in Thread.objects.select_related("affiliate")}
        for name in ("Bob", "Ben", "Cleo"):
            who = next(row for row in many if row.affiliate.name == name)
            mark_read(thread=threads[name], user=who.user, side=Side.AFFILIATE, at=EVENING)
    answer(threads["Bob"], affiliate_of(many[0]))

    with merchant_context(acme.id):
        assert reach_of(acme.id, [broadcast.id]) == {broadcast.id: Reach(7, 3, 1)}
        # What nobody answered does not fill the inbox.
        assert [row.affiliate.name for row in inbox_of(acme.id)] == ["Bob"]


def test_whom_it_does_not_reach_is_said_before(acme: Company, many: list[Promoter]) -> None:
    with merchant_context(acme.id):
        gone = enrollments_of(acme.id).get(affiliate__name="Dan")
        Enrollment.objects.filter(id=gone.id).move(to=Status.LEFT, at=NOON)
        plan = plan_broadcast(enrollments_of(acme.id))

        assert (plan.applies, plan.skipped) == (6, [("Left", 1)])
    send(acme, draft(acme))
    assert run(acme) == 6


def test_who_is_in_two_programs_gets_it_once(acme: Company, bob: Promoter) -> None:
    by = acting_user(acme.owner.user)
    with merchant_context(acme.id):
        facts = ProgramDraft(
            name="Second",
            slug="second",
            landing_url="https://shop.acme.example/",
            currency="EUR",
            join_mode=JoinMode.OPEN,
        )
        program = create_program(merchant=acme.merchant, draft=facts, by=by, at=NOON)
        program = move_program(program=program, to=ProgramStatus.ACTIVE, by=by, at=NOON)
        Enrollment.objects.create(
            merchant=acme.merchant,
            program=program,
            affiliate=bob.affiliate,
            code="second-bob",
            status=Status.APPROVED,
            status_changed_at=NOON,
        )
        plan = plan_broadcast(enrollments_of(acme.id))
    assert plan.skipped == [("Reached through another program already", 1)]

    send(acme, draft(acme))

    assert run(acme) == 1
    assert len(bodies(acme)) == 1


def test_it_waits_for_its_time_and_may_be_cancelled_before(
    acme: Company, many: list[Promoter]
) -> None:
    tomorrow = NOON + timedelta(days=1)
    first = send(acme, draft(acme), starts_at=tomorrow)
    second = send(acme, draft(acme, subject="Second"), starts_at=tomorrow)
    assert run(acme) == 0
    with merchant_context(acme.id):
        cancel_broadcast(broadcast=first, by=SYSTEM, at=EVENING)

    assert run(acme, at=tomorrow) == 7

    assert stored(first).status == BroadcastStatus.CANCELLED
    assert stored(second).status == BroadcastStatus.DONE
    with merchant_context(acme.id), pytest.raises(IllegalMove):
        cancel_broadcast(broadcast=second, by=SYSTEM, at=tomorrow)
    with merchant_context(acme.id), pytest.raises(IllegalMove):
        edit_broadcast(broadcast=second, subject="Late", body="Late")


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [(NOON - timedelta(minutes=1), "in_past"), (NOON + timedelta(days=400), "too_late")],
)
def test_a_time_that_cannot_be_is_refused(starts_at, code, acme: Company, bob: Promoter) -> None:
    with pytest.raises(BadValue) as caught:
        send(acme, draft(acme), starts_at=starts_at)

    assert caught.value.code == code


def test_who_comes_afterwards_is_not_taken_along_and_counts_are_held_to(
    acme: Company, bob: Promoter
) -> None:
    broadcast = draft(acme)
    with merchant_context(acme.id):
        seen = plan_broadcast(enrollments_of(acme.id)).seen
    make_promoter(acme, "Late", method=False)
    facts = {"broadcast": broadcast, "by": SYSTEM, "at": NOON}
    with merchant_context(acme.id), pytest.raises(BadValue, match="changed meanwhile"):
        send_broadcast(rows=enrollments_of(acme.id), expected=seen, **facts)
    with merchant_context(acme.id), pytest.raises(BadValue, match="nobody"):
        send_broadcast(rows=enrollments_of(acme.id).none(), expected="0 0", **facts)

    send(acme, broadcast)
    make_promoter(acme, "Later", method=False)

    assert run(acme) == 2
    with pytest.raises(IllegalMove):
        send(acme, broadcast)


def test_a_test_goes_to_oneself_alone(acme: Company, bob: Promoter) -> None:
    broadcast = draft(acme)

    with merchant_context(acme.id):
        letter = letter_to(broadcast, enrollments_of(acme.id).get())
        send_test(letter=letter, member=acme.owner)
        assert mail.outbox == []  # Not before the commit.

    assert [(row.to, row.subject) for row in mail.outbox] == [
        (["alice@acme.example"], "Test: Spring, Bob")
    ]
    assert bodies(acme) == []


def test_mails_go_once_to_each_as_they_chose(acme: Company, many: list[Promoter]) -> None:
    set_choice(as_user(many[1]), {Kind.BROADCASTS: When.NEVER})
    set_choice(as_user(many[2]), {Kind.BROADCASTS: When.DIGEST})
    send(acme, draft(acme))
    run(acme)

    mail.outbox.clear()
    while tell_of_messages(merchant_id=acme.id, at=EVENING):
        pass

    told = sorted(address for message in mail.outbox for address in message.to)
    assert told == [f"{row.lower()}@example.com" for row in ("Bob", "Dan", "Eve", "Finn", "Gus")]


def test_the_history_tells_of_the_broadcast_and_not_of_each(
    acme: Company, many: list[Promoter]
) -> None:
    broadcast = send(acme, draft(acme))
    run(acme)

    with merchant_context(acme.id):
        events = Event.objects.filter(subject_id=broadcast.id).order_by("id")
        told = list(events.values_list("type", flat=True))
        assert not Event.objects.filter(type__startswith="thread.").exists()
    assert told == [f"broadcast.{verb}" for verb in ("drafted", "scheduled", "started", "finished")]


def test_a_suspended_affiliate_is_reached_and_another_merchants_is_not(
    acme: Company, bob: Promoter, globex: Company, carol: Promoter
) -> None:
    with merchant_context(acme.id):
        move_enrollment(
            enrollment=bob.enrollment, to=Status.SUSPENDED, by=SYSTEM, at=NOON, reason="R"
        )
    send(acme, draft(acme))

    assert run(acme) == 1

    with affiliate_context(carol.affiliate.id):
        assert not Thread.objects.exists()
    with merchant_context(globex.id):
        assert not Broadcast.objects.exists()
        assert not BroadcastRecipient.objects.exists()


# Workers that die, and workers at once ------------------------------------------------------------


def work(company: Company, fault: str) -> str:
    """Let a process of its own run the broadcast; return "killed" or "done"."""
    connections.close_all()  # Two processes on one connection would mix answers.
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            settings.FAULT = fault
            faults.forget()
            run(company, limit=2)
            status = 0
        finally:
            os._exit(status)
    _pid, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return "killed"
    assert os.waitstatus_to_exitcode(status) == 0
    return "done"


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        ("broadcast_threads:1", 0),
        ("broadcast_threads:2", 2),
        ("broadcast_slice:2", 2),
        ("broadcast_slice:4", 6),
    ],
)
def test_after_a_killed_worker_the_next_goes_on_and_nobody_gets_it_twice(
    fault: str, kept: int, acme: Company, many: list[Promoter]
) -> None:
    broadcast = send(acme, draft(acme))

    assert work(acme, fault) == "killed"
    assert len(bodies(acme)) == kept  # Slices of two, whole or not at all.
    assert stored(broadcast).status in (BroadcastStatus.RUNNING, BroadcastStatus.SCHEDULED)
    assert work(acme, "") == "done"

    assert Message.objects.using(OPS).count() == 7
    assert Message.objects.using(OPS).values("affiliate_id").distinct().count() == 7
    assert stored(broadcast).status == BroadcastStatus.DONE


def test_workers_at_once_share_the_work(acme: Company, many: list[Promoter]) -> None:
    broadcast = send(acme, draft(acme))
    start, done = Barrier(3), []

    def work_beside() -> None:
        try:
            start.wait()
            for _round in range(12):
                done.append(run_broadcasts(merchant_id=acme.id, at=EVENING, limit=1))
                time.sleep(0.005)
        finally:
            connections.close_all()

    workers = [Running(target=work_beside) for _number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sum(done) == 7
    assert Message.objects.using(OPS).values("affiliate_id").distinct().count() == 7
    assert Message.objects.using(OPS).count() == 7
    assert stored(broadcast).status == BroadcastStatus.DONE
    with merchant_context(acme.id):
        ended = Event.objects.filter(type="broadcast.finished", subject_id=broadcast.id)
        assert ended.count() == 1
