"""Files of prospects: uploaded, looked at line by line, taken in."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interfaces.console.access import edits
from interfaces.console.forms.prospects import MappingForm, ProspectFileForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.prospects import NAV
from merchants.rights import Right
from programs.selectors import programs_of
from recruiting.importing import begin_import, columns_of, guess_mapping, look_at, run_import
from recruiting.models import ProspectImport

LINES_SHOWN = 200


@edits(Right.REVIEW_AFFILIATES)
def prospects_import(request: ConsoleRequest) -> HttpResponse:
    """Take a file, to look at it before anything is stored of it."""
    programs = programs_of(request.merchant.id)
    if not programs:
        return redirect("console:program-create")
    form = ProspectFileForm(request.POST or None, request.FILES or None, programs=programs)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with refusal_shown(form):
            begun = begin_import(
                program=form.programs[said["program"]],
                file_name=said["file"].name or "",
                content=said["file"].read(),
                source=said["source"],
                member=request.member,
            )
            return redirect("console:prospects-import-check", begun.id)
    status = 422 if form.errors else 200
    template = "console/recruiting/import.html"
    return show_page(request, template, {"form": form}, nav=NAV, status=status)


@edits(Right.REVIEW_AFFILIATES)
def prospects_import_check(request: ConsoleRequest, prospect_import_id: UUID) -> HttpResponse:
    """Show what the file would do; take it in when that is posted."""
    rows = ProspectImport.objects.filter(merchant_id=request.merchant.id, id=prospect_import_id)
    file = rows.select_related("program").first()
    if file is None:
        raise Http404
    if file.done_at is not None:
        return redirect("console:prospects")
    columns = columns_of(file)
    asked = request.POST if request.method == "POST" else request.GET
    form = MappingForm(asked or _guessed(columns), columns=columns)
    mapping = form.mapping if form.is_valid() else {}
    if request.method == "POST" and form.is_valid():
        done = run_import(file=file, mapping=mapping, by=request.actor, at=request.at)
        count = done.added_count
        said = ngettext("%(count)s prospect added.", "%(count)s prospects added.", count)
        messages.success(request, said % {"count": count})
        return redirect("console:prospects")
    looked = look_at(file, mapping)
    context = {
        "file": file,
        "form": form,
        "looked": looked,
        "lines": looked.lines[:LINES_SHOWN],
        "said": {name: str(at) for name, at in mapping.items()},
        "title": _("Check %(file)s") % {"file": file.file_name},
    }
    return show_page(request, "console/recruiting/check.html", context, nav=NAV)


def _guessed(columns: list[str]) -> dict[str, str]:
    return {name: str(at) for name, at in guess_mapping(columns).items()}
