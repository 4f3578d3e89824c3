"""A merchant's own hosts, for its links or for its portal, once the DNS proves them.

What a check finds is a stable code. The first merchant that proves a host has it; a host that was
proven keeps working for FAILING_DAYS after its records are gone, as an accident is likelier.
"""

import re
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.addresses import read_host, require_address
from common.refusals import BadValue, cleaned
from merchants.events import record_event
from merchants.lookups import (
    PROOF_LABEL,
    Answers,
    DnsUnavailable,
    Place,
    app_host,
    edge_host,
    look_up,
)
from merchants.models import SYSTEM, Actor, Domain, Merchant, Purpose
from merchants.tenancy import merchant_context

DOMAINS_MAX = 50
FAILING_DAYS = 7
STANDING = ("failing_since_at", "given_up_at", "told_at", "verified_at")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Finding(models.TextChoices):
    """What a check found; FINE is empty, so that a finding that is there is a failure."""

    FINE = "", gettext_lazy("Everything is set")
    NO_RECORD = "no_record", gettext_lazy("The host has no record yet")
    POINTS_ELSEWHERE = "points_elsewhere", gettext_lazy("The host leads somewhere else")
    NO_PROOF = "no_proof", gettext_lazy("The TXT record is not there yet")
    WRONG_PROOF = "wrong_proof", gettext_lazy("The TXT record holds something else")
    TAKEN = "taken", gettext_lazy("Another merchant has proven this host")
    DNS_UNAVAILABLE = "dns_unavailable", gettext_lazy("No name server answered; try again later")


class DomainExists(Exception):
    """The merchant has this host already."""


def add_domain(
    *,
    merchant: Merchant,
    host: str,
    by: Actor,
    at: datetime,
    fallback_url: str = "",
    purpose: Purpose = Purpose.TRACKING,
) -> Domain:
    """Add a host to be proven; return it with the proof that its TXT record must hold.

    :raises BadValue: if it is no host name, one of the installation's own, or one too many.
    :raises DomainExists: if the merchant has it already.
    """
    host = read_domain(host)
    fallback_url = _read_fallback(fallback_url)
    if Domain.objects.filter(merchant=merchant).count() >= DOMAINS_MAX:
        raise BadValue("", "too_many", _("%d domains at the most.") % DOMAINS_MAX)
    try:
        with transaction.atomic():
            domain = Domain.objects.create(
                merchant=merchant, host=host, fallback_url=fallback_url, purpose=purpose
            )
    except IntegrityError as error:
        raise DomainExists(host) from error
    _record(domain, "domain.added", by, at)
    return domain


def read_domain(text: str) -> str:
    """Return a host name in lower case and punycode.

    :raises BadValue: if it is an address, has a port, or belongs to the installation.
    """
    host = read_host(text.strip().removesuffix("."), field="host")
    labels = host.split(".")
    if len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels) or _is_ip(host):
        message = _("Write a host name like go.shop.example, without a port.")
        raise BadValue("host", "bad_host", message)
    if host in own_hosts():
        raise BadValue("host", "own_host", _("This host is the platform's own."))
    return str(cleaned(Domain, "host", host))


def own_hosts() -> frozenset[str]:
    """Return the hosts that the installation answers itself."""
    named = {urlsplit(url).hostname or "" for url in (settings.APP_URL, settings.SHOP_URL)}
    allowed = {host.lstrip(".").lower() for host in settings.OWN_HOSTS}
    return frozenset(named | allowed | {edge_host()})


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def update_domain(*, domain: Domain, fallback_url: str, by: Actor, at: datetime) -> Domain:
    """Say where unknown codes of the host lead; empty: to a page that says so. Return it.

    :raises BadValue: if that is no address.
    """
    fallback_url = _read_fallback(fallback_url)
    before = domain.fallback_url
    if fallback_url != before:
        domain.fallback_url = fallback_url
        domain.save(update_fields=["fallback_url"])
        changes = {"before": {"fallback_url": before}, "after": {"fallback_url": fallback_url}}
        _record(domain, "domain.updated", by, at, changes)
    return domain


def _read_fallback(address: str) -> str:
    cleaned(Domain, "fallback_url", address)
    return require_address(address, field="fallback_url") if address else ""


def remove_domain(*, domain: Domain, by: Actor, at: datetime) -> None:
    """Answer the host's clicks no more; somebody else may prove it."""
    _record(domain, "domain.removed", by, at)
    Domain.objects.filter(id=domain.id).delete()  # The caller's row keeps its id, to be shown.


def check_domain(*, domain: Domain, at: datetime) -> Finding:
    """Ask the DNS about a host, note what was found, and return it. Safe to repeat.

    Takes up to 3 seconds, so nothing may wait for the caller: it stands in no transaction. Inside
    of one, ask `finding_of` before and call `note_finding` in it.

    :raises Domain.DoesNotExist: if it was removed meanwhile.
    """
    assert not connection.in_atomic_block, "a transaction would wait for the DNS"
    purpose = Purpose(domain.purpose)
    finding = finding_of(host=domain.host, proof=domain.proof, purpose=purpose)
    with merchant_context(domain.merchant_id):
        return note_finding(domain=domain, finding=finding, at=at)


def finding_of(*, host: str, proof: str, purpose: Purpose = Purpose.TRACKING) -> Finding:
    """Return what the DNS says of a host. Up to 3 seconds; stores nothing."""
    try:
        return judge(look_up(host, place_for(purpose)), proof=proof)
    except DnsUnavailable:
        return Finding.DNS_UNAVAILABLE


def judge(answers: Answers, *, proof: str) -> Finding:
    """Return what the answers mean for a host with this proof. Pure."""
    if not answers.leads_somewhere:
        return Finding.NO_RECORD
    if not answers.leads_here:
        return Finding.POINTS_ELSEWHERE
    if not answers.proofs:
        return Finding.NO_PROOF
    return Finding.FINE if proof in answers.proofs else Finding.WRONG_PROOF


def note_finding(*, domain: Domain, finding: Finding, at: datetime) -> Finding:
    """Store what a check found, and what follows; return it, or TAKEN. Safe to repeat.

    The caller stands in the merchant's context.

    :raises Domain.DoesNotExist: if it was removed meanwhile.
    """
    locked = Domain.objects.select_for_update(of=("self",), no_key=True)
    domain.refresh_from_db(from_queryset=locked.filter(merchant_id=domain.merchant_id))
    was_verified = domain.verified_at is not None
    if finding is Finding.FINE:
        finding = _verify(domain, at)
    elif finding is not Finding.DNS_UNAVAILABLE:  # That says nothing about the host.
        domain.failing_since_at = domain.failing_since_at or at
        if was_verified and at >= gives_up_at(domain.failing_since_at):
            domain.verified_at, domain.given_up_at, domain.told_at = None, at, None
    domain.checked_at, domain.finding = at, finding
    domain.save(update_fields=[*STANDING, "checked_at", "finding"])
    if was_verified != (domain.verified_at is not None):
        type = "domain.unverified" if was_verified else "domain.verified"
        _record(domain, type, SYSTEM, at, {"finding": finding})
    return finding


def _verify(domain: Domain, at: datetime) -> Finding:
    domain.failing_since_at = domain.given_up_at = domain.told_at = None
    if domain.verified_at is not None:
        return Finding.FINE
    domain.verified_at = at
    try:
        with transaction.atomic():
            domain.save(update_fields=["verified_at"])
    except IntegrityError:  # The first to prove a host has it.
        domain.verified_at = None
        return Finding.TAKEN
    return Finding.FINE


def gives_up_at(failing_since_at: datetime) -> datetime:
    """Return when a host that was proven, and fails since then, serves no more."""
    return failing_since_at + timedelta(days=FAILING_DAYS)


def domains_to_tell_of(domains: models.QuerySet[Domain]) -> models.QuerySet[Domain]:
    """Return those that fail, or were given up, and nobody was told so yet."""
    failing = models.Q(verified_at__isnull=False, failing_since_at__isnull=False)
    return domains.filter(failing | models.Q(given_up_at__isnull=False), told_at=None)


def place_for(purpose: Purpose) -> Place:
    """Return where the DNS of a host for this purpose must lead: to the edge, or to web."""
    if purpose == Purpose.TRACKING:
        return Place(edge_host(), tuple(settings.EDGE_ADDRESSES))
    return Place(app_host(), tuple(settings.APP_ADDRESSES))


def domains_of(merchant: Merchant) -> models.QuerySet[Domain]:
    """Return the merchant's domains, by their names."""
    return Domain.objects.filter(merchant_id=merchant.id).order_by("host")


class DnsRecord(NamedTuple):
    """A record to be set, as a provider's form asks for it."""

    type: str
    name: str
    value: str


def dns_records(domain: Domain) -> list[DnsRecord]:
    """Return the records that prove a domain: what leads to the edge, then the proof."""
    place = place_for(Purpose(domain.purpose))
    leads = [DnsRecord("CNAME", domain.host, place.host)]
    if _is_ip(place.host):
        leads = [
            DnsRecord("AAAA" if ":" in address else "A", domain.host, address)
            for address in place.addresses or (place.host,)
        ]
    return [*leads, DnsRecord("TXT", f"{PROOF_LABEL}.{domain.host}", domain.proof)]


def _record(
    domain: Domain, type: str, by: Actor, at: datetime, data: dict[str, Any] | None = None
) -> None:
    record_event(
        merchant_id=domain.merchant_id,
        type=type,
        subject_id=domain.id,
        by=by,
        at=at,
        data={"host": domain.host, **(data or {})},
    )
