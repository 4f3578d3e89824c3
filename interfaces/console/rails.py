"""Rails: the accounts that payouts are sent from, and what did not agree with their books."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.rails import RailForm, ResolveForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest, refusal_told, show_page
from interfaces.console.rail_words import DOES, MEANS
from merchants.rights import Right
from payouts.models import Finding, MethodKind, Provider, Rail, Reconciliation
from payouts.providers import PROVIDERS
from payouts.providers.base import ApiProvider, Declared
from payouts.rail_selectors import (
    days_compared,
    findings_of,
    open_credentials,
    rails_in_force,
    rails_of,
)
from payouts.rails import archive_rail, ask_for_check, set_rail
from payouts.reconciliation import resolve_finding

DAYS_SHOWN = 14
RESOLVED_SHOWN = 10


@reads
def rails(request: ConsoleRequest) -> HttpResponse:
    """Show what can be paid by, the accounts with their days, and what is to be looked into."""
    return _show(request)


def _show(request: ConsoleRequest, *, bad: dict[UUID, ResolveForm] | None = None) -> HttpResponse:
    in_force = rails_in_force(request.merchant.id)
    findings = findings_of(request.merchant.id)
    differing = findings.filter(resolved_at=None)
    days = _days_by_rail(request)
    cards = [_card(provider, in_force.get(provider)) for provider in PROVIDERS]
    for card in cards:
        if rail := card["rail"]:
            card["days"] = _strip(request, days.get(rail.id, {}), differing)
            card["findings"] = sum(each.rail.provider == rail.provider for each in differing)
    context = {
        "connected": [card for card in cards if card["rail"]],
        "others": [card for card in cards if not card["rail"]],
        "is_checking": any(rail.check_due_at for rail in in_force.values()),
        "findings": [_told(each, (bad or {}).get(each.id)) for each in differing],
        "resolved": [_told(each) for each in findings.exclude(resolved_at=None)[:RESOLVED_SHOWN]],
    }
    status = 422 if bad else 200
    return show_page(request, "console/payouts/rails.html", context, nav="payouts", status=status)


def _card(provider: Provider, rail: Rail | None) -> dict[str, Any]:
    declared = PROVIDERS[provider]
    return {
        "provider": provider,
        "name": provider.label,
        "does": DOES[provider],
        "pays": ", ".join(str(kind.label) for kind in MethodKind if kind in declared.kinds),
        "currencies": ", ".join(sorted(declared.currencies or ())),
        "needs": ", ".join(str(each.label) for each in declared.credentials if each.is_required),
        "is_called": isinstance(declared, ApiProvider),
        "rail": rail,
        "notice_url": _notice_url(rail) if rail and isinstance(declared, ApiProvider) else "",
    }


def _notice_url(rail: Rail) -> str:
    path = reverse("rails:notice", args=[rail.provider.lower(), rail.notice_token])
    return f"{settings.APP_URL}{path}"


def _days_by_rail(request: ConsoleRequest) -> dict[UUID, dict[Any, Reconciliation]]:
    since = (request.at - timedelta(days=DAYS_SHOWN)).date()
    found: dict[UUID, dict[Any, Reconciliation]] = {}
    for row in days_compared(request.merchant.id, since):
        found.setdefault(row.rail_id, {})[row.day] = row
    return found


def _strip(
    request: ConsoleRequest, compared: dict[Any, Reconciliation], differing: Any
) -> list[dict[str, str]]:
    """Return the last days, each with what came of it, the oldest first."""
    today = request.at.date()
    days = [today - timedelta(days=back) for back in range(DAYS_SHOWN, 0, -1)]
    return [
        {"day": date_format(day, "j"), **_day_told(compared.get(day), differing)}
        | {"date": date_format(day, "SHORT_DATE_FORMAT")}
        for day in days
    ]


def _day_told(row: Reconciliation | None, differing: Any) -> dict[str, str]:
    if row is None:
        return {"tone": "", "text": _("not compared")}
    if row.error:
        return {"tone": "wait", "text": row.error}
    count = sum(each.reconciliation_id == row.id for each in differing)
    if count:
        text = ngettext("%(count)s open finding", "%(count)s open findings", count)
        return {"tone": "bad", "text": text % {"count": count}}
    return {"tone": "good", "text": _("agrees")}


def _told(finding: Finding, form: ResolveForm | None = None) -> dict[str, Any]:
    return {
        "finding": finding,
        "means": MEANS[finding.kind],
        "form": form or ResolveForm(auto_id=f"resolve-{finding.id}-%s"),
    }


# Accounts ----------------------------------------------------------------------------------------


def get_rail(request: ConsoleRequest, rail_id: UUID) -> Rail:
    """Return the merchant's account, in force or not.

    :raises Http404: if the merchant has no such account.
    """
    found = rails_of(request.merchant.id).filter(id=rail_id).first()
    if found is None:
        raise Http404
    return found


@edits(Right.MANAGE_RAILS)
def rail_connect(request: ConsoleRequest) -> HttpResponse:
    """Connect an account of `?provider=`, or change its secrets."""
    name = request.GET.get("provider", "").upper()
    declared = PROVIDERS.get(Provider(name)) if name in Provider.values else None
    if declared is None or not declared.credentials:
        return redirect("console:rails")
    rail = rails_in_force(request.merchant.id).get(Provider(name))
    form = RailForm(
        request.POST or None,
        declared=declared,
        mode=rail.mode if rail else "",
        known=open_credentials(rail) if rail else None,
    )
    if request.method == "POST" and form.is_valid() and _connect(request, name, form):
        return redirect("console:rails")
    context = {"form": form, "rail": rail, **_card(Provider(name), rail), **_asks(declared)}
    status = 422 if form.errors else 200
    template = "console/payouts/rail_connect.html"
    return show_page(request, template, context, nav="payouts", status=status)


def _asks(declared: Declared) -> dict[str, Any]:
    return {"label": _("Connect") if isinstance(declared, ApiProvider) else _("Save")}


def _connect(request: ConsoleRequest, provider: str, form: RailForm) -> bool:
    with refusal_shown(form):
        rail = set_rail(
            member=request.member,
            provider=provider,
            mode=form.mode_chosen,
            credentials=form.credentials,
            at=request.at,
        )
        said = _("Saved. We are asking %(provider)s whether it lets us in.")
        saved = said % {"provider": rail.get_provider_display()}
        messages.success(request, saved if rail.check_due_at else _("Saved."))
    return form.is_valid()


@acts(Right.MANAGE_RAILS)
def rail_check(request: ConsoleRequest, rail_id: UUID) -> HttpResponse:
    """Have the account tried again, which pays nothing."""
    ask_for_check(member=request.member, rail=get_rail(request, rail_id), at=request.at)
    return redirect("console:rails")


@acts(Right.MANAGE_RAILS)
def rail_archive(request: ConsoleRequest, rail_id: UUID) -> HttpResponse:
    """Let go of an account."""
    rail = archive_rail(member=request.member, rail=get_rail(request, rail_id), at=request.at)
    said = _("%(provider)s is disconnected. What was handed over to it is finished with it.")
    messages.success(request, said % {"provider": rail.get_provider_display()})
    return redirect("console:rails")


# Findings ----------------------------------------------------------------------------------------


@acts(Right.APPROVE_PAYOUTS)
def finding_resolve(request: ConsoleRequest, finding_id: UUID) -> HttpResponse:
    """Write down what was found out; batches go over the rail again when nothing is open."""
    finding = findings_of(request.merchant.id).filter(id=finding_id).first()
    if finding is None:
        raise Http404
    form = ResolveForm(request.POST, auto_id=f"resolve-{finding.id}-%s")
    if form.is_valid():
        with refusal_shown(form), refusal_told(request):
            reason = form.cleaned_data["reason"]
            resolve_finding(member=request.member, finding=finding, reason=reason, at=request.at)
            messages.success(request, _("Noted."))
        if form.is_valid():
            return redirect("console:rails")
    return _show(request, bad={finding.id: form})
