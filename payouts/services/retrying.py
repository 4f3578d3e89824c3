"""Try a payout that failed, or came back, once more: another payout for the same commissions."""

from datetime import datetime

from django.db import transaction

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.models import Status as CommissionStatus
from common.money import share_of
from common.states import IllegalMove
from merchants.models import Member, Merchant, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.left_out import LeftOut
from payouts.methods import method_in_force, shared_methods
from payouts.models import (
    Batch,
    BatchStatus,
    Payout,
    PayoutLine,
    PayoutMethod,
    PayoutStatus,
    Provider,
    Withdrawal,
    WithdrawalStatus,
)
from payouts.proposal import kinds_paid
from payouts.providers import PROVIDERS
from payouts.providers.base import ApiProvider
from payouts.services import books, posting
from payouts.services.approving import adds_vat_on_top, move_batch
from payouts.services.books import BatchOutdated, Moved
from payouts.services.handing_over import open_rail
from payouts.tax.standing import standings


class RetriedAlready(Exception):
    """There is another payout for it; that one may be tried again if it failed, too."""


class NotRetriable(Exception):
    """It went by a file, which is made once: its commissions go into the next batch."""


class PayeeNotReady(Exception):
    """The affiliate cannot be paid now; `reason` says why."""

    def __init__(self, reason: LeftOut) -> None:
        super().__init__(reason.value)
        self.reason = reason


def retry_payout(*, member: Member, payout: Payout, at: datetime) -> Payout:
    """Reserve the commissions of a payout that failed once more; return the new payout.

    It goes to the method that is in force now. The approver's word covers it, so it is never more
    than it was.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises IllegalMove: if the payout did not fail and did not come back.
    :raises NotRetriable: if its provider takes files.
    :raises RetriedAlready: if it was tried again before.
    :raises PayeeNotReady: if the affiliate cannot be paid now.
    :raises BatchOutdated: if one of its commissions is not payable any more, or it would be more.
    :raises NoRail: if the provider's account is not connected any more.
    :raises RailBlocked: if a finding of the rail is open.
    """
    require(member, Right.PREPARE_PAYOUTS)
    with transaction.atomic():
        batch = Batch.objects.select_for_update(of=("self",), no_key=True).get(id=payout.batch_id)
        # As preparing does: two would take the same commissions.
        Merchant.objects.select_for_update(of=("self",), no_key=True).get(id=batch.merchant_id)
        old = Payout.objects.select_for_update(of=("self",), no_key=True).get(id=payout.id)
        _require_retriable(batch, old)
        open_rail(batch)
        new = _replacement(batch, old, at)
        _take_lines(old, new)
        ids = [new.id]
        books.move_payouts(new.merchant_id, [{"id": new.id}], PayoutStatus.RESERVED, at)
        books.move_commissions(new.merchant_id, ids, CommissionStatus.RESERVED, at)
        posting.post_reserved(new.merchant_id, ids, at)
        if batch.status == BatchStatus.DONE:
            move_batch(batch, BatchStatus.SENT, at)
        asked = Withdrawal.objects.filter(
            merchant_id=new.merchant_id, payout=old, status=WithdrawalStatus.APPROVED
        )
        asked.move(to=WithdrawalStatus.IN_PAYOUT, at=at, payout=new)
        moved = Moved(new.id, batch.id, new.affiliate_id, new.amount_minor, new.currency)
        by = acting_user(member.user)
        books.record_payouts(new.merchant_id, [moved], "payout.retried", by, at)
    new.refresh_from_db()
    return new


def _require_retriable(batch: Batch, old: Payout) -> None:
    if old.status not in (PayoutStatus.FAILED, PayoutStatus.RETURNED):
        raise IllegalMove("The payout", to=PayoutStatus.RESERVED, status=old.status)
    if not isinstance(PROVIDERS[Provider(batch.provider)], ApiProvider):
        raise NotRetriable(old.reference)
    if Payout.objects.filter(merchant_id=old.merchant_id, retry_of=old).exists():
        raise RetriedAlready(old.reference)


def _replacement(batch: Batch, old: Payout, at: datetime) -> Payout:
    method = _method(batch, old, at)
    tax = standings(old.merchant_id, [old.affiliate_id], at)[old.affiliate_id]
    if tax.missing:
        raise PayeeNotReady(tax.missing)
    vat_bps = tax.vat_bps if adds_vat_on_top(old.merchant_id) else 0
    vat_minor = share_of(old.earned_minor, rate_bps=vat_bps)
    withheld_minor = share_of(old.earned_minor, rate_bps=tax.withholding_bps)
    amount_minor = old.earned_minor + vat_minor - withheld_minor - old.fee_minor
    if not 0 < amount_minor <= old.amount_minor:
        raise BatchOutdated("it would be another amount by now")
    return Payout.objects.create(
        merchant_id=old.merchant_id,
        batch=batch,
        affiliate_id=old.affiliate_id,
        method=method,
        method_masked=method.masked if method else "",
        amount_minor=amount_minor,
        earned_minor=old.earned_minor,
        vat_minor=vat_minor,
        withheld_minor=withheld_minor,
        fee_minor=old.fee_minor,
        currency=old.currency,
        retry_of=old,
        status_changed_at=at,
        reference=_next_reference(old.reference),
    )


def _next_reference(reference: str) -> str:
    """Return FL-7-3R1 for FL-7-3, and FL-7-3R2 for that."""
    stem, _r, tries = reference.partition("R")
    return f"{stem}R{int(tries or 0) + 1}"


def _method(batch: Batch, old: Payout, at: datetime) -> PayoutMethod | None:
    suspended = Enrollment.objects.filter(
        merchant_id=old.merchant_id,
        affiliate_id=old.affiliate_id,
        status=EnrollmentStatus.SUSPENDED,
    )
    if suspended.exists():
        raise PayeeNotReady(LeftOut.SUSPENDED)
    if batch.provider == Provider.BALANCE:
        return None
    method = method_in_force(old.affiliate_id)
    if method is None:
        raise PayeeNotReady(LeftOut.NO_METHOD)
    if method.usable_from > at:
        raise PayeeNotReady(LeftOut.METHOD_COOLING_OFF)
    if method.kind not in kinds_paid(Provider(batch.provider), batch.currency):
        raise PayeeNotReady(LeftOut.OTHER_RAIL)
    if shared_methods(old.merchant_id, [old.affiliate_id]):
        raise PayeeNotReady(LeftOut.METHOD_SHARED)
    return method


def _take_lines(old: Payout, new: Payout) -> None:
    lines = list(PayoutLine.objects.filter(merchant_id=old.merchant_id, payout=old))
    taken = PayoutLine.objects.filter(
        merchant_id=old.merchant_id,
        commission_id__in=[line.commission_id for line in lines],
        released_at=None,
    )
    if taken.exists():
        raise BatchOutdated("a commission of it is in another batch")
    PayoutLine.objects.bulk_create(
        PayoutLine(
            merchant_id=new.merchant_id,
            payout=new,
            commission_id=line.commission_id,
            affiliate_id=line.affiliate_id,
            amount_minor=line.amount_minor,
        )
        for line in lines
    )
