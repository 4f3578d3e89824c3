"""Joining, care and agreements by the API: what the pages do, with the names of what is wrong."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from affiliates.models import Application, BulkJob, Enrollment, Tag
from affiliates.services import ApplicationDraft, Consent, create_affiliate
from commissions.models import Side
from commissions.services.bulk_jobs import run_bulk_jobs
from interfaces.portal.joining_mails import mail_applications
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from programs.models import JoinMode, Kind, Program, Status
from programs.services import ProgramDraft, create_program, move_program
from tests.api.conftest import Caller, key_for
from tests.cast import NOON, Company, Promoter, click_of, make_promoter, make_user, sell
from tests.proposals import propose
from tracking.models import Link
from tracking.services import join_program

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def api(acme: Company) -> Caller:
    """Return Alice's key."""
    return Caller(key_for(acme.owner))


def apply_as_dave(acme: Company, **answers: str) -> Application:
    """Let Dave apply."""
    with merchant_context(acme.id):
        Program.objects.update(join_mode=JoinMode.APPLICATION)
        program = Program.objects.get(id=acme.program.id)
    user = make_user("Dave")
    join_program(
        program=program,
        affiliate=create_affiliate(name=f"Dave {EVIL}", email=user.email, user=user),
        consent=Consent(user=user, terms_version=None),
        application=ApplicationDraft(answers=answers),  # type: ignore[arg-type]
        at=NOON,
    )
    with merchant_context(acme.id):
        return Application.objects.get(affiliate__email=user.email)


def test_a_form_is_made_and_put_in_order(api: Caller, acme: Company) -> None:
    path = f"programs/{acme.program.id}/questions"
    choice = {"label": "How?", "code": "how", "kind": "choices", "options": ["Blog", "Shop"]}
    shop = {"label": "Which?", "shown_if_code": "how", "shown_if_values": ["Shop"]}

    assert api("POST", path, choice).status == 201
    created = api("POST", path, shop).json
    moved = api("POST", f"{path}/{created['code']}/move", {"to": "up"})
    refused = api("PATCH", f"{path}/how", {"options": ["Blog"]})
    again = api("POST", path, choice)
    wrong = api("POST", path, {"label": "X", "kind": "song"})

    assert (created["stage"], created["shown_if_values"]) == ("application", ["Shop"])
    assert moved.status == 422  # It would come before what it depends on.
    assert (refused.status, refused.json["code"]) == (422, "bad_value")
    assert (again.status, again.json["code"]) == (409, "question_taken")
    assert [row["field"] for row in wrong.json["errors"]] == ["kind"]
    assert len(api("GET", f"{path}?stage=application").json["data"]) == 6


def test_rules_are_read_as_the_page_reads_them(api: Caller, acme: Company) -> None:
    path = f"programs/{acme.program.id}/review-rules"
    rule = {"looks_at": "country", "values": ["XX"], "verdict": "reject", "reason": "Too far."}

    wrong = api("POST", path, rule)
    first = api("POST", path, rule | {"values": ["at"]}).json
    second = api("POST", path, rule | {"values": ["DE"], "is_negated": True}).json
    moved = api("POST", f"{path}/{second['id']}/move", {"to": "up"}).json
    changed = api("PATCH", f"{path}/{first['id']}", {"verdict": "review"}).json
    removed = api("POST", f"{path}/{second['id']}/remove")

    assert [row["field"] for row in wrong.json["errors"]] == ["values"]
    assert (first["values"], first["position"], moved["position"]) == (["AT"], 0, 0)
    assert (changed["verdict"], changed["reason"]) == ("review", "Too far.")
    assert removed.status == 200
    assert [row["id"] for row in api("GET", path).json["data"]] == [first["id"]]


def test_an_applicant_is_told_in_plain_text(api: Caller, acme: Company) -> None:
    application = apply_as_dave(acme, channels=EVIL)

    listed = api("GET", "applications?is_open=true&stage=application").json["data"]
    body = {"message": f"Welcome {EVIL}"}
    approved = api("POST", f"applications/{application.id}/approve", body)
    late = api("POST", f"applications/{application.id}/reject", {"reason": "R"})
    mail_applications(merchant_id=acme.id, at=timezone.now())

    assert [row["answers"] for row in listed] == [{"channels": EVIL}]
    assert (approved.json["status"], approved.json["message"]) == ("approved", body["message"])
    assert (late.status, late.json["code"]) == (409, "illegal_move")
    assert api("GET", "applications?is_open=true").json["data"] == []
    (letter,) = mail.outbox
    assert (letter.content_subtype, getattr(letter, "alternatives", [])) == ("plain", [])
    assert body["message"] in letter.body
    with merchant_context(acme.id):
        assert Link.objects.filter(enrollment_id=application.enrollment_id).count() == 1


def test_somebody_known_is_taken_into_another_program(
    api: Caller, acme: Company, bob: Promoter, carol: Promoter
) -> None:
    draft = ProgramDraft(
        name="Crew",
        slug="crew",
        landing_url="https://a.example/",
        currency="EUR",
        kind=Kind.REFERRAL,
    )
    with merchant_context(acme.id):
        crew = create_program(merchant=acme.merchant, draft=draft, by=SYSTEM, at=NOON)
    body = {"program": str(crew.id), "affiliate": str(bob.affiliate.id)}

    closed = api("POST", "enrollments", body)
    with merchant_context(acme.id):
        move_program(program=crew, to=Status.ACTIVE, by=SYSTEM, at=NOON)
    taken = api("POST", "enrollments", body)
    again = api("POST", "enrollments", body)
    stranger = api("POST", "enrollments", body | {"affiliate": str(carol.affiliate.id)})

    assert (closed.status, closed.json["code"]) == (409, "program_closed")
    assert (taken.status, taken.json["status"]) == (201, "approved")
    assert (again.status, again.json["code"]) == (409, "already_enrolled")
    assert stranger.status == 404
    with merchant_context(acme.id):
        assert Link.objects.filter(enrollment_id=taken.json["id"]).count() == 1
        assert Enrollment.objects.filter(program=crew).count() == 1


def test_tags_and_notes(api: Caller, acme: Company, bob: Promoter) -> None:
    path = f"enrollments/{bob.enrollment.id}"

    tag = api("POST", f"{path}/tags", {"name": " Boats "}).json
    same = api("POST", f"{path}/tags", {"name": "boats"}).json
    note = api("POST", f"{path}/notes", {"body": EVIL}).json

    assert (tag["name"], same["id"]) == ("Boats", tag["id"])
    assert [row["id"] for row in api("GET", f"{path}/tags").json["data"]] == [tag["id"]]
    assert (note["body"], note["member"]) == (EVIL, acme.owner.user.email)
    assert api("POST", f"{path}/tags/{tag['id']}/remove").status == 200
    assert api("POST", f"{path}/notes/{note['id']}/remove").status == 200
    assert api("GET", f"{path}/notes").json["data"] == api("GET", f"{path}/tags").json["data"] == []


def test_a_bulk_job_is_counted_first(api: Caller, acme: Company, bob: Promoter) -> None:
    make_promoter(acme, "Dora")
    job = {"action": "tag", "tag": "New", "filter": {"program": str(acme.program.id)}}

    tried = api("POST", "bulk-jobs", job | {"dry_run": True})
    with merchant_context(acme.id):
        assert (BulkJob.objects.count(), Tag.objects.count()) == (0, 0)
    begun = api("POST", "bulk-jobs", job)
    run_bulk_jobs(merchant_id=acme.id, at=timezone.now())
    done = api("GET", f"bulk-jobs/{begun.json['id']}").json
    nothing = api("POST", "bulk-jobs", job)

    assert (tried.status, tried.json) == (200, {"dry_run": True, "applies": 2, "skipped": []})
    assert (begun.status, begun.json["total"], begun.json["done"]) == (202, 2, 0)
    assert (done["status"], done["done"], done["skipped"]) == ("done", 2, 0)
    assert [row["code"] for row in nothing.json["errors"]] == ["nothing_to_do"]
    everybody = api("POST", "bulk-jobs", {"action": "approve", "filter": {}})
    lacking = api("POST", "bulk-jobs", {"action": "reject", "filter": {"status": "applied"}})
    assert [row["field"] for row in everybody.json["errors"]] == ["filter"]
    assert [row["field"] for row in lacking.json["errors"]] == ["reason"]


def test_who_is_let_in_by_a_job_is_told_as_by_a_person(api: Caller, acme: Company) -> None:
    apply_as_dave(acme)

    api("POST", "bulk-jobs", {"action": "approve", "filter": {"status": "applied"}})
    run_bulk_jobs(merchant_id=acme.id, at=timezone.now())
    mail_applications(merchant_id=acme.id, at=timezone.now())

    assert [letter.subject for letter in mail.outbox] == ["You are in: Acme Partners"]


def test_a_rate_is_agreed_after_a_counter_offer(api: Caller, acme: Company, bob: Promoter) -> None:
    soon = (timezone.now() + timedelta(days=9)).isoformat()
    wanted = propose(acme, bob, rate_bps=2_000, side=Side.AFFILIATE, at=timezone.now())
    rate = {"reward": "percent", "rate_bps": 1_500, "expires_at": soon}

    mine = api("POST", f"proposals/{wanted.id}/counter", rate).json
    signed = api("POST", f"proposals/{mine['id']}/accept", {"signed_name": "Alice"})
    twice = api("POST", f"enrollments/{bob.enrollment.id}/proposals", rate | {"goal": "sale"})
    api("POST", f"proposals/{mine['id']}/withdraw")
    theirs = propose(acme, bob, rate_bps=1_600, side=Side.AFFILIATE, at=timezone.now())
    agreed = api("POST", f"proposals/{theirs.id}/accept", {"signed_name": "Alice Anchor"}).json

    assert (mine["answers"], mine["goal"], mine["offered_by"]) == (
        str(wanted.id),
        "sale",
        "merchant",
    )
    assert (signed.status, signed.json["code"]) == (409, "not_your_turn")
    assert (twice.status, twice.json["code"]) == (409, "proposal_exists")
    assert (agreed["status"], agreed["signed_name"]) == ("accepted", "Alice Anchor")
    assert agreed["rule_version"] is not None
    sold = sell(acme, click=click_of(bob, at=timezone.now()), at=timezone.now())
    earned = api("GET", f"conversions/{sold.id}").json["commissions"]
    assert [row["rule_version"] for row in earned] == [agreed["rule_version"]]


def test_a_contract_holds_until_it_ends(api: Caller, acme: Company, bob: Promoter) -> None:
    path = f"enrollments/{bob.enrollment.id}/terms"

    nothing = api("GET", path)
    contract = api("POST", path, {"body": "Bob's own.", "summary": "S"}).json
    held = api("GET", path).json
    ended = api("POST", f"{path}/end")

    assert nothing.status == 404
    assert (held["id"], held["is_contract"]) == (contract["id"], True)
    assert (ended.status, api("GET", path).status) == (200, 404)
    assert api("GET", "acceptances").json["data"] == []
