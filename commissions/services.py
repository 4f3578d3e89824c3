"""Every write to rules and commissions. Callers stand in the merchant's context."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum

from commissions.accrual import accrue
from commissions.models import Commission, Kind, Reward, Rule, RuleVersion, Status
from commissions.rules import reversal_due
from commissions.selectors import rates_in_force
from common.states import IllegalMove
from ledger.models import AccountKind
from ledger.services import Draft, post, transfer
from merchants.events import draft_event, record_event, record_events
from merchants.models import SYSTEM, Actor
from merchants.tenancy import merchant_context
from programs.models import Goal, Program
from tracking.models import Conversion, ConversionStatus, Reason, Refund

BATCH = 500


@dataclass(frozen=True, slots=True)
class Rate:
    """What a rule pays: a fixed amount in minor units, or basis points of the net amount."""

    reward: Reward
    fixed_minor: int = 0
    rate_bps: int = 0


# Rates -------------------------------------------------------------------------------------------


def set_rate(
    *, goal: Goal, rate: Rate, by: Actor, at: datetime, valid_from: datetime | None = None
) -> RuleVersion:
    """Set what a goal pays, as a new version of its rule; return the version.

    Conversions that happened before `valid_from` (default: `at`) keep the version they had.
    """
    with transaction.atomic():
        rule, _created = Rule.objects.get_or_create(
            merchant_id=goal.merchant_id, program_id=goal.program_id, goal=goal, archived_at=None
        )
        Rule.objects.select_for_update(of=("self",), no_key=True).get(id=rule.id)
        versions = RuleVersion.objects.filter(merchant_id=goal.merchant_id, rule=rule)
        number = (versions.aggregate(Max("version"))["version__max"] or 0) + 1
        version = RuleVersion.objects.create(
            merchant_id=goal.merchant_id,
            rule=rule,
            version=number,
            reward=rate.reward,
            fixed_minor=rate.fixed_minor,
            rate_bps=rate.rate_bps,
            valid_from=valid_from or at,
        )
        record_event(
            merchant_id=goal.merchant_id,
            type="program.rate_changed",
            subject_id=goal.program_id,
            by=by,
            at=at,
            data={
                "goal": goal.code,
                "reward": rate.reward,
                "fixed_minor": rate.fixed_minor,
                "rate_bps": rate.rate_bps,
            },
        )
    return version


def end_rate(*, goal: Goal, by: Actor, at: datetime) -> None:
    """Pay nothing for the goal from now on; what happened before keeps its rate. Safe to repeat."""
    with transaction.atomic():
        rules = Rule.objects.filter(merchant_id=goal.merchant_id, goal=goal, archived_at=None)
        if rules.update(archived_at=at):
            record_event(
                merchant_id=goal.merchant_id,
                type="program.rate_ended",
                subject_id=goal.program_id,
                by=by,
                at=at,
                data={"goal": goal.code},
            )


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


def rate_of(version: RuleVersion) -> Rate:
    """Return what a version pays, without its history."""
    return Rate(Reward(version.reward), version.fixed_minor, version.rate_bps)


# From stored facts to commissions: what the worker does ------------------------------------------


def process_conversions(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Attribute up to `limit` waiting conversions of a merchant; return how many.

    Rows another worker holds are skipped, so any number of these may run at once.
    """
    with merchant_context(merchant_id):
        due = Conversion.objects.filter(merchant_id=merchant_id, attributed_at=None)
        conversions = list(
            due.select_for_update(of=("self",), skip_locked=True)
            .select_related("program")
            .order_by("created_at")[:limit]
        )
        if conversions:
            accrue(merchant_id, conversions, at=at)
    return len(conversions)


def process_refunds(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Take back what waiting refunds of a merchant call for; return how many refunds.

    A refund whose conversion is not attributed yet waits for it.
    """
    with merchant_context(merchant_id):
        due = Refund.objects.filter(merchant_id=merchant_id, applied_at=None)
        ready = due.exclude(conversion__attributed_at=None).order_by("occurred_at", "id")
        conversion_ids = set(ready.values_list("conversion_id", flat=True)[:limit])
        locked = lock_conversions(merchant_id=merchant_id, ids=conversion_ids, skip_locked=True)
        refunds = list(due.filter(conversion_id__in=locked).order_by("occurred_at", "id"))
        for refund in refunds:
            _apply_refund(refund, at)
    return len(refunds)


def _apply_refund(refund: Refund, at: datetime) -> None:
    # The caller holds the conversion's lock, so that refunds of one are counted one by one.
    conversion = Conversion.objects.get(id=refund.conversion_id)
    Refund.objects.filter(id=refund.id).update(applied_at=at)
    applied = Refund.objects.filter(
        merchant_id=refund.merchant_id, conversion=conversion, applied_at__isnull=False
    )
    refunded_minor = applied.aggregate(total=Sum("amount_minor", default=0))["total"]
    lines = list(
        Commission.objects.filter(merchant_id=refund.merchant_id, conversion=conversion)
        .select_for_update(of=("self",))
        .order_by("id")
    )
    for earning in (line for line in lines if line.kind == Kind.EARNING):
        before_minor = -sum(
            line.amount_minor
            for line in lines
            if line.kind == Kind.REVERSAL and line.enrollment_id == earning.enrollment_id
        )
        due_minor = reversal_due(
            earned_minor=earning.amount_minor,
            refunded_minor=refunded_minor,
            gross_minor=conversion.amount_minor,
            reversed_minor=before_minor,
        )
        if due_minor and earning.status != Status.DECLINED:
            _take_back(earning, refund, due_minor, at)


def _take_back(earning: Commission, refund: Refund, due_minor: int, at: datetime) -> None:
    # While the earning is on hold its reversal waits with it; afterwards it is owed back at once
    # and nets against the next payout.
    waits = earning.status in (Status.PENDING, Status.HELD)
    line = Commission.objects.create(
        merchant_id=earning.merchant_id,
        program_id=earning.program_id,
        enrollment_id=earning.enrollment_id,
        affiliate_id=earning.affiliate_id,
        conversion_id=earning.conversion_id,
        rule_version_id=earning.rule_version_id,
        kind=Kind.REVERSAL,
        event_ref=f"refund:{refund.id}",
        amount_minor=-due_minor,
        currency=earning.currency,
        status=earning.status if waits else Status.APPROVED,
        status_changed_at=at,
        hold_until=earning.hold_until,
        earned_at=refund.occurred_at,
    )
    draft = transfer(
        source=f"commission:{line.id}:earned",
        amount_minor=line.amount_minor,
        currency=line.currency,
        enrollment_id=line.enrollment_id,
        out_of=AccountKind.COMMISSION_EXPENSE,
        into=AccountKind.PENDING if waits else AccountKind.PAYABLE,
    )
    post(merchant_id=line.merchant_id, drafts=[draft], at=at)
    record_event(
        merchant_id=line.merchant_id,
        type="commission.taken_back",
        subject_id=line.id,
        by=SYSTEM,
        at=at,
        data={"refund": str(refund.id), "amount_minor": line.amount_minor},
    )


def approve_due(*, merchant_id: UUID, at: datetime, limit: int = BATCH) -> int:
    """Approve commissions whose hold has passed; return how many."""
    with merchant_context(merchant_id):
        due = Commission.objects.filter(
            merchant_id=merchant_id, status=Status.PENDING, hold_until__lte=at
        )
        ids = list(due.order_by("hold_until", "id").values_list("id", flat=True)[:limit])
        return move_commissions(
            merchant_id=merchant_id, ids=ids, to=Status.APPROVED, by=SYSTEM, at=at
        )


# Decisions ---------------------------------------------------------------------------------------

ROUTES = {  # What a move posts: out of one account, into another. None posts nothing.
    (Status.PENDING, Status.APPROVED): (AccountKind.PENDING, AccountKind.PAYABLE),
    (Status.PENDING, Status.DECLINED): (AccountKind.PENDING, AccountKind.COMMISSION_EXPENSE),
    (Status.HELD, Status.DECLINED): (AccountKind.PENDING, AccountKind.COMMISSION_EXPENSE),
    (Status.PENDING, Status.HELD): None,
    (Status.HELD, Status.PENDING): None,
}
PAST_VERBS = {
    Status.APPROVED: "approved",
    Status.DECLINED: "declined",
    Status.HELD: "held",
    Status.PENDING: "released",
}


def move_commissions(
    *,
    merchant_id: UUID,
    ids: Iterable[UUID],
    to: Status,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> int:
    """Approve, decline, hold or release those of the lines that may go there; return how many.

    What an earning and its take-backs still wait for is one decision: whichever of them is named,
    the waiting lines of its conversion and enrollment go together. Lines in another status are
    left alone: the count says how many moved. Each move is posted.
    """
    with transaction.atomic():
        lines = _lock_waiting(merchant_id, ids)
        movable = [line for line in lines if (Status(line.status), to) in ROUTES]
        moved = Commission.objects.filter(id__in=[line.id for line in movable])
        moved.move(to=to, at=at, reason=reason)
        post(merchant_id=merchant_id, drafts=_move_drafts(movable, to), at=at)
        record_events(
            [
                draft_event(
                    merchant_id=merchant_id,
                    type=f"commission.{PAST_VERBS[to]}",
                    subject_id=line.id,
                    by=by,
                    at=at,
                    data={
                        "conversion": str(line.conversion_id),
                        "enrollment": str(line.enrollment_id),
                        "amount_minor": line.amount_minor,
                        "currency": line.currency,
                        "reason": reason,
                    },
                )
                for line in movable
            ]
        )
        _follow_commissions(merchant_id, {line.conversion_id for line in movable}, by, at)
    return len(movable)


def _lock_waiting(merchant_id: UUID, ids: Iterable[UUID]) -> list[Commission]:
    """Lock the conversions of the named lines, then their waiting lines; return those.

    Conversions before commissions, each by id: everybody locks in this order.
    """
    named = Commission.objects.filter(merchant_id=merchant_id, id__in=list(ids))
    pairs = set(named.values_list("conversion_id", "enrollment_id"))
    conversion_ids = {conversion_id for conversion_id, _enrollment_id in pairs}
    lock_conversions(merchant_id=merchant_id, ids=conversion_ids)
    waiting = Commission.objects.filter(
        merchant_id=merchant_id,
        conversion_id__in=conversion_ids,
        status__in=[Status.PENDING, Status.HELD],
    )
    lines = waiting.select_for_update(of=("self",)).order_by("id")
    return [line for line in lines if (line.conversion_id, line.enrollment_id) in pairs]


def lock_conversions(
    *, merchant_id: UUID, ids: Iterable[UUID], skip_locked: bool = False
) -> list[UUID]:
    """Lock conversions in the order of their ids; return which."""
    rows = Conversion.objects.filter(merchant_id=merchant_id, id__in=list(ids)).order_by("id")
    locked = rows.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked)
    return list(locked.values_list("id", flat=True))


def decide_commission(
    *, commission: Commission, to: Status, by: Actor, at: datetime, reason: str = ""
) -> Commission:
    """Approve, decline, hold or release one line; return it.

    :raises IllegalMove: if its status does not allow that, or somebody else was faster.
    """
    merchant_id, ids = commission.merchant_id, [commission.id]
    moved = move_commissions(merchant_id=merchant_id, ids=ids, to=to, by=by, at=at, reason=reason)
    commission.refresh_from_db()
    if not moved:
        raise IllegalMove("The commission", to=to, status=commission.status)
    return commission


def _move_drafts(lines: Sequence[Commission], to: Status) -> list[Draft]:
    drafts = []
    for line in lines:
        route = ROUTES[Status(line.status), to]
        if route is not None:
            drafts.append(
                transfer(
                    source=f"commission:{line.id}:{PAST_VERBS[to]}",
                    amount_minor=line.amount_minor,
                    currency=line.currency,
                    enrollment_id=line.enrollment_id,
                    out_of=route[0],
                    into=route[1],
                )
            )
    return drafts


def _follow_commissions(
    merchant_id: UUID, conversion_ids: set[UUID], by: Actor, at: datetime
) -> None:
    """Approve the conversions of which no commission waits any more and one was approved."""
    waiting = Commission.objects.filter(
        merchant_id=merchant_id, conversion_id__in=conversion_ids
    ).filter(status__in=[Status.PENDING, Status.HELD])
    settled = conversion_ids - set(waiting.values_list("conversion_id", flat=True))
    approved = Commission.objects.filter(
        merchant_id=merchant_id, conversion_id__in=settled, kind=Kind.EARNING
    ).exclude(status=Status.DECLINED)
    ready = Conversion.objects.filter(
        merchant_id=merchant_id,
        id__in=set(approved.values_list("conversion_id", flat=True)),
        status=ConversionStatus.PENDING,
    )
    ids = list(ready.values_list("id", flat=True))
    Conversion.objects.filter(id__in=ids).move(to=ConversionStatus.APPROVED, at=at)
    record_events(
        [
            draft_event(
                merchant_id=merchant_id,
                type="conversion.approved",
                subject_id=conversion_id,
                by=by,
                at=at,
            )
            for conversion_id in ids
        ]
    )


def approve_conversion(*, conversion: Conversion, by: Actor, at: datetime) -> Conversion:
    """Approve a conversion's commissions before their hold ends; return the conversion.

    :raises IllegalMove: if it is not pending.
    """
    if conversion.status != ConversionStatus.PENDING:
        raise IllegalMove("The conversion", to=ConversionStatus.APPROVED, status=conversion.status)
    move_commissions(
        merchant_id=conversion.merchant_id,
        ids=_lines_of(conversion),
        to=Status.APPROVED,
        by=by,
        at=at,
    )
    conversion.refresh_from_db()
    return conversion


def decline_conversion(
    *, conversion: Conversion, reason: str, by: Actor, at: datetime
) -> Conversion:
    """Decline a conversion with its commissions that still wait; return it.

    :raises IllegalMove: if it is approved or declined.
    """
    return _decide(
        conversion,
        to=ConversionStatus.DECLINED,
        lines_to=Status.DECLINED,
        code=Reason.DECLINED_BY_MERCHANT,
        reason=reason,
        by=by,
        at=at,
    )


def hold_conversion(*, conversion: Conversion, reason: str, by: Actor, at: datetime) -> Conversion:
    """Hold a conversion and its commissions for review; return it.

    :raises IllegalMove: if it is not pending.
    """
    return _decide(
        conversion,
        to=ConversionStatus.HELD,
        lines_to=Status.HELD,
        code=Reason.HELD_BY_MERCHANT,
        reason=reason,
        by=by,
        at=at,
    )


def release_conversion(*, conversion: Conversion, by: Actor, at: datetime) -> Conversion:
    """Let a held conversion wait for the end of its hold again; return it.

    :raises IllegalMove: if it is not held.
    """
    return _decide(
        conversion,
        to=ConversionStatus.PENDING,
        lines_to=Status.PENDING,
        code=Reason.ON_HOLD,
        reason="",
        by=by,
        at=at,
    )


CONVERSION_VERBS = {
    ConversionStatus.DECLINED: "declined",
    ConversionStatus.HELD: "held",
    ConversionStatus.PENDING: "released",
}


def _decide(
    conversion: Conversion,
    *,
    to: ConversionStatus,
    lines_to: Status,
    code: Reason,
    reason: str,
    by: Actor,
    at: datetime,
) -> Conversion:
    # Only what attribution has seen can be decided on; RECEIVED turns PENDING within seconds.
    with transaction.atomic():
        rows = Conversion.objects.filter(id=conversion.id, attributed_at__isnull=False)
        if not rows.move(to=to, at=at, reason=code, detail=reason):
            conversion.refresh_from_db(fields=["status"])
            raise IllegalMove("The conversion", to=to, status=conversion.status)
        move_commissions(
            merchant_id=conversion.merchant_id,
            ids=_lines_of(conversion),
            to=lines_to,
            by=by,
            at=at,
            reason=reason,
        )
        record_event(
            merchant_id=conversion.merchant_id,
            type=f"conversion.{CONVERSION_VERBS[to]}",
            subject_id=conversion.id,
            by=by,
            at=at,
            data={"reason": code},
        )
    conversion.refresh_from_db()
    return conversion


def _lines_of(conversion: Conversion) -> list[UUID]:
    lines = Commission.objects.filter(merchant_id=conversion.merchant_id, conversion=conversion)
    return list(lines.values_list("id", flat=True))
