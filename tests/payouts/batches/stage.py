"""What tests of batches share: money that is due, members who sign, terms, and the books."""

from datetime import datetime, timedelta
from typing import Any

from commissions.models import Commission
from commissions.models import Status as CommissionStatus
from commissions.services import approve_due
from merchants.models import Member, acting_user
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Batch, Payout, PayoutTerms, Schedule
from payouts.selectors import check_money
from payouts.services import approve_batch, prepare_batch, send_batch
from payouts.services.settle import Paid, settle_paid
from tests.cast import NOON, Company, Promoter, add_member, click_of, sell

LATER = NOON + timedelta(days=40)


def earn(
    company: Company, promoter: Promoter, amount_minor: int = 10_000, *, at: datetime = LATER
) -> Commission:
    """Store a sale whose commission, a tenth of it, was approved at that time."""
    conversion = sell(company, click=click_of(promoter), amount_minor=amount_minor)
    approve_due(merchant_id=company.id, at=at)
    with merchant_context(company.id):
        Commission.objects.filter(conversion=conversion).update(status_changed_at=at)
        return Commission.objects.get(conversion=conversion)


def set_terms(company: Company, schedule: Schedule, **facts: Any) -> PayoutTerms:
    """Store terms of the program, or of the tier or enrollment named."""
    with merchant_context(company.id):
        return PayoutTerms.objects.create(
            merchant_id=company.id, program=company.program, schedule=schedule, **facts
        )


def finance(company: Company, name: str = "Finn") -> Member:
    """Store another member who prepares payouts."""
    return add_member(company, name, Role.FINANCE)


def prepared(company: Company, member: Member, *, at: datetime = LATER, **facts: Any) -> Batch:
    """Prepare a batch."""
    with merchant_context(company.id):
        return prepare_batch(member=member, currency="EUR", at=at, **facts)


def sent(company: Company, member: Member, *, at: datetime = LATER) -> Batch:
    """Prepare a batch, have the owner approve it, and hand it over."""
    batch = prepared(company, member, at=at)
    with merchant_context(company.id):
        approve_batch(member=company.owner, batch=batch, at=at)
        send_batch(member=member, batch=batch, at=at)
    return batch


def pay_all(company: Company, batch: Batch, *, at: datetime = LATER) -> set[Any]:
    """Note that every payout of the batch arrived."""
    with merchant_context(company.id):
        return settle_paid(
            merchant_id=company.id,
            news=[Paid(row.id, f"B-{row.reference}", at) for row in batch.payouts.all()],
            by=acting_user(company.owner.user),
            at=at,
        )


def books_hold(company: Company) -> bool:
    """Return whether ledger, commissions and payouts agree."""
    with merchant_context(company.id):
        assert check_money(company.id) == []
    return True


def payout_of(company: Company, promoter: Promoter) -> Payout:
    """Return the newest payout of an affiliate."""
    with merchant_context(company.id):
        rows = Payout.objects.filter(affiliate=promoter.affiliate).select_related("batch", "method")
        return rows.latest("id")


def statuses(company: Company) -> set[CommissionStatus]:
    """Return the statuses in which commissions stand."""
    with merchant_context(company.id):
        found = Commission.objects.values_list("status", flat=True)
        return {CommissionStatus(status) for status in found}
