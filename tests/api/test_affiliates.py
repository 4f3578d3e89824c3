"""Affiliates are invited and read; enrollments are decided on."""

from uuid import UUID

import pytest

from affiliates.models import Affiliate, Application, Enrollment, Status
from affiliates.services import ApplicationDraft, Consent, create_affiliate, join_program
from merchants.models import SYSTEM
from merchants.tenancy import affiliate_context, merchant_context
from programs.models import JoinMode
from programs.services import update_program
from tests.api.conftest import Caller
from tests.cast import NOON, Company, Promoter, make_promoter, make_user
from tracking.models import Link


def invite(company: Company, email: str = "Dora@Example.com") -> dict[str, object]:
    """Return the body of an invitation."""
    return {"program": str(company.program.id), "email": email, "name": "Dora"}


def test_an_invited_affiliate_waits(acme: Company, api: Caller) -> None:
    answer = api.post("affiliates", {**invite(acme), "website": "https://dora.example/"})

    assert answer.status == 201
    found = answer.json
    [enrollment] = found.pop("enrollments")
    assert found.pop("id") == enrollment["affiliate"]
    assert found.pop("created_at")
    assert found == {
        "name": "Dora",
        "email": "dora@example.com",
        "website": "https://dora.example/",
        "country": None,
    }
    assert enrollment["program"] == str(acme.program.id)
    assert (enrollment["status"], enrollment["reason"]) == ("invited", None)
    assert api.get(f"enrollments/{enrollment['id']}").json == enrollment
    assert api.get(f"affiliates/{enrollment['affiliate']}").json == answer.json


def test_one_address_is_invited_once(acme: Company, api: Caller) -> None:
    api.post("affiliates", invite(acme))

    again = api.post("affiliates", invite(acme, "dora@example.com"))

    assert again.refusal == (409, "already_enrolled")
    assert again.fields == {"email": "already_enrolled"}
    with merchant_context(acme.id):
        assert Enrollment.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "dora"}, "email"),
        ({"name": ""}, "name"),
        ({"website": "dora"}, "website"),
        ({"status": "approved"}, "status"),
    ],
)
def test_an_invalid_invitation_is_refused(
    acme: Company, api: Caller, changes: dict[str, str], field: str
) -> None:
    answer = api.post("affiliates", {**invite(acme), **changes})

    assert answer.refusal == (400, "invalid")
    assert list(answer.fields) == [field]
    with merchant_context(acme.id):
        assert not Affiliate.objects.exists()


def test_a_merchant_sees_its_own_affiliates_only(
    acme: Company, bob: Promoter, carol: Promoter, api: Caller
) -> None:
    nobody = create_affiliate(name="Nobody", email="nobody@example.com")

    names = [row["name"] for row in api.get("affiliates").json["data"]]

    assert names == ["Bob"]
    for stranger in (carol.affiliate, nobody):
        assert api.get(f"affiliates/{stranger.id}").refusal == (404, "not_found")


def test_affiliates_are_filtered(acme: Company, bob: Promoter, api: Caller) -> None:
    make_promoter(acme, "Dora")
    program = acme.program.id

    def names(query: str) -> list[str]:
        return [row["name"] for row in api.get(f"affiliates?{query}").json["data"]]

    assert names("email=BOB@example.com") == ["Bob"]
    assert names(f"program={program}&status=approved") == ["Dora", "Bob"]
    assert names(f"program={program}&status=invited") == []


def applied(company: Company) -> Enrollment:
    """Let Erin apply to the company's program."""
    with merchant_context(company.id):
        update_program(
            program=company.program,
            changes={"join_mode": JoinMode.APPLICATION},
            by=SYSTEM,
            at=NOON,
        )
    user = make_user("Erin")
    affiliate = create_affiliate(name="Erin", email=user.email, user=user)
    return join_program(
        program=company.program,
        affiliate=affiliate,
        consent=Consent(user=user, terms_version=None),
        application=ApplicationDraft(),
        at=NOON,
    )


def test_an_applicant_is_approved_and_gets_a_link(acme: Company, api: Caller) -> None:
    enrollment = applied(acme)

    answer = api.post(f"enrollments/{enrollment.id}/approve")

    assert (answer.status, answer.json["status"]) == (200, "approved")
    with merchant_context(acme.id):
        assert Link.objects.filter(enrollment=enrollment).count() == 1


def test_an_applicant_is_rejected_with_a_reason(acme: Company, api: Caller) -> None:
    enrollment = applied(acme)

    answer = api.post(f"enrollments/{enrollment.id}/reject", {"reason": "No website"})

    assert (answer.json["status"], answer.json["reason"]) == ("rejected", "No website")
    again = api.post(f"enrollments/{enrollment.id}/approve")
    assert again.refusal == (409, "illegal_move")


def test_an_affiliate_is_suspended_and_reinstated(
    acme: Company, bob: Promoter, api: Caller
) -> None:
    path = f"enrollments/{bob.enrollment.id}"

    assert api.post(f"{path}/reinstate").refusal == (409, "illegal_move")
    assert api.post(f"{path}/suspend").json["status"] == "suspended"
    assert api.post(f"{path}/suspend").refusal == (409, "illegal_move")
    assert api.post(f"{path}/reinstate").json["status"] == "approved"


def test_enrollments_are_filtered(acme: Company, bob: Promoter, api: Caller) -> None:
    dora = make_promoter(acme, "Dora")
    api.post(f"enrollments/{dora.enrollment.id}/suspend")

    def ids(query: str) -> list[str]:
        return [row["id"] for row in api.get(f"enrollments?{query}").json["data"]]

    assert ids("status=suspended") == [str(dora.enrollment.id)]
    assert ids(f"affiliate={bob.affiliate.id}") == [str(bob.enrollment.id)]
    assert ids(f"code={bob.enrollment.code}") == [str(bob.enrollment.id)]
    assert ids(f"program={acme.program.id}&status={Status.APPROVED.lower()}") == [
        str(bob.enrollment.id)
    ]


def test_an_invited_affiliate_of_another_merchant_is_its_own_row(
    acme: Company, globex: Company, api: Caller, other_api: Caller
) -> None:
    here = api.post("affiliates", invite(acme)).json
    there = other_api.post("affiliates", invite(globex)).json

    assert here["id"] != there["id"]
    with affiliate_context(UUID(here["id"])):
        assert Enrollment.objects.count() == 1


def test_answers_from_elsewhere_are_read_as_the_form_reads_them(acme: Company, api: Caller) -> None:
    wrong = api.post("affiliates", invite(acme) | {"answers": {"website": "x", "channels": "Blog"}})
    alien = api.post("affiliates", invite(acme) | {"answers": ["a"]})
    right = api.post(
        "affiliates", invite(acme) | {"answers": {"website": "dora.example", "channels": "Blog"}}
    )

    assert (wrong.status, alien.status, right.status) == (422, 400, 201)
    assert wrong.fields == {"answers.website": "invalid"}
    with merchant_context(acme.id):
        written = Application.objects.get()
    assert written.answers == {"website": "https://dora.example", "channels": "Blog"}
    assert [row["code"] for row in written.questions][:2] == ["website", "channels"]
