"""Automations: whom each trigger takes, what each action does, once for each occasion."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from affiliates.models import Enrollment, Tagging, Task, TierMove
from automations.directory import merchants_with_automations
from automations.models import Automation, AutomationStatus, Run
from automations.services import move_automation, run_automations, would_take
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM
from merchants.tenancy import affiliate_context, merchant_context
from messaging.models import Message
from partnerships.goals import note_reached_goals, note_reading
from reports.models import DailyClicks
from tests.automations.making import write
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell
from tests.messaging.writing import affiliate_of
from tests.partnerships.making import begin, goal

DAY = timedelta(days=1)
TAG = {"tag": "Quiet"}


def clicked(promoter: Promoter, *, days: int = 0) -> None:
    """Store that people clicked on a day."""
    row = promoter.enrollment
    with merchant_context(row.merchant_id):
        DailyClicks.objects.create(
            merchant_id=row.merchant_id,
            day=(NOON + days * DAY).date(),
            link_id=promoter.link.id,
            program_id=row.program_id,
            enrollment_id=row.id,
            affiliate_id=row.affiliate_id,
            clicks=1,
            human=1,
            credited=1,
        )


def taken(automation: Automation, *, days: float) -> list[str]:
    """Return the names of whom it would take some days later."""
    with merchant_context(automation.merchant_id):
        rows = would_take(automation, at=NOON + days * DAY)
        return [row.affiliate.name for row in rows.select_related("affiliate")]


def run(company: Company, *, days: float) -> None:
    """Let the worker do what is due some days later."""
    while run_automations(merchant_id=company.id, at=NOON + days * DAY):
        pass


def test_silence_takes_who_had_clicks_once_for_each_pause(acme: Company, bob: Promoter) -> None:
    make_promoter(acme, "Dave")  # Never had a click.
    silence = write(acme, action="TAG", then=TAG, on=True)
    clicked(bob, days=1)

    before, after = taken(silence, days=30), taken(silence, days=32)
    run(acme, days=32)
    run(acme, days=33)
    clicked(bob, days=40)
    again = taken(silence, days=60), taken(silence, days=75)

    assert (before, after, again) == ([], ["Bob"], ([], ["Bob"]))
    with merchant_context(acme.id):
        [done] = Run.objects.all()
        assert (done.occasion, done.problem) == ("since:2026-03-03", "")
        assert Tagging.objects.get().enrollment_id == bob.enrollment.id


def test_other_triggers_take_whom_they_say(acme: Company, bob: Promoter) -> None:
    dave = make_promoter(acme, "Dave")
    clicked(bob, days=1)
    never = write(acme, "NEVER_STARTED", "TAG", when={"days": 7}, then=TAG)
    first = write(acme, "FIRST_SALE", "TAG", when={}, then=TAG)
    health = write(acme, "HEALTH_BELOW", "TAG", when={"score": 40}, then=TAG)
    sell(acme, click=click_of(bob))
    with merchant_context(acme.id):
        Enrollment.objects.filter(id=dave.enrollment.id).update(health=39)
        Enrollment.objects.filter(id=bob.enrollment.id).update(health=40)

    assert taken(never, days=6) == []
    assert taken(never, days=8) == ["Dave"]
    assert taken(first, days=1) == ["Bob"]
    assert taken(health, days=1) == ["Dave"]


def test_a_goal_that_is_reached_is_an_occasion(acme: Company, bob: Promoter) -> None:
    met = write(acme, "GOAL_MET", "TAG", when={}, then=TAG)
    wanted = goal(begin(acme, bob), acme, metric="BY_HAND", amount=3)

    before = taken(met, days=1)
    with merchant_context(acme.id):
        note_reading(goal=wanted, day=NOON.date(), amount=3, by=affiliate_of(bob), at=NOON)
    counts = [note_reached_goals(merchant_id=acme.id, at=NOON + DAY) for _twice in range(2)]

    assert (before, counts, taken(met, days=1)) == ([], [1, 0], ["Bob"])


def test_actions_write_and_set_tasks(acme: Company, bob: Promoter) -> None:
    clicked(bob)
    write(acme, on=True)
    write(acme, action="TASK", then={"title": "Call {name}", "due_days": 3}, on=True)

    run(acme, days=40)

    with merchant_context(acme.id):
        message = Message.objects.select_related("thread").get()
        task = Task.objects.get()
        assert (message.thread.subject, message.writer) == ("Are you well, Bob?", "Alice")
        assert message.body.endswith(f"/c/{bob.link.code}")
        assert (task.title, task.assignee_id) == ("Call Bob", acme.owner.id)
        assert task.due_on == (NOON + 43 * DAY).date()


def test_what_cannot_be_done_is_logged_and_not_tried_again(acme: Company, bob: Promoter) -> None:
    clicked(bob)
    long = {"subject": "Hi", "body": "{name}" * 800}
    write(acme, then=long, on=True)
    with affiliate_context(bob.affiliate.id):
        bob.affiliate.name = "B" * 100
        bob.affiliate.save(update_fields=["name"])

    run(acme, days=40)
    run(acme, days=41)

    with merchant_context(acme.id):
        assert "5000" in Run.objects.get().problem
        assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("when", "then", "field"),
    [
        ({}, None, "days"),
        ({"days": 0}, None, "days"),
        ({"days": True}, None, "days"),
        ({"days": 5, "more": 1}, None, "more"),
        ({"days": 5}, {"subject": "Hi", "body": "{nobody}"}, "body"),
        ({"days": 5}, {"subject": " ", "body": "B"}, "subject"),
    ],
)
def test_details_are_what_the_catalogue_declares(
    acme: Company, when: dict[str, Any], then: dict[str, Any] | None, field: str
) -> None:
    with pytest.raises(BadValue) as refused:
        write(acme, when=when, then=then)

    assert refused.value.field == field
    with merchant_context(acme.id):
        assert not Automation.objects.exists()


def test_paused_ones_do_nothing_and_archived_ones_stay(acme: Company, bob: Promoter) -> None:
    clicked(bob)
    silence = write(acme)
    assert merchants_with_automations(at=NOON) == []
    run(acme, days=40)

    with merchant_context(acme.id):
        assert not Run.objects.exists()
        move = {"automation": silence, "by": SYSTEM, "at": NOON}
        move_automation(to=AutomationStatus.ARCHIVED, **move)
        with pytest.raises(IllegalMove):
            move_automation(to=AutomationStatus.ACTIVE, **move)


def test_two_workers_take_each_once(acme: Company, bob: Promoter) -> None:
    clicked(bob)
    write(acme, on=True)
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            run(acme, days=40)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _two in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    with merchant_context(acme.id):
        assert (Run.objects.count(), Message.objects.count()) == (1, 1)


def test_moving_to_a_tier_is_a_move_by_hand(acme: Company, bob: Promoter) -> None:
    clicked(bob)
    with merchant_context(acme.id):
        tier = acme.program.tiers.create(merchant_id=acme.id, name="Calm")
    silence = write(acme, action="MOVE_TIER", then={"tier": str(tier.id)}, on=True)

    run(acme, days=40)

    assert taken(silence, days=80) == []
    with merchant_context(acme.id):
        assert TierMove.objects.get().after_id == tier.id
