"""GET /fl.js: small, cached, named by its content."""

import gzip

import pytest

from interfaces.edge.snippet import SOURCE, Snippet


def test_is_under_three_kilobytes_compressed():
    assert len(Snippet.from_file().compressed) < 3_000


def test_is_served_to_any_site_and_kept_for_an_hour(edge):
    answer = edge.get("/fl.js")

    assert answer.body == SOURCE.read_bytes()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


def test_is_compressed_for_who_can_read_it(edge):
    answer = edge.get("/fl.js", headers={"accept-encoding": "br, gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "accept-encoding"
    assert gzip.decompress(answer.body) == SOURCE.read_bytes()


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
