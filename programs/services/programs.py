"""Programs: created, changed, started and ended."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from common.ids import new_code
from common.states import IllegalMove
from merchants.models import Actor, Merchant
from programs.models import (
    AfterHold,
    AttributionModel,
    CodePriority,
    ConsentMode,
    ForeignCurrency,
    Goal,
    JoinMode,
    Kind,
    PostbackProfile,
    Program,
    Status,
    new_postback_token,
)
from programs.services.goals import STARTING_GOALS, GoalDraft
from programs.services.history import record
from programs.services.values import clean_program


class SlugTaken(Exception):
    """Another program of the merchant has this address."""


class HasConversions(Exception):
    """The program has conversions: whether they are tests is decided before the first."""


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
    utm_template: str = ""
    legacy_parameters: tuple[str, ...] = ()
    postback_profile: PostbackProfile = PostbackProfile.NATIVE
    postback_networks: tuple[str, ...] = ()
    is_test: bool = False
    attribution_model: AttributionModel = AttributionModel.LAST
    half_life_days: int = 7
    code_priority: CodePriority = CodePriority.LINK_FIRST
    new_customers_only: bool = False
    reactivation_days: int | None = None
    lock_in_months: int | None = None
    yields_to: str = ""
    after_hold: AfterHold = AfterHold.APPROVE
    excludes_tax: bool = True
    excludes_shipping: bool = True
    adds_discount: bool = False
    foreign_currency: ForeignCurrency = ForeignCurrency.REFUSE
    commission_bps_max: int | None = None
    claim_days: int = 14
    reapply_days: int | None = 0
    takes_coupon_requests: bool = False
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
        "utm_template",
        "legacy_parameters",
        "postback_profile",
        "postback_networks",
        "is_test",
        "attribution_model",
        "half_life_days",
        "code_priority",
        "new_customers_only",
        "reactivation_days",
        "lock_in_months",
        "yields_to",
        "after_hold",
        "excludes_tax",
        "excludes_shipping",
        "adds_discount",
        "foreign_currency",
        "commission_bps_max",
        "claim_days",
        "reapply_days",
        "takes_coupon_requests",
    }
)


def create_program(*, merchant: Merchant, draft: ProgramDraft, by: Actor, at: datetime) -> Program:
    """Create a draft program with its goals; return it.

    :raises BadValue: if a field cannot be.
    :raises SlugTaken: if the address is another program's.
    """
    facts = {name: getattr(draft, name) for name in EDITABLE}
    facts["slug"] = draft.slug or _free_slug(merchant, draft.name)
    facts = clean_program(facts)
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
            window_days=goal.window_days,
            attribution_model=goal.attribution_model,
        )
        for goal in draft.goals
    )
    record(program, "program.created", by, at, {"name": program.name})
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

    :raises BadValue: if a field cannot be.
    :raises SlugTaken: if the address is another program's.
    :raises HasConversions: if `is_test` shall change after the first conversion.
    :raises ValueError: if a field is not EDITABLE; currency and kind are for good.
    """
    if unknown := changes.keys() - EDITABLE:
        raise ValueError(f"not editable: {', '.join(sorted(unknown))}")
    facts = clean_program(changes)
    changed = {name: value for name, value in facts.items() if getattr(program, name) != value}
    if not changed:
        return program
    if "is_test" in changed and program.conversions.filter(merchant=program.merchant_id).exists():
        raise HasConversions(program.name)
    before = {name: getattr(program, name) for name in changed}
    for name, value in changed.items():
        setattr(program, name, value)
    try:
        with transaction.atomic():
            program.save(update_fields=list(changed))
    except IntegrityError as error:
        raise SlugTaken(str(changed.get("slug"))) from error
    record(program, "program.updated", by, at, {"before": before, "after": changed})
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
    record(program, f"program.{PAST_VERBS[to]}", by, at)
    return program


def rotate_postback_token(*, program: Program, by: Actor, at: datetime) -> Program:
    """Give the program a new postback token, which works from now on instead of the old one."""
    program.postback_token = new_postback_token()
    program.save(update_fields=["postback_token"])
    record(program, "program.postback_token_rotated", by, at)
    return program
