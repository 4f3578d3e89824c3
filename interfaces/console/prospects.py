"""Prospects: who might become an affiliate, as a list and as a board, and what was said so far."""

from typing import Any
from uuid import UUID

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.refusals import BadValue
from common.spreadsheet import write_csv
from interfaces.console.access import acts, edits, reads
from interfaces.console.filters import ListFilter, Rows, search_field
from interfaces.console.forms.prospects import ContactForm, ProspectForm, StageForm, known_members
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.history import told_history
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.tables import NUMBER, cell, page_of
from merchants.rights import Right
from programs.selectors import programs_of
from recruiting.models import BY_HAND, ContactKind, Prospect, ProspectSource, Stage, stage_of
from recruiting.selectors import count_stages, prospects_of
from recruiting.services import (
    LooksKnown,
    ProspectExists,
    add_prospect,
    forget_prospect,
    log_contact,
    move_prospect,
    update_prospect,
)

NAV = "recruiting"
CARDS_MAX = 50  # Of a column of the board; the list has them all.
CSV_COLUMNS = """
    id program name email website channels audience country source introduced_by recruited_by
    owner stage found_at notes
""".split()


class ProspectFilter(ListFilter):
    """Prospects by program, stage, source and who looks after them."""

    more = ("source", "owner")

    q = search_field(gettext_lazy("Name, address or website"))
    program = django_filters.ChoiceFilter(
        field_name="program_id",
        label=gettext_lazy("Program"),
        empty_label=gettext_lazy("All programs"),
    )
    stage = django_filters.ChoiceFilter(
        field_name="stage_now",
        label=gettext_lazy("Stage"),
        empty_label=gettext_lazy("All stages"),
        choices=Stage.choices,
    )
    source = django_filters.ChoiceFilter(
        label=gettext_lazy("Source"),
        empty_label=gettext_lazy("Every source"),
        choices=ProspectSource.choices,
    )
    owner = django_filters.ChoiceFilter(
        field_name="owner_id",
        label=gettext_lazy("Looked after by"),
        empty_label=gettext_lazy("Anybody"),
    )

    def search(self, rows: Rows, _name: str, text: str) -> Rows:
        """Find a part of the name, the address or the website."""
        text = text.strip()
        return rows.filter(
            Q(name__icontains=text) | Q(email__icontains=text) | Q(website__icontains=text)
        )


class ProspectTable(tables.Table):
    """Prospects, those found last first."""

    name = cell("prospect", gettext_lazy("Prospect"))
    stage = cell("prospect_stage", gettext_lazy("Stage"), order_by=("stage_now", "-found_at"))
    source = cell("prospect_source", gettext_lazy("Source"))
    owner = tables.Column(
        accessor="owner__user__get_full_name",
        verbose_name=gettext_lazy("Looked after by"),
        orderable=False,
        default="–",
    )
    last_contact_at = cell("time", gettext_lazy("Last contact"))
    visits = tables.Column(
        verbose_name=gettext_lazy("Followed the link"), attrs=NUMBER, orderable=False
    )

    class Meta:
        template_name = "components/table.html"
        row_attrs = {"data-href": page_of("prospect")}
        attrs = {"caption": gettext_lazy("Prospects"), "id": "results"}
        empty_text = gettext_lazy("No prospect matches. Take a filter away to see more.")


def prospect_filters(request: ConsoleRequest) -> ProspectFilter:
    """Return the filters of the address, over the merchant's prospects."""
    filters = ProspectFilter(
        request.GET,
        prospects_of(request.merchant.id),
        programs=programs_of(request.merchant.id),
    )
    filters.filters["owner"].extra["choices"] = known_members(request.merchant.id)
    return filters


@reads
def prospects(request: ConsoleRequest) -> HttpResponse:
    """List the prospects."""
    filters = prospect_filters(request)
    context = show_table(request, ProspectTable(filters.rows), filters=filters)
    context |= {
        "export_url": f"{reverse('console:prospects-export')}?{request.GET.urlencode()}",
        "has_program": bool(programs_of(request.merchant.id)),
        "query": request.GET.urlencode(),
    }
    return show_page(request, "console/recruiting/list.html", context, nav=NAV)


@reads
def prospects_board(request: ConsoleRequest) -> HttpResponse:
    """Show the prospects by stage, side by side."""
    rows = prospects_of(request.merchant.id)
    counts = count_stages(rows)
    columns = [
        {
            "stage": stage,
            "count": counts[stage],
            "prospects": rows.filter(stage_now=stage)[:CARDS_MAX] if counts[stage] else [],
            "url": f"{reverse('console:prospects')}?stage={stage}",
        }
        for stage in Stage
    ]
    context = {"columns": columns, "stages": BY_HAND, "has_rows": any(counts.values())}
    return show_page(request, "console/recruiting/board.html", context, nav=NAV)


@reads
def prospects_export(request: ConsoleRequest) -> HttpResponse:
    """Give the filtered list as CSV."""
    rows = prospect_filters(request).rows.iterator(chunk_size=1000)
    return HttpResponse(
        write_csv(CSV_COLUMNS, (_csv_row(prospect) for prospect in rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="prospects.csv"'},
    )


def _csv_row(row: Any) -> list[object]:
    return [
        str(row.id),
        row.program.name,
        row.name,
        row.email,
        row.website,
        row.channels,
        row.audience,
        row.country,
        row.source,
        row.introduced_by,
        row.recruiter.affiliate.name if row.recruiter else "",
        row.owner.user.get_full_name() if row.owner else "",
        row.stage_now,
        row.found_at.isoformat(),
        row.notes,
    ]


def get_prospect(request: ConsoleRequest, prospect_id: UUID) -> Prospect:
    """Return the merchant's prospect.

    :raises Http404: if the merchant has no such prospect.
    """
    found = prospects_of(request.merchant.id).filter(id=prospect_id).first()
    if found is None:
        raise Http404
    return found


@edits(Right.REVIEW_AFFILIATES)
def prospect_create(request: ConsoleRequest) -> HttpResponse:
    """Add somebody who might become an affiliate."""
    programs = programs_of(request.merchant.id)
    if not programs:
        return redirect("console:program-create")
    form = ProspectForm(request.POST or None, merchant_id=request.merchant.id, programs=programs)
    if request.method == "POST" and form.is_valid():
        try:
            with refusal_shown(form):
                added = add_prospect(
                    program=form.chosen,
                    draft=form.draft,
                    despite_known=form.cleaned_data["despite_known"],
                    by=request.actor,
                    at=request.at,
                )
                messages.success(request, _("Added."))
                return redirect("console:prospect", added.id)
        except ProspectExists:
            form.add_error("email", _("A prospect of this program has this address."))
        except LooksKnown as error:
            return _show_form(request, form, known=error.matches)
    return _show_form(request, form)


def _show_form(
    request: ConsoleRequest,
    form: ProspectForm,
    *,
    prospect: Prospect | None = None,
    known: Any = (),
) -> HttpResponse:
    status = 422 if form.errors or known else 200
    context = {"form": form, "prospect": prospect, "known": known}
    return show_page(request, "console/recruiting/form.html", context, nav=NAV, status=status)


@edits(Right.REVIEW_AFFILIATES)
def prospect_edit(request: ConsoleRequest, prospect_id: UUID) -> HttpResponse:
    """Change what is known of somebody."""
    found = get_prospect(request, prospect_id)
    form = ProspectForm(
        request.POST or None,
        merchant_id=request.merchant.id,
        programs=[found.program],
        prospect=found,
    )
    if request.method == "POST" and form.is_valid():
        try:
            with refusal_shown(form):
                update_prospect(prospect=found, draft=form.draft, by=request.actor, at=request.at)
                messages.success(request, _("Saved."))
                return redirect("console:prospect", found.id)
        except ProspectExists:
            form.add_error("email", _("A prospect of this program has this address."))
    return _show_form(request, form, prospect=found)


@reads
def prospect(request: ConsoleRequest, prospect_id: UUID) -> HttpResponse:
    """Show a prospect: what is known, what was said, which letters went out."""
    return _show(request, get_prospect(request, prospect_id))


def _show(
    request: ConsoleRequest, found: Prospect, *, contact_form: forms.Form | None = None
) -> HttpResponse:
    context = {
        "prospect": found,
        "id_text": str(found.id),
        "is_in": found.enrollment_id and stage_of(found) != Stage.INVITED,
        "stage_form": StageForm(initial={"stage": found.stage}),
        "contact_form": contact_form or ContactForm(),
        "contacts": found.contacts.select_related("member__user").order_by("-at", "-id"),
        "letters": found.letters.select_related("member__user").order_by("-written_at"),
        "history": told_history(request.merchant.id, found.id),
    }
    status = 422 if contact_form else 200
    return show_page(request, "console/recruiting/detail.html", context, nav=NAV, status=status)


@acts(Right.REVIEW_AFFILIATES)
def prospect_move(request: ConsoleRequest, prospect_id: UUID) -> HttpResponse:
    """Say how far somebody has come."""
    found = get_prospect(request, prospect_id)
    form = StageForm(request.POST)
    if form.is_valid():
        with refusal_told(request):
            to = Stage(form.cleaned_data["stage"])
            move_prospect(prospect=found, to=to, by=request.actor, at=request.at)
    if "board" in request.POST:
        return redirect("console:prospects-board")
    return redirect("console:prospect", found.id)


@acts(Right.REVIEW_AFFILIATES)
def prospect_contact(request: ConsoleRequest, prospect_id: UUID) -> HttpResponse:
    """Write down what was said."""
    found = get_prospect(request, prospect_id)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _show(request, found, contact_form=form)
    try:
        log_contact(
            prospect=found,
            kind=ContactKind(form.cleaned_data["kind"]),
            text=form.cleaned_data["text"],
            member=request.member,
            at=request.at,
        )
    except BadValue as error:
        form.add_error("text", str(error))
        return _show(request, found, contact_form=form)
    messages.success(request, _("Written down."))
    return redirect("console:prospect", found.id)


@acts(Right.REVIEW_AFFILIATES)
def prospect_forget(request: ConsoleRequest, prospect_id: UUID) -> HttpResponse:
    """Delete a prospect, with everything that was written about them."""
    found = get_prospect(request, prospect_id)
    forget_prospect(prospect=found, by=request.actor, at=request.at)
    messages.success(request, _("Forgotten."))
    return redirect("console:prospects")
