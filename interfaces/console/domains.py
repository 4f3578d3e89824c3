"""Own domains with the records that prove them, and the networks of the merchant's people."""

from ipaddress import ip_address, ip_network
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.domains import DomainFallbackForm, DomainForm, StaffNetworksForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest
from interfaces.console.settings import show_settings
from merchants.domains import (
    DomainExists,
    Finding,
    add_domain,
    dns_records,
    domains_of,
    finding_of,
    note_finding,
    remove_domain,
    update_domain,
)
from merchants.models import Domain, Purpose
from merchants.rights import Right
from merchants.services import update_merchant

FINDING_HELP: dict[str, Any] = {
    Finding.NO_RECORD: _lazy(
        "The first record is not visible yet. New records take minutes, at times hours."
    ),
    Finding.POINTS_ELSEWHERE: _lazy(
        "There is a record for this name, but it leads to another server. Replace it by the one"
        " below; a proxy of your DNS provider must be off."
    ),
    Finding.NO_PROOF: _lazy(
        "The host leads here. Now the TXT record is missing: it shows that the name is yours."
    ),
    Finding.WRONG_PROOF: _lazy(
        "The TXT record is there with another text. Copy the one below, without quotes."
    ),
    Finding.TAKEN: _lazy(
        "Another merchant of this installation uses the host. If it is yours, write to whoever"
        " runs the installation."
    ),
    Finding.DNS_UNAVAILABLE: _lazy("This says nothing about your records. Check again later."),
}


@reads
def domains(request: ConsoleRequest) -> HttpResponse:
    """List the hosts with what the DNS says of each."""
    rows = [
        {
            "domain": domain,
            "records": dns_records(domain),
            "finding": Finding(domain.finding) if domain.finding else None,
            "help": FINDING_HELP.get(domain.finding, ""),
        }
        for domain in domains_of(request.merchant)
    ]
    return show_settings(request, "domains", "domains", {"rows": rows})


def get_domain(request: ConsoleRequest, domain_id: UUID) -> Domain:
    """Return the merchant's domain.

    :raises Http404: if the merchant has no such domain.
    """
    found = domains_of(request.merchant).filter(id=domain_id).first()
    if found is None:
        raise Http404
    return found


@edits(Right.EDIT_PROGRAMS)
def domain_add(request: ConsoleRequest) -> HttpResponse:
    """Add a host, to be proven by its DNS."""
    form = DomainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            try:
                add_domain(
                    merchant=request.merchant,
                    host=form.cleaned_data["host"],
                    purpose=Purpose(form.cleaned_data["purpose"] or Purpose.TRACKING),
                    fallback_url=form.cleaned_data["fallback_url"],
                    by=request.actor,
                    at=request.at,
                )
            except DomainExists:
                form.add_error("host", _("This host is on your list already."))
            else:
                messages.success(request, _("Now make the records at your DNS provider."))
                return redirect("console:domains")
    context = {"form": form, "title": _("New domain"), "label": _("Add domain")}
    status = 422 if form.errors else 200
    return show_settings(request, "domains", "domain", context, status=status)


@edits(Right.EDIT_PROGRAMS)
def domain_edit(request: ConsoleRequest, domain_id: UUID) -> HttpResponse:
    """Say where unknown codes of the host lead."""
    domain = get_domain(request, domain_id)
    form = DomainFallbackForm(request.POST or None, initial={"fallback_url": domain.fallback_url})
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            update_domain(
                domain=domain,
                fallback_url=form.cleaned_data["fallback_url"],
                by=request.actor,
                at=request.at,
            )
            messages.success(request, _("Saved."))
            return redirect("console:domains")
    context = {"form": form, "title": domain.host, "label": _("Save")}
    status = 422 if form.errors else 200
    return show_settings(request, "domains", "domain", context, status=status)


@acts(Right.EDIT_PROGRAMS)
def domain_remove(request: ConsoleRequest, domain_id: UUID) -> HttpResponse:
    """Answer the host's clicks no more."""
    domain = get_domain(request, domain_id)
    remove_domain(domain=domain, by=request.actor, at=request.at)
    messages.success(request, _("%(host)s is removed.") % {"host": domain.host})
    return redirect("console:domains")


# Checking: no transaction is open while the DNS is asked ----------------------------------------


def domain_check(request: HttpRequest, domain_id: UUID) -> HttpResponse:
    """Ask the DNS about a host now: through the door, out to the DNS, and through it again."""
    answer = _name_domain(request, domain_id)
    if answer.status_code != HttpResponse.status_code:
        return answer
    host, proof, purpose = answer.content.decode().split()
    finding = finding_of(host=host, proof=proof, purpose=Purpose(purpose))
    return _tell_finding(request, domain_id, finding)


@acts(Right.EDIT_PROGRAMS)
def _name_domain(request: ConsoleRequest, domain_id: UUID) -> HttpResponse:
    domain = get_domain(request, domain_id)
    return HttpResponse(f"{domain.host} {domain.proof} {domain.purpose}")


@acts(Right.EDIT_PROGRAMS)
def _tell_finding(request: ConsoleRequest, domain_id: UUID, finding: Finding) -> HttpResponse:
    domain = get_domain(request, domain_id)
    found = note_finding(domain=domain, finding=finding, at=request.at)
    said = {"host": domain.host, "finding": found.label}
    if found is Finding.FINE:
        works = _("%(host)s works: links may use it from now on.")
        if domain.purpose == Purpose.PORTAL:
            works = _("%(host)s works: your portal is there from now on.")
        messages.success(request, works % said)
    else:
        messages.warning(request, _("%(host)s: %(finding)s.") % said)
    return redirect("console:domains")


# Staff networks ----------------------------------------------------------------------------------


@reads
def staff_networks(request: ConsoleRequest) -> HttpResponse:
    """Show where the merchant's own people sit: a form for those who may edit it."""
    return _show_networks(request, StaffNetworksForm(initial=_present(request)))


@acts(Right.EDIT_PROGRAMS)
def staff_networks_edit(request: ConsoleRequest) -> HttpResponse:
    """Change whose clicks credit nobody; `add` adds one network to those there are."""
    form = StaffNetworksForm(request.POST)
    if form.is_valid():
        networks = form.cleaned_data["staff_networks"]
        if added := request.POST.get("add"):
            networks = [*request.merchant.staff_networks, added]
        with refusal_shown(form):
            update_merchant(
                member=request.member,
                name=request.merchant.name,
                website=request.merchant.website,
                accent=request.merchant.accent,
                staff_networks=networks,
                at=request.at,
            )
            messages.success(request, _("Saved. Clicks from there are kept, but credit nobody."))
            return redirect("console:staff-networks")
    return _show_networks(request, form, status=422)


def _present(request: ConsoleRequest) -> dict[str, Any]:
    return {"staff_networks": list(request.merchant.staff_networks)}


def _is_listed(request: ConsoleRequest, address: str) -> bool:
    networks = [ip_network(network) for network in request.merchant.staff_networks]
    return any(ip_address(address) in network for network in networks)


def _show_networks(
    request: ConsoleRequest, form: StaffNetworksForm, *, status: int = 200
) -> HttpResponse:
    address = get_adapter().get_client_ip(request)
    context = {"form": form, "address": address, "is_listed": _is_listed(request, address)}
    return show_settings(request, "staff-networks", "staff_networks", context, status=status)
