"""Bank files: made once, the same bytes for ever, told apart, and no download without a trace."""

from datetime import timedelta
from typing import Any

import pytest

from affiliates.models import Affiliate
from commissions.services import approve_due
from merchants.models import Event, Member
from merchants.rights import Role
from merchants.services import NotAllowed
from merchants.tenancy import merchant_context
from payouts.files import NoFile, fetch_file
from payouts.method_details import clean_details
from payouts.methods import set_payout_method
from payouts.models import Batch, BatchFile, MethodKind, Payout, PayoutStatus, Provider
from payouts.providers.base import NotWritable
from payouts.rails import set_rail
from payouts.selectors import check_money
from payouts.services import approve_batch, prepare_batch, send_batch
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell
from tests.payouts.providers.made import DEBTOR, PAYEE

LATER = NOON + timedelta(days=40)


@pytest.fixture
def finn(acme: Company) -> Member:
    """Return a member who may prepare; Acme is paid from a European account."""
    with merchant_context(acme.id):
        set_rail(
            member=acme.owner, provider=Provider.SEPA, mode="LIVE", credentials=DEBTOR, at=NOON
        )
    return add_member(acme, "Finn", Role.FINANCE)


def pay_to(affiliate: Affiliate, **details: Any) -> None:
    """Let an affiliate be paid to a European account, from the first day on."""
    cleaned = clean_details(kind=MethodKind.BANK, details=PAYEE | details)
    set_payout_method(
        affiliate=affiliate, kind=MethodKind.BANK, details=cleaned, at=NOON - timedelta(days=30)
    )


def hand_over(company: Company, finn: Member, *promoters: Promoter) -> Batch:
    """Let each promoter earn 10.00, and hand a batch of it over."""
    for promoter in promoters:
        sell(company, click=click_of(promoter))
    approve_due(merchant_id=company.id, at=LATER)
    with merchant_context(company.id):
        batch = prepare_batch(member=finn, currency="EUR", provider=Provider.SEPA, at=LATER)
        approve_batch(member=company.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
        return batch


def test_a_file_is_the_same_bytes_whenever_it_is_fetched(
    acme: Company, bob: Promoter, finn: Member
) -> None:
    batch = hand_over(acme, finn, bob)

    with merchant_context(acme.id):
        made, first = fetch_file(member=finn, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER + timedelta(days=1))
        _again, second = fetch_file(member=acme.owner, batch=batch, at=LATER + timedelta(days=9))
        fetched = Event.objects.filter(type="payout_batch.file_fetched")

        assert first == second
        assert b"<EndToEndId>FL-1-1</EndToEndId>" in first
        assert (made.name, made.media_type) == ("sepa-1-20260411-1.xml", "application/xml")
        assert b"DE89" not in bytes(made.content)
        assert {event.data["sha256"] for event in fetched} == {made.sha256}
        assert len(fetched) == 2
        assert check_money(acme.id) == []


def test_two_files_of_a_day_have_names_of_their_own(
    acme: Company, bob: Promoter, finn: Member
) -> None:
    first, second = hand_over(acme, finn, bob), hand_over(acme, finn, bob)

    with merchant_context(acme.id):
        files = BatchFile.objects.order_by("of_day")
        ids = {row.reveal().split(b"<MsgId>")[1].split(b"</MsgId>")[0] for row in files}
        assert [row.of_day for row in files] == [1, 2]
        assert len(ids) == 2
        assert {row.batch_id for row in files} == {first.id, second.id}


def test_who_cannot_be_written_fails_alone(acme: Company, bob: Promoter, finn: Member) -> None:
    dora = make_promoter(acme, "Dora", method=False)
    pay_to(dora.affiliate, iban="BR1500000000000010932840814P2")

    batch = hand_over(acme, finn, bob, dora)

    with merchant_context(acme.id):
        failed = Payout.objects.get(batch=batch, affiliate=dora.affiliate)
        _file, content = fetch_file(member=finn, batch=batch, at=LATER)
        assert (failed.status, failed.status_reason) == (
            PayoutStatus.FAILED,
            "An account in BR takes no SEPA transfers.",
        )
        assert content.count(b"<EndToEndId>") == 1
        assert b"<CtrlSum>10.00</CtrlSum>" in content
        assert check_money(acme.id) == []


def test_a_file_of_nobody_is_not_made(acme: Company, finn: Member) -> None:
    dora = make_promoter(acme, "Dora", method=False)
    pay_to(dora.affiliate, iban="BR1500000000000010932840814P2")

    with pytest.raises(NotWritable, match="BR"):
        hand_over(acme, finn, dora)

    with merchant_context(acme.id):
        assert not BatchFile.objects.exists()


def test_a_file_names_accounts_and_is_for_who_may_prepare(
    acme: Company, bob: Promoter, finn: Member
) -> None:
    batch = hand_over(acme, finn, bob)
    ann = add_member(acme, "Ann", Role.VIEWER)

    with merchant_context(acme.id), pytest.raises(NotAllowed):
        fetch_file(member=ann, batch=batch, at=LATER)
    with merchant_context(acme.id):
        assert not Event.objects.filter(type="payout_batch.file_fetched").exists()


def test_before_it_is_handed_over_there_is_no_file(
    acme: Company, bob: Promoter, finn: Member
) -> None:
    sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=LATER)

    with merchant_context(acme.id):
        batch = prepare_batch(member=finn, currency="EUR", provider=Provider.SEPA, at=LATER)
        with pytest.raises(NoFile):
            fetch_file(member=finn, batch=batch, at=LATER)
