"""The programs an affiliate is in, with what they pay and ask. Stand in the affiliate's context."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from affiliates.models import Enrollment, TermsAcceptance
from affiliates.terms import contracts_in_force
from commissions.models import RuleVersion
from commissions.selectors import program_rules_in_force
from programs.models import Goal, Terms


@dataclass(frozen=True, slots=True)
class GoalRate:
    """A goal and the version that pays for it now; None when nothing is paid."""

    goal: Goal
    version: RuleVersion | None


@dataclass(frozen=True, slots=True)
class Membership:
    """An enrollment with its program's rates, the terms in force and the last acceptance."""

    enrollment: Enrollment
    rates: tuple[GoalRate, ...]
    terms: Terms | None
    accepted: TermsAcceptance | None
    rules: tuple[RuleVersion, ...] = ()  # Of the program, besides the rates.

    @property
    def has_news(self) -> bool:
        """Whether a version of the terms is out that the affiliate has not accepted."""
        if self.terms is None:
            return False
        return self.accepted is None or self.accepted.terms_id != self.terms.id


def enrollments_of(affiliate_id: UUID) -> list[Enrollment]:
    """Return the affiliate's enrollments with program and merchant, by the programs' names."""
    enrollments = Enrollment.objects.filter(affiliate_id=affiliate_id)
    named = enrollments.select_related("program__merchant")
    return list(named.order_by("program__merchant__name", "program__name", "id"))


def memberships_of(enrollments: list[Enrollment], *, at: datetime) -> list[Membership]:
    """Return the enrollments with everything that a list of programs says, in five queries."""
    rates = rates_in_force({row.program_id for row in enrollments}, at=at)
    rules = program_rules_in_force({row.program_id for row in enrollments}, at=at)
    terms = contracts_in_force(enrollments)
    accepted = _acceptances(enrollments, terms)
    return [
        Membership(
            row,
            tuple(rates[row.program_id]),
            terms.get(row.id),
            accepted.get(row.id),
            tuple(rules[row.program_id]),
        )
        for row in enrollments
    ]


def rates_in_force(program_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, list[GoalRate]]:
    """Return every goal of the programs with its rate at a moment, the oldest goal first."""
    ids = list(program_ids)
    versions = RuleVersion.objects.filter(
        rule__program_id__in=ids,
        rule__is_base=True,
        rule__archived_at=None,
        valid_from__lte=at,
    ).select_related("rule")
    in_force = {  # The last one wins, so the newest stands.
        version.rule.goal_id: version for version in versions.order_by("valid_from", "version")
    }
    rates: dict[UUID, list[GoalRate]] = {program_id: [] for program_id in ids}
    for goal in Goal.objects.filter(program_id__in=ids).order_by("created_at", "id"):
        rates[goal.program_id].append(GoalRate(goal, in_force.get(goal.id)))
    return rates


def goals_by_program(program_ids: Iterable[UUID]) -> dict[UUID, list[Goal]]:
    """Return the goals of programs, a sale first, else in the order they were made."""
    goals: dict[UUID, list[Goal]] = {}
    rows = Goal.objects.filter(program_id__in=list(program_ids)).order_by("created_at", "id")
    for goal in sorted(rows, key=lambda row: row.code != "sale"):
        goals.setdefault(goal.program_id, []).append(goal)
    return goals


def _acceptances(
    enrollments: Iterable[Enrollment], terms: Mapping[UUID, Terms]
) -> dict[UUID, TermsAcceptance]:
    """Return by enrollment the acceptance of what is in force, else the last one."""
    rows = TermsAcceptance.objects.filter(enrollment_id__in=[row.id for row in enrollments])
    found: dict[UUID, TermsAcceptance] = {}
    for row in rows.select_related("terms").order_by("accepted_at"):
        before, now = found.get(row.enrollment_id), terms.get(row.enrollment_id)
        if before is None or now is None or before.terms_id != now.id:
            found[row.enrollment_id] = row
    return found


def acceptances_of(enrollment: Enrollment) -> list[TermsAcceptance]:
    """Return which versions of the terms the affiliate accepted, newest first."""
    rows = TermsAcceptance.objects.filter(
        affiliate_id=enrollment.affiliate_id, enrollment=enrollment
    )
    return list(rows.select_related("terms").order_by("-accepted_at"))
