"""What a merchant should look at now: rows that wait for somebody, and what is not set up yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Subquery
from django.db.models.functions import Coalesce

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from cobranding.models import CobrandPiece, PieceStatus
from commissions.models import (
    Claim,
    ClaimStatus,
    Commission,
    Proposal,
    ProposalStatus,
    RuleVersion,
    Side,
)
from commissions.models import Status as CommissionStatus
from commissions.selectors import commissions_to_review
from merchants.models import ApiKey, Member, Merchant
from payouts.models import Batch, BatchStatus, Payout, PayoutStatus
from payouts.sending.by_person import calls_to_decide
from programs.models import Program, Terms
from programs.models import Status as ProgramStatus
from reports.models import DailyClicks
from tracking.models import Conversion, CouponRequest, CouponRequestStatus


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows wait for a member's decision."""

    applications: int
    claims: int
    commissions_held: int
    commissions_to_review: int
    batches_to_approve: int
    payouts_to_mark: int
    calls_to_decide: int
    coupon_requests: int
    cobrand_pieces: int
    proposals: int  # That affiliates made.


def waiting_of(merchant_id: UUID, *, at: datetime) -> Waiting:
    """Return what waits for the merchant's members. One query: every page of the console asks."""
    own = {"merchant_id": merchant_id}
    commissions = Commission.objects.filter(**own)
    counts = (
        Enrollment.objects.filter(**own, status=EnrollmentStatus.APPLIED),
        Claim.objects.filter(**own, status=ClaimStatus.OPEN),
        commissions.in_status(CommissionStatus.HELD),
        commissions_to_review(commissions, at=at),
        Batch.objects.filter(**own, status=BatchStatus.DRAFT),
        Payout.objects.filter(**own, status=PayoutStatus.SUBMITTED),
        calls_to_decide(merchant_id, at=at),
        CouponRequest.objects.filter(**own, status=CouponRequestStatus.OPEN),
        CobrandPiece.objects.filter(**own, status=PieceStatus.WAITING),
        open_proposals(merchant_id, at=at),
    )
    rows = Merchant.objects.filter(id=merchant_id).values_list(*map(_count, counts))
    return Waiting(*rows.get())


def open_proposals(merchant_id: UUID, *, at: datetime) -> QuerySet[Proposal]:
    """Return the rates that affiliates propose and nobody has answered in time, yet."""
    rows = Proposal.objects.filter(merchant_id=merchant_id, status=ProposalStatus.OPEN)
    return rows.filter(offered_by=Side.AFFILIATE, expires_at__gt=at).order_by("expires_at", "id")


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("merchant_id").annotate(count=Count("*"))
    return Coalesce(Subquery(counted.values("count")), 0)


@dataclass(frozen=True, slots=True)
class Setup:
    """Which steps of setting up are done."""

    program: Program | None  # The first one made.
    has_rate: bool = False
    has_terms: bool = False
    is_active: bool = False
    has_key: bool = False
    has_affiliate: bool = False
    has_click: bool = False
    has_conversion: bool = False
    has_second_member: bool = False

    @property
    def is_done(self) -> bool:
        """Whether money can flow: all but the terms, which a merchant may do without."""
        return (
            self.has_rate
            and self.is_active
            and self.has_affiliate
            and self.has_click
            and self.has_conversion
            and self.has_second_member
        )


def setup_of(merchant_id: UUID) -> Setup:
    """Return how far the merchant has come."""
    programs = Program.objects.filter(merchant_id=merchant_id)
    program = programs.select_related("merchant").order_by("created_at").first()
    if program is None:
        return Setup(None)
    own = {"merchant_id": merchant_id}
    members = Member.objects.filter(**own, disabled_at=None)
    return Setup(
        program=program,
        has_rate=RuleVersion.objects.filter(**own).exists(),
        has_terms=Terms.objects.filter(**own).exists(),
        is_active=programs.filter(status=ProgramStatus.ACTIVE).exists(),
        has_key=ApiKey.objects.filter(**own, revoked_at=None).exists(),
        has_affiliate=Enrollment.objects.filter(**own).exists(),
        has_click=DailyClicks.objects.filter(**own).exists(),
        has_conversion=Conversion.objects.filter(**own).exists(),
        has_second_member=members.count() > 1,
    )
