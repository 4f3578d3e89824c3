"""How well affiliates do: the figures that `affiliates.health` judges, and the nightly sweep."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from affiliates.health import Vitals, judge_health
from affiliates.models import Channel, Enrollment, Severity, Status, Violation
from merchants.tenancy import merchant_context
from reports.models import DailyClicks
from reports.selectors import Period, last_days
from tracking.models import ConversionStatus, Credit

CLICK_DAYS = 30
CONVERSION_DAYS = 90
AT_ONCE = 1_000


def vitals_of(merchant_id: UUID, ids: Collection[UUID], *, at: datetime) -> dict[UUID, Vitals]:
    """Return what is known of each of the enrollments, in five queries however many they are.

    Callers stand in the merchant's context.
    """
    own = {"merchant_id": merchant_id, "enrollment_id__in": ids}
    recent = last_days(CLICK_DAYS, at=at)
    clicks, before = _clicks(own, recent), _clicks(own, recent.before())
    sales, faults = _sales(own, at=at), _faults(own)
    return {
        enrollment.id: Vitals(
            days=max((at - enrollment.status_changed_at).days, 0),
            clicks=clicks.get(enrollment.id, 0),
            clicks_before=before.get(enrollment.id, 0),
            **sales.get(enrollment.id, {}),
            **faults.get(enrollment.id, {}),
            profile_gaps=_gaps(enrollment),
        )
        for enrollment in _rows(merchant_id, ids)
    }


def _rows(merchant_id: UUID, ids: Collection[UUID]) -> QuerySet[Enrollment]:
    channels = Channel.objects.filter(affiliate_id=OuterRef("affiliate_id"))
    rows = Enrollment.objects.filter(merchant_id=merchant_id, id__in=ids)
    return rows.annotate(has_channel=Exists(channels)).prefetch_related("affiliate")


def _gaps(enrollment: Enrollment) -> int:
    affiliate = enrollment.affiliate
    has_place = affiliate.website or enrollment.has_channel  # type: ignore[attr-defined]
    has_audience = affiliate.audience_countries or affiliate.audience_topics
    return sum(not there for there in (has_place, has_audience, affiliate.about))


def _clicks(own: dict[str, Any], period: Period) -> dict[UUID, int]:
    rows = DailyClicks.objects.filter(**own, day__range=(period.first, period.last))
    sums = rows.values("enrollment_id").annotate(total=Sum("human"))
    return dict(sums.values_list("enrollment_id", "total"))


def _sales(own: dict[str, Any], *, at: datetime) -> dict[UUID, dict[str, int]]:
    """Return how many conversions each is credited with, and how many of them came to nothing."""
    since = at - timedelta(days=CONVERSION_DAYS)
    rows = Credit.objects.filter(
        **own, conversion__occurred_at__gte=since, conversion__is_test=False
    )
    declined = Q(conversion__status=ConversionStatus.DECLINED)
    refunded = Q(conversion__refunds__isnull=False)
    counted: QuerySet[Any, Any] = (
        rows.order_by()
        .values("enrollment_id")
        .annotate(
            conversions=Count("conversion_id", distinct=True),
            undone=Count("conversion_id", distinct=True, filter=declined | refunded),
        )
    )
    return {row.pop("enrollment_id"): row for row in counted}


def _faults(own: dict[str, Any]) -> dict[UUID, dict[str, int]]:
    rows = Violation.objects.filter(**own, resolved_at=None)
    mild = Q(severity=Severity.WARN)
    counted: QuerySet[Any, Any] = (
        rows.order_by()
        .values("enrollment_id")
        .annotate(warnings=Count("id", filter=mild), breaches=Count("id", filter=~mild))
    )
    return {row.pop("enrollment_id"): row for row in counted}


def judge_all(*, merchant_id: UUID, at: datetime) -> int:
    """Judge every approved enrollment of a merchant anew; return how many scores changed.

    Who is not approved has no score. Safe to repeat, and to run twice at once.
    """
    changed, after = 0, UUID(int=0)
    while True:
        with merchant_context(merchant_id):
            rows = Enrollment.objects.filter(merchant_id=merchant_id, id__gt=after)
            batch = list(rows.order_by("id").values_list("id", "status", "health")[:AT_ONCE])
            if not batch:
                return changed
            approved = [id for id, status, _health in batch if status == Status.APPROVED]
            vitals = vitals_of(merchant_id, approved, at=at)
            scores = {id: judge_health(found).score for id, found in vitals.items()}
            new = {id: scores.get(id) for id, _status, old in batch if scores.get(id) != old}
            _store(merchant_id, new)
        changed, after = changed + len(new), batch[-1][0]


def _store(merchant_id: UUID, scores: dict[UUID, int | None]) -> None:
    """Store the scores: of 101 there are, and of none, one statement each at the most."""
    by_score: dict[int | None, list[UUID]] = {}
    for id, score in scores.items():
        by_score.setdefault(score, []).append(id)
    for score, ids in by_score.items():
        Enrollment.objects.filter(merchant_id=merchant_id, id__in=ids).update(health=score)
