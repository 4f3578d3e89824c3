"""Lessons: what affiliates learn with, and who has gone through what."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from affiliates.models import Enrollment
from common.refusals import BadValue
from materials.models import LessonDone, Material, MaterialKind
from materials.selectors import visible_to


def lessons_for(enrollments: Sequence[Enrollment], *, on: date) -> QuerySet[Material]:
    """Return the lessons that are for these enrollments on a day, by folder and title."""
    return visible_to(enrollments, on=on).filter(kind=MaterialKind.LESSON)


def done_by(affiliate_id: UUID, lessons: Collection[Material]) -> set[UUID]:
    """Return which of the lessons an affiliate has gone through."""
    rows = LessonDone.objects.filter(
        affiliate_id=affiliate_id, lesson_id__in=[lesson.id for lesson in lessons]
    )
    return set(rows.values_list("lesson_id", flat=True))


def completions_of(lessons: Collection[Material]) -> dict[UUID, int]:
    """Return how many affiliates have gone through each; those nobody has are not in it."""
    rows = LessonDone.objects.filter(
        merchant_id__in={row.merchant_id for row in lessons},
        lesson_id__in=[row.id for row in lessons],
    )
    return dict(rows.order_by().values_list("lesson_id").annotate(Count("id")))


def complete_lesson(*, lesson: Material, enrollment: Enrollment, at: datetime) -> None:
    """Note that an affiliate has gone through a lesson; the first time counts. Safe to repeat.

    :raises BadValue: if this is no lesson.
    """
    if lesson.kind != MaterialKind.LESSON:
        raise BadValue("material", "no_lesson", "no lesson")
    LessonDone.objects.get_or_create(
        merchant_id=lesson.merchant_id,
        lesson=lesson,
        enrollment=enrollment,
        defaults={"affiliate_id": enrollment.affiliate_id, "done_at": at},
    )
