"""Proposed rules: checked by the catalogue, kept as plain data, asked like rules in force."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from commissions.accrual.rates import RuleBook, Span, rules_of
from commissions.catalogue import Choice, clean_conditions, clean_reward
from commissions.models import PER_CONVERSION, Level, Promotion, Replay, Rule, RuleVersion
from commissions.rules import RuleInForce
from common.refusals import BadValue, cleaned
from programs.models import Goal, Program, Tier
from tracking.models import Link

RULES_MAX: Final = 500
ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
# The key that names whose rule it is, by level.
TARGETS: Final[Mapping[str, str]] = {
    Level.LINK: "link",
    Level.ENROLLMENT: "enrollment",
    Level.PROMOTION: "promotion",
    Level.TIER: "tier",
}
CONTENT: Final = (
    *("name", "goal", "reward", "fixed_minor", "rate_bps"),
    *("details", "conditions"),
)


def clean_proposed_rules(program: Program, rows: Any) -> list[dict[str, Any]]:
    """Return proposed rules as a replay keeps them, in their order.

    :raises BadValue: naming what cannot be, as in `rules.0.details.steps.1.from`.
    """

    def clean(row: Mapping[str, Any], goals: set[str]) -> dict[str, Any]:
        _refuse_unknown(row, (*CONTENT, "level", *TARGETS.values()))
        level = Choice(Level.choices).clean(row.get("level", Level.PROGRAM), "level")
        return {"level": level, **_target(program, level, row), **_content(row, goals)}

    return _each(program, rows, clean)


def clean_variant_rules(program: Program, rows: Any) -> list[dict[str, Any]]:
    """Return the rules of a variant of an experiment, in their order. Their level is given.

    Each names its goal: the results are about these goals.

    :raises BadValue: as `clean_proposed_rules`.
    """

    def clean(row: Mapping[str, Any], goals: set[str]) -> dict[str, Any]:
        _refuse_unknown(row, CONTENT)
        if not row.get("goal"):
            raise BadValue("goal", "required", _("Say for which goal, by its code."))
        return _content(row, goals)

    return _each(program, rows, clean)


def _each(
    program: Program,
    rows: Any,
    clean: Callable[[Mapping[str, Any], set[str]], dict[str, Any]],
) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not rows:
        raise BadValue("rules", "required", _("Propose at least one rule."))
    if len(rows) > RULES_MAX:
        raise BadValue("rules", "max_length", _("%d rules at the most.") % RULES_MAX)
    own = Goal.objects.filter(merchant_id=program.merchant_id, program=program)
    goals = set(own.values_list("code", flat=True))
    found = []
    for index, row in enumerate(rows):
        try:
            if not isinstance(row, Mapping):
                raise BadValue("", "invalid", _("An object is needed."))
            found.append(clean(row, goals))
        except BadValue as error:
            path = f"rules.{index}.{error.field}".rstrip(".")
            raise BadValue(path, error.code, str(error)) from error
    return found


def _refuse_unknown(row: Mapping[str, Any], known: Sequence[str]) -> None:
    unknown = sorted(str(name)[:40] for name in row if name not in known)
    if unknown:
        raise BadValue(unknown[0], "unknown_field", _("There is no such field."))


def _content(row: Mapping[str, Any], goals: set[str]) -> dict[str, Any]:
    goal = row.get("goal") or ""  # Empty: every goal.
    if not isinstance(goal, str) or (goal and goal not in goals):
        raise BadValue("goal", "unknown_goal", _("The program has no goal with this code."))
    rewards = [(reward.value, reward.label) for reward in PER_CONVERSION]
    Choice(rewards).clean(row.get("reward"), "reward")
    reward = clean_reward(
        row["reward"], row.get("fixed_minor", 0), row.get("rate_bps", 0), row.get("details")
    )
    conditions = row.get("conditions")
    return {
        "name": cleaned(Rule, "name", row.get("name") or ""),
        "goal": goal,
        "reward": str(reward.reward),
        "fixed_minor": reward.fixed_minor,
        "rate_bps": reward.rate_bps,
        "details": reward.details,
        "conditions": clean_conditions([] if conditions is None else conditions),
    }


def _target(program: Program, level: str, row: Mapping[str, Any]) -> dict[str, str]:
    name = TARGETS.get(level)
    foreign = sorted(key for key in TARGETS.values() if row.get(key) and key != name)
    if foreign:
        raise BadValue(foreign[0], "not_with_level", _("Not at this level."))
    if name is None:
        return {}
    try:
        id = UUID(str(row.get(name) or ""))
    except ValueError as error:
        raise BadValue(name, "required", _("Say whose rule it is, by its id.")) from error
    if not _rows_of(program, level).filter(id=id).exists():
        raise BadValue(name, "not_found", _("The program has no such row."))
    return {name: str(id)}


def _rows_of(program: Program, level: str) -> QuerySet[Any]:
    own = {"merchant_id": program.merchant_id}
    if level == Level.LINK:
        return Link.objects.filter(**own, enrollment__program=program)
    if level == Level.ENROLLMENT:
        return Enrollment.objects.filter(**own, program=program)
    if level == Level.PROMOTION:
        return Promotion.objects.filter(**own, program=program)
    return Tier.objects.filter(**own, program=program)


def book_of_replay(replay: Replay) -> RuleBook:
    """Return the rules that a backtest asks.

    The proposed ones hold at all times, and stand in place of the program's at the levels that they
    name, or altogether. What is paid for no conversion, and to recruiters, stays as it is.
    """
    program_id = replay.program_id
    proposed = _proposed(replay)
    levels = set(Level.values) if replay.replaces_all else {rule.level for rule in proposed}
    now = rules_of(replay.merchant_id, [program_id])
    kept = [
        span
        for span in now.spans.get(program_id, [])
        if span.rule.level not in levels or span.rule.reward not in PER_CONVERSION
    ]
    return RuleBook({program_id: [*kept, *(Span(rule, ALWAYS, None) for rule in proposed)]})


def _proposed(replay: Replay) -> list[RuleInForce]:
    own = {"merchant_id": replay.merchant_id, "program_id": replay.program_id}
    goals = dict(Goal.objects.filter(**own).values_list("code", "id"))
    promotions = {row.id: row for row in Promotion.objects.filter(**own)}
    return [
        _rule(row, position, goals.get(row["goal"]), promotions)
        for position, row in enumerate(replay.proposed)
    ]


def _rule(
    row: Mapping[str, Any],
    position: int,
    goal_id: UUID | None,
    promotions: Mapping[UUID, Promotion],
) -> RuleInForce:
    targets = {name: UUID(row[name]) for name in TARGETS.values() if name in row}
    rule = RuleInForce(
        level=row["level"],
        reward=row["reward"],
        goal_id=goal_id,
        fixed_minor=row["fixed_minor"],
        rate_bps=row["rate_bps"],
        details=row["details"],
        conditions=row["conditions"],
        position=position,
        name=row.get("name", ""),
        link_id=targets.get("link"),
        enrollment_id=targets.get("enrollment"),
        promotion_id=targets.get("promotion"),
        tier_id=targets.get("tier"),
    )
    promotion = promotions.get(rule.promotion_id) if rule.promotion_id else None
    if promotion is None:
        return rule
    return replace(
        rule,
        starts_at=promotion.starts_at,
        ends_at=promotion.ends_at,
        promotion_tier_id=promotion.tier_id,
        is_for_variant=promotion.is_for_variant,
    )


def rule_of_proposed(row: Mapping[str, Any]) -> RuleInForce:
    """Return a proposed rule as words describe it."""
    return RuleInForce(
        level=row["level"],
        reward=row["reward"],
        fixed_minor=row["fixed_minor"],
        rate_bps=row["rate_bps"],
        details=row["details"],
        conditions=row["conditions"],
    )


def rules_of_now(versions: Sequence[RuleVersion]) -> list[dict[str, Any]]:
    """Return rules in force as proposed ones: where somebody begins who wants to change them.

    The versions come with their rules and these with their goals. What no conversion earns is left
    out.
    """
    rows = []
    for version in versions:
        rule = version.rule
        if version.reward not in PER_CONVERSION:
            continue
        name = TARGETS.get(rule.level)
        target = {name: str(getattr(rule, f"{name}_id"))} if name else {}
        rows.append(
            {
                "name": rule.name,
                "goal": rule.goal.code if rule.goal else "",
                "level": str(rule.level),
                **target,
                "reward": str(version.reward),
                "fixed_minor": version.fixed_minor,
                "rate_bps": version.rate_bps,
                "details": version.details,
                "conditions": version.conditions,
            }
        )
    return rows
