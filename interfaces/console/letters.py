"""Letters to prospects: templates, writing to some or many, and what came of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.letters import BeginningForm, LetterForm, LetterTemplateForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.console.prospects import NAV, prospect_filters
from merchants.rights import Right
from recruiting.letters import (
    AT_ONCE,
    NobodyToWriteTo,
    archive_template,
    reachable,
    save_template,
    write_letters,
)
from recruiting.models import LetterTemplate, Prospect
from recruiting.selectors import prospects_of, template_use, templates_of
from recruiting.tags import TAGS, filled


@reads
def letter_templates(request: ConsoleRequest) -> HttpResponse:
    """List the templates, with how many letters went out and how many links were followed."""
    context = {"rows": template_use(request.merchant.id)}
    return show_page(request, "console/recruiting/templates.html", context, nav=NAV)


@edits(Right.REVIEW_AFFILIATES)
def letter_template_create(request: ConsoleRequest) -> HttpResponse:
    """Write a new template."""
    return _edit(request, None)


@edits(Right.REVIEW_AFFILIATES)
def letter_template_edit(request: ConsoleRequest, template_id: UUID) -> HttpResponse:
    """Change a template; letters that went out stay as they were."""
    return _edit(request, _get_template(request, template_id))


def _get_template(request: ConsoleRequest, template_id: UUID) -> LetterTemplate:
    rows = LetterTemplate.objects.filter(merchant_id=request.merchant.id, id=template_id)
    found = rows.first()
    if found is None:
        raise Http404
    return found


def _edit(request: ConsoleRequest, template: LetterTemplate | None) -> HttpResponse:
    form = LetterTemplateForm(request.POST or None, template=template)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            save_template(merchant_id=request.merchant.id, template=template, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("console:letter-templates")
    context = {"form": form, "template": template, "tags": _tags()}
    status = 422 if form.errors else 200
    path = "console/recruiting/template.html"
    return show_page(request, path, context, nav=NAV, status=status)


def _tags() -> list[tuple[str, Any]]:
    return [(f"{{{name}}}", tag.label) for name, tag in TAGS.items()]


@acts(Right.REVIEW_AFFILIATES)
def letter_template_archive(request: ConsoleRequest, template_id: UUID) -> HttpResponse:
    """Put a template away."""
    archive_template(template=_get_template(request, template_id), at=request.at)
    messages.success(request, _("It is archived."))
    return redirect("console:letter-templates")


def _chosen(request: ConsoleRequest) -> QuerySet[Any, Any]:
    """Return whom the address names: one prospect, or all that its filters leave."""
    wanted = request.GET.get("prospect", "")
    if not wanted:
        rows: Any = prospect_filters(request).rows
        return prospects_of(request.merchant.id).filter(id__in=rows.order_by().values("id"))
    try:
        return prospects_of(request.merchant.id).filter(id=UUID(wanted))
    except ValueError as error:
        raise Http404 from error


@edits(Right.REVIEW_AFFILIATES)
def letter_create(request: ConsoleRequest) -> HttpResponse:
    """Write to a prospect, or to all that are listed."""
    chosen = _chosen(request)
    templates = {str(row.id): row for row in templates_of(request.merchant.id)}
    begun = templates.get(request.GET.get("template", ""))
    initial = {"subject": begun.subject, "body": begun.body, "template": begun.id} if begun else {}
    form = LetterForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with refusal_shown(form):
                letters = write_letters(
                    prospects=Prospect.objects.filter(id__in=chosen.order_by().values("id")),
                    subject=form.cleaned_data["subject"],
                    body=form.cleaned_data["body"],
                    template=templates.get(form.cleaned_data["template"]),
                    member=request.member,
                    by=request.actor,
                    at=request.at,
                )
                return _sent(request, len(letters))
        except NobodyToWriteTo:
            form.add_error(None, _("Nobody of them can be written to now."))
    return _show(request, form, chosen, begun)


def _sent(request: ConsoleRequest, count: int) -> HttpResponse:
    said = ngettext("%(count)s letter goes out.", "%(count)s letters go out.", count)
    messages.success(request, said % {"count": count})
    if wanted := request.GET.get("prospect"):
        return redirect("console:prospect", wanted)
    return redirect(f"{reverse('console:prospects')}?{request.GET.urlencode()}")


def _show(
    request: ConsoleRequest,
    form: LetterForm,
    chosen: QuerySet[Any, Any],
    begun: LetterTemplate | None,
) -> HttpResponse:
    can_be = reachable(
        Prospect.objects.filter(id__in=chosen.order_by().values("id")), at=request.at
    )
    count, total = can_be.count(), chosen.count()
    first = can_be.select_related("program__merchant").order_by("id").first()
    said = form.data if form.is_bound else form.initial
    context = {
        "form": form,
        "beginning": BeginningForm(
            auto_id="begin_%s",
            initial={"template": begun.id if begun else ""},
            templates=templates_of(request.merchant.id),
        ),
        "hidden": {name: text for name, text in request.GET.items() if name != "template"},
        "count": min(count, AT_ONCE),
        "left_out": total - min(count, AT_ONCE),
        "first": first,
        "preview": filled(str(said.get("body", "")), first) if first else "",
        "tags": _tags(),
        "one": request.GET.get("prospect"),
    }
    status = 422 if form.errors else 200
    return show_page(request, "console/recruiting/letter.html", context, nav=NAV, status=status)
