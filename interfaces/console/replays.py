"""Backtests and recomputes: what other rules would cost, and what today's policy would correct."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commissions.models import Replay, ReplayKind, ReplayStatus
from commissions.proposed_rules import rule_of_proposed, rules_of_now
from commissions.replays import (
    differences_of,
    find_replay,
    most_of_replay,
    moving,
    replays_of,
    totals_of_replay,
)
from commissions.selectors import rules_of_program
from commissions.services.replays import (
    TooManyReplays,
    apply_recompute,
    start_backtest,
    start_recompute,
    stop_replay,
)
from commissions.words import describe_rule
from common.money import major_of
from common.refusals import BadValue
from common.spreadsheet import write_csv
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.replays import BacktestForm, WhenForm, level_words
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.programs import get_program, show_tab
from interfaces.console.replay_tables import DifferenceTable, ReplayTable, TotalTable
from interfaces.console.wording import change
from merchants.rights import Right
from programs.models import Program
from programs.selectors import goals_of


@reads
def program_backtests(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List what was tried on past conversions."""
    return _list(request, program_id, ReplayKind.BACKTEST, "program-backtests")


@reads
def program_recomputes(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the recomputes so far."""
    return _list(request, program_id, ReplayKind.RECOMPUTE, "program-recomputes")


def _list(request: ConsoleRequest, program_id: UUID, kind: ReplayKind, tab: str) -> HttpResponse:
    program = get_program(request, program_id)
    rows = replays_of(request.merchant.id).filter(program=program, kind=kind)
    return show_tab(request, program, tab, show_table(request, ReplayTable(rows)))


@edits(Right.EDIT_PROGRAMS)
def backtest_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Propose rules: those of now, or of an earlier try, with other rates."""
    program = get_program(request, program_id)
    again = _again(request, program)
    rules = again.proposed if again else _rules_now(request, program)
    form = BacktestForm(
        request.POST or None,
        program=program,
        goals=goals_of(program),
        rules=rules,
        sentences=_sentences(program, rules),
        today=request.at.date(),
    )
    if request.method == "POST" and form.is_valid():
        started = _start(request, program, form)
        if started is not None:
            return redirect("console:replay", program.id, started.id)
    context = {"program": program, "form": form, "again": again}
    status = 422 if form.errors else 200
    template = "console/replays/backtest_create.html"
    return show_page(request, template, context, nav="programs", status=status)


def _again(request: ConsoleRequest, program: Program) -> Replay | None:
    """Return the earlier backtest that this one starts from, if it names one."""
    try:
        again = UUID(request.GET.get("again", ""))
    except ValueError:
        return None
    found = find_replay(program, again)
    return found if found and found.kind == ReplayKind.BACKTEST else None


def _rules_now(request: ConsoleRequest, program: Program) -> list[dict[str, Any]]:
    histories = rules_of_program(program)
    versions = [version for row in histories if (version := row.at(request.at))]
    return rules_of_now(versions)


def _sentences(program: Program, rules: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return each rule in words, and whose it is."""
    goals = {goal.code: goal.name for goal in goals_of(program)}
    names: dict[str, str] = {}
    for row in rules_of_program(program):
        for target in (row.rule.tier, row.rule.promotion):
            if target:
                names[str(target.id)] = target.name
        if row.rule.enrollment:
            names[str(row.rule.enrollment_id)] = row.rule.enrollment.affiliate.name
        if row.rule.link:
            names[str(row.rule.link_id)] = row.rule.link.code
    return [
        (
            describe_rule(
                rule_of_proposed(rule),
                goal=goals.get(rule["goal"]) if rule["goal"] else None,
                currency=program.currency,
                language=get_language() or "en",
            ),
            level_words(rule, names),
        )
        for rule in rules
    ]


def _start(request: ConsoleRequest, program: Program, form: BacktestForm) -> Replay | None:
    try:
        return start_backtest(
            program=program,
            proposed=form.proposal(),
            replaces_all=True,  # The form shows every rule there is.
            **form.span(),
            by=request.actor,
            at=request.at,
        )
    except (BadValue, TooManyReplays) as error:
        form.add_error(None, str(error))
        return None


@edits(Right.REVIEW_COMMISSIONS)
def recompute_create(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Choose a time; the worker lists what would be corrected in it."""
    program = get_program(request, program_id)
    form = WhenForm(request.POST or None, today=request.at.date())
    if request.method == "POST" and form.is_valid():
        started = _start_recompute(request, program, form)
        if started is not None:
            return redirect("console:replay", program.id, started.id)
    context = {"program": program, "form": form}
    status = 422 if form.errors else 200
    template = "console/replays/recompute_create.html"
    return show_page(request, template, context, nav="programs", status=status)


def _start_recompute(request: ConsoleRequest, program: Program, form: WhenForm) -> Replay | None:
    try:
        return start_recompute(program=program, **form.span(), by=request.actor, at=request.at)
    except (BadValue, TooManyReplays) as error:
        form.add_error(None, str(error))
        return None


# One of them ------------------------------------------------------------------------------------


def get_replay(request: ConsoleRequest, program: Program, replay_id: UUID) -> Replay:
    """Return a replay of the program.

    :raises Http404: if the program has no such replay.
    """
    found = find_replay(program, replay_id)
    if found is None:
        raise Http404
    return found


@reads
def replay(request: ConsoleRequest, program_id: UUID, replay_id: UUID) -> HttpResponse:
    """Show how far a replay is, and what it found."""
    program = get_program(request, program_id)
    found = get_replay(request, program, replay_id)
    context = {"program": program, **_progress(found)}
    if found.kind == ReplayKind.RECOMPUTE:
        table = DifferenceTable(differences_of(found))
        table.currency = program.currency
        context |= show_table(request, table)
    else:
        table = TotalTable(totals_of_replay(found))
        table.currency, table.most = program.currency, most_of_replay(found)
        context |= show_table(request, table)
        context["rules"] = _sentences(program, found.proposed)
    return show_page(request, "console/replays/detail.html", context, nav="programs")


@reads
def replay_progress(request: ConsoleRequest, program_id: UUID, replay_id: UUID) -> HttpResponse:
    """Say how far it is: what the page asks again until it is done."""
    program = get_program(request, program_id)
    context = {"program": program, **_progress(get_replay(request, program, replay_id))}
    answer = render(request, "console/replays/progress.html", context)
    if not context["is_moving"]:
        answer.headers["HX-Refresh"] = "true"  # The page has more to show now.
    return answer


def _progress(found: Replay) -> dict[str, Any]:
    applying = found.status == ReplayStatus.APPLYING
    return {
        "replay": found,
        "is_moving": moving(found),
        "is_backtest": found.kind == ReplayKind.BACKTEST,
        "done": found.applied_count if applying else found.done,
        "total": found.differing if applying else found.total,
        "change_minor": found.change_minor,
        "change_text": change(found.after_minor, found.before_minor)[0],
        "may_apply": found.kind == ReplayKind.RECOMPUTE
        and found.status == ReplayStatus.DONE
        and found.differing,
        "may_go_on": found.status == ReplayStatus.FAILED
        and (found.applied_by_id is not None or found.applied_by_key_id is not None),
    }


@acts(Right.REVIEW_COMMISSIONS)
def replay_apply(request: ConsoleRequest, program_id: UUID, replay_id: UUID) -> HttpResponse:
    """Book what a recompute has listed."""
    program = get_program(request, program_id)
    found = get_replay(request, program, replay_id)
    with refusal_told(request):
        apply_recompute(replay=found, by=request.actor, at=request.at)
        messages.success(request, _("The corrections are being booked."))
    return redirect("console:replay", program.id, found.id)


@acts(Right.REVIEW_COMMISSIONS)
def replay_stop(request: ConsoleRequest, program_id: UUID, replay_id: UUID) -> HttpResponse:
    """Do no more of it."""
    program = get_program(request, program_id)
    found = get_replay(request, program, replay_id)
    with refusal_told(request):
        stop_replay(replay=found, by=request.actor, at=request.at)
    return redirect("console:replay", program.id, found.id)


@reads
def replay_export(request: ConsoleRequest, program_id: UUID, replay_id: UUID) -> HttpResponse:
    """Give what it found as CSV: by affiliate, or of a recompute by conversion."""
    program = get_program(request, program_id)
    found = get_replay(request, program, replay_id)
    if found.kind == ReplayKind.RECOMPUTE:
        names = ("conversion", "affiliate", "before", "after", "booked", "currency")
        content = write_csv(names, _difference_rows(found, program))
    else:
        names = ("affiliate", "conversions", "before", "after", "difference", "currency")
        content = write_csv(names, _total_rows(found, program))
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{found.kind.lower()}.csv"'},
    )


def _total_rows(found: Replay, program: Program) -> Iterator[list[object]]:
    for row in totals_of_replay(found).iterator(chunk_size=1000):
        amounts = (row.before_minor, row.after_minor, row.change_minor)
        yield [
            row.enrollment.affiliate.name,
            row.conversions,
            *(major_of(amount, currency=program.currency) for amount in amounts),
            program.currency,
        ]


def _difference_rows(found: Replay, program: Program) -> Iterator[list[object]]:
    for row in differences_of(found).iterator(chunk_size=1000):
        amounts = (row.before_minor, row.after_minor, row.booked_minor)
        yield [
            row.conversion.external_id,
            row.enrollment.affiliate.name,
            *(
                "" if amount is None else major_of(amount, currency=program.currency)
                for amount in amounts
            ),
            program.currency,
        ]
