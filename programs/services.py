"""Every write to programs, goals and terms. Callers stand in the merchant's context."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.text import slugify

from common.ids import new_code
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import Actor, Merchant
from programs.models import ConsentMode, Goal, JoinMode, Kind, Program, Status, Terms


class SlugTaken(Exception):
    """Another program of the merchant has this address."""


class GoalTaken(Exception):
    """The program has a goal with this code."""


class HostNotAllowed(Exception):
    """A destination whose host is not on the program's list."""


@dataclass(frozen=True, slots=True)
class GoalDraft:
    """A goal to be created with a program."""

    code: str
    name: str
    definition: str = ""


STARTING_GOALS = (
    GoalDraft("signup", "Sign-up", "A new person opens an account."),
    GoalDraft("lead", "Lead", "A person asks to be contacted and leaves valid details."),
    GoalDraft("sale", "Sale", "A new order is paid."),
)


@dataclass(frozen=True, slots=True)
class ProgramDraft:
    """What a program is created from; everything with a default may be left out."""

    name: str
    landing_url: str
    currency: str
    slug: str = ""
    kind: Kind = Kind.AFFILIATE
    summary: str = ""
    description: str = ""
    fallback_url: str = ""
    allowed_hosts: tuple[str, ...] = ()
    join_mode: JoinMode = JoinMode.APPLICATION
    consent_mode: ConsentMode = ConsentMode.CONSENT
    window_days: int = 30
    hold_days: int = 30
    payout_minor_min: int = 0
    goals: tuple[GoalDraft, ...] = field(default=STARTING_GOALS)


EDITABLE = frozenset(
    {
        "name",
        "landing_url",
        "slug",
        "summary",
        "description",
        "fallback_url",
        "allowed_hosts",
        "join_mode",
        "consent_mode",
        "window_days",
        "hold_days",
        "payout_minor_min",
    }
)


def create_program(*, merchant: Merchant, draft: ProgramDraft, by: Actor, at: datetime) -> Program:
    """Create a draft program with its goals; return it.

    :raises SlugTaken: if the address is another program's.
    """
    facts = {name: getattr(draft, name) for name in EDITABLE}
    facts["allowed_hosts"] = list(draft.allowed_hosts)
    facts["slug"] = draft.slug or _free_slug(merchant, draft.name)
    try:
        with transaction.atomic():
            program = Program.objects.create(
                merchant=merchant, kind=draft.kind, currency=draft.currency, **facts
            )
    except IntegrityError as error:
        raise SlugTaken(facts["slug"]) from error
    Goal.objects.bulk_create(
        Goal(
            merchant=merchant,
            program=program,
            code=goal.code,
            name=goal.name,
            definition=goal.definition,
        )
        for goal in draft.goals
    )
    _record(program, "program.created", by, at, {"name": program.name})
    return program


def _free_slug(merchant: Merchant, name: str) -> str:
    slug = slugify(name)[:50] or "program"
    taken = Program.objects.filter(merchant=merchant, slug=slug).exists()
    return f"{slug}-{new_code(4)}" if taken else slug


def update_program(
    *, program: Program, changes: dict[str, Any], by: Actor, at: datetime
) -> Program:
    """Change some of the EDITABLE fields; return the program.

    The event keeps what was there before and after.

    :raises SlugTaken: if the address is another program's.
    :raises ValueError: if a field is not EDITABLE; currency and kind are for good.
    """
    if unknown := changes.keys() - EDITABLE:
        raise ValueError(f"not editable: {', '.join(sorted(unknown))}")
    changed = {name: value for name, value in changes.items() if getattr(program, name) != value}
    if not changed:
        return program
    before = {name: getattr(program, name) for name in changed}
    for name, value in changed.items():
        setattr(program, name, value)
    try:
        with transaction.atomic():
            program.save(update_fields=list(changed))
    except IntegrityError as error:
        raise SlugTaken(str(changed.get("slug"))) from error
    _record(program, "program.updated", by, at, {"before": before, "after": changed})
    return program


PAST_VERBS = {Status.ACTIVE: "activated", Status.PAUSED: "paused", Status.ENDED: "ended"}


def move_program(*, program: Program, to: Status, by: Actor, at: datetime) -> Program:
    """Activate, pause or end a program; return it.

    :raises IllegalMove: if its status does not allow that.
    """
    if not Program.objects.filter(id=program.id).move(to=to):
        program.refresh_from_db()
        raise IllegalMove("The program", to=to, status=program.status)
    program.status = to
    _record(program, f"program.{PAST_VERBS[to]}", by, at)
    return program


def add_goal(*, program: Program, draft: GoalDraft, by: Actor, at: datetime) -> Goal:
    """Add a goal; return it.

    :raises GoalTaken: if the program has one with this code.
    """
    try:
        with transaction.atomic():
            goal = Goal.objects.create(
                merchant_id=program.merchant_id,
                program=program,
                code=draft.code,
                name=draft.name,
                definition=draft.definition,
            )
    except IntegrityError as error:
        raise GoalTaken(draft.code) from error
    _record(program, "program.goal_added", by, at, {"goal": draft.code})
    return goal


def update_goal(*, goal: Goal, name: str, definition: str, by: Actor, at: datetime) -> Goal:
    """Change a goal's name and definition; its code is for good. Return it."""
    before = {"name": goal.name, "definition": goal.definition}
    goal.name, goal.definition = name, definition
    goal.save(update_fields=["name", "definition"])
    after = {"name": name, "definition": definition}
    _record(goal.program, "program.goal_updated", by, at, {"before": before, "after": after})
    return goal


def publish_terms(*, program: Program, body: str, summary: str, by: Actor, at: datetime) -> Terms:
    """Publish the next version of a program's terms; return it.

    The program's row is locked, so two publishers get two numbers.
    """
    with transaction.atomic():
        Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
        latest = Terms.objects.filter(merchant_id=program.merchant_id, program=program)
        version = (latest.aggregate(Max("version"))["version__max"] or 0) + 1
        terms = Terms.objects.create(
            merchant_id=program.merchant_id,
            program=program,
            version=version,
            summary=summary,
            body=body,
            body_sha256=hashlib.sha256(body.encode()).hexdigest(),
            published_at=at,
        )
        _record(program, "program.terms_published", by, at, {"version": version})
    return terms


def allowed_hosts_of(program: Program) -> frozenset[str]:
    """Return the hosts, in lower case, that links of the program may lead to."""
    landing = urlsplit(program.landing_url).hostname or ""
    return frozenset({landing.lower(), *(host.lower() for host in program.allowed_hosts)})


def require_allowed_host(*, program: Program, url: str) -> None:
    """Return quietly when a link of the program may lead to `url`.

    :raises HostNotAllowed: if it is not http(s), names a user, or has another host.
    """
    parts = urlsplit(url)
    plain = parts.scheme in ("http", "https") and parts.username is None and "\\" not in url
    if not plain or (parts.hostname or "").lower() not in allowed_hosts_of(program):
        raise HostNotAllowed(parts.hostname or url)


def _record(
    program: Program, type: str, by: Actor, at: datetime, data: dict[str, Any] | None = None
) -> None:
    record_event(
        merchant_id=program.merchant_id,
        type=type,
        subject_id=program.id,
        by=by,
        at=at,
        data=data,
    )
