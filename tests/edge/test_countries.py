"""Countries: by a database that the operator supplies; without one, or with a broken one, none."""

import os
from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from interfaces.edge.countries import Countries
from tests.edge.process import edge_process
from tests.edge.test_pages import destination, path_of

NETWORKS = {
    "203.0.113.0/24": {"country": {"iso_code": "DE"}, "registered_country": {"iso_code": "US"}},
    "198.51.100.0/24": {"registered_country": {"iso_code": "fr"}},
    "2001:db8:1::/48": {"country": {"iso_code": "JP"}},
    "192.0.2.0/28": {"country": {"iso_code": "nonsense"}},
    "192.0.2.16/28": {"country": "text"},
    "192.0.2.32/28": {"continent": {"code": "EU"}},
}


def write_database(path: Path, networks=NETWORKS) -> None:
    """Write a MaxMind database."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type="Test-Country")
    for network, entry in networks.items():
        writer.insert_network(IPSet([network]), entry)
    writer.to_db_file(str(path))


@pytest.fixture
def database(tmp_path) -> Path:
    path = tmp_path / "countries.mmdb"
    write_database(path)
    return path


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("203.0.113.9", "DE"),
        ("198.51.100.9", "FR"),
        ("2001:db8:1::9", "JP"),
        ("::ffff:203.0.113.9", "DE"),
        ("192.0.2.1", ""),
        ("192.0.2.17", ""),
        ("192.0.2.33", ""),
        ("10.0.0.1", ""),
        ("2001:db8:2::9", ""),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_an_address_has_the_country_of_its_network(database, address, country):
    assert Countries(database).of(address) == country


def test_without_a_database_every_country_is_unknown():
    assert Countries(None).of("203.0.113.9") == ""


@pytest.mark.parametrize("content", [None, b"", b"nonsense" * 100])
def test_a_missing_or_broken_database_stops_nobody(tmp_path, content):
    path = tmp_path / "countries.mmdb"
    if content is not None:
        path.write_bytes(content)

    assert Countries(path).of("203.0.113.9") == ""


def test_a_changed_file_is_read_and_a_broken_one_leaves_what_was_known(database):
    countries = Countries(database)
    before = countries.of("203.0.113.9")

    write_database(database, {"203.0.113.0/24": {"country": {"iso_code": "AT"}}})
    os.utime(database, ns=(1, 1))
    countries.load()
    changed = countries.of("203.0.113.9")
    database.write_bytes(b"broken")  # In place, as careless scripts do.
    countries.load()

    assert (before, changed, countries.of("203.0.113.9")) == ("DE", "AT", "AT")


def test_clicks_know_their_country_and_destinations_ask_for_it(
    acme, bob, start_edge, clicks, database
):
    destination(acme, "german", countries=["DE", "AT"])
    edge = start_edge(geoip=database)

    answers = [edge.get(f"/c/{bob.link.code}", client=ip) for ip in ("203.0.113.9", "10.0.0.1")]

    assert [path_of(answer.location) for answer in answers] == ["/german", "/"]
    assert clicks.rows("country") == [("DE",), ("",)]


def test_the_setting_names_the_file(acme, bob, clicks, database, tmp_path):
    with edge_process(tmp_path / "data", FAIRLEAD_GEOIP_FILE=str(database)) as edge:
        answer = edge.get(f"/c/{bob.link.code}", address="203.0.113.9")

    assert answer.status == 302
    assert clicks.rows("country, ip_net") == [("DE", "203.0.113.0/24")]
