"""Tracking domains: added, proven by a real DNS, looked at again, lost after a week."""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

import dns.rcode
import pytest

from common.refusals import BadValue
from merchants.directory import domains_due
from merchants.domains import (
    DOMAINS_MAX,
    DomainExists,
    Finding,
    add_domain,
    check_domain,
    domains_of,
    read_domain,
    remove_domain,
    update_domain,
)
from merchants.models import SYSTEM, Domain, Event
from merchants.tasks import check_domains
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company
from tests.merchants.name_server import NameServer, running

HOST = "go.acme.example"
EDGE = "edge.fairlead.example"
DAY = timedelta(days=1)


@pytest.fixture
def names(settings: Any) -> Iterator[NameServer]:
    """Return a name server that is asked instead of the system's; it knows the edge."""
    with running() as server:
        settings.DNS_SERVERS = [server.address]
        settings.EDGE_URL = f"https://{EDGE}"
        settings.EDGE_ADDRESSES = []
        server.zone = {(EDGE, "A"): ["192.0.2.10"], (EDGE, "AAAA"): ["2001:db8::10"]}
        yield server


def added(company: Company, host: str = HOST) -> Domain:
    """Add a host to a company."""
    with merchant_context(company.id):
        return add_domain(merchant=company.merchant, host=host, by=SYSTEM, at=NOON)


def proven(names: NameServer, domain: Domain) -> None:
    """Set the records that prove a host."""
    names.zone[(domain.host, "CNAME")] = [f"{EDGE}."]
    names.zone[(f"_fairlead.{domain.host}", "TXT")] = [f'"{domain.proof}"']


def stored(domain: Domain) -> Domain:
    """Return the domain as it is stored."""
    with merchant_context(domain.merchant_id):
        return Domain.objects.get(id=domain.id)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("go.acme.example", "go.acme.example"),
        (" GO.Acme.Example. ", "go.acme.example"),
        ("los.bücher.example", "los.xn--bcher-kva.example"),
    ],
)
def test_a_host_is_stored_in_one_form(text: str, host: str) -> None:
    assert read_domain(text) == host


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_host"),
        ("localhost", "bad_host"),
        ("https://go.acme.example", "bad_host"),
        ("go.acme.example/path", "bad_host"),
        ("go.acme.example:8080", "bad_host"),
        ("192.0.2.1", "bad_host"),
        ("[2001:db8::1]", "bad_host"),
        ("*.acme.example", "bad_host"),
        ("-go.acme.example", "bad_host"),
        ("go..acme.example", "bad_host"),
        ("a@go.acme.example", "bad_host"),
        ("a" * 64 + ".example", "bad_host"),
        (".".join(["a" * 60] * 5), "bad_host"),
        (EDGE, "own_host"),
        ("app.fairlead.example", "own_host"),
    ],
)
def test_what_is_no_domain_is_refused(settings: Any, text: str, code: str) -> None:
    settings.EDGE_URL = f"https://{EDGE}"
    settings.APP_URL = "https://app.fairlead.example"

    with pytest.raises(BadValue) as refused:
        read_domain(text)

    assert (refused.value.field, refused.value.code) == ("host", code)


def test_a_merchant_adds_a_host_once_and_not_too_many(acme: Company, globex: Company) -> None:
    added(acme)
    added(globex)  # Nobody has proven it yet.

    with pytest.raises(DomainExists):
        added(acme, "GO.acme.example")
    with merchant_context(acme.id):
        Domain.objects.bulk_create(
            Domain(merchant=acme.merchant, host=f"h{n}.acme.example") for n in range(DOMAINS_MAX)
        )
    with pytest.raises(BadValue, match="50"):
        added(acme, "one.more.example")


def cname(host: str, proof: str) -> dict[tuple[str, str], list[str]]:
    """Return the records of a host that is set up as the console says."""
    return {(host, "CNAME"): [f"{EDGE}."], (f"_fairlead.{host}", "TXT"): [f'"{proof}"']}


def records(case: str, proof: str) -> dict[tuple[str, str], list[str]]:
    """Return the records of a case."""
    txt = {(f"_fairlead.{HOST}", "TXT"): [f'"{proof}"']}
    return {
        "a CNAME to the edge": cname(HOST, proof),
        "a CNAME over another": {
            **txt,
            (HOST, "CNAME"): ["next.example."],
            ("next.example", "CNAME"): [f"{EDGE}."],
        },
        "the edge's own addresses": {**txt, (HOST, "A"): ["192.0.2.10"]},
        "both families": {**txt, (HOST, "A"): ["192.0.2.10"], (HOST, "AAAA"): ["2001:db8::10"]},
        "other TXT records, too": {
            **cname(HOST, proof),
            (f"_fairlead.{HOST}", "TXT"): ['"v=spf1 -all"', f'"{proof[:10]}" "{proof[10:]}"'],
        },
        "nothing at all": {},
        "only the proof": txt,
        "another CNAME": {**txt, (HOST, "CNAME"): ["shops.example."]},
        "another address": {**txt, (HOST, "A"): ["198.51.100.1"]},
        "another address besides": {**txt, (HOST, "A"): ["192.0.2.10", "198.51.100.1"]},
        "no proof": {(HOST, "CNAME"): [f"{EDGE}."]},
        "another's proof": cname(HOST, "fairlead-another"),
    }[case]


@pytest.mark.parametrize(
    ("case", "finding"),
    [
        ("a CNAME to the edge", Finding.FINE),
        ("a CNAME over another", Finding.FINE),
        ("the edge's own addresses", Finding.FINE),
        ("both families", Finding.FINE),
        ("other TXT records, too", Finding.FINE),
        ("nothing at all", Finding.NO_RECORD),
        ("only the proof", Finding.NO_RECORD),
        ("another CNAME", Finding.POINTS_ELSEWHERE),
        ("another address", Finding.POINTS_ELSEWHERE),
        ("another address besides", Finding.POINTS_ELSEWHERE),
        ("no proof", Finding.NO_PROOF),
        ("another's proof", Finding.WRONG_PROOF),
    ],
)
def test_a_check_says_what_it_found(
    acme: Company, names: NameServer, case: str, finding: Finding
) -> None:
    domain = added(acme)
    names.zone |= records(case, domain.proof)

    assert check_domain(domain=domain, at=NOON) is finding

    found = stored(domain)
    assert found.verified_at == (NOON if finding is Finding.FINE else None)
    assert (found.finding, found.checked_at) == (finding.value, NOON)
    with merchant_context(acme.id):
        verified = Event.objects.filter(type="domain.verified", subject_id=domain.id)
        assert verified.count() == (1 if finding is Finding.FINE else 0)


def test_addresses_that_the_operator_names_count_instead_of_the_edges_own(
    acme: Company, names: NameServer, settings: Any
) -> None:
    settings.EDGE_ADDRESSES = ["203.0.113.5", "2001:DB8::5"]
    domain = added(acme)
    names.zone |= records("only the proof", domain.proof)
    names.zone |= {(HOST, "A"): ["203.0.113.5"], (HOST, "AAAA"): ["2001:db8::5"]}

    assert check_domain(domain=domain, at=NOON) is Finding.FINE

    names.zone[(HOST, "A")] = ["192.0.2.10"]
    assert check_domain(domain=domain, at=NOON) is Finding.POINTS_ELSEWHERE


def test_the_first_to_prove_a_host_has_it_until_it_is_removed(
    acme: Company, globex: Company, names: NameServer
) -> None:
    theirs, mine = added(globex), added(acme)
    proven(names, mine)
    names.zone[(f"_fairlead.{HOST}", "TXT")] = [f'"{mine.proof}"', f'"{theirs.proof}"']

    assert check_domain(domain=mine, at=NOON) is Finding.FINE
    assert check_domain(domain=theirs, at=NOON) is Finding.TAKEN
    assert stored(theirs).verified_at is None

    with merchant_context(acme.id):
        remove_domain(domain=mine, by=SYSTEM, at=NOON)
    assert check_domain(domain=theirs, at=NOON + DAY) is Finding.FINE


def test_a_silent_name_server_costs_three_seconds_and_proves_nothing(
    acme: Company, names: NameServer
) -> None:
    domain = added(acme)
    names.is_silent = True

    started = monotonic()
    finding = check_domain(domain=domain, at=NOON)

    assert finding is Finding.DNS_UNAVAILABLE
    assert monotonic() - started < 5
    assert stored(domain).failing_since_at is None


def test_a_broken_name_server_proves_nothing(acme: Company, names: NameServer) -> None:
    domain = added(acme)
    names.rcode = dns.rcode.SERVFAIL

    assert check_domain(domain=domain, at=NOON) is Finding.DNS_UNAVAILABLE


def test_a_check_refuses_to_hold_a_transaction(acme: Company, names: NameServer) -> None:
    domain = added(acme)

    with merchant_context(acme.id), pytest.raises(AssertionError, match="transaction"):
        check_domain(domain=domain, at=NOON)

    assert names.asked == []


def test_a_proven_host_is_looked_at_daily_and_lost_after_a_week_of_failing(
    acme: Company, names: NameServer, time_machine: Any
) -> None:
    domain = added(acme)
    proven(names, domain)
    check_domain(domain=domain, at=NOON)
    names.zone.pop((HOST, "CNAME"))

    for day in range(1, 8):
        time_machine.move_to(NOON + day * DAY + timedelta(minutes=day))
        check_domains()
        check_domains()  # Once a day is enough.
        found = stored(domain)
        assert (found.verified_at, found.finding) == (NOON, "no_record"), day
    assert [row for row in names.asked if row[1] == "TXT"] == [(f"_fairlead.{HOST}", "TXT")] * 8

    time_machine.move_to(NOON + 8 * DAY + timedelta(minutes=10))
    check_domains()

    assert stored(domain).verified_at is None
    assert domains_due(before=NOON + 30 * DAY, limit=10) == []
    with merchant_context(acme.id):
        event = Event.objects.get(type="domain.unverified")
        assert event.data == {"host": HOST, "finding": "no_record"}


def test_a_domain_that_is_removed_meanwhile_stops_no_other(
    acme: Company, names: NameServer, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    gone, there = added(acme, "gone.acme.example"), added(acme)
    for domain in (gone, there):
        proven(names, domain)
        check_domain(domain=domain, at=NOON)
    with merchant_context(acme.id):
        remove_domain(domain=stored(gone), by=SYSTEM, at=NOON)
    due = [gone, stored(there)]
    monkeypatch.setattr("merchants.directory.domains_due", lambda **_bounds: due)
    time_machine.move_to(NOON + 2 * DAY)

    check_domains()

    assert stored(there).checked_at > NOON + DAY


def test_one_good_day_ends_the_count(acme: Company, names: NameServer) -> None:
    domain = added(acme)
    proven(names, domain)
    check_domain(domain=domain, at=NOON)
    record = names.zone.pop((HOST, "CNAME"))
    check_domain(domain=domain, at=NOON + DAY)
    names.zone[(HOST, "CNAME")] = record

    check_domain(domain=domain, at=NOON + 2 * DAY)
    names.zone.pop((HOST, "CNAME"))
    check_domain(domain=domain, at=NOON + 8 * DAY)

    found = stored(domain)
    assert (found.verified_at, found.failing_since_at) == (NOON, NOON + 8 * DAY)


def test_days_without_an_answer_do_not_count_as_failing(acme: Company, names: NameServer) -> None:
    domain = added(acme)
    proven(names, domain)
    check_domain(domain=domain, at=NOON)
    names.rcode = dns.rcode.SERVFAIL

    for day in (1, 9):
        check_domain(domain=domain, at=NOON + day * DAY)

    assert stored(domain).verified_at == NOON


def test_a_fallback_page_is_an_address_or_nothing(acme: Company) -> None:
    domain = added(acme)
    with merchant_context(acme.id):
        page = "https://shop.acme.example/404"
        update_domain(domain=domain, fallback_url=page, by=SYSTEM, at=NOON)
        with pytest.raises(BadValue):
            update_domain(domain=domain, fallback_url="//evil.example", by=SYSTEM, at=NOON)

        [found] = domains_of(acme.merchant)
        assert found.fallback_url == page
        assert Event.objects.filter(type="domain.updated").count() == 1
