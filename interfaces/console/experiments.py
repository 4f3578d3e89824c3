"""Experiments: affiliates drawn into variants of the rates, and what these brought."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from babel.numbers import format_decimal, format_percent
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from commissions.models import Experiment, ExperimentState
from commissions.services.experiments import (
    archive_experiment,
    create_experiment,
    stop_experiment,
)
from common.money import exponent_of
from common.refusals import BadValue
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.experiments import ExperimentForm
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.programs import get_program, show_tab
from interfaces.console.wording import locale_now, money
from merchants.rights import Right
from programs.models import Program
from programs.selectors import goals_of
from reports.experiments import (
    CONVERSIONS_MIN,
    FIGURES,
    Figure,
    Measured,
    Results,
    Unit,
    experiments_of,
    find_experiment,
    results_of,
)
from reports.ratios import CLUSTERS_MIN, Interval

TONES = {
    ExperimentState.PLANNED: "info",
    ExperimentState.RUNNING: "good",
    ExperimentState.OVER: "",
    ExperimentState.ARCHIVED: "",
}


@reads
def program_experiments(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the experiments of a program."""
    program = get_program(request, program_id)
    rows = [
        {"experiment": row, **_state(row.state_at(request.at))} for row in experiments_of(program)
    ]
    return show_tab(request, program, "program-experiments", {"rows": rows})


def _state(state: ExperimentState) -> dict[str, Any]:
    return {"state": state, "tone": TONES[state]}


@edits(Right.EDIT_PROGRAMS)
def experiment_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Plan an experiment."""
    program = get_program(request, program_id)
    form = ExperimentForm(
        request.POST or None, program=program, goals=goals_of(program), today=request.at.date()
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = create_experiment(
                program=program,
                draft=form.draft(at=request.at),
                by=request.actor,
                at=request.at,
            )
        except BadValue as error:
            form.refuse(error.field, str(error))
        else:
            messages.success(request, _("Planned. Affiliates are drawn when it begins."))
            return redirect("console:experiment", program.id, made.id)
    context = {"program": program, "form": form}
    status = 422 if form.errors else 200
    template = "console/experiments/create.html"
    return show_page(request, template, context, nav="programs", status=status)


def get_experiment(request: ConsoleRequest, program: Program, experiment_id: UUID) -> Experiment:
    """Return an experiment of the program.

    :raises Http404: if the program has no such experiment.
    """
    found = find_experiment(program, experiment_id)
    if found is None:
        raise Http404
    return found


@reads
def experiment(request: ConsoleRequest, program_id: UUID, experiment_id: UUID) -> HttpResponse:
    """Show the variants side by side."""
    program = get_program(request, program_id)
    results = results_of(get_experiment(request, program, experiment_id), at=request.at)
    context = {
        "program": program,
        "experiment": results.experiment,
        "results": results,
        "figures": _figures(results, program.currency),
        "is_enough": all(row.is_enough for row in results.variants),
        "affiliates_min": CLUSTERS_MIN,
        "conversions_min": CONVERSIONS_MIN,
        **_state(results.state),
    }
    return show_page(request, "console/experiments/detail.html", context, nav="programs")


def _figures(results: Results, currency: str) -> list[dict[str, Any]]:
    """Return each figure with all variants, in words."""
    return [
        {
            "label": figure.label,
            "rows": [
                _told(variant.variant.name, variant.is_control, variant.measured[index], currency)
                for variant in results.variants
            ],
        }
        for index, figure in enumerate(FIGURES)
    ]


def _told(name: str, is_control: bool, measured: Measured, currency: str) -> dict[str, Any]:
    def say(value: float | None) -> str:
        return "–" if value is None else _say(value, measured.figure, currency)

    def say_both(interval: Interval | None) -> str:
        return f"{say(interval.low)} … {say(interval.high)}" if interval else ""

    return {
        "name": name,
        "is_control": is_control,
        "measured": measured,
        "value": say(measured.value),
        "interval": say_both(measured.interval),
        "difference": say(measured.difference) if measured.difference is not None else "",
        "is_more": (measured.difference or 0) > 0,
        "difference_interval": say_both(measured.difference_interval),
    }


def _say(value: float, figure: Figure, currency: str) -> str:
    """Say a figure: a percentage, or money, with more decimals where it is about a click."""
    if figure.unit is Unit.SHARE:
        part = round(Decimal(repr(value)), 4) + 0  # Plus zero: there is no negative nothing.
        percent: str = format_percent(part, format="0.00%", locale=locale_now())
        return percent.replace("-", "−")
    if figure.is_per_affiliate:
        return money(round(value), currency)
    major = round(Decimal(repr(value)).scaleb(-exponent_of(currency)), 4) + 0
    text: str = format_decimal(major, format="0.0000", locale=locale_now())
    return f"{text.replace('-', '−')} {currency}"


@acts(Right.EDIT_PROGRAMS)
def experiment_stop(request: ConsoleRequest, program_id: UUID, experiment_id: UUID) -> HttpResponse:
    """End it now."""
    program = get_program(request, program_id)
    found = get_experiment(request, program, experiment_id)
    with refusal_told(request):
        stop_experiment(experiment=found, by=request.actor, at=request.at)
        messages.success(request, _("Stopped. Everybody earns as the control does from now on."))
    return redirect("console:experiment", program.id, found.id)


@acts(Right.EDIT_PROGRAMS)
def experiment_archive(
    request: ConsoleRequest, program_id: UUID, experiment_id: UUID
) -> HttpResponse:
    """Put it away, or discard it before it began."""
    program = get_program(request, program_id)
    found = get_experiment(request, program, experiment_id)
    with refusal_told(request):
        archive_experiment(experiment=found, by=request.actor, at=request.at)
        messages.success(request, _("Archived."))
    return redirect("console:program-experiments", program.id)
