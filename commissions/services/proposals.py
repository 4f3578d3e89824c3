"""Proposals: one side offers a rate, the other accepts, counters or declines. docs/terms.md."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from affiliates.services import Consent
from commissions.catalogue import Op, clean_conditions, clean_reward
from commissions.models import PER_CONVERSION, Level, Proposal, ProposalStatus, RuleVersion, Side
from commissions.services.rules import RuleDraft, create_rule, reorder_rules
from common.refusals import BadValue, cleaned
from common.states import IllegalMove
from merchants.events import record_event
from merchants.models import SYSTEM, Actor
from merchants.tenancy import merchant_context
from programs.models import Goal
from users.models import User

ANSWER_DAYS_MAX = 90
BATCH = 500
PAST_VERBS = {
    ProposalStatus.COUNTERED: "countered",
    ProposalStatus.ACCEPTED: "accepted",
    ProposalStatus.DECLINED: "declined",
    ProposalStatus.WITHDRAWN: "withdrawn",
    ProposalStatus.EXPIRED: "expired",
}


class ProposalExists(Exception):
    """The enrollment has an open proposal for this goal."""


class NotYourTurn(Exception):
    """Who offered, waits for the other side, and may only withdraw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDraft:
    """What is offered: reward and conditions as of a rule. `ends_on`: the last day, in UTC."""

    reward: str
    expires_at: datetime
    fixed_minor: int = 0
    rate_bps: int = 0
    details: dict[str, Any] = field(default_factory=dict)
    conditions: list[dict[str, Any]] = field(default_factory=list)
    goal: Goal | None = None
    message: str = ""
    starts_at: datetime | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who agreed: the name as typed, the words that were shown, and from where."""

    name: str
    text: str
    by: Consent


def offer(
    *,
    enrollment: Enrollment,
    side: Side,
    draft: ProposalDraft,
    user: User | None,
    by: Actor,
    at: datetime,
    answers: Proposal | None = None,
) -> Proposal:
    """Offer a rate to the other side; return the proposal, which waits for an answer.

    :raises BadValue: if a value cannot be, naming it.
    :raises IllegalMove: if the enrollment is not approved.
    :raises ProposalExists: if one for the same goal waits for an answer.
    """
    if not enrollment.is_active:
        raise IllegalMove("The enrollment", to="OFFERED", status=enrollment.status)
    facts = _cleaned(enrollment, draft, at)
    try:
        with transaction.atomic():
            proposal = Proposal.objects.create(
                merchant_id=enrollment.merchant_id,
                program_id=enrollment.program_id,
                enrollment=enrollment,
                affiliate_id=enrollment.affiliate_id,
                answers=answers,
                offered_by=side,
                offered_by_user=user,
                offered_at=at,
                status_changed_at=at,
                **facts,
            )
            _record(proposal, "proposal.offered", by, at)
    except IntegrityError as error:
        raise ProposalExists(enrollment.code) from error
    return proposal


def counter(
    *,
    proposal: Proposal,
    side: Side,
    draft: ProposalDraft,
    user: User | None,
    by: Actor,
    at: datetime,
) -> Proposal:
    """Answer a proposal by another for the same goal; return the new one.

    :raises BadValue: if a value cannot be, naming it.
    :raises NotYourTurn: if this side made the proposal.
    :raises IllegalMove: if it waits for no answer any more.
    """
    _require_turn(proposal, side)
    with transaction.atomic():
        _move(proposal, ProposalStatus.COUNTERED, by, at)
        return offer(
            enrollment=proposal.enrollment,
            side=side,
            draft=draft,
            user=user,
            by=by,
            at=at,
            answers=proposal,
        )


def accept(
    *, proposal: Proposal, side: Side, signature: Signature, by: Actor, at: datetime
) -> RuleVersion:
    """Agree to a proposal; return the rule of the enrollment that it makes, asked before others.

    What happens from its start on is paid by it; what happened before keeps the rate it had.

    :raises BadValue: if no name is typed.
    :raises NotYourTurn: if this side made the proposal.
    :raises IllegalMove: if it waits for no answer any more.
    """
    _require_turn(proposal, side)
    name = cleaned(Proposal, "signed_name", signature.name.strip())
    if not name:
        raise BadValue("signed_name", "required", _("Type your full name to sign."))
    with transaction.atomic():
        _sign(proposal, name, signature)
        _move(proposal, ProposalStatus.ACCEPTED, by, at)
        version = _make_rule(proposal, by, at)
        proposal.rule_version = version
        proposal.save(update_fields=["rule_version"])
    return version


def _sign(proposal: Proposal, name: str, signature: Signature) -> None:
    """Keep the evidence; whether the proposal may still be accepted, the move after it decides."""
    proposal.signed_name = name
    proposal.signed_by = signature.by.user
    proposal.signed_ip = signature.by.ip
    proposal.signed_user_agent = signature.by.user_agent[:400]
    proposal.signed_text = signature.text
    proposal.signed_sha256 = hashlib.sha256(signature.text.encode()).hexdigest()
    proposal.save(
        update_fields=[
            *("signed_name", "signed_by", "signed_ip", "signed_user_agent"),
            *("signed_text", "signed_sha256"),
        ]
    )


def _make_rule(proposal: Proposal, by: Actor, at: datetime) -> RuleVersion:
    program = proposal.enrollment.program
    draft = RuleDraft(
        reward=proposal.reward,
        fixed_minor=proposal.fixed_minor,
        rate_bps=proposal.rate_bps,
        details=proposal.details,
        conditions=proposal.conditions,
        name=_("Agreed on %(day)s") % {"day": at.date().isoformat()},
        level=Level.ENROLLMENT,
        goal=proposal.goal,
        enrollment=proposal.enrollment,
    )
    starts_at = proposal.starts_at
    valid_from = starts_at if starts_at and starts_at > at else at
    version = create_rule(program=program, draft=draft, by=by, at=at, valid_from=valid_from)
    reorder_rules(program=program, rules=[version.rule], by=by, at=at)
    return version


def decline(*, proposal: Proposal, side: Side, by: Actor, at: datetime) -> None:
    """Refuse a proposal.

    :raises NotYourTurn: if this side made the proposal.
    :raises IllegalMove: if it waits for no answer any more.
    """
    _require_turn(proposal, side)
    with transaction.atomic():
        _move(proposal, ProposalStatus.DECLINED, by, at)


def withdraw(*, proposal: Proposal, side: Side, by: Actor, at: datetime) -> None:
    """Take one's own proposal back.

    :raises NotYourTurn: if the other side made it.
    :raises IllegalMove: if it waits for no answer any more.
    """
    if proposal.offered_by != side:
        raise NotYourTurn(proposal.offered_by)
    with transaction.atomic():
        _move(proposal, ProposalStatus.WITHDRAWN, by, at)


def expire_proposals(*, merchant_id: UUID, at: datetime) -> int:
    """Let end what nobody answered in time; return how many. Safe to run twice at once."""
    with merchant_context(merchant_id):
        due = Proposal.objects.filter(
            merchant_id=merchant_id, status=ProposalStatus.OPEN, expires_at__lte=at
        )
        locked = due.select_for_update(of=("self",), no_key=True, skip_locked=True)
        rows = list(locked.order_by("expires_at", "id")[:BATCH])
        Proposal.objects.filter(id__in=[row.id for row in rows]).move(
            to=ProposalStatus.EXPIRED, at=at
        )
        for row in rows:
            _record(row, "proposal.expired", SYSTEM, at)
    return len(rows)


def _cleaned(enrollment: Enrollment, draft: ProposalDraft, at: datetime) -> dict[str, Any]:
    pays = clean_reward(draft.reward, draft.fixed_minor, draft.rate_bps, draft.details)
    if pays.reward not in PER_CONVERSION:
        raise BadValue("reward", "not_proposed", _("Only what a conversion earns is proposed."))
    if draft.goal is not None and draft.goal.program_id != enrollment.program_id:
        raise BadValue("goal", "other_program", _("This is of another program."))
    if not at < draft.expires_at <= at + timedelta(days=ANSWER_DAYS_MAX):
        said = {"days": ANSWER_DAYS_MAX}
        message = _("It must lie ahead, by %(days)d days at the most.") % said
        raise BadValue("expires_at", "out_of_range", message)
    begins = max(draft.starts_at or at, at).date()
    if draft.ends_on is not None and draft.ends_on <= begins:
        raise BadValue("ends_on", "before_start", _("It must end after it starts."))
    conditions = [*draft.conditions]
    if draft.ends_on is not None:
        last = draft.ends_on.isoformat()
        conditions.append({"field": "date", "op": Op.LTE.value, "value": last})
    return {
        "goal": draft.goal,
        "reward": pays.reward,
        "fixed_minor": pays.fixed_minor,
        "rate_bps": pays.rate_bps,
        "details": pays.details,
        "conditions": clean_conditions(conditions),
        "message": cleaned(Proposal, "message", draft.message),
        "starts_at": draft.starts_at,
        "expires_at": draft.expires_at,
    }


def _require_turn(proposal: Proposal, side: Side) -> None:
    if proposal.offered_by == side:
        raise NotYourTurn(side)


def _move(proposal: Proposal, to: ProposalStatus, by: Actor, at: datetime) -> None:
    """Move a proposal whose time is not over, once.

    :raises IllegalMove: if it waits for no answer any more.
    """
    rows = Proposal.objects.filter(merchant_id=proposal.merchant_id, id=proposal.id)
    if not rows.filter(expires_at__gt=at).move(to=to, at=at):
        found = rows.values_list("status", flat=True).get()
        status = ProposalStatus.EXPIRED if found == ProposalStatus.OPEN else found
        raise IllegalMove("The proposal", to=to, status=status)
    proposal.status, proposal.status_changed_at = to, at
    _record(proposal, f"proposal.{PAST_VERBS[to]}", by, at)


def _record(proposal: Proposal, type: str, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=proposal.merchant_id,
        type=type,
        subject_id=proposal.id,
        by=by,
        at=at,
        data={
            "program": str(proposal.program_id),
            "enrollment": str(proposal.enrollment_id),
            "goal": proposal.goal.code if proposal.goal else None,
            "offered_by": proposal.offered_by,
            "reward": proposal.reward,
            "fixed_minor": proposal.fixed_minor,
            "rate_bps": proposal.rate_bps,
        },
    )
