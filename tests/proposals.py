"""Rates that are proposed: what tests of services and pages share."""

from datetime import datetime, timedelta

from affiliates.models import Enrollment
from commissions.models import Proposal, Reward, Side
from commissions.services.proposals import ProposalDraft, offer
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Goal
from tests.cast import NOON, Company, Promoter


def rate(company: Company, rate_bps: int, *, at: datetime = NOON, **facts: object) -> ProposalDraft:
    """Return a share of sales to be proposed, with 14 days to answer."""
    goal = Goal.objects.get(merchant_id=company.id, program=company.program, code="sale")
    said = {"expires_at": at + timedelta(days=14), "goal": goal, **facts}
    return ProposalDraft(reward=Reward.PERCENT, rate_bps=rate_bps, **said)  # type: ignore[arg-type]


def propose(
    company: Company,
    promoter: Promoter,
    *,
    rate_bps: int = 1_500,
    side: Side = Side.MERCHANT,
    at: datetime = NOON,
    **facts: object,
) -> Proposal:
    """Store an open proposal."""
    with merchant_context(company.id):
        enrollment = Enrollment.objects.select_related("program").get(id=promoter.enrollment.id)
        return offer(
            enrollment=enrollment,
            side=side,
            draft=rate(company, rate_bps, at=at, **facts),
            user=None,
            by=SYSTEM,
            at=at,
        )
