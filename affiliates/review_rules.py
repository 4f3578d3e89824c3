"""The review rules of a program: made, changed, put in order and taken away."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.applications import rules_of
from affiliates.models import Type
from common.countries import country_codes
from common.refusals import BadValue, cleaned
from merchants.events import record_event
from merchants.models import Actor
from programs.models import Check, FieldKind, Program, ReviewRule
from programs.questions import questions_of

RULES_MAX = 40
VALUES_MAX = 300
WITH_VALUES: Final = (Check.COUNTRY, Check.TYPE, Check.EMAIL_DOMAIN, Check.ANSWER)
WITH_MINIMUM: Final = (Check.REFERENCES_VERIFIED, Check.AUDIENCE, Check.NUMBER)
WITH_QUESTION: Final = (Check.ANSWER, Check.NUMBER)


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What a rule is made from; what its check does not look at is left out of the rule."""

    looks_at: str
    verdict: str
    reason: str
    is_negated: bool = False
    field_code: str = ""
    values: tuple[str, ...] = ()
    minimum: int | None = None


def add_rule(*, program: Program, draft: RuleDraft, by: Actor, at: datetime) -> ReviewRule:
    """Ask one more rule, after the others; return it.

    :raises BadValue: if a field cannot be, or there are RULES_MAX.
    """
    facts = _cleaned(program, draft)
    with transaction.atomic():
        rules = _lock(program)
        if len(rules) >= RULES_MAX:
            raise BadValue("", "too_many", _("%d rules at the most.") % RULES_MAX)
        rule = ReviewRule.objects.create(
            merchant_id=program.merchant_id, program=program, position=len(rules), **facts
        )
        _record(program, "review_rule_added", rule, by, at)
    return rule


def update_rule(
    *, program: Program, rule: ReviewRule, draft: RuleDraft, by: Actor, at: datetime
) -> ReviewRule:
    """Change a rule; return it. Applications that were decided stay as they are.

    :raises BadValue: if a field cannot be.
    """
    facts = _cleaned(program, draft)
    for name, value in facts.items():
        setattr(rule, name, value)
    with transaction.atomic():
        rule.save(update_fields=list(facts))
        _record(program, "review_rule_changed", rule, by, at)
    return rule


def move_rule(*, program: Program, rule_id: UUID, step: int, by: Actor, at: datetime) -> None:
    """Ask a rule earlier (`step` -1) or later (1); at the ends nothing changes.

    :raises ReviewRule.DoesNotExist: if the program has no such rule.
    """
    with transaction.atomic():
        rules = _lock(program)
        here = next((n for n, rule in enumerate(rules) if rule.id == rule_id), None)
        if here is None:
            raise ReviewRule.DoesNotExist(rule_id)
        there = here + step
        if not 0 <= there < len(rules):
            return
        rules[here], rules[there] = rules[there], rules[here]
        for position, rule in enumerate(rules):
            rule.position = position
        ReviewRule.objects.bulk_update(rules, ["position"])
        _record(program, "review_rule_moved", rules[there], by, at)


def remove_rule(*, program: Program, rule: ReviewRule, by: Actor, at: datetime) -> None:
    """Ask a rule no more."""
    with transaction.atomic():
        _record(program, "review_rule_removed", rule, by, at)
        ReviewRule.objects.filter(merchant_id=program.merchant_id, id=rule.id).delete()


def _lock(program: Program) -> list[ReviewRule]:
    Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
    return rules_of(program)


def _cleaned(program: Program, draft: RuleDraft) -> dict[str, Any]:
    facts = asdict(draft)
    check = Check(cleaned(ReviewRule, "looks_at", draft.looks_at))
    for name in ("verdict", "reason"):
        facts[name] = cleaned(ReviewRule, name, facts[name].strip())
    if check not in WITH_QUESTION:
        facts["field_code"] = ""
    elif check == Check.NUMBER:
        _require_question(program, draft.field_code, only=FieldKind.NUMBER)
    else:
        _require_question(program, draft.field_code)
    facts["values"] = _values(check, draft.values) if check in WITH_VALUES else []
    if check not in WITH_MINIMUM:
        facts["minimum"] = None
    elif draft.minimum is None:
        raise BadValue("minimum", "required", _("Say how many at least."))
    return facts


def _require_question(program: Program, code: str, *, only: FieldKind | None = None) -> None:
    for question in questions_of(program):
        if question.code == code and only in (None, question.kind):
            return
    message = _("Choose a question of the form.")
    if only is not None:
        message = _("Choose a question whose answer is a number.")
    raise BadValue("field_code", "unknown_question", message)


def _values(check: Check, texts: tuple[str, ...]) -> list[str]:
    values = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    if check in (Check.COUNTRY, Check.TYPE):
        values = [value.upper() for value in values]
        known = country_codes() if check == Check.COUNTRY else frozenset(Type.values)
        if unknown := [value for value in values if value not in known]:
            message = _("“%s” is not known here.") % unknown[0][:60]
            raise BadValue("values", "unknown_value", message)
    if not values:
        raise BadValue("values", "required", _("Name one at least."))
    if len(values) > VALUES_MAX or any(len(value) > 120 for value in values):
        raise BadValue("values", "too_many", _("That is too much for one rule."))
    return values


def _record(program: Program, verb: str, rule: ReviewRule, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=program.merchant_id,
        type=f"program.{verb}",
        subject_id=program.id,
        by=by,
        at=at,
        data={"rule": str(rule.id), "check": rule.looks_at, "verdict": rule.verdict},
    )
