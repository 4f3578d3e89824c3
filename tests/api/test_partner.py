"""The affiliate's API: own rows of every merchant, and nothing of the merchants' customers."""

from datetime import timedelta
from typing import Any

import pytest

from affiliates.keys import create_key
from affiliates.models import Status
from affiliates.services import ApplicationDraft, Consent, move_enrollment
from commissions.services import approve_due
from merchants.models import SYSTEM
from merchants.rights import Role
from merchants.tenancy import affiliate_context, merchant_context
from payouts.models import Payout, PayoutMethod
from payouts.services import approve_batch, mark_paid, prepare_batch, send_batch
from tests.api.conftest import Caller
from tests.api.test_clicks import click
from tests.api.test_lists import queries
from tests.api.test_report_conversion import sale
from tests.cast import (
    IBAN,
    NOON,
    Company,
    Promoter,
    add_member,
    click_of,
    make_company,
    make_promoter,
    sell,
    settle,
)
from tracking.models import Link
from tracking.services import join_program

LATER = NOON + timedelta(days=40)


def join(company: Company, promoter: Promoter) -> Promoter:
    """Let the promoter join another company's program; return them there."""
    enrollment = join_program(
        program=company.program,
        affiliate=promoter.affiliate,
        consent=Consent(user=promoter.user, terms_version=None),
        application=ApplicationDraft(),
        at=NOON,
    )
    with merchant_context(company.id):
        link = Link.objects.get(enrollment=enrollment)
    return Promoter(promoter.user, promoter.affiliate, enrollment, link)


def pay(company: Company) -> Payout:
    """Pay what is due; return the payout."""
    approve_due(merchant_id=company.id, at=LATER)
    finn = add_member(company, "Finn", Role.FINANCE)
    with merchant_context(company.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=company.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
        payout = Payout.objects.get(batch=batch)
        return mark_paid(member=finn, payout=payout, provider_ref="B-1", paid_at=LATER, at=LATER)


def test_me_says_which_affiliate_asks(bob: Promoter, partner: Caller) -> None:
    found = partner.get("partner/me").json

    assert found["key"].pop("id")
    assert found == {
        "affiliate": {
            "id": str(bob.affiliate.id),
            "name": "Bob",
            "email": "bob@example.com",
            "website": None,
            "country": None,
        },
        "key": {"name": "Test", "last_four": partner.key[-4:] if partner.key else ""},
    }


def test_programs_of_all_merchants_come_with_their_rates(
    acme: Company, globex: Company, bob: Promoter, partner: Caller
) -> None:
    there = join(globex, bob)

    second, first = partner.get("partner/programs").json["data"]

    assert second["merchant"] == {"id": str(globex.id), "name": "Globex"}
    assert second["enrollment"] == str(there.enrollment.id)
    assert first.pop("enrolled_at")
    assert first == {
        "id": str(acme.program.id),
        "merchant": {"id": str(acme.id), "name": "Acme"},
        "name": "Acme Partners",
        "status": "active",
        "currency": "EUR",
        "summary": "",
        "landing_url": "https://shop.acme.example/",
        "allowed_hosts": [],
        "window_days": 30,
        "hold_days": 30,
        "payout_minor_min": 0,
        "enrollment": str(bob.enrollment.id),
        "enrollment_status": "approved",
        "code": bob.enrollment.code,
        "recruiting_url": None,
        "bounty_minor": None,
        "rates": [
            {
                "goal": code,
                "name": name,
                "definition": definition,
                "reward": "percent" if code == "sale" else None,
                "fixed_minor": 0,
                "rate_bps": 1_000 if code == "sale" else 0,
            }
            for code, name, definition in (
                ("signup", "Sign-up", "A new person opens an account."),
                ("lead", "Lead", "A person asks to be contacted and leaves valid details."),
                ("sale", "Sale", "A new order is paid."),
            )
        ],
    }


def test_a_link_is_created_changed_and_archived(
    acme: Company, bob: Promoter, partner: Caller
) -> None:
    made = partner.post("partner/links", {"enrollment": str(bob.enrollment.id), "code": "bob-tv"})

    path = f"partner/links/{made.json['id']}"
    assert (made.status, made.json["code"]) == (201, "bob-tv")
    assert partner.patch(path, {"name": "TV"}).json == {**made.json, "name": "TV"}
    foreign = partner.patch(path, {"destination_url": "https://evil.example/"})
    assert foreign.refusal == (422, "host_not_allowed")
    assert partner.post(f"{path}/archive").json["archived_at"] is not None
    assert [row["code"] for row in partner.get("partner/links").json["data"]] == [
        "bob-tv",
        bob.link.code,
    ]


def test_many_links_of_several_merchants_are_created_at_once(
    acme: Company, globex: Company, bob: Promoter, carol: Promoter, partner: Caller
) -> None:
    there = join(globex, bob)
    page = "https://shop.acme.example/mugs"
    items = [
        {"enrollment": str(there.enrollment.id), "code": "bob-globex"},
        {
            "enrollment": str(bob.enrollment.id),
            "destination_url": page,
            "ends_at": "2026-12-31T00:00:00Z",
        },
        {"enrollment": str(carol.enrollment.id)},
        {"enrollment": str(bob.enrollment.id), "destination_url": "https://evil.example/"},
        {"enrollment": str(bob.enrollment.id), "code": "bob-globex"},
    ]

    answer = partner.post("partner/links/bulk", {"data": items})

    found = answer.json["data"]
    assert [row["status"] for row in found] == [201, 201, 404, 422, 409]
    assert found[0]["link"]["program"] == str(globex.program.id)
    assert found[1]["link"]["destination_url"] == page
    assert found[1]["link"]["ends_at"] == "2026-12-31T00:00:00Z"
    assert found[3]["error"]["errors"][0]["field"] == "destination_url"


def test_a_suspended_affiliate_gets_no_link(acme: Company, bob: Promoter, partner: Caller) -> None:
    with merchant_context(acme.id):
        move_enrollment(enrollment=bob.enrollment, to=Status.SUSPENDED, by=SYSTEM, at=NOON)

    answer = partner.post("partner/links", {"enrollment": str(bob.enrollment.id)})

    assert answer.refusal == (409, "not_enrolled")


def test_conversions_say_nothing_of_the_buyer(
    acme: Company, bob: Promoter, api: Caller, partner: Caller
) -> None:
    secrets = {
        "external_id": "secret-order",
        "customer": {"external_id": "secret-buyer", "country": "DE"},
        "metadata": {"note": "secret-note"},
        "items": [{"sku": "secret-sku", "quantity": 1, "amount_minor": 10_000}],
        "click_id": click_of(bob),
    }
    id = api.post("conversions", sale(acme, **secrets)).json["id"]
    settle(acme, at=NOON)
    api.post(f"conversions/{id}/hold", {"reason": "secret-reason"})

    answer = partner.get("partner/conversions")

    assert "secret" not in answer.response.content.decode()
    [found] = answer.json["data"]
    [line] = found.pop("commissions")
    assert found == {
        "id": id,
        "program": str(acme.program.id),
        "enrollment": str(bob.enrollment.id),
        "link": str(bob.link.id),
        "goal": "sale",
        "status": "held",
        "reason": "held_by_merchant",
        "share_ppm": 1_000_000,
        "amount_minor": 10_000,
        "currency": "EUR",
        "occurred_at": "2026-03-02T13:00:00Z",
    }
    assert (line["amount_minor"], line["status"]) == (1_000, "held")
    assert line.keys().isdisjoint({"reason", "affiliate", "rule_version"})
    assert partner.get(f"partner/conversions/{id}").json["commissions"] == [line]
    assert partner.get(f"partner/commissions/{line['id']}").json == line


def test_clicks_do_not_say_where_visitors_are(bob: Promoter, partner: Caller) -> None:
    stored = click(bob)

    [found] = partner.get("partner/clicks").json["data"]

    assert found["id"] == str(stored.id)
    assert found.keys().isdisjoint({"ip_net", "affiliate"})


def test_balances_and_payouts_follow_the_money(
    acme: Company, bob: Promoter, partner: Caller
) -> None:
    sell(acme, click=click_of(bob))
    payout = pay(acme)
    sell(acme, click=click_of(bob), amount_minor=500)

    assert partner.get("partner/balances").json["data"] == [
        {
            "enrollment": str(bob.enrollment.id),
            "currency": "EUR",
            "pending_minor": 50,
            "payable_minor": 0,
            "in_payout_minor": 0,
            "paid_minor": 1_000,
        }
    ]
    [found] = partner.get("partner/payouts").json["data"]
    assert partner.get(f"partner/payouts/{payout.id}").json == found
    assert found.pop("created_at")
    assert found == {
        "id": str(payout.id),
        "merchant": {"id": str(acme.id), "name": "Acme"},
        "amount_minor": 1_000,
        "currency": "EUR",
        "method": "DE89 … 3000",
        "status": "paid",
        "reference": "FL-1-1",
        "paid_at": "2026-04-11T12:00:00Z",
    }


def test_a_draft_payout_is_not_promised(acme: Company, bob: Promoter, partner: Caller) -> None:
    sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=LATER)
    with merchant_context(acme.id):
        prepare_batch(member=acme.owner, currency="EUR", at=LATER)

    assert partner.get("partner/payouts").json["data"] == []


def test_the_payout_method_is_shown_masked_and_changed(
    acme: Company, bob: Promoter, partner: Caller
) -> None:
    before = partner.get("partner/payout-method").json
    body = {"kind": "paypal", "holder": "Bob Berg", "email": "bob@pay.example"}

    answer = partner("PUT", "partner/payout-method", body)

    assert before["kind"] == "bank"
    assert before["masked"] == "DE89 … 3000"
    assert answer.status == 200
    assert (answer.json["kind"], answer.json["masked"]) == ("paypal", "b…@pay.example")
    assert answer.json["usable_from"] > before["usable_from"]
    assert partner.get("partner/payout-method").json == answer.json


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"iban": "DE89370400440532013001"}, (422, "bad_payout_method"), "iban"),
        ({"iban": ""}, (400, "invalid"), "iban"),
        ({"town": None}, (400, "invalid"), "town"),
        ({"country": "XX"}, (422, "bad_payout_method"), "country"),
        ({"kind": "us_bank"}, (422, "bad_payout_method"), "iban"),
        ({"kind": "paypal", "email": "b@b.example"}, (422, "bad_payout_method"), "iban"),
        ({"holder": " "}, (400, "invalid"), "holder"),
        ({"kind": "cash"}, (400, "invalid"), "kind"),
        ({"usable_from": "2026-01-01T00:00:00Z"}, (400, "invalid"), "usable_from"),
    ],
)
def test_a_method_that_cannot_be_paid_to_changes_nothing(
    bob: Promoter,
    partner: Caller,
    changes: dict[str, Any],
    refusal: tuple[int, str],
    field: str,
) -> None:
    address = {"town": "Berlin", "country": "DE"}
    body = {"kind": "bank", "holder": "Bob", "iban": IBAN, **address, **changes}

    answer = partner("PUT", "partner/payout-method", body)

    assert answer.refusal == refusal
    assert list(answer.fields) == [field]
    with affiliate_context(bob.affiliate.id):
        assert PayoutMethod.objects.count() == 1


def test_without_a_method_there_is_none(acme: Company) -> None:
    dave = make_promoter(acme, "Dave", method=False)
    his = Caller(create_key(affiliate=dave.affiliate, name="Test")[1])

    assert his.get("partner/payout-method").refusal == (404, "not_found")


def test_another_affiliates_rows_are_missing(
    acme: Company, bob: Promoter, other_partner: Caller
) -> None:
    conversion = sell(acme, click=click_of(bob))
    click(bob)
    payout = pay(acme)

    for path in (
        f"partner/links/{bob.link.id}",
        f"partner/conversions/{conversion.id}",
        f"partner/payouts/{payout.id}",
    ):
        assert other_partner.get(path).refusal == (404, "not_found")
    for name in ("conversions", "commissions", "clicks", "payouts", "balances"):
        assert other_partner.get(f"partner/{name}").json["data"] == []
    foreign = other_partner.post("partner/links", {"enrollment": str(bob.enrollment.id)})
    assert foreign.refusal == (404, "not_found")
    with merchant_context(acme.id):
        assert Link.objects.count() == 1


@pytest.mark.parametrize(
    "name", "programs links clicks conversions commissions balances payouts".split()
)
def test_a_longer_list_takes_no_more_queries(
    acme: Company, bob: Promoter, partner: Caller, name: str
) -> None:
    def fill(company: Company, promoter: Promoter) -> None:
        click(promoter)
        sell(company, click=click_of(promoter))
        pay(company)

    partner.get("partner/me")  # The use of the key is noted once a minute.
    fill(acme, bob)
    few = queries(lambda: partner.get(f"partner/{name}"))
    for company in (make_company("Kiosk", "Kay"), make_company("Lido", "Lee")):
        fill(company, join(company, bob))

    many = queries(lambda: partner.get(f"partner/{name}"))

    assert len(partner.get(f"partner/{name}").json["data"]) == 3
    assert many == few <= 10
