"""Links: what each brought, new ones, and addresses made from them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from affiliates.models import Enrollment
from commissions.models import Reward
from commissions.whom import pays_for
from common.refusals import BadValue
from interfaces.portal.charts import number
from interfaces.portal.codes import codes, may_wish, wishes
from interfaces.portal.door import Visit, affiliate_page, form_page
from interfaces.portal.link_forms import BuilderForm, LinkForm, wrong_host
from interfaces.portal.tables import LinkTable, rows_of
from interfaces.portal.text import (
    link_address,
    link_status,
    money,
    picture_address,
)
from merchants.tenancy import merchant_context
from programs.services import HostNotAllowed, allowed_hosts_of
from reports.affiliate_traffic import (
    LinkReport,
    branches_of,
    links_of,
    report_links,
)
from tracking.models import Link
from tracking.services import CodeTaken, NotEnrolled, archive_link, create_link

LISTED_MAX = 500


@require_safe
@affiliate_page
def links(visit: Visit) -> HttpResponse:
    """List the links that are in use, or the archived ones."""
    archived = visit.request.GET.get("archived") == "1"
    rows = links_of(visit.affiliate.id, program_id=visit.program_id)
    rows = rows.filter(archived_at__isnull=not archived)
    reports = report_links(visit.affiliate.id, list(rows[:LISTED_MAX]))
    every = links_of(visit.affiliate.id, program_id=visit.program_id)
    context = {
        "table": LinkTable(reports, at=visit.at) if reports else None,
        "archived": archived,
        "has_archived": every.filter(archived_at__isnull=False).exists(),
        "coupons": codes(visit),
        "wishes": wishes(visit),
        "may_wish": may_wish(visit),
        "may_create": any(row.is_active for row in visit.enrollments),
    }
    return visit.show("portal/links.html", context, nav="links", by_program=True)


@require_http_methods(["GET", "HEAD", "POST"])
@form_page
def create(visit: Visit) -> HttpResponse:
    """Create a link in one of the affiliate's programs."""
    active = [row for row in visit.enrollments if row.is_active]
    if not active:
        return redirect("portal:links")
    initial = {"enrollment": visit.request.GET.get("enrollment", "")}
    form = LinkForm(visit.request.POST or None, enrollments=active, initial=initial)
    if form.is_valid() and (link := _created(visit, form)):
        messages.success(visit.request, _("Your link is ready."))
        return redirect("portal:link", link.id)
    status = 422 if form.is_bound else 200
    context = {"form": form, "hosts": hosts_of(active)}
    return visit.show("portal/link_create.html", context, nav="links", status=status)


def hosts_of(enrollments: Sequence[Enrollment]) -> list[dict[str, str]]:
    """Return where the links of each program may lead."""
    return [
        {"program": row.program.name, "hosts": ", ".join(sorted(allowed_hosts_of(row.program)))}
        for row in enrollments
    ]


def _created(visit: Visit, form: LinkForm) -> Link | None:
    """Return the new link; without one the form says what is wrong."""
    said = form.cleaned_data
    enrollment = visit.enrollment(UUID(said["enrollment"]))
    try:
        with merchant_context(enrollment.merchant_id):
            return create_link(
                enrollment=enrollment,
                code=said["code"],
                name=said["name"],
                destination_url=said["destination_url"],
                starts_at=said["starts_at"],
                ends_at=said["ends_at"],
            )
    except BadValue as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except CodeTaken:
        form.add_error("code", _("This code is taken. Choose another one."))
    except HostNotAllowed:
        form.add_error("destination_url", wrong_host(enrollment.program))
    except NotEnrolled:
        form.add_error("enrollment", _("You are not approved in this program at the moment."))
    return None


@require_safe
@affiliate_page
def link(visit: Visit, link_id: UUID) -> HttpResponse:
    """Show one link, its code to scan, and addresses with sub ids."""
    found = get_object_or_404(links_of(visit.affiliate.id), id=link_id)
    report = report_links(visit.affiliate.id, [found])[0]
    builder = BuilderForm(visit.request.GET or None, program=found.program)
    context = {
        "link": found,
        "address": link_address(found.code),
        "picture": _picture(found),
        "figures": _figures(report),
        "destination": found.destination_url or found.program.landing_url,
        "status": link_status(found, visit.at),
        "branches": branches_of(found) if found.smart_rule else [],
        "builder": builder,
        "built": _built(found, builder),
    }
    return visit.show("portal/link.html", context, nav="links")


def _picture(found: Link) -> str:
    """Return what counts impressions where the program pays for them; else nothing."""
    if not pays_for(found.program, Reward.PER_MILLE):
        return ""
    return f'<img src="{picture_address(found.code)}" alt="" width="1" height="1">'


def _figures(report: LinkReport) -> list[dict[str, Any]]:
    """Return what the link brought, each figure leading to its rows."""
    link, traffic = report.link, report.traffic
    counted = ngettext("%(count)s counted", "%(count)s counted", traffic.credited)
    return [
        {
            "label": _("Clicks"),
            "value": number(traffic.human),
            "href": rows_of("portal:clicks", link),
            "note": counted % {"count": number(traffic.credited)},
        },
        {
            "label": _("Conversions"),
            "value": number(report.conversions),
            "href": rows_of("portal:conversions", link),
        },
        {"label": _("You earned"), "value": money(report.earned_minor, link.program.currency)},
    ]


def _built(found: Link, builder: BuilderForm) -> str:
    """Return the link's address with what was typed into the builder; empty without that."""
    if not builder.is_bound or not builder.is_valid():
        return ""
    typed = {name: value for name, value in builder.cleaned_data.items() if value}
    if not typed:
        return ""
    return f"{link_address(found.code)}?{urlencode(typed, quote_via=quote)}"


@require_POST
@affiliate_page
def archive(visit: Visit, link_id: UUID) -> HttpResponse:
    """Stop crediting a link's clicks."""
    found = get_object_or_404(links_of(visit.affiliate.id), id=link_id)
    with merchant_context(found.merchant_id):
        archive_link(link=found, at=visit.at)
    messages.success(visit.request, _("The link is archived. Visitors are still led on."))
    return redirect("portal:links")
