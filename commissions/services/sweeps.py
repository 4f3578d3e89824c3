"""Sweeps: rules that pay for no conversion are asked, again and again, what is due by them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from commissions.models import Rule
from merchants.tenancy import merchant_context
from programs.models import Program


def programs_paying(merchant_id: UUID, *rewards: str) -> list[Program]:
    """Return the programs that have, or had, rules of these rewards; tests never reach money."""
    programs = Program.objects.filter(
        merchant_id=merchant_id, is_test=False, rules__versions__reward__in=rewards
    )
    with merchant_context(merchant_id):
        return list(programs.distinct().order_by("id"))


def lock_rules(program: Program, *rewards: str) -> list[Rule]:
    """Lock a program's rules of these rewards; return them, or none while another sweep has them.

    So one worker at a time decides what is due by them; the next sweep is near.
    """
    named = Rule.objects.filter(
        merchant_id=program.merchant_id, program=program, versions__reward__in=rewards
    )
    ids = set(named.values_list("id", flat=True))
    rules = Rule.objects.filter(merchant_id=program.merchant_id, id__in=ids).order_by("id")
    locked = list(rules.select_for_update(of=("self",), no_key=True, skip_locked=True))
    return locked if len(locked) == len(ids) else []


def note_sweep(rules: Sequence[Rule], *, until: datetime) -> None:
    """Keep until when the rules were looked at."""
    for rule in rules:
        rule.swept_until = until
    Rule.objects.bulk_update(rules, ["swept_until"])


def earning_enrollments(program: Program) -> QuerySet[Enrollment]:
    """Return the approved enrollments of a program, with what their lines need, by id."""
    enrollments = Enrollment.objects.filter(
        merchant_id=program.merchant_id, program=program, status=EnrollmentStatus.APPROVED
    )
    return enrollments.select_related("affiliate", "program", "tier").order_by("id")
