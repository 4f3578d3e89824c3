"""Where a click leads: destinations, windows, fallbacks, templates; and never anywhere else."""

from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest

from common.clock import now
from merchants.tenancy import merchant_context
from programs.models import Destination, Program
from tests.edge.conftest import wait_until
from tests.edge.process import edge_process
from tests.tracking.test_destinations import ATTACKS
from tracking.models import Link

LANDING = "https://shop.acme.example/"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


def destination(company, name: str, **columns) -> Destination:
    """Store a destination of the company's program."""
    columns = {"url": f"{LANDING}{name}", **columns}
    with merchant_context(company.id):
        return Destination.objects.create(
            merchant_id=company.id, program=company.program, name=name, **columns
        )


def change(model, company, id, **columns) -> None:
    with merchant_context(company.id):
        assert model.objects.filter(id=id).update(**columns) == 1


def path_of(location: str) -> str:
    return urlsplit(location).path


def test_destinations_are_for_whom_they_are_for(acme, bob, start_edge, clicks):
    phones = destination(acme, "phones", devices=["phone"], priority=1)
    german = destination(acme, "german", languages=["de"], priority=2)
    everybody = destination(acme, "everybody")
    destination(acme, "nobody", countries=["ZZ"], priority=1)
    destination(acme, "gone", priority=1, archived_at=now())
    edge = start_edge()
    visitors = [
        {"user-agent": PHONE, "accept-language": "de"},
        {"accept-language": "de-AT,en;q=0.5"},
        {"accept-language": "en"},
    ]

    answers = [edge.get(f"/c/{bob.link.code}", headers=headers) for headers in visitors]

    assert [path_of(answer.location) for answer in answers] == ["/phones", "/german", "/everybody"]
    assert clicks.rows("destination_id, language") == [
        (phones.id, "de"),
        (german.id, "de"),
        (everybody.id, "en"),
    ]


def test_visitors_are_shared_by_weight_and_each_keeps_a_destination(acme, bob, start_edge, admin):
    many, few = destination(acme, "many", weight=300), destination(acme, "few", weight=100)
    edge = start_edge()

    answers = edge.get_many([f"/c/{bob.link.code}"] * 200)
    again = [edge.get(f"/c/{bob.link.code}", client="198.51.100.9").location for _ in range(5)]

    counted = dict(
        admin.execute(
            "SELECT destination_id, clicks FROM reports_dailydestinationclicks"
        ).fetchall()
    )
    assert {path_of(answer.location) for answer in answers} == {"/many", "/few"}
    assert len({path_of(location) for location in again}) == 1
    assert counted[many.id] + counted[few.id] == 205
    assert 120 < counted[many.id] < 180


def test_the_rollup_of_a_destination_counts_people_credited_and_new(acme, bob, start_edge, admin):
    page = destination(acme, "page")
    edge = start_edge()

    edge.get(f"/c/{bob.link.code}", client="192.0.2.200")
    edge.get(f"/c/{bob.link.code}", client="192.0.2.200")
    edge.get(f"/c/{bob.link.code}", headers={"user-agent": "curl/8.0"})

    rows = admin.execute(
        "SELECT destination_id, program_id, clicks, human, credited, uniques"
        " FROM reports_dailydestinationclicks"
    ).fetchall()
    assert rows == [(page.id, acme.program.id, 3, 1, 1, 1)]


def test_a_new_destination_is_heard_of_and_one_on_a_foreign_host_is_not_used(edge, acme, bob):
    destination(acme, "evil", url="https://evil.example/", priority=1)
    page = destination(acme, "fresh")
    wait_until(lambda: path_of(edge.get(f"/c/{bob.link.code}").location) == "/fresh")

    change(Destination, acme, page.id, archived_at=now())
    wait_until(lambda: path_of(edge.get(f"/c/{bob.link.code}").location) == "/")


def test_a_deep_link_wins_over_the_links_page_and_that_over_destinations(
    acme, bob, start_edge, clicks
):
    destination(acme, "page")
    change(Link, acme, bob.link.id, destination_url=f"{LANDING}own")
    edge = start_edge()

    deep = edge.get(f"/c/{bob.link.code}?url={quote(LANDING + 'deep')}")
    own = edge.get(f"/c/{bob.link.code}")

    assert [path_of(deep.location), path_of(own.location)] == ["/deep", "/own"]
    assert clicks.rows("destination_id") == [(None,), (None,)]


# Windows and fallbacks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "ends", "refusal"),
    [(None, None, ""), (-2, 2, ""), (1, 2, "link_not_started"), (-2, -1, "link_ended")],
)
def test_a_link_has_a_window(acme, bob, start_edge, clicks, starts, ends, refusal):
    at = now()
    change(
        Link,
        acme,
        bob.link.id,
        starts_at=at + timedelta(hours=starts) if starts else None,
        ends_at=at + timedelta(hours=ends) if ends else None,
    )
    edge = start_edge()

    answer = edge.get(f"/c/{bob.link.code}")

    assert clicks.rows("class, refusal") == [("HUMAN", refusal)]
    assert ("fl_click=" in answer.location) is not bool(refusal)


@pytest.mark.parametrize(
    ("_case", "links", "programs", "expected"),
    [
        ("the link's", f"{LANDING}own-end", f"{LANDING}end", f"{LANDING}own-end"),
        ("the program's", "", "https://end.example/x", "https://end.example/x"),
        ("a link's elsewhere", "https://evil.example/", f"{LANDING}end", f"{LANDING}end"),
        ("a link's that is the program's", f"{LANDING}end", f"{LANDING}end", f"{LANDING}end"),
        ("none", "", "", LANDING),
    ],
)
def test_what_is_closed_leads_to_a_fallback(
    acme, bob, start_edge, _case, links, programs, expected
):
    change(Program, acme, acme.program.id, fallback_url=programs, utm_template="utm_source={via}")
    change(Link, acme, bob.link.id, fallback_url=links, archived_at=now())
    edge = start_edge()

    location = edge.get(f"/c/{bob.link.code}").location

    suffix = "" if expected != LANDING else f"?utm_source={bob.enrollment.code}"
    assert location == expected + suffix


# Campaign parameters -----------------------------------------------------------------------------


def test_campaign_parameters_are_added_but_never_over_what_is_there(acme, bob, start_edge):
    change(
        Program,
        acme,
        acme.program.id,
        landing_url=f"{LANDING}?utm_source=shop",
        utm_template="utm_source={via}&utm_medium=affiliate&utm_term={sub1}&utm_id={click_id}&via=x",
    )
    edge = start_edge()

    location = edge.get(f"/c/{bob.link.code}?sub1=a%26b%0d%0a&utm_medium=mail").location

    query = urlsplit(location).query
    token = query.partition("fl_click=")[2].partition("&")[0]
    assert query == (
        f"utm_source=shop&utm_medium=mail&utm_term=a%26b%0D%0A&utm_id={token}"
        f"&fl_click={token}&via={bob.enrollment.code}"
    )


# Nowhere else ------------------------------------------------------------------------------------


def test_no_attack_leads_anywhere_but_to_the_default_destination(acme, bob, tmp_path):
    """Over real HTTP, by each name of a deep link and on each path that follows links."""
    page = destination(acme, "default")
    paths = [
        f"/c/{bob.link.code}?url=",
        f"/c/{bob.link.code}?redirect=",
        f"/click?pid={bob.enrollment.code}&offer_id=partners&to=",
        f"/aff_c?aff_id={bob.enrollment.code}&offer_id=partners&deeplink=",
    ]
    with edge_process(tmp_path / "data") as edge:
        for number, attack in enumerate(ATTACKS):
            text = quote(attack.encode(errors="surrogatepass"), safe="")
            for path in paths:
                answer = edge.get(path + text, address=f"10.0.{number >> 8}.{number & 255}")

                assert answer.status == 302
                assert answer.location.startswith(f"{page.url}?fl_click="), attack
                assert "evil" not in answer.location


def test_a_browser_whose_name_is_not_ascii_is_no_robot(acme, bob, clicks, tmp_path):
    named = "Mozilla/5.0 (Linux; Android 15) 微信/8.0".encode().decode("latin-1")
    with edge_process(tmp_path / "data") as edge:
        answer = edge.get(f"/c/{bob.link.code}", **{"user-agent": named})

    assert "fl_click=" in answer.location
    assert clicks.rows("class") == [("HUMAN",)]
