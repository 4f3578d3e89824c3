"""The policy register of a program: rules with an owner, a reason, and a day to look again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from merchants.models import Actor, Member
from programs.models import Policy, Program
from programs.services.history import record

POLICIES_MAX: Final = 200
TEXTS: Final = ("category", "title", "body", "rationale")


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """What a policy is made from."""

    category: str
    title: str
    body: str
    owner: Member
    review_on: date
    rationale: str = ""


def add_policy(*, program: Program, draft: PolicyDraft, by: Actor, at: datetime) -> Policy:
    """Enter a policy, looked at today; return it.

    :raises BadValue: if a field cannot be, or there are POLICIES_MAX.
    """
    facts = _cleaned(draft, program, reviewed_on=at.date())
    if len(policies_of(program)) >= POLICIES_MAX:
        raise BadValue("", "too_many", _("%d policies at the most.") % POLICIES_MAX)
    policy = Policy.objects.create(
        merchant_id=program.merchant_id, program=program, reviewed_on=at.date(), **facts
    )
    record(program, "program.policy_added", by, at, _said(policy))
    return policy


def update_policy(*, policy: Policy, draft: PolicyDraft, by: Actor, at: datetime) -> Policy:
    """Change a policy; return it. Another day of review is reminded of anew.

    :raises BadValue: if a field cannot be.
    """
    facts = _cleaned(draft, policy.program, reviewed_on=policy.reviewed_on)
    before = _said(policy)
    if facts["review_on"] != policy.review_on:
        facts["reminded_at"] = None
    _store(policy, facts)
    changes = {"before": before, "after": _said(policy)}
    record(policy.program, "program.policy_changed", by, at, changes)
    return policy


def review_policy(*, policy: Policy, review_on: date, by: Actor, at: datetime) -> Policy:
    """Note that somebody looked at a policy today, and when it is due again; return it.

    :raises BadValue: if that day is not after today.
    """
    facts = {
        "reviewed_on": at.date(),
        "review_on": _after(review_on, at.date()),
        "reminded_at": None,
    }
    _store(policy, facts)
    record(policy.program, "program.policy_reviewed", by, at, _said(policy))
    return policy


def archive_policy(*, policy: Policy, by: Actor, at: datetime) -> None:
    """Let a policy hold no more. Safe to repeat."""
    if policy.archived_at is None:
        _store(policy, {"archived_at": at})
        record(policy.program, "program.policy_archived", by, at, _said(policy))


def policies_of(program: Program) -> list[Policy]:
    """Return the policies in force, those due first."""
    rows = Policy.objects.filter(merchant_id=program.merchant_id, program=program, archived_at=None)
    return list(rows.select_related("owner__user", "program").order_by("review_on", "id"))


def policies_in_force(program: Program) -> list[Policy]:
    """Return the policies in force as affiliates read them, who know no members."""
    rows = Policy.objects.filter(merchant_id=program.merchant_id, program=program)
    return list(rows.filter(archived_at=None).order_by("category", "title", "id"))


def find_policy(program: Program, policy_id: UUID) -> Policy | None:
    """Return one policy of the program, one that has ended too."""
    rows = Policy.objects.filter(merchant_id=program.merchant_id, program=program, id=policy_id)
    return rows.select_related("owner__user", "program").first()


def _cleaned(draft: PolicyDraft, program: Program, *, reviewed_on: date) -> dict[str, Any]:
    if draft.owner.merchant_id != program.merchant_id or draft.owner.disabled_at is not None:
        raise BadValue("owner", "no_member", _("This is nobody of yours."))
    facts = {name: cleaned(Policy, name, getattr(draft, name).strip()) for name in TEXTS}
    return facts | {"owner": draft.owner, "review_on": _after(draft.review_on, reviewed_on)}


def _after(day: date, before: date) -> date:
    if day <= before:
        raise BadValue("review_on", "past", _("Choose a day after the last review."))
    return day


def _store(policy: Policy, facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        setattr(policy, name, value)
    policy.save(update_fields=list(facts))


def _said(policy: Policy) -> dict[str, Any]:
    return {
        "category": policy.category,
        "title": policy.title,
        "owner": str(policy.owner_id),
        "review_on": policy.review_on.isoformat(),
    }
