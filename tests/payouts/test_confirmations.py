"""Without a statement: above the limit nobody both lets money go and says that it arrived."""

from datetime import timedelta

import pytest

from merchants.tenancy import merchant_context
from payouts.models import ApprovalLimit, PayoutStatus
from payouts.services import SelfConfirmation, mark_batch_paid, mark_paid
from tests.cast import Company, Promoter
from tests.payouts.statements.conftest import LATER, HandedOver, handed_over

DAY = timedelta(days=1)


@pytest.fixture
def whole(acme: Company, bob: Promoter) -> HandedOver:
    """Return a batch of 30.00 that Finn prepared and Alice approved."""
    return handed_over(acme, bob)


def set_limit(whole: HandedOver, amount_minor: int) -> None:
    """Let one person decide up to this."""
    ApprovalLimit.objects.create(
        merchant_id=whole.company.id, currency="EUR", amount_minor=amount_minor
    )


def test_above_the_limit_another_member_than_the_approver_confirms(whole: HandedOver) -> None:
    alice, finn = whole.company.owner, whole.finn
    with merchant_context(whole.company.id):
        set_limit(whole, 2_999)
        bob = whole.payout("Bob")
        with pytest.raises(SelfConfirmation):
            mark_paid(member=alice, payout=bob, provider_ref="B", paid_at=LATER, at=LATER)
        with pytest.raises(SelfConfirmation):
            mark_batch_paid(
                member=alice, batch=whole.batch, reference_prefix="B", paid_at=LATER, at=LATER
            )
        assert set(whole.statuses().values()) == {PayoutStatus.SUBMITTED}

        mark_paid(member=finn, payout=bob, provider_ref="B", paid_at=LATER, at=LATER + DAY)

        assert whole.payout("Bob").status == PayoutStatus.PAID


@pytest.mark.parametrize("limit_minor", [None, 3_000])
def test_up_to_the_limit_or_without_one_a_reference_is_enough(
    whole: HandedOver, limit_minor: int | None
) -> None:
    with merchant_context(whole.company.id):
        if limit_minor is not None:
            set_limit(whole, limit_minor)
        paid = mark_batch_paid(
            member=whole.company.owner,
            batch=whole.batch,
            reference_prefix="B",
            paid_at=LATER,
            at=LATER,
        )

        assert paid == 2
