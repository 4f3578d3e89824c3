"""A statement settles payouts: each line once, in whatever file and however often it comes."""

from datetime import UTC, datetime

import pytest

from merchants.models import Event
from merchants.rights import Role
from merchants.services import NotAllowed
from payouts.models import (
    BatchStatus,
    LineOutcome,
    PayoutStatus,
    Statement,
    StatementLine,
)
from payouts.providers.sepa import payment_block_id
from payouts.services import mark_paid
from payouts.statements.importing import (
    apply_statement,
    discard_statement,
    preview_statement,
    take_statement,
)
from payouts.statements.lines import BadStatement
from tests.cast import add_member
from tests.payouts.statements.conftest import LATER, HandedOver
from tests.payouts.statements.samples import (
    Booking,
    camt,
    camt_of,
    collective,
    sum_entry,
)

BOB = Booking("10.00", "FL-1-1", "B-1")
DORA = Booking("20.00", "FL-1-2", "B-2")
TENTH = datetime(2026, 3, 10, tzinfo=UTC)


def take(sent: HandedOver, content: bytes, *, at: datetime = LATER) -> dict[str, str]:
    """Take a file, apply it, and return the outcome of each new line by its reference."""
    statement = take_statement(member=sent.finn, name="march.xml", content=content, at=at)
    apply_statement(member=sent.finn, statement=statement, at=at)
    lines = StatementLine.objects.filter(statement=statement)
    return dict(lines.values_list("reference", "outcome"))


def test_what_the_bank_paid_is_paid(sent: HandedOver) -> None:
    rent = Booking("700.00", "RENT", "B-0")

    outcomes = take(sent, camt([rent, BOB, DORA]))

    assert outcomes == {
        "RENT": LineOutcome.NOT_OURS,
        "FL-1-1": LineOutcome.PAID,
        "FL-1-2": LineOutcome.PAID,
    }
    bob = sent.payout("Bob")
    assert (bob.status, bob.paid_at) == (PayoutStatus.PAID, TENTH)
    assert bob.provider_ref.endswith("/20260310/B-1 FL-1-1")
    assert bob.statement_lines.get().amount_minor == -1_000
    sent.batch.refresh_from_db()
    assert sent.batch.status == BatchStatus.DONE
    assert Event.objects.filter(type="payout.paid").count() == 2


def test_looking_at_a_file_changes_nothing(sent: HandedOver) -> None:
    report = preview_statement(member=sent.finn, content=camt([BOB, DORA]))

    assert [row.outcome for row in report.judged] == [LineOutcome.PAID] * 2
    assert report.amount_minor(LineOutcome.PAID) == 3_000
    assert sent.statuses() == {"Bob": "SUBMITTED", "Dora": "SUBMITTED"}
    assert not Statement.objects.exists()
    assert not StatementLine.objects.exists()


def test_the_same_file_again_changes_nothing(sent: HandedOver) -> None:
    content = camt([BOB])
    take(sent, content)
    events = Event.objects.count()

    take(sent, content)

    assert Statement.objects.count() == StatementLine.objects.count() == 1
    assert Event.objects.count() == events


def test_lines_that_another_file_had_are_taken_once(sent: HandedOver) -> None:
    take(sent, camt([BOB]))

    outcomes = take(sent, camt([BOB, DORA]))

    assert outcomes == {"FL-1-2": LineOutcome.PAID}
    assert Statement.objects.order_by("imported_at", "created_at").last().repeated == 1  # type: ignore[union-attr]
    assert StatementLine.objects.count() == 2


def test_csv_and_camt_of_the_same_account_pay_once(sent: HandedOver) -> None:
    take(sent, camt([BOB]))
    content = b"date,amount,currency,reference\n2026-03-10,-10.00,EUR,FL-1-1\n"

    outcomes = take(sent, content)

    # The names differ, so that it could be a second transfer: somebody looks at it.
    assert outcomes == {"FL-1-1": LineOutcome.DIFFERS}
    assert sent.payout("Bob").status == PayoutStatus.PAID


def test_what_a_member_marked_paid_before_is_known(sent: HandedOver) -> None:
    mark_paid(
        member=sent.finn, payout=sent.payout("Bob"), provider_ref="X", paid_at=LATER, at=LATER
    )

    outcomes = take(sent, camt([BOB]))

    assert outcomes == {"FL-1-1": LineOutcome.KNOWN}
    assert sent.payout("Bob").provider_ref == "X"


def test_a_second_transfer_of_the_bank_stands_out(sent: HandedOver) -> None:
    outcome = take(sent, camt([BOB, Booking("10.00", "FL-1-1", "B-9")]))

    lines = StatementLine.objects.order_by("bank_ref")
    assert [line.outcome for line in lines] == [LineOutcome.PAID, LineOutcome.DIFFERS]
    assert [line.detail for line in lines] == ["", "The bank paid it a second time."]
    assert outcome


@pytest.mark.parametrize(
    ("booking", "detail"),
    [
        (Booking("10.01", "FL-1-1", "B-1"), "The amount differs."),
        (Booking("10.00", "FL-1-1", "B-1", currency="USD"), "The amount differs."),
        (Booking("10.00", "FL-1-1", "B-1", reversal="true"), "The bank took a booking back."),
    ],
)
def test_what_differs_settles_nothing(sent: HandedOver, booking: Booking, detail: str) -> None:
    assert take(sent, camt([booking])) == {"FL-1-1": LineOutcome.DIFFERS}

    assert StatementLine.objects.get().detail == detail
    assert sent.payout("Bob").status == PayoutStatus.SUBMITTED


def test_money_that_comes_back_later_is_returned(sent: HandedOver) -> None:
    take(sent, camt([BOB, DORA]))
    back = Booking("10.00", "FL-1-1", "B-3", sign="CRDT", day="2026-03-20", returned="AC04")

    outcomes = take(sent, camt([back]))
    again = take(sent, camt([back, Booking("1.00")]))

    assert outcomes == {"FL-1-1": LineOutcome.RETURNED}
    assert again == {"NOTPROVIDED": LineOutcome.NOT_OURS} or "FL-1-1" not in again
    bob = sent.payout("Bob")
    assert (bob.status, bob.status_reason) == (PayoutStatus.RETURNED, "AC04")
    assert bob.returned_at == datetime(2026, 3, 20, tzinfo=UTC)


def test_paid_and_returned_in_one_file_in_any_order(sent: HandedOver) -> None:
    back = Booking("10.00", "FL-1-1", "B-3", sign="CRDT")

    take(sent, camt([back, BOB]))

    assert sent.payout("Bob").status == PayoutStatus.RETURNED


def test_money_that_came_back_before_it_was_seen_to_leave_has_failed(sent: HandedOver) -> None:
    back = Booking("10.00", "FL-1-1", "B-3", sign="CRDT", returned="AC01")

    outcomes = take(sent, camt([back]))

    assert outcomes == {"FL-1-1": LineOutcome.RETURNED}
    bob = sent.payout("Bob")
    assert (bob.status, bob.status_reason) == (PayoutStatus.FAILED, "AC01")


def test_an_entry_of_several_transfers_settles_each(sent: HandedOver) -> None:
    take(sent, collective("30.00", [BOB, DORA]))

    assert sent.statuses() == {"Bob": "PAID", "Dora": "PAID"}


def test_a_sum_of_the_whole_file_settles_all_of_it(sent: HandedOver) -> None:
    block = payment_block_id(sent.batch)

    outcomes = take(sent, camt_of(sum_entry("30.00", block, 2)))

    assert outcomes == {block: LineOutcome.PAID}
    assert sent.statuses() == {"Bob": "PAID", "Dora": "PAID"}
    assert len({sent.payout(name).provider_ref for name in ("Bob", "Dora")}) == 2


@pytest.mark.parametrize(("amount", "count"), [("29.99", 2), ("30.00", 3)])
def test_another_sum_settles_nothing(sent: HandedOver, amount: str, count: int) -> None:
    block = payment_block_id(sent.batch)

    outcomes = take(sent, camt_of(sum_entry(amount, block, count)))

    assert outcomes == {block: LineOutcome.DIFFERS}
    assert sent.statuses() == {"Bob": "SUBMITTED", "Dora": "SUBMITTED"}


def test_a_namesake_of_another_merchant_on_the_same_account_is_not_ours(sent: HandedOver) -> None:
    theirs = Booking("10.00", "FL-1-1", "B-1", block="FL-1-ffffffffffff-1")

    assert take(sent, camt([theirs])) == {"FL-1-1": LineOutcome.NOT_OURS}
    assert sent.payout("Bob").status == PayoutStatus.SUBMITTED


def test_a_file_that_cannot_be_read_is_not_kept(sent: HandedOver) -> None:
    with pytest.raises(BadStatement, match="Line 5"):
        take(sent, camt([BOB, Booking("ten")]).replace(b"</Ntry>\n", b"</Ntry>"))

    assert not Statement.objects.exists()


def test_a_file_that_was_looked_at_can_be_forgotten_and_one_that_was_applied_cannot(
    sent: HandedOver,
) -> None:
    first = take_statement(member=sent.finn, name="a", content=camt([BOB]), at=LATER)
    assert first.reveal() == camt([BOB])
    assert b"FL-1-1" not in bytes(first.content or b"")
    discard_statement(member=sent.finn, statement=first)
    assert not Statement.objects.exists()

    second = take_statement(member=sent.finn, name="a", content=camt([BOB]), at=LATER)
    apply_statement(member=sent.finn, statement=second, at=LATER)
    discard_statement(member=sent.finn, statement=second)

    assert Statement.objects.get().content is None


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SALES, Role.VIEWER])
def test_only_who_may_prepare_payouts_takes_statements(sent: HandedOver, role: Role) -> None:
    member = add_member(sent.company, "Ann", role)

    with pytest.raises(NotAllowed):
        take_statement(member=member, name="a", content=camt([BOB]), at=LATER)
    with pytest.raises(NotAllowed):
        preview_statement(member=member, content=camt([BOB]))
