"""Postbacks, read: the tables of every system, row by row."""

from datetime import timedelta
from typing import Any

import pytest

from tests.cast import NOON
from tracking.models import Outcome, ReportedStatus
from tracking.postbacks import (
    BY_PROFILE,
    Offer,
    PostbackReport,
    Refused,
    Taken,
    read_postback,
    vocabulary_of,
)
from tracking.postbacks.affise import AFFISE
from tracking.postbacks.everflow import EVERFLOW
from tracking.postbacks.native import NATIVE
from tracking.postbacks.partnershare import PARTNERSHARE
from tracking.postbacks.tapfiliate import TAPFILIATE
from tracking.postbacks.tune import TUNE
from tracking.postbacks.vocabulary import Vocabulary

CLICK = "AZ2tq4wPfA6rM1c2d3e4f5AAAAB7k2xY9QmZ1w"
OFFER = Offer("EUR", ("signup", "lead", "sale", "goal_317"), frozenset({"first_open"}))
YEN, DINAR = Offer("JPY", ("sale",)), Offer("KWD", ("sale",))


@pytest.fixture(autouse=True)
def clean_database() -> None:
    """Leave the database alone: nothing here comes near it."""


def label(value: Any) -> str:
    return value.name if isinstance(value, Vocabulary) else str(value)[:60]


def read(vocabulary: Vocabulary, said: dict[str, Any], offer: Offer = OFFER) -> PostbackReport:
    return read_postback(vocabulary, said, offer=offer, at=NOON)


def refusal(vocabulary: Vocabulary, said: dict[str, Any], offer: Offer = OFFER) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        read(vocabulary, said, offer)
    assert caught.value.message
    return caught.value.code, caught.value.parameter


BASE: dict[str, dict[str, Any]] = {
    "postback": {"order_id": "A-1", "amount": "10.00"},
    "affise": {"clickid": CLICK, "action_id": "A-1", "sum": "10.00"},
    "tune": {"transaction_id": CLICK, "amount": "10.00"},
    "everflow": {"transaction_id": CLICK, "order_id": "A-1", "amount": "10.00"},
    "partnershare": {
        "conversion_type": "2",
        "source_user_id": "u-7",
        "transaction_id": "T-1",
        "total_money": "10.00",
    },
    "tapfiliate": {"click_id": CLICK, "external_id": "A-1", "amount": "10.00"},
}

NOTES = "metadata"
APPROVED, HELD = ReportedStatus.APPROVED, ReportedStatus.HELD
DECLINED = ReportedStatus.DECLINED

# (system, parameters on top of BASE, what they become)
ROWS: list[tuple[Vocabulary, dict[str, Any], dict[str, Any]]] = [
    # 3.1 TUNE
    (TUNE, {"transaction_id": CLICK}, {"click_token": CLICK}),
    (TUNE, {"amount": "12.50"}, {"amount_minor": 1_250}),
    (TUNE, {"adv_sub": "x"}, {NOTES: {"adv_sub": "x"}}),
    (TUNE, {"adv_sub2": "x", "adv_sub5": "y"}, {NOTES: {"adv_sub2": "x", "adv_sub5": "y"}}),
    (TUNE, {"adv_unique1": "x"}, {NOTES: {"adv_unique1": "x"}}),
    (TUNE, {"conversion_unique_id": "o-9"}, {"external_id": "o-9"}),
    (TUNE, {}, {"external_id": f"click:{CLICK}"}),
    (TUNE, {"goal_id": "lead"}, {"goal": "lead"}),
    (TUNE, {"goal_id": "317"}, {"goal": "goal_317"}),
    (TUNE, {"goal_ref": "lead"}, {"goal": "lead"}),
    (TUNE, {"goal_ref": "signup", "goal_id": "lead"}, {"goal": "lead"}),
    (TUNE, {}, {"goal": "sale"}),
    (TUNE, {"offer_id": "26"}, {NOTES: {"offer_id": "26"}}),
    (TUNE, {"aff_id": "bob"}, {"referral_code": "bob"}),
    (TUNE, {"promo_code": "BOB10"}, {"coupon_code": "BOB10"}),
    (TUNE, {"payout": "3", "revenue": "5"}, {NOTES: {"payout": "3", "revenue": "5"}}),
    (TUNE, {"status": "approved"}, {"status": APPROVED}),
    (TUNE, {"status": "pending"}, {"status": None}),
    (TUNE, {"status": "rejected"}, {"status": DECLINED}),
    (TUNE, {"user_id": "u-7"}, {"customer_id": "u-7"}),
    (TUNE, {"google_aid": "g", "ios_ifa_sha1": "i"}, {NOTES: {}, "ignored": ()}),
    # 3.2 Affise
    (AFFISE, {"clickid": CLICK}, {"click_token": CLICK}),
    (AFFISE, {"clickid": "", "click_id": CLICK}, {"click_token": CLICK}),
    (AFFISE, {"action_id": "o-9"}, {"external_id": "o-9"}),
    (AFFISE, {"action_id": ""}, {"external_id": f"click:{CLICK}"}),
    (AFFISE, {"goal": "lead"}, {"goal": "lead"}),
    (AFFISE, {"goal": "1"}, {"goal": "signup"}),
    (AFFISE, {"goal": "3"}, {"goal": "sale"}),
    (AFFISE, {"goal": "317"}, {"goal": "goal_317"}),
    (AFFISE, {"goal": "first-open"}, {"goal": "first_open", "is_step": True}),
    (AFFISE, {"sum": "12.5"}, {"amount_minor": 1_250}),
    (AFFISE, {"status": "1"}, {"status": APPROVED}),
    (AFFISE, {"status": "2"}, {"status": None}),
    (AFFISE, {"status": "3"}, {"status": DECLINED}),
    (AFFISE, {"status": "5"}, {"status": HELD}),
    (AFFISE, {"comment": "late"}, {NOTES: {"comment": "late"}}),
    (AFFISE, {"promo_code": "BOB10"}, {"coupon_code": "BOB10"}),
    (AFFISE, {"user_id": "u-7"}, {"customer_id": "u-7"}),
    (AFFISE, {"custom_field1": "a", "custom_field15": "b"}, {
        NOTES: {"custom_field1": "a", "custom_field15": "b"}
    }),
    (AFFISE, {"clickid": "", "offer_id": "1", "pid": "bob"}, {"referral_code": "bob"}),
    (AFFISE, {"country": "de"}, {"country": "DE"}),
    (AFFISE, {"action_timestamp": "1772452800"}, {"occurred_at": NOON}),
    (AFFISE, {"sub1": "s", "sub30": "t"}, {NOTES: {"sub1": "s", "sub30": "t"}}),
    (AFFISE, {"ip": "192.0.2.1", "referrer": "r", "fbclid": "f"}, {NOTES: {}, "ignored": ()}),
    # 3.3 Everflow
    (EVERFLOW, {"nid": "1"}, {"ignored": ()}),
    (EVERFLOW, {"transaction_id": CLICK}, {"click_token": CLICK}),
    (EVERFLOW, {"amount": "12.50"}, {"amount_minor": 1_250}),
    (EVERFLOW, {"event_id": "317"}, {"goal": "goal_317", "external_id": "A-1"}),
    (EVERFLOW, {"adv_event_id": "lead"}, {"goal": "lead"}),
    (EVERFLOW, {"adv1": "a", "adv5": "b"}, {NOTES: {"adv1": "a", "adv5": "b"}}),
    (EVERFLOW, {"coupon_code": "BOB10"}, {"coupon_code": "BOB10"}),
    (EVERFLOW, {"order_id": "o-9"}, {"external_id": "o-9"}),
    (EVERFLOW, {"order_id": ""}, {"external_id": f"click:{CLICK}"}),
    (EVERFLOW, {"email": "a@b.example"}, {NOTES: {}, "ignored": ()}),
    (EVERFLOW, {"user_id": "u-7"}, {"customer_id": "u-7"}),
    (EVERFLOW, {"oid": "4"}, {NOTES: {"oid": "4"}}),
    (EVERFLOW, {"aid": "5"}, {NOTES: {"aid": "5"}}),
    (EVERFLOW, {"status": "invalid"}, {"status": DECLINED}),
    # 3.8 Tapfiliate
    (TAPFILIATE, {"referral_code": "bob"}, {"referral_code": "bob"}),
    (TAPFILIATE, {"coupon": "BOB10"}, {"coupon_code": "BOB10"}),
    (TAPFILIATE, {"customer_id": "u-7"}, {"customer_id": "u-7"}),
    (TAPFILIATE, {"commission_type": "lead"}, {"goal": "lead"}),
    (TAPFILIATE, {"asset_id": "a"}, {NOTES: {"asset_id": "a"}}),
    (TAPFILIATE, {"meta_data[colour]": "red"}, {NOTES: {"meta_data[colour]": "red"}}),
    # 3.11 PartnerShare
    (PARTNERSHARE, {"conversion_type": "1", "ref": "bob"}, {
        "goal": "signup", "referral_code": "bob", "customer_id": "u-7", "external_id": "T-1"
    }),
    (PARTNERSHARE, {"conversion_type": "1", "ref": "bob", "transaction_id": ""}, {
        "external_id": "customer:u-7"
    }),
    (PARTNERSHARE, {"conversion_type": "1", "user_id": "bob"}, {"referral_code": "bob"}),
    (PARTNERSHARE, {"conversion_type": "1", "session_id": CLICK}, {"click_token": CLICK}),
    (PARTNERSHARE, {}, {"goal": "sale", "external_id": "T-1", "amount_minor": 1_000}),
    (PARTNERSHARE, {"product_id": "p"}, {NOTES: {"product_id": "p"}}),
    (PARTNERSHARE, {"start_time_plan": "2026-03-01"}, {NOTES: {"start_time_plan": "2026-03-01"}}),
    (PARTNERSHARE, {"amount_reward": "5", "number_of_reward": "3"}, {
        NOTES: {"amount_reward": "5", "number_of_reward": "3"}
    }),
    (PARTNERSHARE, {"source_user_info": "a***"}, {NOTES: {}, "ignored": ()}),
    # Our own
    (NATIVE, {"click_id": CLICK}, {"click_token": CLICK}),
    (NATIVE, {"order_id": "", "external_id": "o-9"}, {"external_id": "o-9"}),
    (NATIVE, {"currency": "eur"}, {"currency": "EUR"}),
    (NATIVE, {"goal": "first_open", "quantity": "3"}, {"is_step": True, "quantity": 3}),
    (NATIVE, {"via": "bob"}, {"referral_code": "bob"}),
    (NATIVE, {"customer": "u-7", "is_new": "1"}, {"customer_id": "u-7", "is_new": True}),
    (NATIVE, {"is_new": "0"}, {"is_new": False}),
    (NATIVE, {}, {"is_new": None, "is_test": False, "has_amount": True, "occurred_at": NOON}),
    (NATIVE, {"amount": ""}, {"amount_minor": 0, "has_amount": False}),
    (NATIVE, {"tax": "1.90", "shipping": "5", "discount": "0.50"}, {
        "tax_minor": 190, "shipping_minor": 500, "discount_minor": 50
    }),
    (NATIVE, {"test": "1"}, {"is_test": True}),
    (NATIVE, {"occurred_at": "2026-03-02T13:00:00+01:00"}, {"occurred_at": NOON}),
    (NATIVE, {"occurred_at": "2026-03-02T13:00:00 01:00"}, {"occurred_at": NOON}),
    (NATIVE, {"timestamp": "1772452800000"}, {"occurred_at": NOON}),
    (NATIVE, {"status": "approved"}, {"status": APPROVED}),
    (NATIVE, {"status": "Confirmed"}, {"status": APPROVED}),
    (NATIVE, {"status": "pending"}, {"status": None}),
    (NATIVE, {"status": "held"}, {"status": HELD}),
    (NATIVE, {"status": "declined", "reason": "returned"}, {
        "status": DECLINED, "reason": "returned"
    }),
    (NATIVE, {"status": "cancelled"}, {"status": DECLINED}),
    (NATIVE, {"status": "disputed"}, {"status": ReportedStatus.DISPUTED}),
    (NATIVE, {"status": "dispute_won"}, {"status": ReportedStatus.DISPUTE_WON}),
    (NATIVE, {"status": "dispute_lost"}, {"status": ReportedStatus.DISPUTE_LOST}),
    (NATIVE, {"meta_colour": "red"}, {NOTES: {"meta_colour": "red"}}),
    (NATIVE, {"metadata": {"a": {"b": "1"}}}, {NOTES: {"a": {"b": "1"}}}),
    (NATIVE, {"ammount": "1"}, {"ignored": ("ammount",)}),
    (NATIVE, {"items": [{"sku": "mug", "quantity": "2", "amount": "9.90", "category": "c"}]}, {
        "items": ({"sku": "mug", "quantity": 2, "amount_minor": 990, "category": "c"},)
    }),
]  # fmt: skip


@pytest.mark.parametrize(("vocabulary", "said", "expected"), ROWS, ids=label)
def test_every_parameter_means_what_its_system_means(vocabulary, said, expected):
    report = read(vocabulary, {**BASE[vocabulary.name], **said})

    assert {name: getattr(report, name) for name in expected} == expected


def test_a_refund_is_read_with_its_own_id():
    report = read(NATIVE, {"order_id": "A-1", "refund_id": "r-1", "refund_amount": "2.50"})

    assert report.refund is not None
    assert (report.refund.external_id, report.refund.amount_minor) == ("r-1", 250)


# One name never means two things.
@pytest.mark.parametrize(
    ("vocabulary", "parameter"),
    [
        (NATIVE, "transaction_id"),
        (NATIVE, "sum"),
        (NATIVE, "clickid"),
        (NATIVE, "secure"),
        (AFFISE, "amount"),
        (AFFISE, "order_id"),
        (AFFISE, "transaction_id"),
        (TUNE, "sum"),
        (TUNE, "clickid"),
        (TUNE, "event_id"),
        (TUNE, "goal"),
        (EVERFLOW, "goal"),
        (EVERFLOW, "sum"),
        (EVERFLOW, "goal_id"),
        (PARTNERSHARE, "amount"),
        (TAPFILIATE, "sum"),
    ],
)
def test_another_systems_names_mean_nothing(vocabulary, parameter):
    report = read(vocabulary, {**BASE[vocabulary.name], parameter: "7"})

    assert report.ignored == (parameter,)
    assert report.amount_minor == 1_000


@pytest.mark.parametrize(
    ("vocabulary", "amount"),
    [
        (NATIVE, "amount"),
        (AFFISE, "sum"),
        (TUNE, "amount"),
        (EVERFLOW, "amount"),
        (PARTNERSHARE, "total_money"),
        (TAPFILIATE, "amount"),
    ],
)
@pytest.mark.parametrize(
    ("offer", "text", "expected"),
    [
        (OFFER, "NaN", "invalid_amount"),
        (OFFER, "Infinity", "invalid_amount"),
        (OFFER, "1e309", "invalid_amount"),
        (OFFER, "1e2", "invalid_amount"),
        (OFFER, "12.345", "invalid_amount"),
        (OFFER, "0x10", "invalid_amount"),
        (OFFER, "٣", "invalid_amount"),
        (OFFER, "9" * 40, "invalid_amount"),
        (OFFER, "-1", "negative_amount"),
        (OFFER, "-0.01", "negative_amount"),
        (YEN, "10.5", "invalid_amount"),
        (DINAR, "1.2345", "invalid_amount"),
        (OFFER, "12.34", 1_234),
        (OFFER, "12,34", 1_234),
        (YEN, "10", 10),
        (DINAR, "1.234", 1_234),
    ],
)
def test_amounts_are_exact_or_refused_by_name(vocabulary, amount, offer, text, expected):
    said = {**BASE[vocabulary.name], amount: text}

    if isinstance(expected, int):
        assert read(vocabulary, said, offer).amount_minor == expected
    else:
        assert refusal(vocabulary, said, offer) == (expected, amount)


@pytest.mark.parametrize(
    ("vocabulary", "said", "expected"),
    [
        (NATIVE, {"currency": "XXX"}, ("unknown_currency", "currency")),
        (NATIVE, {"currency": "EURO", "amount": ""}, ("unknown_currency", "currency")),
        (NATIVE, {"order_id": ""}, ("required", "external_id")),
        (NATIVE, {"order_id": "x" * 201}, ("too_long", "order_id")),
        (NATIVE, {"order_id": "a\x00b"}, ("forbidden_character", "order_id")),
        (NATIVE, {"order_id": "a\ud800"}, ("forbidden_character", "order_id")),
        (NATIVE, {"click_id": "x" * 65}, ("too_long", "click_id")),
        (NATIVE, {"coupon": "ß" * 30}, ("too_long", "coupon")),
        (NATIVE, {"goal": "nothing"}, ("unknown_goal", "goal")),
        (NATIVE, {"goal": "3"}, ("unknown_goal", "goal")),
        (NATIVE, {"status": "1"}, ("unknown_status", "status")),
        (NATIVE, {"test": "maybe"}, ("invalid", "test")),
        (NATIVE, {"country": "Germany"}, ("invalid", "country")),
        (NATIVE, {"occurred_at": "yesterday"}, ("invalid_time", "occurred_at")),
        (NATIVE, {"occurred_at": "2026-03-02T13:00:01Z"}, ("invalid_time", "occurred_at")),
        (NATIVE, {"timestamp": "99999999999999"}, ("invalid_time", "timestamp")),
        (NATIVE, {"items": "mug"}, ("invalid", "items")),
        (NATIVE, {"items": [{}]}, ("invalid", "items.0")),
        (NATIVE, {"items": [{"sku": "m", "quantity": "0"}]}, ("invalid", "items.0.quantity")),
        (NATIVE, {"items": [{"sku": "m", "amount": "NaN"}]}, ("invalid_amount", "items.0.amount")),
        (NATIVE, {"items": [{"sku": "m", "amount": "-1"}]}, ("negative_amount", "items.0.amount")),
        (NATIVE, {"amount": {"x": "1"}}, ("invalid", "amount")),
        (NATIVE, {"metadata": "x"}, ("invalid", "metadata")),
        (NATIVE, {"metadata": {"a": "x" * 17_000}}, ("too_long", "metadata")),
        (NATIVE, {"metadata": {"a": "\x00"}}, ("forbidden_character", "metadata")),
        (NATIVE, {"refund_id": "r", "refund_amount": "1"}, ("ambiguous", "amount")),
        (NATIVE, {"amount": "", "refund_amount": "1"}, ("required", "refund_id")),
        (NATIVE, {"amount": "", "refund_id": "r"}, ("required", "refund_amount")),
        (NATIVE, {"amount": "", "refund_id": "r", "refund_amount": "-1"},
         ("negative_amount", "refund_amount")),
        (NATIVE, {"amount": "", "refund_id": "r", "refund_amount": "0"},
         ("not_positive", "refund_amount")),
        (NATIVE, {"tax": "x"}, ("invalid_amount", "tax")),
        (AFFISE, {"status": "4"}, ("unknown_status", "status")),
        (AFFISE, {"status": "approved"}, ("unknown_status", "status")),
        (AFFISE, {"goal": "0"}, ("unknown_goal", "goal")),
        (AFFISE, {"goal": "9"}, ("unknown_goal", "goal")),
        (AFFISE, {"clickid": ""}, ("click_missing", "clickid")),
        (AFFISE, {"clickid": "", "pid": "bob"}, ("pair_missing", "offer_id")),
        (AFFISE, {"clickid": "", "aimp_id": "x"}, ("impression_unknown", "aimp_id")),
        (AFFISE, {"clickid": "", "ref_id": "x"}, ("click_unknown", "ref_id")),
        (TUNE, {"transaction_id": ""}, ("click_missing", "transaction_id")),
        (TUNE, {"status": "1"}, ("unknown_status", "status")),
        (TUNE, {"goal_id": "3"}, ("unknown_goal", "goal_id")),
        (EVERFLOW, {"transaction_id": ""}, ("click_missing", "transaction_id")),
        (PARTNERSHARE, {"conversion_type": ""}, ("required", "conversion_type")),
        (PARTNERSHARE, {"conversion_type": "3"}, ("invalid", "conversion_type")),
        (PARTNERSHARE, {"source_user_id": ""}, ("required", "source_user_id")),
        (PARTNERSHARE, {"transaction_id": ""}, ("required", "transaction_id")),
        (PARTNERSHARE, {"total_money": ""}, ("required", "total_money")),
        (PARTNERSHARE, {"conversion_type": "1"}, ("required", "ref")),
        (TAPFILIATE, {"click_id": ""}, ("click_missing", "referral_code")),
    ],
    ids=label,
)  # fmt: skip
def test_what_is_wrong_is_refused_by_name(vocabulary, said, expected):
    assert refusal(vocabulary, {**BASE[vocabulary.name], **said}) == expected


@pytest.mark.parametrize(
    ("goals", "expected"), [(("lead",), "lead"), (("lead", "sale"), "sale"), (("a", "b"), None)]
)
def test_without_a_goal_the_sale_is_meant_or_the_only_one(goals, expected):
    offer = Offer("EUR", goals)

    if expected:
        assert read(NATIVE, BASE["postback"], offer).goal == expected
    else:
        assert refusal(NATIVE, BASE["postback"], offer) == ("required", "goal")


@pytest.mark.parametrize(
    ("path", "names", "profile", "expected"),
    [
        ("/postback", ["order_id"], "", NATIVE),
        ("/postback", ["order_id"], "NATIVE", NATIVE),
        ("/postback", ["click_id"], "AFFISE", AFFISE),
        ("/postback", ["clickid"], "NATIVE", AFFISE),
        ("/postback", ["action_id"], "", AFFISE),
        ("/postback", ["sum"], "", AFFISE),
        ("/postback", ["secure"], "", AFFISE),
        ("/postback", ["transaction_id"], "TUNE", TUNE),
        ("/aff_lsr", ["clickid"], "AFFISE", TUNE),
        ("/pb/everflow", [], "NATIVE", EVERFLOW),
        ("/pb/partnershare", [], "TUNE", PARTNERSHARE),
        ("/pb/tapfiliate", [], "", TAPFILIATE),
    ],
)
def test_the_path_chooses_who_is_understood(path, names, profile, expected):
    assert vocabulary_of(path, names, profile) is expected


# Answers -----------------------------------------------------------------------------------------

CREATED = Taken(Outcome.CREATED, order_id="A-1")
REPEATED = Taken(Outcome.REPEATED, order_id="A-1", reason="known")
UPDATED = Taken(Outcome.UPDATED, order_id="A-1")


@pytest.mark.parametrize(
    ("vocabulary", "taken", "expected"),
    [
        (TUNE, CREATED, (200, "success=true;")),
        (TUNE, REPEATED, (200, "success=true;")),
        (AFFISE, CREATED, (200, '{"status": 1, "message": "Received"}')),
        (AFFISE, UPDATED, (200, '{"status": 1, "message": "Received"}')),
        (AFFISE, REPEATED, (200, '{"status": 2, "message": "Conversion exists"}')),
        (EVERFLOW, CREATED, (200, "created")),
        (
            PARTNERSHARE,
            CREATED,
            (
                200,
                '{"code": 0, "message": "success",'
                ' "data": {"conversion_id": null, "status": "created"}}',
            ),
        ),
        (
            NATIVE,
            REPEATED,
            (
                200,
                '{"status": "repeated", "id": null, "external_id": "A-1", "reason": "known",'
                ' "ignored": []}',
            ),
        ),
    ],
)
def test_success_is_told_in_the_words_of_the_system(vocabulary, taken, expected):
    reply = vocabulary.accepted(taken)

    assert (reply.status, reply.body) == expected


@pytest.mark.parametrize(
    ("code", "parameter", "message"),
    [
        ("unknown_token", "secure", "Access denied"),
        ("token_missing", "secure", "Access denied"),
        ("address_not_allowed", "", "Current IP-address is denied"),
        ("click_unknown", "clickid", "Broken clickid"),
        (
            "click_missing",
            "clickid",
            "Missing mandatory parameter clickid/click_id or ref_id or aimp_id",
        ),
        ("pair_missing", "offer_id", "Missing mandatory parameters offer_id and pid"),
        ("impression_unknown", "aimp_id", "Broken impression ID"),
        ("invalid_amount", "sum", "sum: so it is"),
    ],
)
def test_affise_refuses_in_its_own_words(code, parameter, message):
    reply = AFFISE.refused(Refused(code, "so it is", parameter=parameter))

    assert reply.body == f'{{"status": 2, "message": "{message}"}}'
    assert 400 <= reply.status < 500


@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        (
            Refused("click_unknown", "m", parameter="transaction_id", value="1027c887059b47b"),
            (200, "success=false; err_msg=Invalid Trans. ID #1027c887059b47b.;"),
        ),
        (
            Refused("click_unknown", "m", value="a;b\r\nc"),
            (200, "success=false; err_msg=Invalid Trans. ID #abc.;"),
        ),
        (
            Refused("invalid_amount", "no; number", parameter="amount"),
            (200, "success=false; err_msg=amount: no, number;"),
        ),
        (Refused("unavailable", "Later."), (503, "success=false; err_msg=Later.;")),
    ],
)
def test_tune_refuses_with_200_unless_it_was_us(refused, expected):
    reply = TUNE.refused(refused)

    assert (reply.status, reply.body) == expected


@pytest.mark.parametrize(
    ("code", "status"),
    [("unknown_token", 401), ("address_not_allowed", 403), ("required", 422), ("unavailable", 503)],
)
def test_the_others_refuse_with_a_status_of_their_own(code, status):
    refused = Refused(code, "No.", parameter="amount")

    assert EVERFLOW.refused(refused).status == status
    assert EVERFLOW.refused(refused).body == "amount: No."
    assert NATIVE.refused(refused).status == status
    assert '"errors": [{"field": "amount"' in NATIVE.refused(refused).body
    assert PARTNERSHARE.refused(refused).body == (
        f'{{"code": {status}, "message": "amount: No.", "data": null}}'
    )


@pytest.mark.parametrize("vocabulary", BY_PROFILE.values(), ids=label)
def test_the_example_of_a_system_holds_its_own_names_alone(vocabulary):
    names = [pair.split("=")[0] for pair in vocabulary.example.split("&")]

    assert set(names) <= set(vocabulary.words)


def test_an_order_of_the_future_is_taken_while_clocks_may_differ():
    said = {**BASE["postback"], "occurred_at": "2026-03-02T12:59:59Z"}

    assert read(NATIVE, said).occurred_at == NOON + timedelta(minutes=59, seconds=59)
