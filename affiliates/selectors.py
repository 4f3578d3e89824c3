"""What is read of affiliates by a merchant. Callers stand in the merchant's context."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, QuerySet

from affiliates.models import Application, Enrollment, TermsAcceptance, TierMove
from programs.models import Program


def enrollments_of(merchant_id: UUID) -> QuerySet[Enrollment]:
    """Return the merchant's enrollments with affiliate and program, newest first."""
    enrollments = Enrollment.objects.filter(merchant_id=merchant_id)
    return enrollments.select_related("affiliate", "program").order_by("-id")  # Ids are by time.


def count_by_tier(program: Program) -> dict[UUID, int]:
    """Return how many enrollments each tier of a program has, if any."""
    rows = Enrollment.objects.filter(merchant_id=program.merchant_id, program=program)
    tiered = rows.exclude(tier=None).values_list("tier_id")
    return dict(tiered.annotate(count=Count("id")).order_by())


def applications_of(enrollment: Enrollment) -> list[Application]:
    """Return what the affiliate wrote each time they applied, newest first."""
    applications = Application.objects.filter(
        merchant_id=enrollment.merchant_id, enrollment=enrollment
    )
    return list(applications.order_by("-submitted_at", "-id"))


def acceptances_of(enrollment: Enrollment) -> list[TermsAcceptance]:
    """Return which versions of the terms were accepted, by whom and when, newest first."""
    acceptances = TermsAcceptance.objects.filter(
        merchant_id=enrollment.merchant_id, enrollment=enrollment
    )
    return list(acceptances.select_related("terms", "user").order_by("-accepted_at"))


def latest_acceptances(enrollments: Sequence[Enrollment]) -> dict[UUID, TermsAcceptance]:
    """Return for each of these enrollments its last acceptance, by the enrollment's id."""
    rows = TermsAcceptance.objects.filter(
        merchant_id__in={row.merchant_id for row in enrollments},
        enrollment_id__in=[row.id for row in enrollments],
    )
    last = rows.select_related("terms", "user").order_by("enrollment_id", "-accepted_at", "-id")
    return {row.enrollment_id: row for row in last.distinct("enrollment_id")}


def tier_moves_of(enrollment: Enrollment) -> list[TierMove]:
    """Return from which tier into which the enrollment went, newest first."""
    moves = TierMove.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    return list(moves.select_related("before", "after").order_by("-at", "-id"))
