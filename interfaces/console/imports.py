"""Imports: a file is checked first and taken in then; each line that is refused has its reason."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from common.refusals import BadValue
from common.spreadsheet import write_csv
from interfaces.console.access import acts, edits, reads
from interfaces.console.conversions import show_received
from interfaces.console.filters import ImportFilter
from interfaces.console.forms.imports import ImportForm
from interfaces.console.lists import show_table
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.tables import ImportTable
from merchants.rights import Right
from programs.selectors import programs_of
from tracking.imports import COLUMNS, start_import
from tracking.models import Import, ImportProfile, ImportStatus
from tracking.selectors import imports_of

REFUSALS_SHOWN = 50


@reads
def imports(request: ConsoleRequest) -> HttpResponse:
    """List the files so far."""
    filters = ImportFilter(
        request.GET, imports_of(request.merchant.id), programs=programs_of(request.merchant.id)
    )
    context = show_table(request, ImportTable(filters.rows), filters=filters)
    return show_received(request, "imports", "console/imports/list.html", context)


@edits(Right.REVIEW_CONVERSIONS)
def import_create(request: ConsoleRequest) -> HttpResponse:
    """Take a file, and check it without storing anything."""
    programs = programs_of(request.merchant.id)
    initial = {"program": request.GET.get("program"), "profile": ImportProfile.CONVERSIONS}
    form = ImportForm(
        request.POST or None, request.FILES or None, programs=programs, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        check = _start_check(request, form)
        if check is not None:
            return redirect("console:import", check.id)
    context = {
        "form": form,
        "profile": form["profile"].value(),
        "profiles": [
            {"profile": profile, "columns": columns} for profile, columns in COLUMNS.items()
        ],
    }
    status = 422 if form.errors else 200
    template = "console/imports/create.html"
    return show_page(request, template, context, nav="conversions", status=status)


def _start_check(request: ConsoleRequest, form: ImportForm) -> Import | None:
    """Let a worker check the file; None with an error in the form if it cannot be one."""
    file = form.cleaned_data["file"]
    try:
        return start_import(
            program=form.cleaned_data["program"],
            profile=ImportProfile(form.cleaned_data["profile"]),
            file_name=file.name,
            content=file.read(),
            is_dry_run=True,
            member=request.member,
            at=request.at,
        )
    except BadValue as error:
        form.add_error("file", str(error))
        return None


def get_import(request: ConsoleRequest, import_id: UUID) -> Import:
    """Return the merchant's import.

    :raises Http404: if the merchant has no such import.
    """
    found = imports_of(request.merchant.id).filter(id=import_id).first()
    if found is None:
        raise Http404
    return found


@reads
def import_(request: ConsoleRequest, import_id: UUID) -> HttpResponse:
    """Show how far an import is, and what was refused."""
    context = _progress(get_import(request, import_id))
    return show_page(request, "console/imports/detail.html", context, nav="conversions")


@reads
def import_progress(request: ConsoleRequest, import_id: UUID) -> HttpResponse:
    """Say how far it is: what the page asks again until it is done."""
    context = _progress(get_import(request, import_id))
    answer = render(request, "console/imports/progress.html", context)
    if not context["is_moving"]:
        answer.headers["HX-Refresh"] = "true"  # The page has more to show now.
    return answer


def _progress(found: Import) -> dict[str, Any]:
    return {
        "import": found,
        "is_moving": found.status in (ImportStatus.WAITING, ImportStatus.RUNNING),
        "accepted": found.created_count + found.repeated_count,
        "refusals": found.refusals[:REFUSALS_SHOWN],
    }


@acts(Right.REVIEW_CONVERSIONS)
def import_run(request: ConsoleRequest, import_id: UUID) -> HttpResponse:
    """Take a file in that was checked."""
    check = get_import(request, import_id)
    if not check.content:
        messages.error(request, _("The file is not kept any more. Upload it again."))
        return redirect("console:imports")
    started = start_import(
        program=check.program,
        profile=ImportProfile(check.profile),
        file_name=check.file_name,
        content=bytes(check.content),
        is_dry_run=False,
        member=request.member,
        at=request.at,
    )
    return redirect("console:import", started.id)


@reads
def import_refusals(request: ConsoleRequest, import_id: UUID) -> HttpResponse:
    """Give the refused lines as CSV."""
    found = get_import(request, import_id)
    names = ("line", "field", "code", "message")
    rows = ([refusal.get(name, "") for name in names] for refusal in found.refusals)
    return _csv(write_csv(names, rows), "refused-lines.csv")


@reads
def import_example(request: ConsoleRequest) -> HttpResponse:
    """Give a file that shows how one of a profile looks."""
    profile = request.GET.get("profile", ImportProfile.CONVERSIONS)
    if profile not in ImportProfile.values:
        raise Http404
    columns = COLUMNS[ImportProfile(profile)]
    example = write_csv(
        [column.name for column in columns], [[column.example for column in columns]]
    )
    return _csv(example, f"{profile.lower().replace('_', '-')}.csv")


def _csv(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
