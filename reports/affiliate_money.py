"""What an affiliate earned, of all merchants. Callers stand in the affiliate's context.

Every total here is the sum of rows that `commissions_of` returns for the same filter, so that a
figure on one page is what its rows on another add up to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate, TruncMonth

from commissions.models import Commission, Status
from payouts.models import Payout, PayoutLine, PayoutStatus
from tracking.models import Credit

Program = UUID | None  # One program of the affiliate, or all of them.


class State(StrEnum):
    """What an affiliate calls the status of money; each is a set of commission statuses."""

    EARNED = "earned"  # Everything that was not declined.
    ON_ITS_WAY = "on_its_way"
    PENDING = "pending"
    APPROVED = "approved"
    IN_PAYOUT = "in_payout"
    PAID = "paid"
    DECLINED = "declined"


STATUSES: dict[State, list[Status]] = {
    State.PENDING: [Status.PENDING, Status.HELD],
    State.APPROVED: [Status.APPROVED],
    State.IN_PAYOUT: [Status.RESERVED],
    State.PAID: [Status.PAID],
    State.DECLINED: [Status.DECLINED],
    State.ON_ITS_WAY: [Status.PENDING, Status.HELD, Status.APPROVED, Status.RESERVED],
    State.EARNED: [status for status in Status if status != Status.DECLINED],
}


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands where in one currency, in minor units."""

    currency: str
    earned_minor: int
    pending_minor: int
    approved_minor: int
    in_payout_minor: int
    paid_minor: int

    @property
    def on_its_way_minor(self) -> int:
        """What is earned and not paid yet."""
        return self.pending_minor + self.approved_minor + self.in_payout_minor


@dataclass(frozen=True, slots=True)
class Due:
    """What becomes payable on the next day that something does."""

    day: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Period:
    """Days from first to last, both included, in UTC."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        length = (self.last - self.first).days + 1
        return [self.first + timedelta(days=number) for number in range(length)]

    @property
    def before(self) -> "Period":
        """The period of the same length that ends where this one begins."""
        last = self.first - timedelta(days=1)
        return Period(last - (self.last - self.first), last)

    @property
    def starts_at(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, datetime.min.time(), tzinfo=UTC)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), datetime.min.time(), tzinfo=UTC)

    @classmethod
    def month_of(cls, at: datetime) -> "Period":
        """Return the calendar month of a moment."""
        first = at.astimezone(UTC).date().replace(day=1)
        return cls(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))

    @classmethod
    def until(cls, at: datetime, *, days: int) -> "Period":
        """Return so many days, the day of `at` being the last."""
        last = at.astimezone(UTC).date()
        return cls(last - timedelta(days=days - 1), last)


def commissions_of(
    affiliate_id: UUID,
    *,
    state: State = State.EARNED,
    program_id: Program = None,
    period: Period | None = None,
) -> QuerySet[Commission]:
    """Return the affiliate's lines with program, merchant, goal and rate, newest first."""
    lines = Commission.objects.filter(affiliate_id=affiliate_id, status__in=STATUSES[state])
    if program_id:
        lines = lines.filter(program_id=program_id)
    if period:
        lines = lines.filter(earned_at__gte=period.starts_at, earned_at__lt=period.ends_at)
    named = lines.select_related("program__merchant", "conversion__goal", "rule_version")
    return named.order_by("-earned_at", "-id")


def total_by_currency(lines: QuerySet[Commission]) -> dict[str, int]:
    """Return the sum of the lines in each currency, by currency."""
    sums = lines.order_by().values("currency").annotate(total=Sum("amount_minor"))
    return dict(sums.order_by("currency").values_list("currency", "total"))


def balances(affiliate_id: UUID, *, program_id: Program = None) -> list[Balance]:
    """Return what stands where, for each currency that anything was earned in."""
    lines = commissions_of(affiliate_id, program_id=program_id).order_by()

    def total(state: State) -> Coalesce:
        return Coalesce(Sum("amount_minor", filter=Q(status__in=STATUSES[state])), 0)

    sums = lines.values("currency").annotate(
        earned=total(State.EARNED),
        pending=total(State.PENDING),
        approved=total(State.APPROVED),
        in_payout=total(State.IN_PAYOUT),
        paid=total(State.PAID),
    )
    return [
        Balance(
            currency=row["currency"],
            earned_minor=row["earned"],
            pending_minor=row["pending"],
            approved_minor=row["approved"],
            in_payout_minor=row["in_payout"],
            paid_minor=row["paid"],
        )
        for row in sums.order_by("currency")
    ]


def months_of(affiliate_id: UUID, *, at: datetime) -> list[date]:
    """Return the first days of the months in which lines fall and of the present, newest first."""
    lines = Commission.objects.filter(affiliate_id=affiliate_id).order_by()
    firsts = lines.annotate(month=TruncMonth("earned_at", tzinfo=UTC)).values_list("month")
    months = {moment.date() for (moment,) in firsts.distinct()}
    return sorted(months | {Period.month_of(at).first}, reverse=True)


def next_due(affiliate_id: UUID, *, currency: str, program_id: Program = None) -> Due | None:
    """Return the next day that a hold ends and what it sets free, or None if nothing is held back.

    A line that the merchant holds for review has no such day and is left out.
    """
    waiting = commissions_of(affiliate_id, program_id=program_id).filter(
        status=Status.PENDING, currency=currency
    )
    by_day = waiting.order_by().annotate(day=TruncDate("hold_until", tzinfo=UTC)).values("day")
    first = by_day.annotate(total=Sum("amount_minor")).order_by("day").first()
    return Due(first["day"], first["total"]) if first else None


def earnings_by_day(
    affiliate_id: UUID, *, currency: str, period: Period, program_id: Program = None
) -> list[int]:
    """Return what was earned on each day of the period, take-backs subtracted."""
    lines = commissions_of(affiliate_id, program_id=program_id, period=period)
    sums = lines.filter(currency=currency).order_by()
    by_day = dict(
        sums.annotate(day=TruncDate("earned_at", tzinfo=UTC))
        .values("day")
        .annotate(total=Sum("amount_minor"))
        .values_list("day", "total")
    )
    return [by_day.get(day, 0) for day in period.days]


def conversions_of(affiliate_id: UUID, *, program_id: Program = None) -> QuerySet[Credit]:
    """Return the affiliate's credits with their conversions and `commission_minor`, newest first.

    `commission_minor` is what the conversion earns now: taken-back lines subtracted, declined ones
    left out; None when there is no line. The merchant's tests are nobody's.
    """
    earned = (
        Commission.objects.filter(
            affiliate_id=affiliate_id,
            conversion_id=OuterRef("conversion_id"),
            enrollment_id=OuterRef("enrollment_id"),
            status__in=STATUSES[State.EARNED],
        )
        .order_by()
        .values("conversion_id")
        .annotate(total=Sum("amount_minor"))
        .values("total")
    )
    credits = Credit.objects.filter(affiliate_id=affiliate_id, conversion__is_test=False)
    if program_id:
        credits = credits.filter(conversion__program_id=program_id)
    named = credits.select_related("conversion__goal", "conversion__program__merchant")
    return named.annotate(commission_minor=Subquery(earned)).order_by(
        "-conversion__occurred_at", "-id"
    )


def lines_of_credit(credit: Credit) -> list[Commission]:
    """Return what a credit earned and what was taken back of it, in order of time."""
    lines = Commission.objects.filter(
        affiliate_id=credit.affiliate_id,
        conversion_id=credit.conversion_id,
        enrollment_id=credit.enrollment_id,
    )
    return list(lines.select_related("rule_version").order_by("earned_at", "id"))


# Payouts -----------------------------------------------------------------------------------------

# A draft is a merchant's plan that a second member has not seen; it promises nothing.
PROMISED = [
    status for status in PayoutStatus if status not in (PayoutStatus.DRAFT, PayoutStatus.CANCELLED)
]


def payouts_of(affiliate_id: UUID) -> QuerySet[Payout]:
    """Return the affiliate's payouts that were approved, with their merchants, newest first."""
    payouts = Payout.objects.filter(affiliate_id=affiliate_id, status__in=PROMISED)
    return payouts.select_related("merchant").order_by("-created_at", "-id")


def statement_lines(payout: Payout) -> Sequence[PayoutLine]:
    """Return what a payout consists of: its lines sum to its amount."""
    lines = PayoutLine.objects.filter(
        merchant_id=payout.merchant_id, affiliate_id=payout.affiliate_id, payout=payout
    )
    named = lines.select_related("commission__program", "commission__conversion__goal")
    return list(named.annotate(earned_at=F("commission__earned_at")).order_by("earned_at", "id"))


def payouts_by_commission(
    commission_ids: Sequence[UUID], *, affiliate_id: UUID
) -> dict[UUID, Payout]:
    """Return the payouts that the lines are in, by commission."""
    lines = PayoutLine.objects.filter(
        affiliate_id=affiliate_id,
        merchant_id=F("commission__merchant_id"),  # As the index has it.
        commission_id__in=commission_ids,
        released_at=None,
        payout__status__in=PROMISED,
    )
    return {line.commission_id: line.payout for line in lines.select_related("payout")}
