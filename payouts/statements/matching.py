"""What each booking of a statement means for our payouts. Nothing is written here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from payouts.models import (
    Batch,
    LineOutcome,
    Payout,
    PayoutStatus,
    Provider,
    StatementLine,
)
from payouts.providers import PROVIDERS
from payouts.providers.base import FileProvider
from payouts.providers.sepa import message_id, payment_block_id
from payouts.statements.lines import BankLine

CHUNK = 10_000  # Of values in one query.
NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Judged:
    """A booking and what became, or would become, of it.

    `payouts` are those it is about: one, or all of a block that the bank booked as a sum.
    """

    line: BankLine
    outcome: LineOutcome
    payouts: tuple[Payout, ...] = ()
    detail: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether the money came back before we heard that it had arrived."""
        came_back = self.outcome == LineOutcome.RETURNED
        return came_back and self.payouts[0].status == PayoutStatus.SUBMITTED


@dataclass(frozen=True, slots=True)
class Report:
    """All bookings of a file that are new, in its order, and how many were known."""

    judged: tuple[Judged, ...]
    repeated: int

    def count(self, outcome: LineOutcome) -> int:
        """Return how many bookings have an outcome."""
        return sum(row.outcome == outcome for row in self.judged)

    def amount_minor(self, outcome: LineOutcome) -> int:
        """Return what they come to; a file is of one currency, as its account is."""
        return sum(abs(row.line.amount_minor) for row in self.judged if row.outcome == outcome)


def judge(merchant_id: UUID, lines: Sequence[BankLine]) -> Report:
    """Return what the bookings mean, each on top of those before it.

    Money that left is taken first, day by day: a file may name the return before the transfer.
    """
    known = _known(merchant_id, lines)
    new = [line for line in lines if (line.bank_ref, line.amount_minor) not in known]
    judge = _Judge(merchant_id, new)
    in_order = sorted(new, key=lambda line: (line.booked_on, line.amount_minor > 0))
    judged = {line: judge.read(line) for line in in_order}
    return Report(tuple(judged[line] for line in new), len(lines) - len(new))


def _known(merchant_id: UUID, lines: Sequence[BankLine]) -> set[tuple[str, int]]:
    refs = [line.bank_ref for line in lines]
    found: set[tuple[str, int]] = set()
    for some in _chunks(refs):
        rows = StatementLine.objects.filter(merchant_id=merchant_id, bank_ref__in=some)
        found.update(rows.values_list("bank_ref", "amount_minor"))
    return found


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


class _Judge:
    """Knows the payouts that a file may be about, and what its lines have made of them so far."""

    def __init__(self, merchant_id: UUID, lines: Sequence[BankLine]) -> None:
        self._payouts = _payouts_named(merchant_id, {line.reference for line in lines})
        self._blocks = _blocks_named(merchant_id, {line.block for line in lines})
        self._status = {payout.id: payout.status for payout in self._payouts.values()}
        for payouts in self._blocks.values():
            self._status.update({payout.id: payout.status for payout in payouts})
        self._proved = _proved_by_lines(merchant_id, list(self._status))

    def read(self, line: BankLine) -> Judged:
        payout = self._payouts.get(line.reference)
        if payout is None and line.block in self._blocks and line.amount_minor < 0:
            return self._read_sum(line, self._blocks[line.block])
        if payout is None or _is_of_another_block(line, payout):
            return Judged(line, LineOutcome.NOT_OURS)
        if problem := _problem(line, payout):
            return Judged(line, LineOutcome.DIFFERS, (payout,), problem)
        if line.amount_minor < 0:
            return self._read_sent(line, payout)
        return self._read_returned(line, payout)

    def _read_sent(self, line: BankLine, payout: Payout) -> Judged:
        status = self._status[payout.id]
        if status == PayoutStatus.SUBMITTED:
            self._status[payout.id] = PayoutStatus.PAID
            self._proved.add(payout.id)
            return Judged(line, LineOutcome.PAID, (payout,))
        if payout.id in self._proved:
            said = _("The bank paid it a second time.")
            return Judged(line, LineOutcome.DIFFERS, (payout,), said)
        if status in (PayoutStatus.PAID, PayoutStatus.RETURNED):
            self._proved.add(payout.id)
            return Judged(line, LineOutcome.KNOWN, (payout,))
        said = _("The bank paid it, but here it is: %s.") % PayoutStatus(status).label
        return Judged(line, LineOutcome.DIFFERS, (payout,), said)

    def _read_returned(self, line: BankLine, payout: Payout) -> Judged:
        status = self._status[payout.id]
        if status in (PayoutStatus.PAID, PayoutStatus.SUBMITTED):
            self._status[payout.id] = PayoutStatus.RETURNED
            return Judged(line, LineOutcome.RETURNED, (payout,))
        if status in (PayoutStatus.RETURNED, PayoutStatus.FAILED):
            return Judged(line, LineOutcome.KNOWN, (payout,))
        said = _("Money came back, but here it is: %s.") % PayoutStatus(status).label
        return Judged(line, LineOutcome.DIFFERS, (payout,), said)

    def _read_sum(self, line: BankLine, payouts: tuple[Payout, ...]) -> Judged:
        total = sum(payout.amount_minor for payout in payouts)
        waiting = tuple(row for row in payouts if self._status[row.id] == PayoutStatus.SUBMITTED)
        if total != -line.amount_minor or line.count not in (0, len(payouts)):
            said = _("The bank booked another sum than the file has.")
            return Judged(line, LineOutcome.DIFFERS, (), said)
        if not waiting:
            return Judged(line, LineOutcome.KNOWN)
        if len(waiting) < len(payouts):
            said = _("The bank booked the whole file, but some of it is settled already.")
            return Judged(line, LineOutcome.DIFFERS, (), said)
        for payout in payouts:
            self._status[payout.id] = PayoutStatus.PAID
            self._proved.add(payout.id)
        return Judged(line, LineOutcome.PAID, payouts)


def _problem(line: BankLine, payout: Payout) -> str:
    """Return why a booking that names a payout is not what we expect of it."""
    if not isinstance(PROVIDERS[Provider(payout.batch.provider)], FileProvider):
        return _("It is not paid from this account.")
    if line.undoes:
        return _("The bank took a booking back.")
    if line.currency != payout.currency or abs(line.amount_minor) != payout.amount_minor:
        return _("The amount differs.")
    return ""


def _is_of_another_block(line: BankLine, payout: Payout) -> bool:
    """Tell our FL-1-1 from that of another merchant who is paid from the same account."""
    if payout.batch.provider != Provider.SEPA or not line.block.startswith("FL-"):
        return False
    return line.block not in (message_id(payout.batch), payment_block_id(payout.batch))


def _payouts_named(merchant_id: UUID, references: set[str]) -> dict[str, Payout]:
    found: dict[str, Payout] = {}
    for some in _chunks(sorted(ref for ref in references if ref.startswith("FL-"))):
        rows = Payout.objects.filter(merchant_id=merchant_id, reference__in=some)
        found.update({row.reference: row for row in rows.select_related("batch")})
    return found


def _blocks_named(merchant_id: UUID, blocks: set[str]) -> dict[str, tuple[Payout, ...]]:
    """Return the payouts of files by the names of their blocks, those the bank was asked to pay."""
    numbers = {block.split("-")[1] for block in blocks if block.startswith("FL-")}
    batches = Batch.objects.filter(
        merchant_id=merchant_id,
        provider=Provider.SEPA,
        number__in=[int(number) for number in numbers if NUMBER.fullmatch(number)],
    )
    found: dict[str, tuple[Payout, ...]] = {}
    for batch in batches:
        names = {message_id(batch), payment_block_id(batch)} & blocks
        if names:
            payouts = Payout.objects.filter(merchant_id=merchant_id, batch=batch)
            in_file = payouts.exclude(status__in=[PayoutStatus.CANCELLED, PayoutStatus.FAILED])
            rows = tuple(in_file.select_related("batch").order_by("id"))
            found.update(dict.fromkeys(names, rows))
    return found


def _proved_by_lines(merchant_id: UUID, payout_ids: Sequence[UUID]) -> set[UUID]:
    """Return the payouts for which money left according to a statement before."""
    lines = StatementLine.objects.filter(
        merchant_id=merchant_id, payout_id__in=payout_ids, amount_minor__lt=0
    ).exclude(outcome=LineOutcome.DIFFERS)
    return set(lines.values_list("payout_id", flat=True))
