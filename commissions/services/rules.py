"""Rules: created at any level, revised as versions, put in order, archived."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from commissions.catalogue import REWARDS, CleanReward, clean_conditions, clean_reward
from commissions.models import Level, Promotion, Rule, RuleVersion
from commissions.notices import note_beginning, note_end
from commissions.services.rates import Rate, set_rate
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor
from programs.models import Goal, Program, Tier
from tracking.models import Link

RULES_MAX = 500  # Of a program, archived ones not counted; those of one affiliate or link aside.
POSITION_STEP = 10
TARGETS = {  # What a rule of each level must name.
    Level.LINK: "link",
    Level.ENROLLMENT: "enrollment",
    Level.PROMOTION: "promotion",
    Level.TIER: "tier",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """What a rule is to be: where it stands, what it pays, and when. As the catalogue describes.

    `goal` None is every goal. Of a rule that is revised, the level, its target and the goal stay.
    """

    reward: str
    fixed_minor: int = 0
    rate_bps: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    conditions: list[dict[str, Any]] = field(default_factory=list)
    name: str = ""
    level: str = Level.PROGRAM
    goal: Goal | None = None
    tier: Tier | None = None
    promotion: Promotion | None = None
    enrollment: Enrollment | None = None
    link: Link | None = None
    position: int | None = None  # None: after those of its level.


def create_rule(
    *,
    program: Program,
    draft: RuleDraft,
    by: Actor,
    at: datetime,
    valid_from: datetime | None = None,
) -> RuleVersion:
    """Create a rule; return its first version, in force from `valid_from` (default: `at`).

    A rule of the program for one goal without conditions is the goal's base rate: it becomes the
    next version of that.

    :raises BadValue: if a field cannot be, naming it as in `details.steps.1.from`.
    """
    wording = _worded(draft)
    _require_targets(program, draft)
    if _is_base(draft, wording):
        assert draft.goal is not None
        rate = Rate(wording.reward, wording.fixed_minor, wording.rate_bps, wording.details)
        return set_rate(goal=draft.goal, rate=rate, by=by, at=at, valid_from=valid_from)
    with transaction.atomic():
        _lock_rules(program)
        rule = Rule.objects.create(
            merchant_id=program.merchant_id,
            program=program,
            level=draft.level,
            goal=draft.goal,
            tier=draft.tier,
            promotion=draft.promotion,
            enrollment=draft.enrollment,
            link=draft.link,
            name=cleaned(Rule, "name", draft.name),
            position=_position(program, draft),
        )
        version = _add_version(rule, wording, draft, valid_from or at, at)
        _record(rule, "program.rule_created", by, at, {"after": _facts(version)})
    return version


def revise_rule(
    *,
    rule: Rule,
    draft: RuleDraft,
    by: Actor,
    at: datetime,
    valid_from: datetime | None = None,
) -> RuleVersion:
    """Add a version to a rule, in force from `valid_from` (default: `at`); return it.

    What happened before keeps the version it had. The level, its target and the goal stay.

    :raises BadValue: if a field cannot be; `conditions` of a base rate.
    :raises IllegalMove: if the rule is archived, or an experiment's.
    """
    wording = _worded(draft)
    if rule.is_base and draft.conditions:
        message = _("The base rate has no conditions: make a rule of its own.")
        raise BadValue("conditions", "not_with_base", message)
    if rule.is_base and not REWARDS[wording.reward].is_per_conversion:
        raise BadValue("reward", "not_with_base", _("Conversions do not earn this reward."))
    with transaction.atomic():
        rule = _lock(rule)
        _require_own(rule, to="REVISED")
        if rule.archived_at is not None:
            raise IllegalMove("The rule", to="REVISED", status="ARCHIVED")
        before = _newest(rule)
        name = cleaned(Rule, "name", draft.name)
        if name != rule.name:
            rule.name = name
            rule.save(update_fields=["name"])
        version = _add_version(rule, wording, draft, valid_from or at, at)
        facts = {"before": _facts(before), "after": _facts(version)}
        _record(rule, "program.rule_revised", by, at, facts)
    return version


def archive_rule(*, rule: Rule, by: Actor, at: datetime) -> Rule:
    """Pay by the rule no more; what happened before keeps it. Safe to repeat. Return the rule.

    :raises IllegalMove: if it is an experiment's.
    """
    with transaction.atomic():
        rule = _lock(rule)
        _require_own(rule, to="ARCHIVED")
        if rule.archived_at is None:
            rule.archived_at = at
            rule.save(update_fields=["archived_at"])
            note_end([rule], at=at)
            _record(rule, "program.rule_archived", by, at, {"before": _facts(_newest(rule))})
    return rule


def reorder_rules(*, program: Program, rules: Sequence[Rule], by: Actor, at: datetime) -> None:
    """Let the rules of one level be asked in this order, before any that is not named.

    :raises BadValue: if one is named twice, is no living rule of the program, or stands in another
        list than the first.
    """
    with transaction.atomic():
        _lock_rules(program)
        alive = Rule.objects.filter(
            merchant_id=program.merchant_id, program=program, archived_at=None, is_base=False
        )
        ids = [rule.id for rule in rules]
        found = alive.in_bulk(ids)
        if not ids or len(found) < len(ids):
            raise BadValue("rules", "invalid", _("Name each rule once."))
        rules = [found[id] for id in ids]
        if not all(_peers(rule, rules[0]) for rule in rules):
            raise BadValue("rules", "other_level", _("Only rules of one level have an order."))
        if _is_of_experiment(rules[0]):
            raise BadValue("rules", "of_experiment", _("Rules of an experiment stay as they are."))
        before = [str(rule.id) for rule in sorted(rules, key=lambda row: (row.position, row.id))]
        others = alive.exclude(id__in=ids).order_by("position", "id")
        peers = [row for row in others if _peers(row, rules[0])]
        for index, rule in enumerate([*rules, *peers], start=1):
            rule.position = index * POSITION_STEP
        Rule.objects.bulk_update([*rules, *peers], ["position"])
        record_event(
            merchant_id=program.merchant_id,
            type="program.rules_reordered",
            subject_id=program.id,
            by=by,
            at=at,
            data={"before": before, "after": [str(id) for id in ids]},
        )


def _peers(rule: Rule, other: Rule) -> bool:
    """Whether two rules stand in one list."""
    names = ("level", "tier_id", "promotion_id", "enrollment_id", "link_id")
    return all(getattr(rule, name) == getattr(other, name) for name in names)


def _worded(draft: RuleDraft) -> CleanReward:
    """Return the reward, with the conditions looked at as well.

    :raises BadValue: if either cannot be, or the reward is not for conversions and has conditions.
    """
    pays = clean_reward(draft.reward, draft.fixed_minor, draft.rate_bps, draft.details)
    if clean_conditions(draft.conditions) and not REWARDS[pays.reward].is_per_conversion:
        message = _("Only what a conversion earns has conditions.")
        raise BadValue("conditions", "not_with_reward", message)
    return pays


def _is_base(draft: RuleDraft, wording: CleanReward) -> bool:
    """Whether it is the rate of a goal.

    :raises BadValue: if it is for everything: then it would hide the rates of all goals.
    """
    if draft.level != Level.PROGRAM or draft.conditions:
        return False
    if not REWARDS[wording.reward].is_per_conversion:
        return False
    if draft.goal is None:
        message = _("Without conditions it is the rate of a goal: name the goal.")
        raise BadValue("goal", "required", message)
    return True


def _require_targets(program: Program, draft: RuleDraft) -> None:
    """Check that it names what its level is, of this program, and nothing else."""
    cleaned(Rule, "level", draft.level)
    for level, name in TARGETS.items():
        target = getattr(draft, name)
        if draft.level == level and target is None:
            raise BadValue(name, "required", _("A rule of this level needs it."))
        if draft.level != level and target is not None:
            raise BadValue(name, "not_with_level", _("Not with a rule of this level."))
    for name in ("goal", *TARGETS.values()):
        target = getattr(draft, name)
        if target is not None and target.program_id != program.id:
            raise BadValue(name, "other_program", _("This is of another program."))
        if getattr(target, "archived_at", None) is not None:
            raise BadValue(name, "archived", _("This has ended."))
    if draft.promotion is not None and draft.promotion.is_for_variant:
        message = _("What an experiment compares stays as it is.")
        raise BadValue("promotion", "of_experiment", message)


def _position(program: Program, draft: RuleDraft) -> int:
    if draft.position is not None:
        return int(cleaned(Rule, "position", draft.position))
    rules = Rule.objects.filter(merchant_id=program.merchant_id, program=program, archived_at=None)
    if draft.level in (Level.PROGRAM, Level.TIER, Level.PROMOTION):
        shared = rules.filter(enrollment=None, link=None)
        if shared.count() >= RULES_MAX:
            raise BadValue("", "too_many", _("%d rules at the most.") % RULES_MAX)
    peers = rules.filter(
        level=draft.level,
        is_base=False,
        tier=draft.tier,
        promotion=draft.promotion,
        enrollment=draft.enrollment,
        link=draft.link,
    )
    last = peers.aggregate(last=Max("position"))["last"] or 0
    return min(last + POSITION_STEP, 32_000)


def _add_version(
    rule: Rule, wording: CleanReward, draft: RuleDraft, valid_from: datetime, at: datetime
) -> RuleVersion:
    versions = RuleVersion.objects.filter(merchant_id=rule.merchant_id, rule=rule)
    number = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
    version = RuleVersion.objects.create(
        merchant_id=rule.merchant_id,
        rule=rule,
        version=number,
        reward=wording.reward,
        fixed_minor=wording.fixed_minor,
        rate_bps=wording.rate_bps,
        details=wording.details,
        conditions=clean_conditions(draft.conditions),
        valid_from=valid_from,
    )
    note_beginning(version, at=at)
    return version


def _newest(rule: Rule) -> RuleVersion | None:
    versions = RuleVersion.objects.filter(merchant_id=rule.merchant_id, rule=rule)
    return versions.order_by("-version").first()


def _lock(rule: Rule) -> Rule:
    rules = Rule.objects.filter(merchant_id=rule.merchant_id)
    rules = rules.select_related("program", "promotion")
    return rules.select_for_update(of=("self",), no_key=True).get(id=rule.id)


def _require_own(rule: Rule, *, to: str) -> None:
    """Check that people may change a rule: what an experiment compares, stays as it is."""
    if _is_of_experiment(rule):
        raise IllegalMove("The rule", to=to, status="OF_AN_EXPERIMENT")


def _is_of_experiment(rule: Rule) -> bool:
    return rule.promotion is not None and rule.promotion.is_for_variant


def _lock_rules(program: Program) -> None:
    """Let one at a time put rules in order."""
    Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)


def _facts(version: RuleVersion | None) -> dict[str, Any]:
    """Return what history says of a version."""
    if version is None:
        return {}
    return {
        "version": version.version,
        "reward": version.reward,
        "fixed_minor": version.fixed_minor,
        "rate_bps": version.rate_bps,
        "details": version.details,
        "conditions": version.conditions,
        "valid_from": version.valid_from.isoformat(),
    }


def _record(rule: Rule, type: str, by: Actor, at: datetime, facts: dict[str, Any]) -> None:
    record_event(
        merchant_id=rule.merchant_id,
        type=type,
        subject_id=rule.program_id,
        by=by,
        at=at,
        data={"rule": str(rule.id), "level": rule.level, "name": rule.name, **facts},
    )
