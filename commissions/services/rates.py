"""What goals pay, from when on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from commissions.catalogue import REWARDS, clean_reward
from commissions.models import Reward, Rule, RuleVersion
from commissions.notices import note_beginning, note_end
from commissions.selectors import rates_in_force
from common.refusals import BadValue
from merchants.events import record_event
from merchants.models import Actor
from programs.models import Goal, Program


@dataclass(frozen=True, slots=True)
class Rate:
    """What a rule pays: a fixed amount in minor units, or basis points of the net amount."""

    reward: Reward
    fixed_minor: int = 0
    rate_bps: int = 0
    details: dict[str, Any] = field(default_factory=dict)  # As the catalogue describes them.


def set_rate(
    *, goal: Goal, rate: Rate, by: Actor, at: datetime, valid_from: datetime | None = None
) -> RuleVersion:
    """Set what a goal pays, as a new version of its rule; return the version.

    Conversions that happened before `valid_from` (default: `at`) keep the version they had.

    :raises BadValue: if the reward cannot be, or is not for conversions.
    """
    pays = clean_reward(rate.reward, rate.fixed_minor, rate.rate_bps, rate.details)
    if not REWARDS[pays.reward].is_per_conversion:
        raise BadValue("reward", "not_with_base", _("Conversions do not earn this reward."))
    with transaction.atomic():
        _lock_program(goal)  # Or a rate that ends in this moment would take the new wording along.
        rule, _is_new = Rule.objects.get_or_create(
            merchant_id=goal.merchant_id,
            program_id=goal.program_id,
            goal=goal,
            is_base=True,
            archived_at=None,
        )
        Rule.objects.select_for_update(of=("self",), no_key=True).get(id=rule.id)
        versions = RuleVersion.objects.filter(merchant_id=goal.merchant_id, rule=rule)
        before = versions.order_by("-version").first()
        number = (before.version if before else 0) + 1
        version = RuleVersion.objects.create(
            merchant_id=goal.merchant_id,
            rule=rule,
            version=number,
            reward=pays.reward,
            fixed_minor=pays.fixed_minor,
            rate_bps=pays.rate_bps,
            details=pays.details,
            valid_from=valid_from or at,
        )
        note_beginning(version, at=at)
        record_event(
            merchant_id=goal.merchant_id,
            type="program.rate_changed",
            subject_id=goal.program_id,
            by=by,
            at=at,
            data={
                "goal": goal.code,
                "rule": str(rule.id),
                **_facts(version),
                "before": _facts(before) if before else None,
            },
        )
    return version


def end_rate(*, goal: Goal, by: Actor, at: datetime) -> None:
    """Pay nothing for the goal from now on; what happened before keeps its rate. Safe to repeat."""
    with transaction.atomic():
        _lock_program(goal)
        rules = Rule.objects.filter(
            merchant_id=goal.merchant_id, goal=goal, is_base=True, archived_at=None
        )
        ended = list(rules.select_for_update(of=("self",), no_key=True))
        if ended:
            rules.update(archived_at=at)
            note_end(ended, at=at)
            record_event(
                merchant_id=goal.merchant_id,
                type="program.rate_ended",
                subject_id=goal.program_id,
                by=by,
                at=at,
                data={"goal": goal.code},
            )


def _lock_program(goal: Goal) -> None:
    programs = Program.objects.filter(merchant_id=goal.merchant_id, id=goal.program_id)
    programs.select_for_update(of=("self",), no_key=True).get()


def change_rates(
    *, program: Program, rates: Sequence[tuple[Goal, Rate | None]], by: Actor, at: datetime
) -> None:
    """Let goals of a program pay these rates from now on, or nothing.

    A goal that pays its rate already gets no new version.
    """
    in_force = {row.goal.id: row.version for row in rates_in_force([program.id], at=at)[program.id]}
    with transaction.atomic():
        for goal, rate in rates:
            version = in_force.get(goal.id)
            if rate is None:
                end_rate(goal=goal, by=by, at=at)
            elif version is None or rate != rate_of(version):
                set_rate(goal=goal, rate=rate, by=by, at=at)


def _facts(version: RuleVersion) -> dict[str, Any]:
    """Return what history says of a version."""
    return {
        "reward": version.reward,
        "fixed_minor": version.fixed_minor,
        "rate_bps": version.rate_bps,
        "details": version.details,
        "valid_from": version.valid_from.isoformat(),
    }


def rate_of(version: RuleVersion) -> Rate:
    """Return what a version pays, without its history."""
    return Rate(Reward(version.reward), version.fixed_minor, version.rate_bps, version.details)
