"""GET /fl.js: small, cached, named by its content, with the program's settings in it."""

import gzip
from typing import NamedTuple

import pytest

from common.clock import now
from interfaces.edge.snippet import BUILT, HOLE, Snippet, no_program
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.services import update_program
from tests.edge.conftest import wait_until


class Program(NamedTuple):
    """A program's settings."""

    consent_mode: str = "COOKIELESS"
    window_days: int = 60
    legacy_parameters: tuple[str, ...] = ("ref", "fpr")


def test_is_under_three_kilobytes_compressed_even_with_a_programs_settings():
    snippet = Snippet.from_file()

    assert len(snippet.variant_of(None).compressed) < 3_000
    assert len(snippet.variant_of(Program()).compressed) < 3_000


def test_is_served_to_any_site_and_kept_for_an_hour(edge):
    answer = edge.get("/fl.js")

    assert answer.body == BUILT.read_bytes().strip()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


def test_is_compressed_for_who_can_read_it(edge):
    answer = edge.get("/fl.js", headers={"accept-encoding": "br, gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "accept-encoding"
    assert gzip.decompress(answer.body) == BUILT.read_bytes().strip()


def test_who_has_it_is_told_so(edge):
    etag = edge.get("/fl.js").headers["etag"]

    same = edge.get("/fl.js", headers={"if-none-match": f"W/{etag}"})
    other = edge.get("/fl.js", headers={"if-none-match": '"other"'})

    assert (same.status, same.body) == (304, b"")
    assert other.status == 200


@pytest.mark.parametrize(("is_right", "life"), [(True, "31536000, immutable"), (False, "3600")])
def test_by_its_version_it_is_kept_for_ever(edge, is_right, life):
    version = edge.get("/fl.js").headers["etag"].strip('"') if is_right else "old"

    answer = edge.get(f"/fl.js?v={version}")

    assert answer.headers["cache-control"] == f"public, max-age={life}"


def test_it_cannot_be_posted_to(edge):
    assert edge.post("/fl.js").status == 405


def test_a_programs_settings_are_written_into_its_end():
    plain = Snippet.from_file().variant_of(Program()).plain

    assert plain.endswith(b'})({"consent": "never", "days": "60", "params": "ref,fpr"});')
    assert plain.startswith(BUILT.read_bytes().strip().removesuffix(HOLE))


def test_nothing_that_a_program_says_ends_the_text_that_holds_it():
    evil = Program(legacy_parameters=('"});alert(1);({"', "</script>\u2028"))

    plain = Snippet.from_file().variant_of(evil).plain

    assert plain.endswith(rb'"params": "\"});alert(1);({\",</script>\u2028"});')


def test_the_settings_follow_the_program(edge, acme):
    before = edge.get(f"/fl.js?program={acme.program.id}")
    changes = {"legacy_parameters": ["ref"], "consent_mode": "LEGACY", "window_days": 7}
    with merchant_context(acme.id):
        update_program(program=acme.program, changes=changes, by=SYSTEM, at=now())

    wait_until(lambda: b'"days": "7"' in edge.get(f"/fl.js?program={acme.program.id}").body)

    after = edge.get(f"/fl.js?program={acme.program.id}")
    assert before.body.endswith(b'({"consent": "required", "days": "30", "params": ""});')
    assert after.body.endswith(b'({"consent": "granted", "days": "7", "params": "ref"});')
    assert after.headers["cache-control"] == "public, max-age=600"
    assert after.headers["etag"] != before.headers["etag"]


@pytest.mark.parametrize("name", ["00000000-0000-7000-8000-000000000000", "partners", "%00"])
def test_of_a_program_that_is_not_known_it_has_no_settings(edge, name):
    assert edge.get(f"/fl.js?program={name}").body == edge.get("/fl.js").body


def test_programs_with_the_same_settings_share_one_copy():
    snippet = Snippet(b"(p=>{})({});", no_program)

    assert snippet.variant_of(Program()) is snippet.variant_of(Program())
    assert snippet.variant_of(Program()).version != snippet.variant_of(None).version
