"""Smart links at the redirect: recorded for, and evidence of, the link that was chosen."""

import pytest
from django.conf import settings

from affiliates.models import Status as EnrollmentStatus
from common.clock import now
from merchants.tenancy import merchant_context
from programs.models import Program, Status
from tests.edge.conftest import wait_until
from tests.edge.test_caps import make_cap
from tests.edge.test_follow import token_of
from tests.edge.test_pages import PHONE
from tracking.models import Branch, CapAction, CapScope, Link, SmartRule
from tracking.services import create_link
from tracking.token import read_token

LANDING = "https://shop.acme.example/"


@pytest.fixture
def smart(acme, bob):
    """Make Bob's link smart: phones to one link of his, the others to another."""
    with merchant_context(acme.id):
        Link.objects.filter(id=bob.link.id).update(
            smart_rule=SmartRule.MATCH, destination_url=f"{LANDING}own"
        )
        phones, others = (
            create_link(enrollment=bob.enrollment, code=code, destination_url=f"{LANDING}{code}")
            for code in ("phones", "others")
        )
        for target, columns in ((phones, {"devices": ["phone"], "priority": 1}), (others, {})):
            Branch.objects.create(merchant_id=acme.id, link=bob.link, target=target, **columns)
    return bob.link, phones, others


def test_the_click_is_the_chosen_links(smart, start_edge, clicks):
    link, phones, others = smart
    edge = start_edge()

    answers = [
        edge.get(f"/c/{link.code}", headers={"user-agent": PHONE}),
        edge.get(f"/c/{link.code}"),
    ]

    tokens = [read_token(token_of(answer.location), settings.CLICK_KEYS) for answer in answers]
    assert [token.link_number for token in tokens if token] == [phones.number, others.number]
    assert [answer.location.partition("?")[0] for answer in answers] == [
        f"{LANDING}phones",
        f"{LANDING}others",
    ]
    assert clicks.rows("link_id") == [(phones.id,), (others.id,)]


def change(model, acme, id, **columns) -> None:
    with merchant_context(acme.id):
        assert model.objects.filter(id=id).update(**columns)


@pytest.mark.parametrize("closing", [{"archived_at": now()}, {"ends_at": now()}])
def test_a_closed_branch_is_passed_over_and_with_none_left_the_link_leads_itself(
    smart, acme, edge, clicks, closing
):
    link, phones, others = smart
    others_path, own_path = f"{LANDING}others?", f"{LANDING}own?"

    def location() -> str:
        return edge.get(f"/c/{link.code}", headers={"user-agent": PHONE}).location

    change(Link, acme, phones.id, **closing)
    wait_until(lambda: location().startswith(others_path))
    change(Link, acme, others.id, **closing)
    wait_until(lambda: location().startswith(own_path))

    assert clicks.rows("link_id, refusal")[-1] == (link.id, "")


def test_a_branch_over_its_cap_is_passed_over(smart, acme, bob, start_edge, clicks):
    link, phones, others = smart
    with merchant_context(acme.id):
        other = Program.objects.create(
            merchant_id=acme.id,
            name="Other",
            slug="other",
            currency="EUR",
            status=Status.ACTIVE,
            landing_url=LANDING,
        )
        phones_enrollment = type(bob.enrollment).objects.create(
            merchant_id=acme.id,
            program=other,
            affiliate=bob.affiliate,
            code="bob-other",
            status=EnrollmentStatus.APPROVED,
            status_changed_at=now(),
        )
        Link.objects.filter(id=phones.id).update(program=other, enrollment=phones_enrollment)
        acme.program, kept = other, acme.program
        make_cap(acme, 2, scope=CapScope.PROGRAM, beyond=CapAction.DESTINATION)
        acme.program = kept
    edge = start_edge()

    answers = [edge.get(f"/c/{link.code}", headers={"user-agent": PHONE}) for _ in range(4)]

    assert [answer.location.partition("?")[0].removeprefix(LANDING) for answer in answers] == [
        "phones",
        "phones",
        "others",
        "others",
    ]
    assert {refusal for (refusal,) in clicks.rows("refusal")} == {""}


def test_a_smart_link_that_is_closed_itself_takes_no_branch(smart, acme, edge, clicks):
    link, _phones, _others = smart
    change(Link, acme, link.id, archived_at=now())
    wait_until(lambda: edge.app._links.map.routes[link.code].is_archived)

    answer = edge.get(f"/c/{link.code}")

    assert answer.location == f"{LANDING}own"
    assert clicks.rows("link_id, refusal") == [(link.id, "link_archived")]


def test_a_new_branch_is_heard_of(smart, acme, edge):
    link, _phones, others = smart
    before = edge.get(f"/c/{link.code}").location

    with merchant_context(acme.id):
        Branch.objects.filter(target=others).delete()
    wait_until(lambda: edge.get(f"/c/{link.code}").location.startswith(f"{LANDING}own?"))

    assert before.startswith(f"{LANDING}others?")


def test_a_repeat_goes_through_the_same_branch(smart, start_edge, clicks):
    link, _phones, others = smart
    edge = start_edge()
    wait_until(lambda: edge.app._salts.salts)

    answers = [edge.get(f"/c/{link.code}", client="198.51.100.7") for _ in range(2)]

    assert answers[0].location == answers[1].location
    assert clicks.rows("link_id, class") == [(others.id, "HUMAN"), (others.id, "DUPLICATE")]
