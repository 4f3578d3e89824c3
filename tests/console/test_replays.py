"""Backtests, recomputes and experiments in the console."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from commissions.models import (
    Commission,
    Experiment,
    Replay,
    ReplayKind,
    ReplayStatus,
    RuleVersion,
)
from commissions.replays import run_replays
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import AttributionModel
from programs.services import update_program
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, sell
from tests.console.conftest import TODAY, words
from tests.experiments import plan_experiment

MARCH = {"first": "2026-03-01", "last": "2026-03-31"}


def work(company: Company) -> None:
    """Do what the worker does."""
    while run_replays(merchant_id=company.id, at=TODAY):
        pass


def page(client: Client, name: str, *ids: object) -> str:
    """Return what a page says."""
    answer = client.get(reverse(f"console:{name}", args=ids))
    assert answer.status_code == 200
    return words(answer.content)


def test_rates_are_tried_on_past_conversions(acme: Company, bob: Promoter, alice: Client):
    sell(acme, click=click_of(bob), amount_minor=10_000)
    sell(acme, click=click_of(bob), amount_minor=20_000)
    program = acme.program.id
    assert "No backtest yet" in page(alice, "program-backtests", program)
    assert "10% of each sale" in page(alice, "backtest-create", program)

    said = {
        **MARCH,
        "rule0_0": "12%",
        "more_goal": "sale",
        "more_pays": "15 %",
        "more_from": "150",
        "more_customer": "",
    }
    answer = alice.post(reverse("console:backtest-create", args=[program]), said)

    assert answer.status_code == 302
    with merchant_context(acme.id):
        replay = Replay.objects.get()
    assert "Waits for a worker" in page(alice, "replay", program, replay.id)
    work(acme)
    shown = page(alice, "replay", program, replay.id)
    assert "€30.00" in shown
    assert "€42.00" in shown
    assert "+€12.00" in shown
    assert "Bob" in shown
    assert "12% of each sale" in shown
    assert "€30.00" in page(alice, "program-backtests", program)
    again = alice.get(reverse("console:backtest-create", args=[program]), {"again": str(replay.id)})
    assert "15% of each sale" in words(again.content)
    file = alice.get(reverse("console:replay-export", args=[program, replay.id]))
    assert b"Bob,2,30.00,42.00,12.00,EUR" in file.content


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rule0_0": "much"}, "Write a share"),
        ({"rule0_0": ""}, "required"),
        ({"first": "2026-04-01"}, "must not lie before"),
        ({"rule0_out": "on"}, "Propose at least one rule"),
        ({"more_goal": "sale"}, "Say what it pays"),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    acme: Company, alice: Client, change: dict[str, str], told: str
):
    said = {**MARCH, "rule0_0": "12%", **change}

    answer = alice.post(reverse("console:backtest-create", args=[acme.program.id]), said)

    assert answer.status_code == 422
    assert told in words(answer.content)
    assert f'value="{said["last"]}"'.encode() in answer.content
    with merchant_context(acme.id):
        assert not Replay.objects.exists()


def test_the_page_asks_until_it_is_done(acme: Company, alice: Client, bob: Promoter):
    sell(acme, click=click_of(bob))
    alice.post(
        reverse("console:recompute-create", args=[acme.program.id]),
        {"first": "2026-03-01", "last": "2026-03-31"},
    )
    with merchant_context(acme.id):
        replay = Replay.objects.get()
    url = reverse("console:replay-progress", args=[acme.program.id, replay.id])

    waiting = alice.get(url)
    work(acme)
    done = alice.get(url)

    assert b"hx-get" in waiting.content
    assert "HX-Refresh" not in waiting.headers
    assert b"hx-get" not in done.content
    assert done.headers["HX-Refresh"] == "true"
    assert "Nothing would change" in page(alice, "replay", acme.program.id, replay.id)


def test_a_recompute_is_listed_and_booked_when_somebody_says_so(
    acme: Company, bob: Promoter, alice: Client
):
    dora = make_promoter(acme, "Dora")
    late = click_of(dora, at=NOON + timedelta(minutes=1))
    sell(acme, click=late, earlier=[click_of(bob)], amount_minor=10_000, external_id="A-1")
    with merchant_context(acme.id):
        update_program(
            program=acme.program,
            changes={"attribution_model": AttributionModel.LINEAR},
            by=SYSTEM,
            at=TODAY,
        )
    program = acme.program.id
    assert "Nothing was recomputed yet" in page(alice, "program-recomputes", program)

    alice.post(reverse("console:recompute-create", args=[program]), MARCH)
    work(acme)
    with merchant_context(acme.id):
        replay = Replay.objects.get()
        lines = Commission.objects.count()
    listed = page(alice, "replay", program, replay.id)
    alice.post(reverse("console:replay-apply", args=[program, replay.id]))
    work(acme)
    booked = page(alice, "replay", program, replay.id)

    assert (replay.kind, replay.status, lines) == (ReplayKind.RECOMPUTE, ReplayStatus.DONE, 1)
    assert "Correct 1 conversion?" in listed
    assert "A-1" in listed
    assert "−€5.00" in listed
    assert "The corrections are booked" in booked
    assert "+€5.00" in booked
    with merchant_context(acme.id):
        assert Commission.objects.count() == 3


def test_a_replay_of_another_program_or_merchant_is_not_there(
    acme: Company, globex: Company, alice: Client
):
    alice.post(reverse("console:recompute-create", args=[acme.program.id]), MARCH)
    with merchant_context(acme.id):
        replay = Replay.objects.get()

    url = reverse("console:replay", args=[globex.program.id, replay.id])

    assert alice.get(url).status_code == 404


# Experiments -------------------------------------------------------------------------------------

PLAN = {
    "name": "15% against 10%",
    "hypothesis": "More for more.",
    "first": "2026-03-10",
    "last": "2026-04-09",
    "control_weight": "1",
    "pays1_sale": "15%",
    "pays1_lead": "6",
    "weight1": "2",
}


def test_an_experiment_is_planned_and_discarded(acme: Company, alice: Client):
    program = acme.program.id
    assert "No experiment yet" in page(alice, "program-experiments", program)

    answer = alice.post(reverse("console:experiment-create", args=[program]), PLAN)

    assert answer.status_code == 302
    with merchant_context(acme.id):
        made = Experiment.objects.prefetch_related("variants").get()
        variants = {(row.name, row.weight) for row in made.variants.all()}
        rules = RuleVersion.objects.filter(rule__promotion__variants__experiment=made)
        pays = set(rules.values_list("rule__goal__code", "rate_bps", "fixed_minor"))
    assert variants == {("As now", 1), ("6.00 EUR · 15%", 2)}
    assert pays == {("lead", 0, 600), ("sale", 1_500, 0)}
    assert "It has not begun" in page(alice, "experiment", program, made.id)
    assert "Planned" in page(alice, "program-experiments", program)
    alice.post(reverse("console:experiment-archive", args=[program, made.id]))
    assert "Archived" in page(alice, "program-experiments", program)


def test_what_an_experiment_cannot_be_is_said(acme: Company, alice: Client):
    with merchant_context(acme.id):
        plan_experiment(acme.program, starts_at=TODAY + timedelta(days=1))
    url = reverse("console:experiment-create", args=[acme.program.id])

    overlapping = alice.post(url, PLAN)
    unsaid = alice.post(
        url, {**PLAN, "pays1_sale": "", "pays1_lead": "", "name3": "C", "last": "2026-03-01"}
    )

    assert overlapping.status_code == unsaid.status_code == 422
    assert "each result shall have one cause" in words(overlapping.content)
    assert "must not lie before" in words(unsaid.content)
    assert words(unsaid.content).count("Say for one goal at least what it pays") == 4


def test_a_running_one_shows_its_figures_and_is_stopped(
    acme: Company, alice: Client, bob: Promoter
):
    with merchant_context(acme.id):
        running = plan_experiment(acme.program, starts_at=NOON)

    shown = page(alice, "experiment", acme.program.id, running.id)
    alice.post(reverse("console:experiment-stop", args=[acme.program.id, running.id]))

    assert "Not enough data yet" in shown
    assert "Conversion rate" in shown
    assert "Over" in page(alice, "experiment", acme.program.id, running.id)
