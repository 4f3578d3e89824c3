"""Every write to batches and payouts. Callers stand in the merchant's context.

A commission is reserved by one compare-and-set and one partial unique index, so whatever runs
twice, it is paid once.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import CharField, F, Func, Max, Q, QuerySet, Sum, Value
from django.db.models.functions import Concat

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.models import Commission
from commissions.models import Status as CommissionStatus
from common.secrets import encrypt_bytes
from common.states import IllegalMove
from ledger.models import AccountKind
from ledger.services import post, transfer
from merchants.events import record_event
from merchants.models import Member, Merchant, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.models import (
    Batch,
    BatchFile,
    BatchStatus,
    Exclusion,
    Payout,
    PayoutLine,
    PayoutQuerySet,
    PayoutStatus,
    Provider,
)
from payouts.proposal import Item, Proposal, propose
from payouts.providers import PROVIDERS


class NothingToPay(Exception):
    """No affiliate can be paid now; the dry run says why."""


class SelfApproval(Exception):
    """A batch is approved by another member than the one who prepared it."""


class BatchOutdated(Exception):
    """Commissions or payees of the batch changed since it was prepared: prepare it anew."""


class NoProof(Exception):
    """A payout is marked paid only with the bank's or provider's reference."""


class ProofUsed(Exception):
    """Another payout was proved by this reference: one transfer does not pay two."""


# Prepare -----------------------------------------------------------------------------------------


def prepare_batch(
    *,
    member: Member,
    currency: str,
    at: datetime,
    cutoff_at: datetime | None = None,
    provider: Provider = Provider.CSV,
) -> Batch:
    """Store what `propose` finds as a batch waiting for approval; return it.

    Commissions already in a live payout are not approved any more, or the unique index refuses.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises NothingToPay: if no affiliate can be paid.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        # One preparation at a time per merchant: two would take the same commissions.
        Merchant.objects.select_for_update(of=("self",), no_key=True).get(id=member.merchant_id)
        proposal = propose_batch(
            merchant_id=member.merchant_id, currency=currency, at=at, cutoff_at=cutoff_at
        )
        if not proposal.items:
            raise NothingToPay(currency)
        batch = _create_batch(member, proposal, provider, at, cutoff_at or at)
        _create_payouts(batch, proposal.items, at)
        _record(batch, "payout_batch.prepared", member, at, {"items": len(proposal.items)})
    return batch


def propose_batch(
    *, merchant_id: UUID, currency: str, at: datetime, cutoff_at: datetime | None = None
) -> Proposal:
    """Return what `prepare_batch` would store now: the dry run."""
    return propose(merchant_id=merchant_id, currency=currency, cutoff_at=cutoff_at or at, at=at)


def _create_batch(
    member: Member, proposal: Proposal, provider: Provider, at: datetime, cutoff_at: datetime
) -> Batch:
    batches = Batch.objects.filter(merchant_id=member.merchant_id)
    batch = Batch.objects.create(
        merchant_id=member.merchant_id,
        number=(batches.aggregate(Max("number"))["number__max"] or 0) + 1,
        currency=proposal.currency,
        provider=provider,
        status_changed_at=at,
        cutoff_at=cutoff_at,
        prepared_by=member,
        items=len(proposal.items),
        amount_minor=proposal.amount_minor,
    )
    Exclusion.objects.bulk_create(
        Exclusion(
            merchant_id=batch.merchant_id,
            batch=batch,
            affiliate=row.affiliate,
            amount_minor=row.amount_minor,
            reason=row.reason,
        )
        for row in proposal.left_out
    )
    return batch


def _create_payouts(batch: Batch, items: Sequence[Item], at: datetime) -> None:
    payouts = [
        Payout(
            merchant_id=batch.merchant_id,
            batch=batch,
            affiliate=item.affiliate,
            method=item.method,
            method_masked=item.method.masked,
            amount_minor=item.amount_minor,
            earned_minor=item.amount_minor,
            currency=batch.currency,
            status_changed_at=at,
            reference=f"FL-{batch.number}-{position}",
        )
        for position, item in enumerate(items, start=1)
    ]
    Payout.objects.bulk_create(payouts)
    PayoutLine.objects.bulk_create(
        PayoutLine(
            merchant_id=batch.merchant_id,
            payout=payout,
            commission_id=commission_id,
            affiliate_id=payout.affiliate_id,
            amount_minor=amount_minor,
        )
        for payout, item in zip(payouts, items, strict=True)
        for commission_id, amount_minor in item.lines
    )


# Approve, cancel, send ---------------------------------------------------------------------------


def approve_batch(*, member: Member, batch: Batch, at: datetime) -> Batch:
    """Approve a batch and reserve its commissions; return it. Of many at once, one succeeds.

    :raises NotAllowed: if the member may not approve payouts.
    :raises SelfApproval: if the member prepared the batch.
    :raises IllegalMove: if the batch does not wait for approval.
    :raises BatchOutdated: if a commission of it is not approved any more, or a payee changed.
    """
    require(member, Right.APPROVE_PAYOUTS)
    if batch.prepared_by_id == member.id:
        raise SelfApproval(str(batch.id))
    with transaction.atomic():
        _move_batch(batch, BatchStatus.APPROVED, at, approved_by=member, approved_at=at)
        _require_payees(batch)
        payouts = _payouts(batch)
        payouts.move(to=PayoutStatus.RESERVED, at=at)
        _move_lines(payouts, CommissionStatus.RESERVED, at)
        _post(
            batch.merchant_id,
            payouts,
            "reserved",
            AccountKind.PAYABLE,
            AccountKind.PAYOUT_CLEARING,
            at,
        )
        _record(batch, "payout_batch.approved", member, at)
    batch.refresh_from_db()
    return batch


def cancel_batch(*, member: Member, batch: Batch, at: datetime) -> Batch:
    """Cancel a batch that was not handed over; its commissions are payable again. Return it.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises IllegalMove: if the batch was handed over or is closed.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        was_reserved = batch.status == BatchStatus.APPROVED
        _move_batch(batch, BatchStatus.CANCELLED, at, expected=BatchStatus(batch.status))
        payouts = _payouts(batch)
        payouts.move(to=PayoutStatus.CANCELLED, at=at)
        if was_reserved:
            _give_back(batch.merchant_id, payouts, "cancelled", at)
        PayoutLine.objects.filter(payout__in=payouts).update(released_at=at)
        _record(batch, "payout_batch.cancelled", member, at)
    batch.refresh_from_db()
    return batch


def send_batch(*, member: Member, batch: Batch, at: datetime) -> BatchFile:
    """Make the batch's file, once, and hand it over; return it.

    Called again it returns the same bytes.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises IllegalMove: if the batch is not approved.
    :raises BatchOutdated: if a payee was suspended or changed their method since.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        Batch.objects.select_for_update(of=("self",), no_key=True).get(id=batch.id)
        made = BatchFile.objects.filter(merchant_id=batch.merchant_id, batch=batch).first()
        if made is not None:
            return made
        _move_batch(batch, BatchStatus.SENT, at)
        _require_payees(batch)
        payouts = _payouts(batch)
        in_order = list(payouts.select_related("affiliate", "method").order_by("id"))
        name, content = PROVIDERS[Provider(batch.provider)](batch, in_order)
        file = BatchFile.objects.create(
            merchant_id=batch.merchant_id,
            batch=batch,
            name=name,
            content=encrypt_bytes(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        payouts.move(to=PayoutStatus.SUBMITTED, at=at)
        _record(batch, "payout_batch.sent", member, at, {"sha256": file.sha256})
    batch.refresh_from_db()
    return file


# Settle ------------------------------------------------------------------------------------------


def mark_paid(
    *, member: Member, payout: Payout, provider_ref: str, paid_at: datetime, at: datetime
) -> Payout:
    """Note that the money arrived, with the proof; return the payout.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises NoProof: if the reference is empty.
    :raises ProofUsed: if another payout has it.
    :raises IllegalMove: if the payout is not on its way.
    """
    require(member, Right.PREPARE_PAYOUTS)
    if not provider_ref.strip():
        raise NoProof(payout.reference)
    with transaction.atomic():
        _prove_paid(payout, provider_ref.strip(), paid_at, at)
        one = Payout.objects.filter(id=payout.id)
        _move_lines(one, CommissionStatus.PAID, at)
        _post(payout.merchant_id, one, "paid", AccountKind.PAYOUT_CLEARING, AccountKind.PAID, at)
        _record_payout(payout, "payout.paid", member, at)
        _close_when_settled(payout.batch, at)
    payout.refresh_from_db()
    return payout


def _prove_paid(payout: Payout, provider_ref: str, paid_at: datetime, at: datetime) -> None:
    try:
        with transaction.atomic():
            facts = {"provider_ref": provider_ref, "paid_at": paid_at}
            _move_payout(payout, PayoutStatus.PAID, at, **facts)
    except IntegrityError as error:
        raise ProofUsed(provider_ref) from error


def mark_batch_paid(
    *, member: Member, batch: Batch, reference_prefix: str, paid_at: datetime, at: datetime
) -> int:
    """Note that everything of a batch that is on its way arrived; return how many payouts.

    Each is proved by the prefix and its position in the file: "B-17" gives "B-17-1", "B-17-2".

    :raises NotAllowed: if the member may not prepare payouts.
    :raises NoProof: if the prefix is empty.
    :raises ProofUsed: if another payout has one of these references; none is marked then.
    :raises IllegalMove: if nothing of the batch is on its way.
    """
    require(member, Right.PREPARE_PAYOUTS)
    prefix = reference_prefix.strip()
    if not prefix:
        raise NoProof(str(batch.id))
    position = Func(
        F("reference"), Value("-"), Value(3), function="split_part", output_field=CharField()
    )
    proof = Concat(Value(f"{prefix}-"), position)
    with transaction.atomic():
        waiting = _payouts(batch).filter(status=PayoutStatus.SUBMITTED)
        arriving = list(waiting.select_for_update(of=("self",)).order_by("id"))
        if not arriving:
            raise IllegalMove("The batch", to=PayoutStatus.PAID, status=batch.status)
        these = Payout.objects.filter(id__in=[payout.id for payout in arriving])
        try:
            with transaction.atomic():
                these.move(to=PayoutStatus.PAID, at=at, provider_ref=proof, paid_at=paid_at)
        except IntegrityError as error:
            raise ProofUsed(prefix) from error
        _move_lines(these, CommissionStatus.PAID, at)
        _post(batch.merchant_id, these, "paid", AccountKind.PAYOUT_CLEARING, AccountKind.PAID, at)
        for payout in arriving:
            _record_payout(payout, "payout.paid", member, at)
        _close_when_settled(batch, at)
    return len(arriving)


def mark_failed(*, member: Member, payout: Payout, reason: str, at: datetime) -> Payout:
    """Note that the money did not arrive; its commissions are payable again. Return the payout.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises IllegalMove: if the payout is not on its way.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        _move_payout(payout, PayoutStatus.FAILED, at, status_reason=reason)
        one = Payout.objects.filter(id=payout.id)
        _give_back(payout.merchant_id, one, "failed", at)
        PayoutLine.objects.filter(payout=payout).update(released_at=at)
        _record_payout(payout, "payout.failed", member, at, reason)
        _close_when_settled(payout.batch, at)
    payout.refresh_from_db()
    return payout


OPEN = (
    PayoutStatus.RESERVED,
    PayoutStatus.SUBMITTING,
    PayoutStatus.SUBMITTED,
    PayoutStatus.UNKNOWN,
)


def _close_when_settled(batch: Batch, at: datetime) -> None:
    # The batch's row is locked, so that of the two last items one sees the other's outcome.
    Batch.objects.select_for_update(of=("self",), no_key=True).get(id=batch.id)
    if not _payouts(batch).filter(status__in=OPEN).exists():
        Batch.objects.filter(id=batch.id).move(to=BatchStatus.DONE, at=at)


# What all of them share --------------------------------------------------------------------------


def _payouts(batch: Batch) -> PayoutQuerySet:
    return Payout.objects.filter(merchant_id=batch.merchant_id, batch_id=batch.id)


def _move_batch(
    batch: Batch,
    to: BatchStatus,
    at: datetime,
    *,
    expected: BatchStatus | None = None,
    **facts: Any,
) -> None:
    rows = Batch.objects.filter(id=batch.id)
    if expected is not None:
        rows = rows.filter(status=expected)
    if not rows.move(to=to, at=at, **facts):
        batch.refresh_from_db(fields=["status"])
        raise IllegalMove("The batch", to=to, status=batch.status)


def _move_payout(payout: Payout, to: PayoutStatus, at: datetime, **facts: Any) -> None:
    if not Payout.objects.filter(id=payout.id).move(to=to, at=at, **facts):
        payout.refresh_from_db(fields=["status"])
        raise IllegalMove("The payout", to=to, status=payout.status)


def _require_payees(batch: Batch) -> None:
    """Refuse when somebody of the batch was suspended, or is to be paid somewhere else by now."""
    suspended = Enrollment.objects.filter(
        merchant_id=batch.merchant_id, status=EnrollmentStatus.SUSPENDED
    )
    changed = _payouts(batch).filter(
        Q(method__replaced_at__isnull=False) | Q(affiliate_id__in=suspended.values("affiliate_id"))
    )
    if changed.exists():
        raise BatchOutdated("a payee was suspended or changed their payout method")


def _move_lines(payouts: QuerySet[Payout], to: CommissionStatus, at: datetime) -> None:
    lines = PayoutLine.objects.filter(payout__in=payouts, released_at=None)
    commissions = Commission.objects.filter(id__in=lines.values("commission_id"))
    # Locked by id first: the UPDATE alone would take them in whatever order it finds them.
    locked = commissions.select_for_update(of=("self",)).order_by("id")
    ids = list(locked.values_list("id", flat=True))
    if commissions.move(to=to, at=at) != len(ids):
        raise BatchOutdated("a commission of the batch is in another status by now")


def _give_back(merchant_id: UUID, payouts: QuerySet[Payout], verb: str, at: datetime) -> None:
    _move_lines(payouts, CommissionStatus.APPROVED, at)
    _post(merchant_id, payouts, verb, AccountKind.PAYOUT_CLEARING, AccountKind.PAYABLE, at)


def _post(
    merchant_id: UUID,
    payouts: QuerySet[Payout],
    verb: str,
    out_of: AccountKind,
    into: AccountKind,
    at: datetime,
) -> None:
    """Post one journal per payout and enrollment: a payout may span an affiliate's programs."""
    lines = PayoutLine.objects.filter(payout__in=payouts, released_at=None)
    sums = (
        lines.values("payout_id", "payout__currency", "commission__enrollment_id")
        .annotate(total_minor=Sum("amount_minor"))
        .order_by("payout_id", "commission__enrollment_id")
    )
    drafts = [
        transfer(
            source=f"payout:{row['payout_id']}:{row['commission__enrollment_id']}:{verb}",
            amount_minor=row["total_minor"],
            currency=row["payout__currency"],
            enrollment_id=row["commission__enrollment_id"],
            out_of=out_of,
            into=into,
        )
        for row in sums
    ]
    post(merchant_id=merchant_id, drafts=drafts, at=at)


def _record(
    batch: Batch, type: str, member: Member, at: datetime, data: dict[str, Any] | None = None
) -> None:
    record_event(
        merchant_id=batch.merchant_id,
        type=type,
        subject_id=batch.id,
        by=acting_user(member.user),
        at=at,
        data={"number": batch.number, **(data or {})},
    )


def _record_payout(
    payout: Payout, type: str, member: Member, at: datetime, reason: str = ""
) -> None:
    record_event(
        merchant_id=payout.merchant_id,
        type=type,
        subject_id=payout.id,
        by=acting_user(member.user),
        at=at,
        data={
            "affiliate": str(payout.affiliate_id),
            "amount_minor": payout.amount_minor,
            "currency": payout.currency,
            "reason": reason,
        },
    )
