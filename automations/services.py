"""Every write to automations: write one, switch it on and off, and let it do its work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from affiliates.care.notes import set_task
from affiliates.care.tags import tag_enrollment
from affiliates.models import Enrollment, Status, Tag
from automations.catalogue import ACTIONS, TRIGGERS, Field
from automations.models import ActionKind, Automation, AutomationStatus, Run, Trigger
from commissions.services.tiers import move_to_tier
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import SYSTEM, Actor, Member
from merchants.tenancy import merchant_context
from messaging.merge import filled, links_of, require_known_tags
from messaging.models import Side
from messaging.services import NotReachable, Writer, start_thread
from messaging.text import plain_line, plain_text
from programs.models import Program, Tier

log = structlog.get_logger()
AUTOMATIONS_MAX = 50  # Of a program, the archived ones aside.
BATCH = 100
EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class AutomationDraft:
    """A whole automation, as somebody wrote it."""

    name: str
    trigger: str
    action: str
    trigger_details: Mapping[str, Any] = field(default_factory=dict)
    action_details: Mapping[str, Any] = field(default_factory=dict)
    tier: Tier | None = None
    tag: Tag | None = None


def write_automation(
    *, program: Program, draft: AutomationDraft, member: Member, by: Actor, at: datetime
) -> Automation:
    """Store an automation, paused; return it. Look at whom it would take, then switch it on.

    :raises BadValue: if a detail is missing or cannot be, or there are AUTOMATIONS_MAX.
    """
    rows = Automation.objects.filter(merchant_id=program.merchant_id, program=program)
    if rows.exclude(status=AutomationStatus.ARCHIVED).count() >= AUTOMATIONS_MAX:
        raise BadValue("", "too_many", _("%d automations at the most.") % AUTOMATIONS_MAX)
    with transaction.atomic():
        made = Automation.objects.create(
            merchant_id=program.merchant_id,
            program=program,
            member=member,
            status_changed_at=at,
            created_at=at,
            **_checked(program, draft),
        )
        _record(made, "automation.written", by, at)
    return made


def edit_automation(
    *, automation: Automation, draft: AutomationDraft, by: Actor, at: datetime
) -> Automation:
    """Change an automation; return it. Whom it took before, it does not take again.

    :raises BadValue: as for a new one.
    :raises IllegalMove: if it is archived.
    """
    if automation.status == AutomationStatus.ARCHIVED:
        raise IllegalMove("The automation", to="CHANGED", status=automation.status)
    facts = _checked(automation.program, draft)
    with transaction.atomic():
        for name, value in facts.items():
            setattr(automation, name, value)
        automation.save(update_fields=list(facts))
        _record(automation, "automation.changed", by, at)
    return automation


def _checked(program: Program, draft: AutomationDraft) -> dict[str, Any]:
    name = plain_line(draft.name)
    if not name:
        raise BadValue("name", "required", _("Give it a name."))
    trigger = cleaned(Automation, "trigger", draft.trigger)
    action = cleaned(Automation, "action", draft.action)
    if draft.tier is not None and draft.tier.program_id != program.id:
        raise BadValue("tier", "unknown", _("No tier of this program."))
    return {
        "name": cleaned(Automation, "name", name),
        "trigger": trigger,
        "trigger_details": _details(
            program, TRIGGERS[Trigger(trigger)].fields, draft.trigger_details
        ),
        "action": action,
        "action_details": _details(
            program, ACTIONS[ActionKind(action)].fields, draft.action_details
        ),
        "tier": draft.tier,
        "tag": draft.tag,
    }


def _details(program: Program, fields: Sequence[Field], said: Mapping[str, Any]) -> dict[str, Any]:
    """Return exactly what the catalogue declares, checked."""
    unknown = set(said) - {one.name for one in fields}
    if unknown:
        raise BadValue(sorted(unknown)[0], "unknown", _("This is not asked for."))
    return {one.name: _detail(program, one, said.get(one.name)) for one in fields}


def _detail(program: Program, asked: Field, value: Any) -> Any:
    if value in (None, ""):
        raise BadValue(asked.name, "required", _("This is needed."))
    if asked.kind == "number":
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadValue(asked.name, "invalid", _("A whole number is needed."))
        if not asked.least <= value <= asked.most:
            said = {"least": asked.least, "most": asked.most}
            message = _("Between %(least)s and %(most)s.") % said
            raise BadValue(asked.name, "out_of_range", message)
        return value
    if asked.kind == "tier":
        tiers = Tier.objects.filter(
            merchant_id=program.merchant_id, program=program, archived_at=None
        )
        if str(value) not in {str(id) for id in tiers.values_list("id", flat=True)}:
            raise BadValue(asked.name, "unknown", _("No tier of this program."))
        return str(value)
    text = plain_line(str(value)) if asked.kind == "line" else plain_text(str(value))
    if not text:
        raise BadValue(asked.name, "required", _("This is needed."))
    if len(text) > asked.most:
        raise BadValue(asked.name, "max_length", _("%d characters at the most.") % asked.most)
    require_known_tags(asked.name, text)
    return text


def move_automation(
    *, automation: Automation, to: AutomationStatus, by: Actor, at: datetime
) -> Automation:
    """Switch it on, pause it or put it away; return it.

    :raises IllegalMove: if it is there already, or archived.
    """
    rows = Automation.objects.filter(merchant_id=automation.merchant_id, id=automation.id)
    with transaction.atomic():
        if not rows.move(to=to, at=at):
            raise IllegalMove("The automation", to=to, status=rows.get().status)
        automation.refresh_from_db()
        _record(automation, f"automation.{VERBS[to]}", by, at)
    return automation


VERBS = {
    AutomationStatus.ACTIVE: "activated",
    AutomationStatus.PAUSED: "paused",
    AutomationStatus.ARCHIVED: "archived",
}


def _record(automation: Automation, type: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=automation.merchant_id,
        type=type,
        subject_id=automation.id,
        by=by,
        at=at,
        data={"name": automation.name, "program": str(automation.program_id)},
    )


# Whom it takes -----------------------------------------------------------------------------------


def would_take(automation: Automation, *, at: datetime) -> QuerySet[Enrollment]:
    """Return the enrollments it would do something about now, each with its `occasion`.

    In one statement. Whom it took on this occasion before is not among them.
    """
    rows = Enrollment.objects.filter(
        merchant_id=automation.merchant_id,
        program_id=automation.program_id,
        status=Status.APPROVED,
    )
    if automation.tier_id:
        rows = rows.filter(tier_id=automation.tier_id)
    if automation.tag_id:
        rows = rows.filter(taggings__tag_id=automation.tag_id)
    if automation.action == ActionKind.MOVE_TIER:
        wanted = automation.action_details["tier"]
        rows = rows.exclude(tier_id=wanted) if wanted else rows
    found = TRIGGERS[Trigger(automation.trigger)].find(automation, rows, at)
    runs = Run.objects.filter(
        merchant_id=automation.merchant_id,
        automation=automation,
        enrollment_id=OuterRef("id"),
        occasion=OuterRef("occasion"),
    )
    return found.exclude(Exists(runs)).order_by("id")


def run_automations(*, merchant_id: UUID, at: datetime) -> int:
    """Let the merchant's next automation that is due take its next affiliates; return how many.

    Safe to run twice at once: its row is locked, and an occasion is taken once (a unique key).
    A worker that is killed leaves neither the run nor what it did.
    """
    with merchant_context(merchant_id):
        due = active_automations(Automation.objects.filter(merchant_id=merchant_id), at=at)
        locked = due.select_for_update(of=("self",), no_key=True, skip_locked=True)
        named = locked.select_related("program__merchant", "member__user")
        automation = named.order_by(F("looked_at").asc(nulls_first=True), "id").first()
        if automation is None:
            return 0
        found = would_take(automation, at=at).select_related(
            "affiliate", "program__merchant", "tier", "owner"
        )
        rows = list(found[:BATCH])
        for row in rows:
            _take(automation, row, at)
        if len(rows) < BATCH:
            Automation.objects.filter(id=automation.id).update(looked_at=at)
    return max(len(rows), 1)  # Of nobody, too: another automation may be due.


def active_automations(rows: QuerySet[Automation], *, at: datetime) -> QuerySet[Automation]:
    """Return those that are on, and did not look for anybody within EVERY."""
    active = rows.filter(status=AutomationStatus.ACTIVE)
    return active.exclude(looked_at__gt=at - EVERY)


def _take(automation: Automation, row: Enrollment, at: datetime) -> None:
    problem = ""
    try:
        with transaction.atomic():
            DOING[ActionKind(automation.action)](automation, row, at)
    except (BadValue, NotReachable) as error:
        problem = str(error)[:300]
        log.warning("automations.not_done", automation=str(automation.id), problem=problem)
    Run.objects.create(
        merchant_id=automation.merchant_id,
        automation=automation,
        enrollment=row,
        occasion=row.occasion,  # type: ignore[attr-defined]
        problem=problem,
        at=at,
    )


# What it does ------------------------------------------------------------------------------------


def _message(automation: Automation, row: Enrollment, at: datetime) -> None:
    said, links = automation.action_details, links_of([row])
    user = automation.member.user
    by = Writer(Side.MERCHANT, user.get_full_name(), SYSTEM, member=automation.member)
    start_thread(
        enrollment=row,
        subject=plain_line(filled(said["subject"], row, links))[:150],
        body=filled(said["body"], row, links),
        by=by,
        at=at,
    )


def _tag(automation: Automation, row: Enrollment, at: datetime) -> None:
    tag_enrollment(enrollment=row, name=automation.action_details["tag"], by=SYSTEM, at=at)


def _task(automation: Automation, row: Enrollment, at: datetime) -> None:
    said, owner = automation.action_details, row.owner
    is_there = owner is not None and owner.disabled_at is None
    assignee = owner if owner is not None and is_there else automation.member
    due_on = (at + timedelta(days=said["due_days"])).astimezone(UTC).date()
    links = links_of([row])
    set_task(
        made_by=automation.member,
        assignee=assignee,
        title=filled(said["title"], row, links)[:200],
        due_on=due_on,
        enrollment=row,
    )


def _move_tier(automation: Automation, row: Enrollment, at: datetime) -> None:
    tiers = Tier.objects.filter(merchant_id=row.merchant_id, program_id=row.program_id)
    tier = tiers.get(id=automation.action_details["tier"])
    move_to_tier(enrollment=row, tier=tier, by=SYSTEM, at=at)


DOING = {
    ActionKind.MESSAGE: _message,
    ActionKind.TAG: _tag,
    ActionKind.TASK: _task,
    ActionKind.MOVE_TIER: _move_tier,
}
