"""Experiments: what can be made, who is drawn, how they end."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from commissions.models import (
    Experiment,
    ExperimentAssignment,
    ExperimentState,
    ExperimentVariant,
    Promotion,
    RuleVersion,
)
from commissions.services.draws import draw_experiments
from commissions.services.experiments import (
    ExperimentDraft,
    VariantDraft,
    archive_experiment,
    create_experiment,
    stop_experiment,
)
from common.refusals import BadValue
from common.states import IllegalMove
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, make_promoter

MORE = {"goal": "sale", "reward": "PERCENT", "rate_bps": 2_000}
START, END = NOON + timedelta(days=1), NOON + timedelta(days=31)
DRAFT = ExperimentDraft(
    name="Twice as much",
    hypothesis="More sales for more money.",
    starts_at=START,
    ends_at=END,
    variants=[VariantDraft("As now"), VariantDraft("20%", rules=[MORE])],
)


def create(company: Company, draft: ExperimentDraft = DRAFT) -> Experiment:
    """Store the experiment."""
    with merchant_context(company.id):
        return create_experiment(program=company.program, draft=draft, by=SYSTEM, at=NOON)


def assigned(company: Company) -> dict[str, str]:
    """Return who is in which variant, by name."""
    with merchant_context(company.id):
        rows = ExperimentAssignment.objects.select_related("variant", "enrollment__affiliate")
        return {row.enrollment.affiliate.name: row.variant.name for row in rows}


def test_a_variant_has_its_rules_as_a_promotion_of_its_time(acme: Company):
    experiment = create(acme)

    with merchant_context(acme.id):
        control, variant = ExperimentVariant.objects.order_by("id")
        version = RuleVersion.objects.select_related("rule").get(rule__promotion__isnull=False)
        promotion = Promotion.objects.get()
        assert control.promotion is None
        assert (variant.promotion, version.rule.promotion) == (promotion, promotion)
        assert (promotion.starts_at, promotion.ends_at) == (START, END)
        assert promotion.is_for_variant
        assert (version.rate_bps, version.valid_from) == (2_000, START)
        assert (
            Event.objects.filter(type="experiment.created", subject_id=experiment.id).count() == 1
        )


def variants(*drafts: VariantDraft) -> dict[str, Any]:
    """Return a change to the draft."""
    return {"variants": list(drafts)}


NOW, TWENTY = DRAFT.variants


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"name": " "}, "name", "required"),
        ({"name": "x" * 81}, "name", "max_length"),
        ({"hypothesis": "x" * 301}, "hypothesis", "max_length"),
        ({"starts_at": NOON - timedelta(hours=1)}, "starts_at", "in_past"),
        ({"ends_at": START}, "ends_at", "not_after"),
        ({"ends_at": START + timedelta(days=367)}, "ends_at", "too_long"),
        (variants(NOW), "variants", "count"),
        (variants(NOW, replace(TWENTY, rules=[])), "variants", "one_control"),
        (variants(TWENTY, replace(TWENTY, name="b")), "variants", "one_control"),
        (variants(NOW, replace(TWENTY, name="AS now")), "variants.1.name", "name_taken"),
        (variants(NOW, replace(TWENTY, name="")), "variants.1.name", "required"),
        (variants(NOW, replace(TWENTY, weight=0)), "variants.1.weight", "out_of_range"),
        (
            variants(NOW, replace(TWENTY, rules=[MORE | {"rate_bps": 0}])),
            "variants.1.rules.0.rate_bps",
            "required",
        ),
        (
            variants(NOW, replace(TWENTY, rules=[MORE | {"goal": "x"}])),
            "variants.1.rules.0.goal",
            "unknown_goal",
        ),
        (
            variants(NOW, replace(TWENTY, rules=[MORE | {"level": "TIER"}])),
            "variants.1.rules.0.level",
            "unknown_field",
        ),
        (
            variants(NOW, replace(TWENTY, rules=[MORE | {"reward": "FLAT"}])),
            "variants.1.rules.0.reward",
            "invalid_choice",
        ),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_stored(
    acme: Company, change: dict[str, Any], field: str, code: str
):
    with pytest.raises(BadValue) as refusal:
        create(acme, replace(DRAFT, **change))

    assert (refusal.value.field, refusal.value.code) == (field, code)
    with merchant_context(acme.id):
        assert not Experiment.objects.exists()
        assert not Promotion.objects.exists()


def test_two_of_a_program_never_overlap(acme: Company, globex: Company):
    create(acme)
    create(globex)

    with pytest.raises(BadValue, match="Twice as much") as refusal:
        create(
            acme, replace(DRAFT, starts_at=END - timedelta(days=1), ends_at=END + timedelta(days=9))
        )
    create(acme, replace(DRAFT, starts_at=END, ends_at=END + timedelta(days=9)))

    assert refusal.value.code == "overlaps"


def test_the_approved_are_drawn_at_the_start_and_later_ones_join(acme: Company):
    create(acme)
    for name in ("Bob", "Dora", "Emil"):
        make_promoter(acme, name)
    suspended = make_promoter(acme, "Sue")
    with merchant_context(acme.id):
        move_enrollment(
            enrollment=suspended.enrollment, to=EnrollmentStatus.SUSPENDED, by=SYSTEM, at=NOON
        )

    assert draw_experiments(merchant_id=acme.id, at=NOON) == 0
    assert draw_experiments(merchant_id=acme.id, at=START) == 3
    first = assigned(acme)
    make_promoter(acme, "Finn")
    assert draw_experiments(merchant_id=acme.id, at=START + timedelta(hours=1)) == 1
    assert draw_experiments(merchant_id=acme.id, at=START + timedelta(hours=2)) == 0

    then = assigned(acme)
    assert set(first) == {"Bob", "Dora", "Emil"}
    assert then | first == then
    assert sorted(then.values()) == ["20%", "20%", "As now", "As now"]
    with merchant_context(acme.id):
        assert Experiment.objects.get().assigned_at == START


def test_a_draw_in_batches_takes_everybody_once(acme: Company):
    create(acme)
    for name in ("Bob", "Dora", "Emil"):
        make_promoter(acme, name)

    counts = [draw_experiments(merchant_id=acme.id, at=START, limit=2) for _round in range(3)]

    assert counts == [2, 1, 0]
    assert len(assigned(acme)) == 3


def test_nobody_is_drawn_after_the_end_and_no_other_merchant(acme: Company, globex: Company):
    create(acme)
    make_promoter(acme, "Bob")

    assert draw_experiments(merchant_id=globex.id, at=START) == 0
    assert draw_experiments(merchant_id=acme.id, at=END) == 0
    assert assigned(acme) == {}


def test_stopping_ends_its_rates_at_once(acme: Company):
    experiment = create(acme)
    at = START + timedelta(days=2)

    with merchant_context(acme.id):
        with pytest.raises(IllegalMove):
            stop_experiment(experiment=experiment, by=SYSTEM, at=NOON)
        stopped = stop_experiment(experiment=experiment, by=SYSTEM, at=at)
        with pytest.raises(IllegalMove):
            stop_experiment(experiment=experiment, by=SYSTEM, at=at)

        assert stopped.state_at(at) == ExperimentState.OVER
        assert Promotion.objects.get().ends_at == at
    create(acme, replace(DRAFT, starts_at=at, ends_at=END))


def test_one_that_never_started_is_discarded(acme: Company):
    experiment = create(acme)

    with merchant_context(acme.id):
        archived = archive_experiment(experiment=experiment, by=SYSTEM, at=NOON)
        with pytest.raises(IllegalMove):
            archive_experiment(experiment=experiment, by=SYSTEM, at=NOON)

        assert archived.state_at(START) == ExperimentState.ARCHIVED
        assert Promotion.objects.get().archived_at == NOON
    assert draw_experiments(merchant_id=acme.id, at=START) == 0
    create(acme)


def test_a_running_one_is_not_archived(acme: Company):
    experiment = create(acme)

    with merchant_context(acme.id):
        with pytest.raises(IllegalMove):
            archive_experiment(experiment=experiment, by=SYSTEM, at=START + timedelta(days=1))
        archive_experiment(experiment=experiment, by=SYSTEM, at=END)

        assert Promotion.objects.get().archived_at is None
