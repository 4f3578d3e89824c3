"""What recruiting brought, by source: how many came how far, what they sold, what they cost."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from affiliates.models import Enrollment, Status
from commissions.models import Commission
from commissions.models import Status as CommissionStatus
from merchants.tenancy import merchant_context
from programs.models import Program
from recruiting.bounties import REF
from recruiting.models import IN_PROGRAM, Prospect, ProspectSource, Stage
from tracking.models import ConversionStatus, Credit


@dataclass(frozen=True, slots=True)
class SourceRow:
    """The prospects of one source. Money is in the program's currency."""

    source: ProspectSource
    prospects: int
    contacted: int
    applied: int
    approved: int
    sold: int  # Who brought a first sale.
    revenue_minor: int
    cost_minor: int  # What they earned, and the bounties for them.


def report_sources(program: Program) -> list[SourceRow]:
    """Return a row for each source that has prospects in the program. Four queries."""
    prospects = Prospect.objects.filter(merchant_id=program.merchant_id, program=program)
    applied = Q(enrollment__isnull=False) & ~Q(enrollment__status=Status.INVITED)
    counts = (
        prospects.order_by()
        .values_list("source")
        .annotate(
            prospects=Count("id"),
            contacted=Count("id", filter=~Q(stage=Stage.FOUND) | Q(enrollment__isnull=False)),
            applied=Count("id", filter=applied),
            approved=Count("id", filter=Q(enrollment__status__in=IN_PROGRAM)),
        )
    )
    sources = dict(prospects.exclude(enrollment=None).values_list("enrollment_id", "source"))
    sold, revenue = _sales(prospects, sources)
    cost = _costs(prospects, sources)
    return [
        SourceRow(
            source=ProspectSource(source),
            prospects=prospects_count,
            contacted=contacted,
            applied=applied_count,
            approved=approved,
            sold=sold[source],
            revenue_minor=revenue[source],
            cost_minor=cost[source],
        )
        for source, prospects_count, contacted, applied_count, approved in sorted(
            counts, key=lambda row: -row[1]
        )
    ]


def _sales(
    prospects: QuerySet[Prospect], sources: dict[UUID, str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many sold, and for how much, by source: what is declined or a test is neither."""
    sold, revenue = dict.fromkeys(ProspectSource.values, 0), dict.fromkeys(ProspectSource.values, 0)
    rows = Credit.objects.filter(
        enrollment_id__in=prospects.values("enrollment_id"),
        conversion__is_test=False,
        conversion__amount_minor__gt=0,
    ).exclude(conversion__status=ConversionStatus.DECLINED)
    for enrollment_id, amount in (
        rows.order_by().values_list("enrollment_id").annotate(Sum("amount_minor"))
    ):
        sold[sources[enrollment_id]] += 1
        revenue[sources[enrollment_id]] += amount
    return sold, revenue


def _costs(prospects: QuerySet[Prospect], sources: dict[UUID, str]) -> dict[str, int]:
    """Return what prospects of each source earned, with the bounties for them."""
    cost = dict.fromkeys(ProspectSource.values, 0)
    lines = Commission.objects.exclude(status=CommissionStatus.DECLINED).order_by()
    ids = prospects.exclude(enrollment=None).values("enrollment_id")
    own = lines.filter(enrollment_id__in=ids).values_list("enrollment_id")
    for enrollment_id, amount in own.annotate(Sum("amount_minor")):
        cost[sources[enrollment_id]] += amount
    refs = {f"{REF}{id}": source for id, source in sources.items()}
    bounties = lines.filter(conversion=None, event_ref__in=refs)
    for ref, amount in bounties.values_list("event_ref", "amount_minor"):
        cost[refs[ref]] += amount
    return cost


@dataclass(frozen=True, slots=True)
class Recruits:
    """Whom an affiliate brought into a program."""

    joined: int  # Who applied or is in.
    approved: int
    sold: int


def recruits_of(enrollment: Enrollment) -> Recruits:
    """Return how many an affiliate brought: numbers alone, for they are other people."""
    with merchant_context(enrollment.merchant_id):
        rows = Enrollment.objects.filter(recruited_by_id=enrollment.id)
        sold = Credit.objects.filter(
            enrollment__recruited_by_id=enrollment.id, conversion__status=ConversionStatus.APPROVED
        )
        return Recruits(
            joined=rows.count(),
            approved=rows.filter(status=Status.APPROVED).count(),
            sold=sold.values("enrollment_id").distinct().count(),
        )
