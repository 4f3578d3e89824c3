"""Take a bank's statement: look at it first, then let it settle payouts, each line once."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from common.secrets import encrypt_bytes
from merchants.events import record_event
from merchants.models import Actor, Member, Merchant, acting_user
from merchants.rights import Right
from merchants.services import require
from payouts.models import LineOutcome, Statement, StatementFormat, StatementLine
from payouts.services.settle import (
    Failed,
    Paid,
    Returned,
    settle_failed,
    settle_paid,
    settle_returned,
)
from payouts.statements.camt053 import read_camt053
from payouts.statements.csv_lines import read_csv
from payouts.statements.lines import FILE_BYTES_MAX, REF_MAX, BadStatement, BankLine
from payouts.statements.matching import Judged, Report, judge

News = TypeVar("News", Paid, Failed, Returned)
CHUNK = 15_000
NAME_MAX = 200
READERS = {StatementFormat.CAMT053: read_camt053, StatementFormat.CSV: read_csv}


def preview_statement(*, member: Member, content: bytes) -> Report:
    """Return what a file would settle. Nothing is stored.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises BadStatement: if it cannot be read.
    """
    require(member, Right.PREPARE_PAYOUTS)
    return judge(member.merchant_id, _read(content)[1])


def take_statement(*, member: Member, name: str, content: bytes, at: datetime) -> Statement:
    """Keep a file that can be read, to be looked at and applied; return it.

    The same bytes are kept once, however often they are sent.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises BadStatement: if it cannot be read.
    """
    require(member, Right.PREPARE_PAYOUTS)
    format, _lines = _read(content)
    statement, _is_new = Statement.objects.get_or_create(
        merchant_id=member.merchant_id,
        sha256=hashlib.sha256(content).hexdigest(),
        defaults={
            "format": format,
            "name": _file_name(name),
            "content": encrypt_bytes(content),
            "imported_by": member,
            "imported_at": at,
        },
    )
    return statement


def discard_statement(*, member: Member, statement: Statement) -> None:
    """Forget a file that was only looked at.

    :raises NotAllowed: if the member may not prepare payouts.
    """
    require(member, Right.PREPARE_PAYOUTS)
    Statement.objects.filter(id=statement.id, applied_at=None).delete()


def report_of(statement: Statement) -> Report:
    """Return what a file that was not applied yet would settle now."""
    return judge(statement.merchant_id, _read(statement.reveal())[1])


def apply_statement(*, member: Member, statement: Statement, at: datetime) -> Statement:
    """Store the file's lines and settle the payouts they prove; return it. Once: a repeat is quiet.

    :raises NotAllowed: if the member may not prepare payouts.
    :raises ProofUsed: if a reference proves another payout already; nothing is changed then.
    """
    require(member, Right.PREPARE_PAYOUTS)
    by = acting_user(member.user)
    with transaction.atomic():
        # One statement at a time: two could have a line in common.
        Merchant.objects.select_for_update(of=("self",), no_key=True).get(id=member.merchant_id)
        locked = Statement.objects.select_for_update(of=("self",)).get(id=statement.id)
        if locked.applied_at is not None:
            return locked
        report = report_of(locked)
        StatementLine.objects.bulk_create(lines_from(locked, report.judged), batch_size=2_000)
        _settle(locked.merchant_id, report.judged, by, at)
        locked.applied_at, locked.repeated, locked.content = at, report.repeated, None
        locked.imported_by = member
        locked.save(update_fields=["applied_at", "repeated", "content", "imported_by"])
        _record(locked, report, by, at)
    return locked


def _read(content: bytes) -> tuple[StatementFormat, list[BankLine]]:
    if len(content) > FILE_BYTES_MAX:
        raise BadStatement((0, _("At most %d MB at a time.") % (FILE_BYTES_MAX // 1_000_000)))
    looks_like_xml = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
    format = StatementFormat.CAMT053 if looks_like_xml else StatementFormat.CSV
    return format, READERS[format](content)


def _file_name(name: str) -> str:
    printable = "".join(character for character in name if character.isprintable())
    return printable.replace("\\", "/").rpartition("/")[2][-NAME_MAX:] or "statement"


def lines_from(statement: Statement, judged: Sequence[Judged]) -> list[StatementLine]:
    """Return the lines as they are stored, not stored yet."""
    return [
        StatementLine(
            merchant_id=statement.merchant_id,
            statement=statement,
            bank_ref=row.line.bank_ref,
            reference=(row.line.reference or row.line.block)[:REF_MAX],
            amount_minor=row.line.amount_minor,
            currency=row.line.currency,
            booked_on=row.line.booked_on,
            text=row.line.text,
            outcome=row.outcome,
            detail=row.detail,
            payout=row.payouts[0] if len(row.payouts) == 1 else None,
        )
        for row in judged
    ]


def _settle(merchant_id: UUID, judged: Sequence[Judged], by: Actor, at: datetime) -> None:
    paid = [row for row in judged if row.outcome == LineOutcome.PAID]
    came_back = [row for row in judged if row.outcome == LineOutcome.RETURNED]
    paid_here = {payout.id for row in paid for payout in row.payouts}
    arrived = [news for row in paid for news in _paid(row)]
    # Money that came back without having been seen to leave never arrived.
    failed = [row for row in came_back if row.is_failure and row.payouts[0].id not in paid_here]
    returned = [row for row in came_back if row not in failed]
    for some in _chunks(arrived):
        settle_paid(merchant_id=merchant_id, news=some, by=by, at=at)
    unsent = [Failed(row.payouts[0].id, row.line.text) for row in failed]
    for some_failed in _chunks(unsent):
        settle_failed(merchant_id=merchant_id, news=some_failed, by=by, at=at)
    for some_returned in _chunks([_returned(row) for row in returned]):
        settle_returned(merchant_id=merchant_id, news=some_returned, by=by, at=at)


def _chunks(rows: Sequence[News]) -> Iterator[Sequence[News]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


def _returned(row: Judged) -> Returned:
    return Returned(row.payouts[0].id, row.line.text, _moment(row.line.booked_on))


def _paid(row: Judged) -> Iterator[Paid]:
    """Return the proof of each payout: the bank's name for the booking, numbered if it is a sum."""
    paid_at = _moment(row.line.booked_on)
    if len(row.payouts) == 1:
        yield Paid(row.payouts[0].id, row.line.bank_ref, paid_at)
        return
    for position, payout in enumerate(row.payouts, start=1):
        yield Paid(payout.id, f"{row.line.bank_ref[:130]}+{position}", paid_at)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _record(statement: Statement, report: Report, by: Actor, at: datetime) -> None:
    record_event(
        merchant_id=statement.merchant_id,
        type="statement.imported",
        subject_id=statement.id,
        by=by,
        at=at,
        data={
            "name": statement.name,
            "sha256": statement.sha256,
            "repeated": report.repeated,
            **{outcome.lower(): report.count(outcome) for outcome in LineOutcome},
        },
    )
