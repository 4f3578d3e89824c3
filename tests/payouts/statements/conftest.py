"""A SEPA batch that was handed over: Bob is to get 10.00, Dora 20.00."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from commissions.services import approve_due
from merchants.models import Member
from merchants.rights import Role
from merchants.tenancy import merchant_context
from payouts.models import Batch, Payout, Provider
from payouts.rails import set_rail
from payouts.selectors import check_money
from payouts.services import approve_batch, prepare_batch, send_batch
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell
from tests.payouts.providers.made import DEBTOR

LATER = NOON + timedelta(days=40)


@dataclass
class HandedOver:
    """A batch on its way, and who may say what became of it."""

    company: Company
    finn: Member
    batch: Batch

    def payout(self, name: str) -> Payout:
        """Return the payout of an affiliate, as it is now."""
        return Payout.objects.get(batch=self.batch, affiliate__name=name)

    def statuses(self) -> dict[str, str]:
        """Return where each payout stands."""
        payouts = Payout.objects.filter(batch=self.batch).select_related("affiliate")
        return {payout.affiliate.name: payout.status for payout in payouts}


def hand_over(company: Company, finn: Member, sales: Sequence[tuple[Promoter, int]]) -> Batch:
    """Let promoters earn a tenth of these amounts, and hand a batch of it to the bank."""
    for promoter, amount_minor in sales:
        sell(company, click=click_of(promoter), amount_minor=amount_minor)
    approve_due(merchant_id=company.id, at=LATER)
    with merchant_context(company.id):
        batch = prepare_batch(member=finn, currency="EUR", provider=Provider.SEPA, at=LATER)
        approve_batch(member=company.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
    return batch


def handed_over(acme: Company, bob: Promoter) -> HandedOver:
    """Hand a batch of Bob's and Dora's over; return it."""
    dora = make_promoter(acme, "Dora")
    finn = add_member(acme, "Finn", Role.FINANCE)
    with merchant_context(acme.id):
        set_rail(
            member=acme.owner, provider=Provider.SEPA, mode="LIVE", credentials=DEBTOR, at=NOON
        )
    return HandedOver(acme, finn, hand_over(acme, finn, [(bob, 10_000), (dora, 20_000)]))


@pytest.fixture
def sent(acme: Company, bob: Promoter) -> Iterator[HandedOver]:
    """Hand a batch over, stand in Acme's context, and check the books at the end."""
    whole = handed_over(acme, bob)
    with merchant_context(acme.id):
        yield whole
        assert check_money(acme.id) == []
