"""What is read of programs by more than one interface."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from programs.models import (
    Conduct,
    CustomerProfile,
    Destination,
    Goal,
    GoalStep,
    Ladder,
    Program,
    Targeted,
    Terms,
    Tier,
    TierTarget,
)
from programs.targeting import ALWAYS_FROM, ALWAYS_UNTIL, Targeting


def terms_in_force(program: Program) -> Terms | None:
    """Return the newest version of the program's own terms, if it has any.

    A tier or an affiliate may have others: affiliates.terms.contract_in_force knows.
    """
    return _own_terms(program).first()


def _own_terms(program: Program) -> QuerySet[Terms]:
    terms = Terms.objects.filter(merchant_id=program.merchant_id, program=program)
    return terms.filter(tier=None, is_contract=False).order_by("-version")


def programs_of(merchant_id: UUID) -> list[Program]:
    """Return the merchant's programs, newest first."""
    return list(Program.objects.filter(merchant_id=merchant_id).order_by("-created_at"))


def count_programs(merchant_id: UUID) -> int:
    """Return how many programs the merchant has."""
    return Program.objects.filter(merchant_id=merchant_id).count()


def find_program(*, merchant_id: UUID, program_id: UUID) -> Program | None:
    """Return one program of the merchant with its merchant, if it is there."""
    programs = Program.objects.filter(merchant_id=merchant_id, id=program_id)
    return programs.select_related("merchant").first()


def goals_of(program: Program) -> list[Goal]:
    """Return the program's goals, in the order they were made."""
    goals = Goal.objects.filter(merchant_id=program.merchant_id, program=program)
    return list(goals.order_by("created_at", "id"))


def terms_versions(program: Program) -> list[Terms]:
    """Return every version of the program's own terms, newest first."""
    return list(_own_terms(program))


def all_terms(program: Program) -> list[Terms]:
    """Return every version of everybody's terms, tiers' and contracts among them, newest first."""
    terms = Terms.objects.filter(merchant_id=program.merchant_id, program=program)
    return list(terms.select_related("tier").order_by("-version"))


def currencies_of(merchant_id: UUID) -> list[str]:
    """Return the currencies of the merchant's programs, sorted."""
    programs = Program.objects.filter(merchant_id=merchant_id).order_by("currency")
    return list(programs.values_list("currency", flat=True).distinct())


def goal_names(merchant_id: UUID) -> list[tuple[str, str]]:
    """Return the codes of the merchant's goals with a name for each, once per code."""
    goals = Goal.objects.filter(merchant_id=merchant_id).order_by("created_at", "id")
    names: dict[str, str] = {}
    for code, name in goals.values_list("code", "name"):
        names.setdefault(code, name)
    return list(names.items())


def destinations_of(program: Program) -> list[Destination]:
    """Return the program's destinations in use, in the order in which they are asked."""
    destinations = Destination.objects.filter(
        merchant_id=program.merchant_id, program=program, archived_at=None
    )
    return list(destinations.select_related("program").order_by("priority", "created_at", "id"))


def tiers_of(program: Program) -> list[Tier]:
    """Return the tiers that take affiliates in, the lowest position first."""
    tiers = Tier.objects.filter(merchant_id=program.merchant_id, program=program, archived_at=None)
    return list(tiers.order_by("position", "name"))


def ladder_of(program: Program) -> Ladder | None:
    """Return how the program moves affiliates between its tiers; None: by hand alone."""
    return Ladder.objects.filter(merchant_id=program.merchant_id, program=program).first()


def targets_by_tier(program: Program) -> dict[UUID, dict[str, int]]:
    """Return what each tier asks for, by its id and the metric; tiers without are not in it."""
    targets = TierTarget.objects.filter(merchant_id=program.merchant_id, tier__program=program)
    found: dict[UUID, dict[str, int]] = {}
    for tier_id, metric, minimum in targets.values_list("tier_id", "metric", "minimum"):
        found.setdefault(tier_id, {})[metric] = minimum
    return found


def tier_terms(tier: Tier) -> Terms | None:
    """Return the newest version of a tier's own terms, if it has any."""
    terms = Terms.objects.filter(merchant_id=tier.merchant_id, tier=tier)
    return terms.order_by("-version").first()


def steps_of(goal: Goal) -> list[GoalStep]:
    """Return what must be done before the goal is reached, in the order it was asked for."""
    steps = GoalStep.objects.filter(merchant_id=goal.merchant_id, goal=goal)
    return list(steps.select_related("goal", "program").order_by("created_at", "id"))


def steps_by_goal(program: Program) -> dict[UUID, list[GoalStep]]:
    """Return the steps of each goal of the program that has some, by the goal's id."""
    steps = GoalStep.objects.filter(merchant_id=program.merchant_id, program=program)
    found: dict[UUID, list[GoalStep]] = {}
    for step in steps.order_by("created_at", "id"):
        found.setdefault(step.goal_id, []).append(step)
    return found


def targeting_of(row: Targeted) -> Targeting:
    """Return for whom a destination or branch is, as plain values."""
    return Targeting(
        countries=tuple(row.countries),
        devices=tuple(row.devices),
        systems=tuple(row.systems),
        languages=tuple(row.languages),
        weekdays=tuple(row.weekdays),
        hour_from=row.hour_from,
        hour_until=row.hour_until,
        time_zone=row.time_zone,
        starts_at=_seconds(row.starts_at, ALWAYS_FROM),
        ends_at=_seconds(row.ends_at, ALWAYS_UNTIL),
        priority=row.priority,
        weight=row.weight,
    )


def _seconds(moment: datetime | None, otherwise: float) -> float:
    return otherwise if moment is None else moment.timestamp()


def conduct_of(program: Program) -> Conduct | None:
    """Return how the program may be promoted, if anything is said about it."""
    found = Conduct.objects.filter(merchant_id=program.merchant_id, program=program).first()
    return None if found is None or found.is_empty else found


def customers_of(program: Program) -> CustomerProfile | None:
    """Return whom the program's affiliates should bring, if that is said."""
    profiles = CustomerProfile.objects.filter(merchant_id=program.merchant_id, program=program)
    return profiles.first()
