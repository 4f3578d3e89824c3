"""Facts by the API: refunds and statuses of orders, steps, repeats, browsers' words, test keys."""

import pytest

from commissions.services import ClaimDraft, submit_claim
from merchants.models import SYSTEM, Event
from merchants.rights import Scope
from merchants.services import create_key
from merchants.tenancy import merchant_context
from programs.models import Goal, GoalStep
from tests.api.conftest import Caller
from tests.cast import NOON, Company, Promoter, click_of
from tests.facts import again, lines, sale, settled, work
from tracking.models import Conversion, ConversionStatus, Source, Touch

DAY = NOON.date()


@pytest.fixture
def tester(acme: Company) -> Caller:
    """Return a caller with a full test key of Alice."""
    with merchant_context(acme.id):
        _key, text = create_key(
            member=acme.owner, name="Test", scopes=list(Scope), at=NOON, is_test=True
        )
    return Caller(text)


def order(company: Company, **facts: object) -> dict[str, object]:
    """Return the body that reports a sale for 100.00 EUR."""
    return {
        "program": str(company.program.id),
        "goal": "sale",
        "external_id": "o-1",
        "amount_minor": 10_000,
        "currency": "EUR",
        "occurred_at": "2026-03-02T13:00:00Z",
        **facts,
    }


def of_order(company: Company, **facts: object) -> dict[str, object]:
    """Return a body about that order."""
    return {"program": str(company.program.id), "conversion_external_id": "o-1", **facts}


def test_a_repeat_with_another_amount_is_answered_with_the_first(
    acme: Company, api: Caller
) -> None:
    first = api.post("conversions", order(acme))

    again = api.post("conversions", order(acme, amount_minor=20_000))

    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json
    with merchant_context(acme.id):
        assert Event.objects.filter(type="conversion.amount_differs").count() == 1


def test_a_conversion_says_where_it_comes_from(acme: Company, bob: Promoter, api: Caller) -> None:
    body = order(acme, referral=bob.link.code)

    answered = api.post("conversions", body).json
    work(acme)

    assert (answered["source"], answered["is_test"], answered["referral"]) == (
        "api",
        False,
        bob.link.code,
    )
    assert answered["confirmed_at"] is not None
    assert lines(acme) == [1_000]


def test_a_refund_may_come_before_its_order(acme: Company, bob: Promoter, api: Caller) -> None:
    body = of_order(acme, external_id="r-1", amount_minor=4_000)

    first, again = api.post("refunds", body), api.post("refunds", body)
    api.post("conversions", order(acme, click_id=click_of(bob)))
    work(acme)

    assert (first.status, again.status) == (201, 200)
    assert (first.json["conversion"], first.json["applied_at"]) == (None, None)
    assert lines(acme) == [1_000, -400]
    attached = api.post("refunds", body).json
    assert attached["id"] == first.json["id"]
    assert attached["conversion"] is not None


@pytest.mark.parametrize("by", ["conversion", "order"])
def test_a_status_is_reported_and_applied(
    acme: Company, bob: Promoter, api: Caller, by: str
) -> None:
    conversion = api.post("conversions", order(acme, click_id=click_of(bob))).json
    path = f"conversions/{conversion['id']}/status" if by == "conversion" else "status-reports"
    body = {} if by == "conversion" else of_order(acme)

    told = api.post(path, {**body, "status": "disputed", "reason": "chargeback"})
    work(acme)

    assert (told.status, told.json["conversion"]) == (201, conversion["id"])
    found = api.get(f"conversions/{conversion['id']}").json
    assert (found["status"], found["reason"]) == ("held", "disputed")


def test_a_browsers_word_is_confirmed(acme: Company, bob: Promoter, api: Caller) -> None:
    conversion = settled(acme, sale(click_token=click_of(bob)), source=Source.PIXEL)

    answered = api.post(f"conversions/{conversion.id}/confirm")
    work(acme)

    assert answered.status == 200
    assert again(acme, conversion).status == ConversionStatus.PENDING
    assert lines(acme) == [1_000]
    assert api.post(f"conversions/{conversion.id}/confirm").refusal == (409, "illegal_move")


@pytest.fixture
def stepped(acme: Company) -> Company:
    """Return Acme, whose sale is an install and a deposit."""
    with merchant_context(acme.id):
        goal = Goal.objects.get(program=acme.program, code="sale")
        for code in ("install", "deposit"):
            GoalStep.objects.create(
                merchant_id=acme.id, program=acme.program, goal=goal, code=code, name=code
            )
    return acme


def test_steps_reach_a_goal(stepped: Company, bob: Promoter, api: Caller) -> None:
    def step(code: str) -> dict[str, object]:
        own = {"program": str(stepped.program.id), "step": code, "external_id": f"{code}-1"}
        return {**own, "customer": {"external_id": "c-1"}, "click_id": click_of(bob)}

    first = api.post("steps", step("install"))
    assert first.status == 202
    assert first.json == {
        "goal": "sale",
        "step": "install",
        "external_id": "install-1",
        "progress": [
            {"step": "install", "done": 1, "times": 1},
            {"step": "deposit", "done": 0, "times": 1},
        ],
        "conversion": None,
    }

    last, repeat = api.post("steps", step("deposit")), api.post("steps", step("deposit"))

    assert (last.status, repeat.status) == (201, 200)
    assert last.json["conversion"] == repeat.json["conversion"]
    assert api.get(f"conversions/{last.json['conversion']}").json["source"] == "steps"


def test_a_conversion_may_name_a_step(stepped: Company, api: Caller) -> None:
    said = {"customer": {"external_id": "c-1"}, "amount_minor": 100}

    first = api.post("conversions", order(stepped, goal="install", external_id="i", **said))
    last = api.post("conversions", order(stepped, goal="deposit", external_id="d", **said))
    direct = api.post("conversions", order(stepped))
    bulk = api.post(
        "conversions/bulk",
        {
            "data": [
                order(stepped, goal="install", external_id="i-2", customer={"external_id": "c-2"}),
                order(stepped, goal="deposit", external_id="d-2", customer={"external_id": "c-2"}),
                order(stepped),
            ]
        },
    )

    assert (first.status, first.json["conversion"]) == (202, None)
    assert (last.status, last.json["amount_minor"]) == (201, 200)
    assert (direct.refusal, direct.fields) == ((422, "goal_has_steps"), {"goal": "goal_has_steps"})
    assert [row["status"] for row in bulk.json["data"]] == [202, 201, 422]


def test_nobodys_step_is_refused(stepped: Company, api: Caller) -> None:
    body = {"program": str(stepped.program.id), "step": "install", "external_id": "i-1"}

    assert api.post("steps", body).refusal == (422, "nobodys_step")
    assert api.post("steps", {**body, "step": "nope"}).refusal == (422, "unknown_step")


def test_what_a_test_key_reports_never_reaches_money(
    acme: Company, bob: Promoter, api: Caller, tester: Caller
) -> None:
    test = tester.post("conversions", order(acme, click_id=click_of(bob)))
    real = api.post("conversions", order(acme, click_id=click_of(bob)))
    refund = tester.post("refunds", of_order(acme, external_id="r-1", amount_minor=10_000))
    tester.post("status-reports", of_order(acme, status="declined"))
    work(acme)

    assert (test.status, real.status, test.json["is_test"]) == (201, 201, True)
    assert refund.json["conversion"] == test.json["id"]
    assert lines(acme) == [1_000]
    found = api.get(f"conversions/{test.json['id']}").json
    assert (found["status"], found["reason"], found["commissions"]) == ("approved", "test", [])

    def listed(caller: Caller, query: str = "") -> list[str]:
        return [row["id"] for row in caller.get(f"conversions{query}").json["data"]]

    assert listed(api) == listed(tester, "?is_test=false") == [real.json["id"]]
    assert listed(api, "?is_test=true") == listed(tester) == [test.json["id"]]


def test_a_test_key_touches_nothing_that_is_real(
    acme: Company, bob: Promoter, api: Caller, tester: Caller
) -> None:
    real = api.post("conversions", order(acme, click_id=click_of(bob))).json["id"]
    work(acme)
    customer = api.post("customers", {"program": str(acme.program.id), "external_id": "c-1"}).json[
        "id"
    ]

    with merchant_context(acme.id):
        missing = ClaimDraft(Goal.objects.get(program=acme.program, code="sale"), "o-7", DAY, "M")
        claim = submit_claim(enrollment=bob.enrollment, draft=missing, by=SYSTEM, at=NOON)
    refund = {"external_id": "r-1", "amount_minor": 1}
    to_bob = {"enrollment": str(bob.enrollment.id), "reason": "R"}
    refused = {
        f"conversions/{real}/reassign": (to_bob, (404, "not_found")),
        f"customers/{customer}/reassign": (
            {**to_bob, "program": str(acme.program.id)},
            (403, "test_key"),
        ),
        f"claims/{claim.id}/credit": ({"amount_minor": 1}, (403, "test_key")),
        f"claims/{claim.id}/refuse": ({"reason": "R"}, (403, "test_key")),
        f"conversions/{real}/refunds": (refund, (404, "not_found")),
        f"conversions/{real}/status": ({"status": "declined"}, (404, "not_found")),
        f"conversions/{real}/decline": ({"reason": "R"}, (403, "test_key")),
        f"customers/{customer}/erase": ({}, (403, "test_key")),
        "payout-batches": ({"currency": "EUR"}, (403, "test_key")),
        "programs": ({"name": "N", "landing_url": "https://a.example/"}, (403, "test_key")),
    }
    found = {path: tester.post(path, body).refusal for path, (body, _r) in refused.items()}

    assert found == {path: wanted for path, (_body, wanted) in refused.items()}
    assert lines(acme) == [1_000]


def test_a_test_key_binds_for_tests(acme: Company, bob: Promoter, tester: Caller) -> None:
    body = {"program": str(acme.program.id), "external_id": "c-1", "referral": bob.link.code}

    answered = tester.post("customers", body)

    assert [row["is_test"] for row in answered.json["touches"]] == [True]
    with merchant_context(acme.id):
        assert Touch.objects.get().is_test
        assert not Conversion.objects.exists()
