"""The map of links: fresh within moments, and there when PostgreSQL is not."""

import asyncio
import json
import time

import pytest

from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from interfaces.edge import links as links_module
from interfaces.edge.links import Links, RouteMap
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import Program
from tests.cast import NOON
from tests.edge.conftest import wait_until
from tests.tracking.test_clicks import ROUTE
from tracking.models import Link
from tracking.services import archive_link, create_link, update_link

SALE = "https://shop.acme.example/sale"


def link_of(bob, acme, code: str = "") -> Link:
    with merchant_context(acme.id):
        return create_link(enrollment=bob.enrollment, code=code, destination_url=SALE)


def is_credited(edge, code: str) -> bool:
    return "fl_click=" in edge.get(f"/c/{code}").location


def test_a_link_made_a_moment_ago_works(edge, acme, bob):
    link = link_of(bob, acme)

    assert edge.get(f"/c/{link.code}").location.startswith(f"{SALE}?fl_click=")


def test_a_code_that_was_unknown_works_once_it_is_made(edge, acme, bob):
    before = edge.get("/c/new-code")
    link_of(bob, acme, "new-code")
    wait_until(lambda: edge.get("/c/new-code").status == 302)

    assert before.status == 404


def test_changes_are_heard_of(edge, acme, bob):
    link = link_of(bob, acme)
    edge.get(f"/c/{link.code}")

    with merchant_context(acme.id):
        update_link(link=link, name="", destination_url=f"{SALE}/2")
    wait_until(lambda: edge.get(f"/c/{link.code}").location.startswith(f"{SALE}/2?"))

    with merchant_context(acme.id):
        archive_link(link=link, at=NOON)
    wait_until(lambda: not is_credited(edge, link.code))

    with merchant_context(acme.id):
        link.delete()
    wait_until(lambda: edge.get(f"/c/{link.code}").status == 404)


def test_a_suspended_enrollment_is_not_credited_and_a_reinstated_one_is(edge, acme, bob, clicks):
    for status, credited in [
        (EnrollmentStatus.SUSPENDED, False),
        (EnrollmentStatus.APPROVED, True),
    ]:
        with merchant_context(acme.id):
            move_enrollment(enrollment=bob.enrollment, to=status, by=SYSTEM, at=NOON)
        wait_until(lambda wanted=credited: is_credited(edge, bob.link.code) is wanted)

    assert ("enrollment_suspended",) in clicks.rows("refusal")


def test_a_programs_new_page_is_heard_of(edge, acme, bob):
    with merchant_context(acme.id):
        Program.objects.filter(id=acme.program.id).update(landing_url="https://new.acme.example/")

    wait_until(
        lambda: edge.get(f"/c/{bob.link.code}").location.startswith("https://new.acme.example/")
    )


def test_a_lost_connection_is_made_again_and_what_was_missed_is_read(edge, acme, bob, admin):
    admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'fairlead edge' AND query LIKE 'LISTEN%'"
    )
    link = link_of(bob, acme, "while-deaf")
    with merchant_context(acme.id):
        archive_link(link=bob.link, at=NOON)

    wait_until(lambda: not is_credited(edge, bob.link.code))
    assert is_credited(edge, link.code)


def test_an_edge_that_starts_without_postgresql_redirects_by_its_snapshot(
    bob, gate, start_edge, clicks, tmp_path
):
    start_edge(conninfo=gate.conninfo).stop()
    gate.close()

    edge = start_edge(conninfo=gate.conninfo)
    answer = edge.get(f"/c/{bob.link.code}")

    assert answer.status == 302
    assert "fl_click=" in answer.location
    assert edge.get("/readyz").json == {"status": "ok", "database": "away", "links": 1}
    gate.open()
    wait_until(lambda: clicks.count() == 1)
    assert (tmp_path / "data/edge/links.jsonl").stat().st_mode & 0o077 == 0


def test_an_edge_that_knows_nothing_says_so_until_it_does(bob, gate, start_edge):
    gate.close()

    edge = start_edge(conninfo=gate.conninfo)

    assert edge.get(f"/c/{bob.link.code}").status == 404
    assert edge.get("/readyz").status == 503
    assert edge.get("/healthz").json == {"status": "ok"}
    gate.open()
    wait_until(lambda: edge.get("/readyz").status == 200)
    assert is_credited(edge, bob.link.code)


@pytest.mark.parametrize(
    "content", ["", "nonsense", '{"version": 0}\n', '{"version": 2, "programs": 1}\n[1]\n']
)
def test_a_snapshot_that_cannot_be_read_is_none(gate, start_edge, tmp_path, content):
    (tmp_path / "data/edge").mkdir(parents=True)
    (tmp_path / "data/edge/links.jsonl").write_text(content)
    gate.close()

    edge = start_edge(conninfo=gate.conninfo)

    assert edge.get("/readyz").json["links"] == 0


def test_the_snapshot_holds_what_is_in_memory(edge, acme, bob, tmp_path):
    wait_until(lambda: (tmp_path / "data/edge/links.jsonl").exists())

    header, *rows = (tmp_path / "data/edge/links.jsonl").read_text().splitlines()

    assert json.loads(header) == {"version": 2, "domains": [], "programs": 1}
    assert [json.loads(row)[0] for row in rows] == [str(acme.program.id), bob.link.code]


def test_an_unknown_code_waits_a_quarter_second_for_a_postgresql_that_hangs(gated_edge, gate):
    gate.hang()

    begun = time.monotonic()
    answers = gated_edge.get_many([f"/c/nobody-{number}" for number in range(50)])

    assert {answer.status for answer in answers} == {404}
    assert time.monotonic() - begun < 1


# The map by itself --------------------------------------------------------------------------------


class Questions:
    """Counts what is asked, and knows one route."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    async def __call__(self, codes):
        self.asked.append(sorted(codes))
        await asyncio.sleep(0.01)
        return [ROUTE] if ROUTE.code in codes else []


def test_codes_wanted_at_once_are_asked_for_together_and_each_once():
    async def scenario() -> list[object]:
        return await asyncio.gather(*(links.find(code) for code in wanted for _ in range(3)))

    questions = Questions()
    links = Links(questions)
    wanted = [ROUTE.code, "unknown-1", "unknown-2"]

    found = asyncio.run(scenario())

    assert found == [ROUTE] * 3 + [None] * 6
    assert sorted(code for codes in questions.asked for code in codes) == sorted(wanted)
    assert len(questions.asked) <= 2
    assert asyncio.run(links.find("unknown-1")) is None
    assert len(questions.asked) <= 2


def test_a_flood_of_unknown_codes_is_not_all_asked_for(monkeypatch):
    async def scenario() -> None:
        await asyncio.gather(*(links.find(f"unknown-{number}") for number in range(100)))

    monkeypatch.setattr(links_module, "LOOKUPS_MAX", 10)
    questions = Questions()
    links = Links(questions)

    asyncio.run(scenario())

    assert sum(map(len, questions.asked)) <= 20


def test_beyond_the_limit_the_oldest_is_forgotten(monkeypatch):
    monkeypatch.setattr(links_module, "ROUTES_MAX", 2)
    known = RouteMap()

    for number in (1, 2, 3):
        known.add(ROUTE._replace(code=f"code-{number}", link_number=number))

    assert list(known.routes) == ["code-2", "code-3"]
    assert known.of_enrollment("bob", program="partners") == known.routes["code-2"]


def test_an_enrollment_is_found_by_its_new_code_only():
    known = RouteMap()
    known.add(ROUTE)
    known.add(ROUTE._replace(via="robert"))

    assert known.of_enrollment("bob", program="partners") is None
    assert known.of_enrollment("robert", program="partners") is not None
    assert known.of_enrollment(ROUTE.enrollment_id, program=ROUTE.program.id) is not None


def test_of_an_enrollments_links_the_first_that_is_in_use_counts():
    known = RouteMap()
    known.add(ROUTE._replace(code="later", link_number=9))
    known.add(ROUTE._replace(code="gone", link_number=1, is_archived=True))
    known.add(ROUTE)

    found = known.of_enrollment("bob", program="partners")

    assert found == ROUTE
    assert known.of_enrollment("bob", program="partners", merchant_id="other") is None
