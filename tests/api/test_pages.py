"""What a program says and wants, by the API: what the pages do, and the names of what is wrong."""

from typing import Any

import pytest
from django.test import Client

from merchants.rights import Role
from merchants.tenancy import merchant_context
from programs.models import ProgramChange
from tests.api.conftest import Caller
from tests.cast import Company, Promoter, add_member
from tests.console.program_pages import store_page

EVIL = "<script>alert(1)</script>"


def path(company: Company, rest: str) -> str:
    return f"programs/{company.program.id}/{rest}"


def test_conduct_is_said_in_part_and_logged(acme: Company, api: Caller) -> None:
    where = path(acme, "conduct")
    said = {
        "methods": {"content": "allowed", "brand_bidding": "forbidden"},
        "keywords": [" acme ", "acme", "akme"],
        "disclosures": {"de": "Werbung"},
    }

    first = api.patch(where, said).json
    second = api.patch(where, {"note": EVIL, "tells": False}).json

    assert first["methods"] == said["methods"]
    assert (first["keywords"], first["note"]) == (["acme", "akme"], "")
    assert second == first | {"note": EVIL}
    assert api.get(where).json == second
    logged = api.get(path(acme, "changes")).json["data"]
    assert [row["kind"] for row in logged] == ["conduct", "conduct"]
    assert EVIL not in Client().get("/join/acme/partners/").content.decode()


def test_news_are_told_with_or_without_a_mail(acme: Company, api: Caller) -> None:
    api.post(path(acme, "changes"), {"title": "Loud"})
    quiet = api.post(path(acme, "changes"), {"title": "Quiet", "tells": False})

    assert (quiet.status, quiet.json["kind"], quiet.json["body"]) == (201, "news", None)
    with merchant_context(acme.id):
        due = ProgramChange.objects.filter(mail_due_at__isnull=False)
        assert [row.title for row in due] == ["Loud"]


def test_blocks_are_made_put_in_order_and_taken_away(acme: Company, api: Caller) -> None:
    where = path(acme, "blocks")
    quote = api.post(where, {"kind": "quote", "title": "Dana", "body": "They pay."}).json
    faq = api.post(where, {"kind": "faq", "title": "Asked", "body": "When?\nSoon."}).json

    moved = api.post(f"{where}/{faq['id']}/move", {"to": "up"}).json
    changed = api.patch(f"{where}/{quote['id']}", {"title": "Dana Dock"}).json
    removed = api.post(f"{where}/{faq['id']}/remove")

    assert (quote["position"], faq["position"], moved["position"]) == (0, 1, 0)
    assert (changed["title"], changed["body"]) == ("Dana Dock", "They pay.")
    assert removed.status == 200
    assert [row["id"] for row in api.get(where).json["data"]] == [quote["id"]]
    assert "Dana Dock" in Client().get("/join/acme/partners/").content.decode()


def test_a_target_tells_how_far_it_is(acme: Company, api: Caller) -> None:
    where = path(acme, "targets")
    said = {"metric": "revenue", "amount": 100, "first_on": "2000-01-01", "last_on": "2000-01-02"}

    target = api.post(where, said).json

    assert {name: target[name] for name in said} == said
    assert (target["reached"], target["expected"]) == (0, 100)
    assert api.get(where).json["data"] == [target]
    assert api.post(f"{where}/{target['id']}/remove").status == 200
    assert api.get(where).json["data"] == []


def test_whom_it_is_for_and_where_it_stands(acme: Company, api: Caller) -> None:
    for_whom, listing = path(acme, "customers"), path(acme, "listing")

    api.patch(for_whom, {"summary": "Sailors", "countries": ["NL", "DE"]})
    said = api.patch(for_whom, {"roles": "Skippers"}).json
    unlisted = api.get(listing).json
    listed = api.patch(listing, {"countries": ["DE"]}).json
    moved = api.patch(listing, {"category": "sport"}).json
    gone = api.patch(listing, {"is_listed": False}).json

    assert (said["summary"], said["roles"], said["countries"]) == (
        "Sailors",
        "Skippers",
        ["DE", "NL"],
    )
    assert (unlisted["is_listed"], unlisted["category"]) == (False, None)
    assert (listed["category"], listed["countries"]) == ("other", ["DE"])
    assert moved == listed | {"category": "sport"}
    assert gone == unlisted


def test_a_policy_is_entered_reviewed_and_ends(acme: Company, api: Caller) -> None:
    mia = add_member(acme, "Mia", Role.MANAGER)
    where = path(acme, "policies")
    said = {"category": "brand", "title": "T", "body": "B", "review_on": "2190-01-01"}

    policy = api.post(where, said).json
    handed = api.patch(f"{where}/{policy['id']}", {"owner": mia.user.email}).json
    reviewed = api.post(f"{where}/{policy['id']}/review", {"review_on": "2191-01-01"}).json
    api.post(f"{where}/{policy['id']}/archive")

    assert (policy["owner"], handed["owner"]) == (acme.owner.user.email, mia.user.email)
    assert (reviewed["title"], reviewed["review_on"]) == ("T", "2191-01-01")
    assert api.get(f"{where}?is_archived=false").json["data"] == []
    assert [row["id"] for row in api.get(f"{where}?is_archived=true").json["data"]] == [
        policy["id"]
    ]


def test_what_stands_in_the_way_is_answered_once(acme: Company, bob: Promoter, api: Caller) -> None:
    report = store_page(acme, bob)["report_id"]
    where = path(acme, "friction")
    answer = {"answer": "You may, until June."}

    waiting = api.get(f"{where}?is_open=true").json["data"]
    first = api.post(f"{where}/{report}/answer", answer)
    again = api.post(f"{where}/{report}/answer", {"answer": "No."})

    assert [row["body"] for row in waiting] == ["I need it."]
    assert (first.status, first.json["answer"]) == (200, answer["answer"])
    assert again.refusal == (409, "illegal_move")
    assert api.get(f"{where}?is_open=true").json["data"] == []


@pytest.mark.parametrize(
    ("method", "rest", "body", "refusal", "fields"),
    [
        (
            "PATCH",
            "conduct",
            {"methods": {"telepathy": "allowed"}},
            (400, "invalid"),
            {"methods.telepathy": "unknown_field"},
        ),
        (
            "PATCH",
            "conduct",
            {"methods": {"content": "maybe"}},
            (400, "invalid"),
            {"methods.content": "invalid_choice"},
        ),
        (
            "PATCH",
            "conduct",
            {"disclosures": {"xx": "?"}},
            (422, "bad_value"),
            {"disclosures": "invalid_choice"},
        ),
        ("POST", "blocks", {"kind": "text"}, (422, "bad_value"), {"body": "required"}),
        (
            "POST",
            "blocks",
            {"kind": "image", "title": "A boat", "image_url": "http://a.example/b.png"},
            (422, "bad_value"),
            {"image_url": "bad_address"},
        ),
        (
            "POST",
            "targets",
            {"metric": "clicks", "amount": 1, "first_on": "2026-02-02", "last_on": "2026-02-01"},
            (422, "bad_value"),
            {"last_on": "ends_before_it_starts"},
        ),
        (
            "POST",
            "targets",
            {"metric": "clicks", "amount": 1, "first_on": "2.2.26", "last_on": "2026-02-30"},
            (400, "invalid"),
            {"first_on": "no_day", "last_on": "invalid"},
        ),
        (
            "PATCH",
            "customers",
            {"countries": ["XX"]},
            (422, "bad_value"),
            {"countries": "invalid_choice"},
        ),
        (
            "POST",
            "policies",
            {"category": "brand", "title": "T", "body": "B", "review_on": "2000-01-01"},
            (422, "bad_value"),
            {"review_on": "past"},
        ),
        (
            "POST",
            "policies",
            {
                "category": "brand",
                "title": "T",
                "body": "B",
                "review_on": "2190-01-01",
                "owner": "nobody@acme.example",
            },
            (404, "not_found"),
            {"owner": "not_found"},
        ),
    ],
)
def test_what_cannot_be_is_named(
    acme: Company,
    api: Caller,
    method: str,
    rest: str,
    body: Any,
    refusal: tuple[int, str],
    fields: dict[str, str],
) -> None:
    answer = api(method, path(acme, rest), body)

    assert (answer.refusal, answer.fields) == (refusal, fields)
