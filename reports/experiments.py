"""What an experiment has shown: its variants side by side, with intervals (docs/replays.md).

Callers stand in the merchant's context.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db.models import Count, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commissions.models import (
    Commission,
    Experiment,
    ExperimentAssignment,
    ExperimentState,
    ExperimentVariant,
    Kind,
    RuleVersion,
)
from commissions.selectors import counted as counted_commissions
from programs.models import Program
from reports.models import DailyClicks
from reports.ratios import CLUSTERS_MIN, Cluster, Interval, Ratio, difference, ratio_of
from tracking.models import Credit
from tracking.selectors import counted_credits

CONVERSIONS_MIN: Final = 20
OF_ITS_OWN_SALES: Final = (Kind.EARNING, Kind.REVERSAL, Kind.ADJUSTMENT)


class Unit(StrEnum):
    """What a figure is measured in."""

    SHARE = "share"
    MONEY = "money"  # Minor units, with fractions.


@dataclass(slots=True)
class Tally:
    """What one affiliate, or all of a variant, did while the experiment ran."""

    affiliates: int = 0
    active: int = 0  # Of these, with clicks or conversions.
    clicks: int = 0
    conversions: int = 0
    revenue_minor: int = 0
    commission_minor: int = 0

    @property
    def moved(self) -> bool:
        """Whether anything happened."""
        return bool(self.clicks or self.conversions or self.commission_minor)


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio that is compared: what stands above the line, and what below."""

    code: str
    label: str | Promise
    unit: Unit
    above: Callable[[Tally], int]
    below: Callable[[Tally], int]
    is_per_affiliate: bool = False


FIGURES: Final = (
    Figure(
        "conversion_rate",
        _("Conversion rate"),
        Unit.SHARE,
        lambda one: one.conversions,
        lambda one: one.clicks,
    ),
    Figure(
        "earnings_per_click",
        _("Earnings per click"),
        Unit.MONEY,
        lambda one: one.commission_minor,
        lambda one: one.clicks,
    ),
    Figure(
        "revenue_per_click",
        _("Revenue per click"),
        Unit.MONEY,
        lambda one: one.revenue_minor,
        lambda one: one.clicks,
    ),
    Figure(
        "cost_of_revenue",
        _("Cost of revenue"),
        Unit.SHARE,
        lambda one: one.commission_minor,
        lambda one: one.revenue_minor,
    ),
    Figure(
        "revenue_per_affiliate",
        _("Revenue per affiliate"),
        Unit.MONEY,
        lambda one: one.revenue_minor,
        lambda one: one.affiliates,
        is_per_affiliate=True,
    ),
    Figure(
        "cost_per_affiliate",
        _("Cost per affiliate"),
        Unit.MONEY,
        lambda one: one.commission_minor,
        lambda one: one.affiliates,
        is_per_affiliate=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of a variant. Without enough data there are no intervals."""

    figure: Figure
    value: float | None
    interval: Interval | None = None
    # To the control; None for the control itself.
    difference: float | None = None
    difference_interval: Interval | None = None

    @property
    def is_shown(self) -> bool:
        """Whether the experiment shows a difference to the control."""
        return self.difference_interval is not None and self.difference_interval.excludes_zero


@dataclass(frozen=True, slots=True)
class VariantResult:
    """A variant with all it did."""

    variant: ExperimentVariant
    tally: Tally
    measured: tuple[Measured, ...]

    @property
    def is_control(self) -> bool:
        """Whether the others are compared with it."""
        return self.variant.promotion_id is None

    @property
    def is_enough(self) -> bool:
        """Whether there is enough data for intervals."""
        return is_enough(self.tally)


@dataclass(frozen=True, slots=True)
class Results:
    """An experiment up to a moment; the control is the first variant."""

    experiment: Experiment
    state: ExperimentState
    until: datetime
    variants: tuple[VariantResult, ...]


def experiments_of(program: Program) -> QuerySet[Experiment]:
    """Return the experiments of a program, newest first."""
    rows = Experiment.objects.filter(merchant_id=program.merchant_id, program=program)
    return rows.prefetch_related("variants").order_by("-starts_at", "-id")


def find_experiment(program: Program, experiment_id: UUID) -> Experiment | None:
    """Return an experiment of the program."""
    return experiments_of(program).select_related("program").filter(id=experiment_id).first()


def results_of(experiment: Experiment, *, at: datetime) -> Results:
    """Return what the variants did from the start until the end, or until now."""
    until = min(experiment.over_at, at)
    variants = ExperimentVariant.objects.filter(
        merchant_id=experiment.merchant_id, experiment=experiment
    ).select_related("promotion")
    in_order = sorted(variants, key=lambda row: (row.promotion_id is not None, row.id))
    tallies = _tallies(experiment, until)
    own = [list(tallies[variant.id].values()) for variant in in_order]
    control = _ratios(own[0]) if own else {}
    control_enough = bool(own) and is_enough(_sum(own[0]))
    results = [
        VariantResult(
            variant,
            _sum(clusters),
            _measure(
                clusters,
                control=None if variant.promotion_id is None else control,
                is_comparable=control_enough,
            ),
        )
        for variant, clusters in zip(in_order, own, strict=True)
    ]
    return Results(experiment, experiment.state_at(at), until, tuple(results))


def is_enough(tally: Tally) -> bool:
    """Return whether intervals would hold what they promise."""
    return tally.active >= CLUSTERS_MIN and tally.conversions >= CONVERSIONS_MIN


def _sum(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for one in tallies:
        whole.affiliates += one.affiliates
        whole.active += one.moved
        whole.clicks += one.clicks
        whole.conversions += one.conversions
        whole.revenue_minor += one.revenue_minor
        whole.commission_minor += one.commission_minor
    return whole


def _ratios(tallies: Sequence[Tally]) -> dict[str, Ratio | None]:
    return {
        figure.code: ratio_of(
            [
                Cluster(figure.above(one), figure.below(one))
                for one in tallies
                if figure.is_per_affiliate or one.moved
            ]
        )
        for figure in FIGURES
    }


def _measure(
    tallies: Sequence[Tally], *, control: dict[str, Ratio | None] | None, is_comparable: bool
) -> tuple[Measured, ...]:
    ratios, enough = _ratios(tallies), is_enough(_sum(tallies))
    return tuple(
        _measured(
            figure,
            ratios[figure.code],
            control[figure.code] if control is not None else None,
            enough=enough,
            is_comparable=is_comparable and enough,
        )
        for figure in FIGURES
    )


def _measured(
    figure: Figure,
    ratio: Ratio | None,
    control: Ratio | None,
    *,
    enough: bool,
    is_comparable: bool,
) -> Measured:
    if ratio is None:
        return Measured(figure, None)
    interval = ratio.interval if enough else None
    if control is None:
        return Measured(figure, ratio.value, interval)
    return Measured(
        figure,
        ratio.value,
        interval,
        ratio.value - control.value,
        difference(ratio, control) if is_comparable else None,
    )


# What happened -----------------------------------------------------------------------------------


def _tallies(experiment: Experiment, until: datetime) -> dict[UUID, dict[UUID, Tally]]:
    """Return what each assigned affiliate did, by variant: four queries, whatever the size."""
    merchant_id = experiment.merchant_id
    assigned = dict(
        ExperimentAssignment.objects.filter(
            merchant_id=merchant_id, experiment=experiment
        ).values_list("enrollment_id", "variant_id")
    )
    by_variant: dict[UUID, dict[UUID, Tally]] = defaultdict(dict)
    own: dict[UUID, Tally] = {}
    for enrollment_id, variant_id in assigned.items():
        own[enrollment_id] = by_variant[variant_id][enrollment_id] = Tally(affiliates=1)
    if until <= experiment.starts_at:
        return by_variant
    goals = _goals(experiment)
    _count_clicks(experiment, until, own)
    _count_credits(experiment, until, goals, own)
    _count_commissions(experiment, until, goals, own)
    return by_variant


def _goals(experiment: Experiment) -> set[UUID]:
    """Return the goals that the experiment is about: those that its variants' rules pay for."""
    versions = RuleVersion.objects.filter(
        merchant_id=experiment.merchant_id, rule__promotion__variants__experiment=experiment
    )
    ids = versions.values_list("rule__goal_id", flat=True)
    return {id for id in ids if id is not None}


def _count_clicks(experiment: Experiment, until: datetime, own: dict[UUID, Tally]) -> None:
    days = DailyClicks.objects.filter(
        merchant_id=experiment.merchant_id,
        program_id=experiment.program_id,
        day__gte=experiment.starts_at.astimezone(UTC).date(),
        day__lte=until.astimezone(UTC).date(),
    )
    sums = days.order_by().values_list("enrollment_id").annotate(sum=Sum("credited"))
    for enrollment_id, count in sums:
        if enrollment_id in own:
            own[enrollment_id].clicks = count


def _count_credits(
    experiment: Experiment, until: datetime, goals: set[UUID], own: dict[UUID, Tally]
) -> None:
    credits = counted_credits(Credit.objects.all()).filter(
        merchant_id=experiment.merchant_id,
        conversion__program_id=experiment.program_id,
        conversion__goal_id__in=goals,
        conversion__occurred_at__gte=experiment.starts_at,
        conversion__occurred_at__lt=until,
    )
    sums = credits.order_by().values_list("enrollment_id")
    for enrollment_id, count, amount in sums.annotate(n=Count("id"), sum=Sum("amount_minor")):
        if enrollment_id in own:
            own[enrollment_id].conversions = count
            own[enrollment_id].revenue_minor = amount


def _count_commissions(
    experiment: Experiment, until: datetime, goals: set[UUID], own: dict[UUID, Tally]
) -> None:
    lines = counted_commissions(
        Commission.objects.filter(
            merchant_id=experiment.merchant_id,
            program_id=experiment.program_id,
            kind__in=OF_ITS_OWN_SALES,
            conversion__goal_id__in=goals,
            conversion__occurred_at__gte=experiment.starts_at,
            conversion__occurred_at__lt=until,
        ).exclude(event_ref__contains="override:")
    )
    sums = lines.order_by().values_list("enrollment_id").annotate(sum=Sum("amount_minor"))
    for enrollment_id, amount in sums:
        if enrollment_id in own:
            own[enrollment_id].commission_minor = amount
