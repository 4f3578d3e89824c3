"""create_program and update_program: what the fields may hold, and what is settled when."""

from typing import Any

import pytest

from common.refusals import BadValue
from merchants.models import SYSTEM, Event
from merchants.tenancy import merchant_context
from programs.models import PostbackProfile, Program
from programs.services import (
    HasConversions,
    ProgramDraft,
    create_program,
    rotate_postback_token,
    update_program,
)
from tests.cast import NOON, Company, Promoter, sell

STORED = [
    ("utm_template", "utm_source={via}", "utm_source={via}"),
    ("legacy_parameters", ("ref", "fpr", "a_aid", "ref"), ["ref", "fpr", "a_aid"]),
    ("postback_profile", PostbackProfile.TUNE, "TUNE"),
    ("postback_networks", ["192.0.2.7", "2001:db8::/32"], ["192.0.2.7/32", "2001:db8::/32"]),
    ("allowed_hosts", ["Blog.Example", "blog.example"], ["blog.example"]),
    ("is_test", True, True),
    ("fallback_url", "", ""),
    ("attribution_model", "LINEAR", "LINEAR"),
    ("half_life_days", 14, 14),
    ("code_priority", "COUPON_FIRST", "COUPON_FIRST"),
    ("new_customers_only", True, True),
    ("reactivation_days", 365, 365),
    ("lock_in_months", 0, 0),
    ("lock_in_months", None, None),
    ("yields_to", "REFERRAL", "REFERRAL"),
    ("after_hold", "REVIEW", "REVIEW"),
    ("excludes_tax", False, False),
    ("foreign_currency", "CONVERT", "CONVERT"),
    ("commission_bps_max", 4_000, 4_000),
    ("commission_bps_max", None, None),
    ("claim_days", 90, 90),
]
REFUSED = [
    ("name", "", "blank"),
    ("name", "x" * 121, "max_length"),
    ("name", "a\0b", "null_characters_not_allowed"),
    ("description", "x" * 10_001, "max_length"),
    ("landing_url", "javascript:alert(1)", "bad_address"),
    ("landing_url", "", "bad_address"),
    ("landing_url", "https://user@shop.example/", "bad_address"),
    ("fallback_url", "//evil.example", "bad_address"),
    ("allowed_hosts", ["https://blog.example/"], "bad_host"),
    ("allowed_hosts", [f"h{n}.example" for n in range(51)], "too_many"),
    ("utm_template", "utm_source={nobody}", "unknown_macro"),
    ("utm_template", "a=" + "x" * 499, "max_length"),
    ("legacy_parameters", ["1st"], "bad_parameter"),
    ("legacy_parameters", ["a.b"], "bad_parameter"),
    ("legacy_parameters", ["via"], "reserved_parameter"),
    ("legacy_parameters", ["FL_click"], "reserved_parameter"),
    ("legacy_parameters", [f"p{n}" for n in range(21)], "too_many"),
    ("postback_profile", "SHARE", "invalid_choice"),
    ("postback_networks", ["shop.example"], "bad_network"),
    ("postback_networks", ["0.0.0.0/0"], "network_too_wide"),
    ("postback_networks", [f"192.0.2.{n}" for n in range(51)], "too_many"),
    ("window_days", 0, "min_value"),
    ("window_days", 731, "max_value"),
    ("hold_days", 366, "max_value"),
    ("payout_minor_min", 10**18, "out_of_range"),
    ("attribution_model", "MIDDLE", "invalid_choice"),
    ("half_life_days", 0, "min_value"),
    ("reactivation_days", 0, "min_value"),
    ("yields_to", "EVERY", "invalid_choice"),
    ("commission_bps_max", 10_001, "max_value"),
    ("claim_days", 91, "max_value"),
]


@pytest.mark.parametrize(("field", "value", "stored"), STORED)
def test_a_field_is_stored_in_one_form(acme: Company, field: str, value: Any, stored: Any) -> None:
    with merchant_context(acme.id):
        update_program(program=acme.program, changes={field: value}, by=SYSTEM, at=NOON)

        assert getattr(Program.objects.get(), field) == stored


@pytest.mark.parametrize(("field", "value", "code"), REFUSED)
def test_what_cannot_be_is_refused_by_name(
    acme: Company, field: str, value: Any, code: str
) -> None:
    with merchant_context(acme.id):
        before = Program.objects.values().get()
        events = Event.objects.count()

        with pytest.raises(BadValue) as refused:
            update_program(program=acme.program, changes={field: value}, by=SYSTEM, at=NOON)

        assert (refused.value.field, refused.value.code) == (field, code)
        assert Program.objects.values().get() == before
        assert Event.objects.count() == events


def test_a_new_program_is_held_to_the_same(acme: Company) -> None:
    draft = ProgramDraft(
        name="N", landing_url="https://a.example/", currency="EUR", utm_template="a={b}"
    )

    with merchant_context(acme.id):
        with pytest.raises(BadValue):
            create_program(merchant=acme.merchant, draft=draft, by=SYSTEM, at=NOON)

        assert Program.objects.count() == 1


def test_a_test_program_is_one_before_its_first_conversion(acme: Company, bob: Promoter) -> None:
    sell(acme)

    with merchant_context(acme.id):
        with pytest.raises(HasConversions):
            update_program(program=acme.program, changes={"is_test": True}, by=SYSTEM, at=NOON)

        assert Program.objects.get().is_test is False


def test_a_new_token_replaces_the_old_one_and_stays_out_of_history(acme: Company) -> None:
    before = acme.program.postback_token
    with merchant_context(acme.id):
        rotate_postback_token(program=acme.program, by=SYSTEM, at=NOON)

        program = Program.objects.get()
        event = Event.objects.get(type="program.postback_token_rotated")
        assert program.postback_token.startswith("fl_pb_")
        assert program.postback_token != before
        assert event.data == {}
