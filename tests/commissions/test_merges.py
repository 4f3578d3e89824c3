"""merge_affiliates: the kept account is credited from now on, and what was earned stays put."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from affiliates.care.notes import write_note
from affiliates.models import Enrollment, Note, Status
from affiliates.services import ApplicationDraft, Consent, move_enrollment
from commissions.models import Commission
from commissions.services.merges import (
    Fate,
    Plan,
    PlanChanged,
    SameAffiliate,
    merge_affiliates,
    plan_merge,
)
from ledger.selectors import balances
from merchants.models import SYSTEM, Event
from merchants.rights import Role
from merchants.services import NotAllowed
from merchants.tenancy import merchant_context
from programs.models import JoinMode, Program
from programs.models import Status as ProgramStatus
from programs.services import ProgramDraft, create_program, move_program
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell, settle
from tracking.models import Conversion, Link
from tracking.services import (
    ConversionReport,
    CustomerReport,
    create_coupon,
    join_program,
    record_conversion,
)

LATER = NOON + timedelta(days=1)


@pytest.fixture
def twin(acme: Company) -> Promoter:
    """Return Bobby, who is Bob with another address."""
    return make_promoter(acme, "Bobby")


def plan(acme: Company, kept: Promoter, left: Promoter) -> Plan:
    """Return what merging the one into the other would do."""
    with merchant_context(acme.id):
        return plan_merge(merchant_id=acme.id, kept=kept.affiliate, left=left.affiliate)


def merge(acme: Company, kept: Promoter, left: Promoter, **facts: Any) -> Plan:
    """Merge as the plan of now says."""
    facts.setdefault("agreed", plan(acme, kept, left).digest)
    facts.setdefault("member", acme.owner)
    with merchant_context(acme.id):
        return merge_affiliates(kept=kept.affiliate, left=left.affiliate, at=LATER, **facts)


def credited(acme: Company, conversion: Conversion) -> list[str]:
    """Return to whom a conversion is credited, by name."""
    with merchant_context(acme.id):
        credits = conversion.credits.select_related("enrollment__affiliate")
        return [row.enrollment.affiliate.name for row in credits]


def test_a_plan_says_what_moves_and_does_nothing(
    acme: Company, bob: Promoter, twin: Promoter
) -> None:
    sell(acme, click=click_of(twin))
    with merchant_context(acme.id):
        create_coupon(enrollment=twin.enrollment, code="BOBBY10")

    (part,) = plan(acme, bob, twin).parts

    assert (part.fate, part.links, part.coupons, part.customers) == (Fate.MERGES, 1, 1, 0)
    assert [row["pending_minor"] for row in part.balances] == [10_00]
    with merchant_context(acme.id):
        assert Enrollment.objects.get(id=twin.enrollment.id).status == Status.APPROVED


def test_old_links_coupons_codes_and_customers_credit_the_kept_account(
    acme: Company, bob: Promoter, twin: Promoter
) -> None:
    with merchant_context(acme.id):
        create_coupon(enrollment=twin.enrollment, code="BOBBY10")
    report(acme, "bound", click_token=click_of(twin), customer=CustomerReport("jane"))

    merge(acme, bob, twin)

    after = LATER + timedelta(hours=1)
    by_link = sell(acme, click=click_of(twin, at=LATER), at=after)
    by_coupon = sell(acme, coupon="BOBBY10", at=after)
    by_code = report(acme, "code", referral_code=twin.enrollment.code, at=after)
    by_customer = report(acme, "again", customer=CustomerReport("jane"), at=after)
    assert [credited(acme, row) for row in (by_link, by_coupon, by_code, by_customer)] == [
        ["Bob"]
    ] * 4


def report(acme: Company, external_id: str, **facts: Any) -> Conversion:
    """Report a sale of 100.00 and process it."""
    at = facts.pop("at", NOON + timedelta(hours=1))
    said = ConversionReport(
        goal="sale",
        external_id=external_id,
        amount_minor=100_00,
        currency="EUR",
        occurred_at=at,
        **facts,
    )
    with merchant_context(acme.id):
        conversion, _new = record_conversion(program=acme.program, report=said, by=SYSTEM, at=at)
    settle(acme, at=at)
    return conversion


def test_what_was_earned_stays_and_the_ledger_holds(
    acme: Company, bob: Promoter, twin: Promoter
) -> None:
    sold = sell(acme, click=click_of(twin))

    merge(acme, bob, twin)

    assert credited(acme, sold) == ["Bobby"]
    with merchant_context(acme.id):
        assert Commission.objects.get().enrollment_id == twin.enrollment.id
        (left,) = balances(merchant_id=acme.id, enrollment_ids=[twin.enrollment.id])
    assert left["pending_minor"] == 10_00
    call_command("check_ledger")


def test_it_is_written_down_with_what_was_before(
    acme: Company, bob: Promoter, twin: Promoter
) -> None:
    merge(acme, bob, twin)

    with merchant_context(acme.id):
        event = Event.objects.get(type="enrollment.merged")
        took = Event.objects.get(type="enrollment.took_over")
    assert event.subject_id == twin.enrollment.id
    assert event.data["before"]["status"] == "APPROVED"
    assert event.data["after"]["merged_into"] == str(bob.enrollment.id)
    assert (took.subject_id, took.data["code"]) == (bob.enrollment.id, twin.enrollment.code)


def test_notes_go_with_it(acme: Company, bob: Promoter, twin: Promoter) -> None:
    with merchant_context(acme.id):
        write_note(member=acme.owner, enrollment=twin.enrollment, body="Likes tea.", at=NOON)

    merge(acme, bob, twin)

    with merchant_context(acme.id):
        assert Note.objects.get().enrollment_id == bob.enrollment.id


def test_a_program_that_only_the_left_account_is_in_is_joined(
    acme: Company, bob: Promoter, twin: Promoter
) -> None:
    program = second_program(acme, twin)

    merge(acme, bob, twin)

    with merchant_context(acme.id):
        heir = Enrollment.objects.get(program=program, affiliate=bob.affiliate)
        assert heir.status == Status.APPROVED
        assert Link.objects.filter(enrollment=heir).count() == 1
        left = Enrollment.objects.get(program=program, affiliate=twin.affiliate)
        assert (left.status, left.merged_into) == (Status.LEFT, heir)


def second_program(acme: Company, only: Promoter) -> Program:
    """Return another program of Acme that one promoter is in."""
    by = SYSTEM
    with merchant_context(acme.id):
        draft = ProgramDraft(
            name="Second",
            slug="second",
            landing_url="https://shop.acme.example/",
            currency="EUR",
            join_mode=JoinMode.OPEN,
        )
        program = create_program(merchant=acme.merchant, draft=draft, by=by, at=NOON)
        program = move_program(program=program, to=ProgramStatus.ACTIVE, by=by, at=NOON)
    join_program(
        program=program,
        affiliate=only.affiliate,
        consent=Consent(user=only.user, terms_version=None),
        application=ApplicationDraft(),
        at=NOON,
    )
    return program


def test_a_kept_account_that_is_suspended_takes_nothing_over(
    acme: Company, bob: Promoter, twin: Promoter
) -> None:
    with merchant_context(acme.id):
        row = Enrollment.objects.get(id=bob.enrollment.id)
        move_enrollment(enrollment=row, to=Status.SUSPENDED, by=SYSTEM, at=NOON, reason="Twice")

    (stays,) = plan(acme, bob, twin).parts

    assert stays.fate == Fate.KEPT_IS_NOT_IN
    with pytest.raises(PlanChanged):
        merge(acme, bob, twin)


def test_who_was_merged_before_follows(acme: Company, bob: Promoter, twin: Promoter) -> None:
    third = make_promoter(acme, "Robert")
    merge(acme, twin, third)

    merge(acme, bob, twin)

    with merchant_context(acme.id):
        heirs = Enrollment.objects.filter(merged_into=bob.enrollment.id)
        assert {row.id for row in heirs} == {twin.enrollment.id, third.enrollment.id}


def test_recruits_are_the_kept_accounts_and_nobody_recruits_themselves(
    acme: Company, bob: Promoter, twin: Promoter
) -> None:
    dave = make_promoter(acme, "Dave")
    with merchant_context(acme.id):
        for row in (dave, bob):
            Enrollment.objects.filter(id=row.enrollment.id).update(recruited_by=twin.enrollment)

    merge(acme, bob, twin)

    with merchant_context(acme.id):
        found = dict(Enrollment.objects.values_list("affiliate__name", "recruited_by__code"))
    assert found == {"Bob": None, "Bobby": None, "Dave": bob.enrollment.code}


def test_what_changed_since_is_shown_again(acme: Company, bob: Promoter, twin: Promoter) -> None:
    agreed = plan(acme, bob, twin).digest
    with merchant_context(acme.id):
        create_coupon(enrollment=twin.enrollment, code="BOBBY10")

    with pytest.raises(PlanChanged):
        merge(acme, bob, twin, agreed=agreed)

    with merchant_context(acme.id):
        assert not Enrollment.objects.exclude(merged_into=None).exists()


def test_twice_is_once(acme: Company, bob: Promoter, twin: Promoter) -> None:
    agreed = plan(acme, bob, twin).digest
    merge(acme, bob, twin, agreed=agreed)

    with pytest.raises(PlanChanged):
        merge(acme, bob, twin, agreed=agreed)

    with merchant_context(acme.id):
        assert Event.objects.filter(type="enrollment.merged").count() == 1


def test_an_account_is_not_merged_into_itself(acme: Company, bob: Promoter) -> None:
    with pytest.raises(SameAffiliate):
        plan(acme, bob, bob)


def test_who_may_not_review_may_not_merge(acme: Company, bob: Promoter, twin: Promoter) -> None:
    ann = add_member(acme, "Ann", Role.VIEWER)

    with pytest.raises(NotAllowed):
        merge(acme, bob, twin, member=ann)

    with merchant_context(acme.id):
        assert Link.objects.filter(enrollment=twin.enrollment).count() == 1
