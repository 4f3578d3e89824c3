"""Statements of the bank: looked at first, then they settle payouts."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.statements import StatementForm
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.statement_tables import LineTable, StatementTable
from interfaces.console.wording import OUTCOMES
from merchants.rights import Right
from payouts.models import LineOutcome, Statement
from payouts.services import ProofUsed
from payouts.statements.importing import apply_statement, discard_statement, take_statement
from payouts.statements.lines import BadStatement
from payouts.statements.selectors import outline_of, statements_of


@reads
def statements(request: ConsoleRequest) -> HttpResponse:
    """List the statements so far."""
    context = show_table(request, StatementTable(statements_of(request.merchant.id)))
    return show_page(request, "console/statements/list.html", context, nav="payouts")


@edits(Right.PREPARE_PAYOUTS)
def statement_create(request: ConsoleRequest) -> HttpResponse:
    """Take a file, and lead to what it would do."""
    form = StatementForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        taken = _take(request, form)
        if taken is not None:
            return redirect("console:statement", taken.id)
    status = 422 if form.errors else 200
    template = "console/statements/create.html"
    return show_page(request, template, {"form": form}, nav="payouts", status=status)


def _take(request: ConsoleRequest, form: StatementForm) -> Statement | None:
    file = form.cleaned_data["file"]
    try:
        return take_statement(
            member=request.member, name=file.name, content=file.read(), at=request.at
        )
    except BadStatement as error:
        for message in error.messages:
            form.add_error("file", message)
        return None


def get_statement(request: ConsoleRequest, statement_id: UUID) -> Statement:
    """Return the merchant's statement.

    :raises Http404: if the merchant has no such statement.
    """
    found = statements_of(request.merchant.id).filter(id=statement_id).first()
    if found is None:
        raise Http404
    return found


@reads
def statement(request: ConsoleRequest, statement_id: UUID) -> HttpResponse:
    """Show what a statement would do, or did, line by line."""
    found = get_statement(request, statement_id)
    outline = outline_of(found)
    chosen = request.GET.get("outcome", "")
    lines = [line for line in outline.lines if not chosen or line.outcome == chosen]
    rank = list(OUTCOMES)
    lines.sort(key=lambda line: rank.index(LineOutcome(line.outcome)))
    settling = outline.counts[LineOutcome.PAID] + outline.counts[LineOutcome.RETURNED]
    context = {
        "statement": found,
        "tiles": [(outcome, outline.counts[outcome]) for outcome in OUTCOMES],
        "differs": outline.counts[LineOutcome.DIFFERS],
        "settling": settling,
        "repeated": outline.repeated,
        "chosen": chosen,
        **show_table(request, LineTable(lines)),
    }
    return show_page(request, "console/statements/detail.html", context, nav="payouts")


@acts(Right.PREPARE_PAYOUTS)
def statement_apply(request: ConsoleRequest, statement_id: UUID) -> HttpResponse:
    """Settle what the statement proves."""
    found = get_statement(request, statement_id)
    try:
        with refusal_told(request):
            apply_statement(member=request.member, statement=found, at=request.at)
            messages.success(request, _("Applied: what it proves is settled."))
    except ProofUsed:
        messages.error(request, _("One of its references proves another payout already."))
    return redirect("console:statement", found.id)


@acts(Right.PREPARE_PAYOUTS)
def statement_discard(request: ConsoleRequest, statement_id: UUID) -> HttpResponse:
    """Forget a statement that was only looked at."""
    found = get_statement(request, statement_id)
    discard_statement(member=request.member, statement=found)
    messages.success(request, _("Forgotten. Nothing of it was stored."))
    return redirect("console:statements")
