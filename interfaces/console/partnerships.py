"""Partnerships with strategic affiliates: the list, and what the merchant does in one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from affiliates.selectors import enrollments_of
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.partnerships import RhythmForm
from interfaces.console.pages import ConsoleRequest, show_page
from interfaces.partnerships.desk import Desk, frame, shown, told
from interfaces.partnerships.forms import CommentForm, ItemForm, PersonForm
from interfaces.partnerships.pages import (
    get_item,
    item_context,
    overview_context,
    plan_context,
)
from interfaces.partnerships.sheets import sheet_context, sheet_form, sheet_kind
from merchants.rights import Right
from merchants.selectors import members_of
from messaging.models import Side
from messaging.services import as_member
from partnerships.models import ItemStatus, Person
from partnerships.plan import add_item, move_item
from partnerships.selectors import (
    next_review,
    partnership_of,
    partnerships_of,
    people_of,
    standings_of,
)
from partnerships.services import (
    NotPartner,
    add_affiliate_user,
    add_member,
    begin_partnership,
    end_partnership,
    fill_sheet,
    remove_person,
    set_rhythm,
    users_of_account,
    write_comment,
)


@reads
def partnerships(request: ConsoleRequest) -> HttpResponse:
    """List the partnerships with what is due in each."""
    rows = list(partnerships_of(request.merchant.id))
    standings = standings_of(rows, on=request.at.date())
    context = {
        "rows": [
            {"partnership": row, "standing": standings.get(row.id), "review": next_review(row)}
            for row in rows
        ],
        "today": request.at.date(),
    }
    return show_page(request, "console/partnerships/list.html", context, nav="affiliates")


def desk_of(request: ConsoleRequest, partnership_id: UUID) -> Desk:
    """Return the member's desk at a partnership.

    :raises Http404: if the merchant has no such partnership.
    """
    found = partnerships_of(request.merchant.id).filter(id=partnership_id).first()
    if found is None:
        raise Http404
    by = as_member(request.member, request.actor)
    return Desk("console", found, by, request.at, request.member.may(Right.WRITE_MESSAGES))


def show(
    request: ConsoleRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Return a page of a partnership."""
    context = {"base": "console/partnerships/frame.html", **context}
    name = f"partnerships/{template}.html"
    return show_page(request, name, context, nav="affiliates", status=status)


def partner_context(request: ConsoleRequest, enrollment: Enrollment) -> dict[str, Any]:
    """Return what an affiliate's page shows of their partnership."""
    found = partnership_of(enrollment.id)
    return {"partnership": found, "may_partner": enrollment.is_active}


@acts(Right.REVIEW_AFFILIATES)
def partnership_begin(request: ConsoleRequest, enrollment_id: UUID) -> HttpResponse:
    """Make a strategic partner of an affiliate."""
    enrollment = enrollments_of(request.merchant.id).filter(id=enrollment_id).first()
    if enrollment is None:
        raise Http404
    try:
        made = begin_partnership(
            enrollment=enrollment, member=request.member, by=request.actor, at=request.at
        )
    except NotPartner:
        messages.error(request, _("Only approved affiliates become partners."))
        return redirect("console:affiliate", enrollment.id)
    messages.success(request, _("They see this page in their portal from now on."))
    return redirect("console:partnership", made.id)


@reads
def partnership(request: ConsoleRequest, partnership_id: UUID) -> HttpResponse:
    """Show where a partnership stands."""
    return show(request, "overview", overview_context(desk_of(request, partnership_id)))


@edits(Right.REVIEW_AFFILIATES)
def partnership_edit(request: ConsoleRequest, partnership_id: UUID) -> HttpResponse:
    """Say who works in it, and how often it is reviewed."""
    desk = desk_of(request, partnership_id)
    found = desk.partnership
    initial = {"review_months": found.review_months, "agenda": found.agenda}
    form = RhythmForm(request.POST or None, initial=initial)
    if form.is_valid():
        with shown(form):
            set_rhythm(partnership=found, **form.cleaned_data, by=request.actor, at=request.at)
            messages.success(request, _("Saved."))
            return redirect(desk.url("partnership"))
    context = frame(desk, "") | {
        "form": form,
        "people": [(row, desk.side_name(row.side)) for row in people_of(found)],
        "person_form": PersonForm(choices=_candidates(desk), auto_id="person_%s"),
    }
    return show(request, "edit", context, status=422 if form.errors else 200)


def _candidates(desk: Desk) -> list[tuple[str, str]]:
    """Return who could work in it: members, and users of the affiliate's account."""
    members = members_of(desk.partnership.merchant_id).filter(disabled_at=None)
    merchant, affiliate = (desk.side_name(side) for side in Side)
    return [
        *[(f"m:{row.id}", f"{row.user.get_full_name()} · {merchant}") for row in members],
        *[
            (f"u:{user.id}", f"{user.get_full_name()} · {affiliate}")
            for user in users_of_account(desk.partnership)
        ],
    ]


@acts(Right.REVIEW_AFFILIATES)
def partner_person_add(request: ConsoleRequest, partnership_id: UUID) -> HttpResponse:
    """Put somebody into it."""
    desk = desk_of(request, partnership_id)
    form = PersonForm(request.POST, choices=_candidates(desk))
    with told(request):
        if form.is_valid():
            whose, _colon, id = form.cleaned_data["person"].partition(":")
            duty = form.cleaned_data["duty"]
            if whose == "m":
                member = members_of(request.merchant.id).get(id=id)
                add_member(partnership=desk.partnership, member=member, duty=duty)
            else:
                add_affiliate_user(partnership=desk.partnership, user_id=UUID(id), duty=duty)
            messages.success(request, _("Saved."))
        else:
            messages.error(request, _("Choose somebody of either side."))
    return redirect(desk.url("partnership-edit"))


@acts(Right.REVIEW_AFFILIATES)
def partner_person_remove(
    request: ConsoleRequest, partnership_id: UUID, person_id: UUID
) -> HttpResponse:
    """Take somebody out of it."""
    desk = desk_of(request, partnership_id)
    rows = Person.objects.filter(partnership=desk.partnership, id=person_id)
    person = rows.select_related("partnership").first()
    if person is None:
        raise Http404
    with told(request):
        remove_person(person=person, at=request.at)
        messages.success(request, _("Removed."))
    return redirect(desk.url("partnership-edit"))


@acts(Right.REVIEW_AFFILIATES)
def partnership_end(request: ConsoleRequest, partnership_id: UUID) -> HttpResponse:
    """End it; its pages stay readable."""
    desk = desk_of(request, partnership_id)
    end_partnership(partnership=desk.partnership, by=request.actor, at=request.at)
    messages.success(request, _("Ended. You can begin it again on the affiliate's page."))
    return redirect(desk.url("partnership"))


# The plan ----------------------------------------------------------------------------------------


@reads
def partner_plan(request: ConsoleRequest, partnership_id: UUID) -> HttpResponse:
    """Show everything that is to be done."""
    desk = desk_of(request, partnership_id)
    return show(request, "plan", plan_context(desk, ItemForm(desk=desk)))


@acts(Right.WRITE_MESSAGES)
def partner_item_add(request: ConsoleRequest, partnership_id: UUID) -> HttpResponse:
    """Write down something to be done."""
    desk = desk_of(request, partnership_id)
    form = ItemForm(request.POST, desk=desk)
    if form.is_valid():
        with shown(form):
            add_item(partnership=desk.partnership, draft=form.draft, by=desk.by, at=request.at)
            messages.success(request, _("It is in the plan."))
            return redirect(desk.url("partner-plan"))
    return show(request, "plan", plan_context(desk, form), status=422)


@reads
def partner_item(request: ConsoleRequest, partnership_id: UUID, item_id: UUID) -> HttpResponse:
    """Show an item with its history."""
    desk = desk_of(request, partnership_id)
    return show(request, "item", item_context(desk, get_item(desk, item_id), CommentForm()))


@acts(Right.WRITE_MESSAGES)
def partner_item_move(request: ConsoleRequest, partnership_id: UUID, item_id: UUID) -> HttpResponse:
    """Say what became of an item."""
    desk = desk_of(request, partnership_id)
    item, to = get_item(desk, item_id), request.POST.get("to", "")
    if to not in ItemStatus.values:
        raise Http404
    with told(request):
        note = request.POST.get("note", "")
        move_item(item=item, to=ItemStatus(to), note=note, by=desk.by, at=request.at)
        messages.success(request, _("Saved."))
    return redirect(desk.url("partner-item", item.id))


@acts(Right.WRITE_MESSAGES)
def partner_item_comment(
    request: ConsoleRequest, partnership_id: UUID, item_id: UUID
) -> HttpResponse:
    """Say something about an item."""
    desk = desk_of(request, partnership_id)
    item, body = get_item(desk, item_id), request.POST.get("body", "")
    with told(request):
        write_comment(
            partnership=desk.partnership, about=item, body=body, by=desk.by, at=request.at
        )
    return redirect(desk.url("partner-item", item.id))


# Sheets ------------------------------------------------------------------------------------------


@reads
def partner_sheet(request: ConsoleRequest, partnership_id: UUID, sheet: str) -> HttpResponse:
    """Show a sheet, beside an earlier quarter if one is asked for."""
    desk, kind = desk_of(request, partnership_id), sheet_kind(sheet)
    against = request.GET.get("against", "")
    context = sheet_context(desk, kind, sheet_form(desk, kind), against)
    return show(request, "sheet", context)


@acts(Right.WRITE_MESSAGES)
def partner_sheet_fill(request: ConsoleRequest, partnership_id: UUID, sheet: str) -> HttpResponse:
    """Keep a new version of a sheet."""
    desk, kind = desk_of(request, partnership_id), sheet_kind(sheet)
    form = sheet_form(desk, kind, request.POST)
    if form.is_valid():
        with shown(form):
            fill_sheet(
                partnership=desk.partnership,
                kind=kind,
                answers=form.cleaned_data,
                by=desk.by,
                at=request.at,
            )
            messages.success(request, _("Saved. Earlier versions are kept."))
            return redirect(desk.url("partner-sheet", sheet))
    return show(request, "sheet", sheet_context(desk, kind, form, ""), status=422)


@acts(Right.WRITE_MESSAGES)
def partner_sheet_comment(
    request: ConsoleRequest, partnership_id: UUID, sheet: str
) -> HttpResponse:
    """Say something about a sheet."""
    desk, kind = desk_of(request, partnership_id), sheet_kind(sheet)
    with told(request):
        body = request.POST.get("body", "")
        write_comment(
            partnership=desk.partnership, about=kind, body=body, by=desk.by, at=request.at
        )
    return redirect(desk.url("partner-sheet", sheet))
