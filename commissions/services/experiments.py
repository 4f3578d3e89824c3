"""Experiments: made, stopped, archived. Callers stand in the merchant's context."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commissions.models import (
    Experiment,
    ExperimentVariant,
    Level,
    Promotion,
    Rule,
    RuleVersion,
)
from commissions.proposed_rules import clean_variant_rules
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor
from programs.models import Goal, Program

VARIANTS_MAX: Final = 6
LONGEST: Final = timedelta(days=366)
WEIGHT_MAX: Final = 1_000
CLOCKS_DIFFER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant to be made: its rules as the catalogue has them; none of them: the control."""

    name: str
    weight: int = 1
    rules: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class ExperimentDraft:
    """An experiment to be made."""

    name: str
    starts_at: datetime
    ends_at: datetime
    variants: Sequence[VariantDraft]
    hypothesis: str = ""


def create_experiment(
    *, program: Program, draft: ExperimentDraft, by: Actor, at: datetime
) -> Experiment:
    """Store an experiment, its variants and their rules; who takes part is drawn at its start.

    :raises BadValue: naming what cannot be, as in `variants.1.rules.0.rate_bps`; `overlaps` if
        another experiment of the program runs in its time.
    """
    _check_time(draft, at)
    rules = _clean_variants(program, draft.variants)
    with transaction.atomic():
        # So that of two at once that overlap the second sees the first.
        Program.objects.select_for_update(no_key=True).get(
            merchant_id=program.merchant_id, id=program.id
        )
        _require_free_time(program, draft)
        experiment = Experiment.objects.create(
            merchant_id=program.merchant_id,
            program=program,
            name=_name(Experiment, draft.name, "name"),
            hypothesis=cleaned(Experiment, "hypothesis", draft.hypothesis),
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
        )
        for variant, content in zip(draft.variants, rules, strict=True):
            _store_variant(experiment, variant, content)
        _record(experiment, "experiment.created", by, at)
    return experiment


def _check_time(draft: ExperimentDraft, at: datetime) -> None:
    if draft.starts_at < at - CLOCKS_DIFFER:
        message = _("It cannot start in the past: who takes part is drawn at the start.")
        raise BadValue("starts_at", "in_past", message)
    if draft.ends_at <= draft.starts_at:
        raise BadValue("ends_at", "not_after", _("The end must lie after the start."))
    if draft.ends_at - draft.starts_at > LONGEST:
        raise BadValue("ends_at", "too_long", _("A year at the most."))


def _clean_variants(
    program: Program, variants: Sequence[VariantDraft]
) -> list[list[dict[str, Any]]]:
    if not 2 <= len(variants) <= VARIANTS_MAX:
        raise BadValue("variants", "count", _("Two to %d variants are needed.") % VARIANTS_MAX)
    if sum(not variant.rules for variant in variants) != 1:
        message = _("Exactly one variant has no rules of its own: the control.")
        raise BadValue("variants", "one_control", message)
    names = [variant.name.strip().casefold() for variant in variants]
    content = []
    for index, variant in enumerate(variants):
        path = f"variants.{index}"
        _name(ExperimentVariant, variant.name, f"{path}.name")
        if names.index(names[index]) != index:
            raise BadValue(f"{path}.name", "name_taken", _("Two variants have this name."))
        if not 1 <= variant.weight <= WEIGHT_MAX:
            message = _("A weight is 1 to %d.") % WEIGHT_MAX
            raise BadValue(f"{path}.weight", "out_of_range", message)
        content.append(_clean_rules(program, variant, path))
    return content


def _clean_rules(program: Program, variant: VariantDraft, path: str) -> list[dict[str, Any]]:
    if not variant.rules:
        return []
    try:
        return clean_variant_rules(program, list(variant.rules))
    except BadValue as error:
        raise BadValue(f"{path}.{error.field}", error.code, str(error)) from error


def _name(model: type[Experiment] | type[ExperimentVariant], name: str, path: str) -> str:
    if not name.strip():
        raise BadValue(path, "required", _("This is needed."))
    try:
        found: str = cleaned(model, "name", name.strip())
    except BadValue as error:
        raise BadValue(path, error.code, str(error)) from error
    return found


def _require_free_time(program: Program, draft: ExperimentDraft) -> None:
    others = Experiment.objects.filter(
        merchant_id=program.merchant_id, program=program, ends_at__gt=draft.starts_at
    )
    for other in others.order_by("starts_at"):
        discarded = other.archived_at is not None and other.archived_at <= other.starts_at
        if discarded or other.over_at <= draft.starts_at or other.starts_at >= draft.ends_at:
            continue
        message = _("“%s” runs in this time: each result shall have one cause.") % other.name
        raise BadValue("starts_at", "overlaps", message)


def _store_variant(
    experiment: Experiment, variant: VariantDraft, rules: Sequence[Mapping[str, Any]]
) -> None:
    promotion = _store_rules(experiment, variant, rules) if rules else None
    ExperimentVariant.objects.create(
        merchant_id=experiment.merchant_id,
        experiment=experiment,
        name=variant.name.strip(),
        weight=variant.weight,
        promotion=promotion,
    )


def _store_rules(
    experiment: Experiment, variant: VariantDraft, rules: Sequence[Mapping[str, Any]]
) -> Promotion:
    """Store the promotion of a variant with its rules, in force from the start on."""
    merchant_id, program_id = experiment.merchant_id, experiment.program_id
    goals = dict(
        Goal.objects.filter(merchant_id=merchant_id, program_id=program_id).values_list(
            "code", "id"
        )
    )
    promotion = Promotion.objects.create(
        merchant_id=merchant_id,
        program_id=program_id,
        name=f"{experiment.name}: {variant.name.strip()}"[:80],
        starts_at=experiment.starts_at,
        ends_at=experiment.ends_at,
        is_for_variant=True,
    )
    for position, row in enumerate(rules, start=1):
        rule = Rule.objects.create(
            merchant_id=merchant_id,
            program_id=program_id,
            level=Level.PROMOTION,
            promotion=promotion,
            goal_id=goals[row["goal"]],
            name=row["name"],
            position=position,
        )
        RuleVersion.objects.create(
            merchant_id=merchant_id,
            rule=rule,
            version=1,
            reward=row["reward"],
            fixed_minor=row["fixed_minor"],
            rate_bps=row["rate_bps"],
            details=row["details"],
            conditions=row["conditions"],
            valid_from=experiment.starts_at,
        )
    return promotion


# The end -----------------------------------------------------------------------------------------


def stop_experiment(*, experiment: Experiment, by: Actor, at: datetime) -> Experiment:
    """End a running experiment now: everybody earns as the control does from here on. Return it.

    :raises IllegalMove: if it does not run.
    """
    with transaction.atomic():
        locked = _lock(experiment)
        if not locked.starts_at < at < locked.over_at or locked.archived_at is not None:
            raise IllegalMove("experiment", to="stopped", status=locked.state_at(at))
        locked.stopped_at = at
        locked.save(update_fields=["stopped_at"])
        _promotions(locked).update(ends_at=at)
        _record(locked, "experiment.stopped", by, at)
    return locked


def archive_experiment(*, experiment: Experiment, by: Actor, at: datetime) -> Experiment:
    """Put away an experiment that is over, or discard one that never started. Return it.

    :raises IllegalMove: if it runs, or is archived already.
    """
    with transaction.atomic():
        locked = _lock(experiment)
        if locked.archived_at is not None or locked.starts_at < at < locked.over_at:
            raise IllegalMove("experiment", to="archived", status=locked.state_at(at))
        locked.archived_at = at
        locked.save(update_fields=["archived_at"])
        if at <= locked.starts_at:
            _promotions(locked).update(archived_at=at)
        _record(locked, "experiment.archived", by, at)
    return locked


def _lock(experiment: Experiment) -> Experiment:
    rows = Experiment.objects.filter(merchant_id=experiment.merchant_id)
    return rows.select_for_update(of=("self",), no_key=True).get(id=experiment.id)


def _promotions(experiment: Experiment) -> QuerySet[Promotion]:
    return Promotion.objects.filter(
        merchant_id=experiment.merchant_id, variants__experiment=experiment
    )


def _record(experiment: Experiment, type: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=experiment.merchant_id,
        type=type,
        subject_id=experiment.id,
        by=by,
        at=at,
        data={"name": experiment.name, "program": str(experiment.program_id)},
    )
