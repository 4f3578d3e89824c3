"""The difference between what is booked of a conversion and what it comes to now, as lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from commissions.accrual.decide import Case, Due
from commissions.accrual.strands import Left, Strand, StrandKey, ref_of
from commissions.budgets import cut, trace_of_budget
from commissions.line import Line
from commissions.models import Kind, Status
from tracking.models import ConversionStatus

DECISION = "decision:"


@dataclass(slots=True)
class Booked:
    """A conversion decided anew, beside what was booked of it."""

    case: Case
    strands: list[Strand]
    left: Left
    new_lines: list[Line] = field(default_factory=list)

    @property
    def had_lines(self) -> bool:
        """Whether anything was earned by it before."""
        return bool(self.strands)

    @property
    def decision(self) -> int:
        """Return the number of this decision: 1 is the first that is anew."""
        numbers = [
            int(line.event_ref.removeprefix(DECISION).split(":")[0])
            for strand in self.strands
            for line in strand.lines
            if line.event_ref.startswith(DECISION)
        ]
        return max(numbers, default=0) + 1


def book_difference(merchant_id: UUID, booked: Sequence[Booked], *, at: datetime) -> None:
    """Write the lines that make up the difference into each, cut to what budgets leave."""
    drafts = [(row, line) for row in booked for line in differences(row, at)]
    if not drafts:
        return
    cuts = cut(merchant_id, [line for _row, line in drafts], lock=True)
    for (row, line), found in zip(drafts, cuts, strict=True):
        cut_minor = line.amount_minor - found.amount_minor
        if cut_minor:
            line.facts["due_minor"] -= cut_minor
            line.amount_minor = found.amount_minor
            row.case.budgets.append(
                {
                    "enrollment": str(line.enrollment_id),
                    "event_ref": line.event_ref,
                    "wanted_minor": line.amount_minor + cut_minor,
                    "amount_minor": line.amount_minor,
                    "said": [trace_of_budget(one) for one in found.findings if one.is_exceeded],
                }
            )
        if line.amount_minor:
            row.new_lines.append(line)


def differences(row: Booked, at: datetime) -> list[Line]:
    """Return the corrections that a conversion calls for, before budgets; nothing is stored."""
    due = {StrandKey(one.enrollment_id, one.way): one for one in row.case.due}
    strands = {strand.key: strand for strand in row.strands}
    decision = row.decision
    drafts = []
    for key in [*strands, *(key for key in due if key not in strands)]:
        strand = strands.get(key)
        if strand is not None and strand.is_declined:
            continue
        line = _difference(row, strand, due.get(key), decision, at)
        if line is not None:
            drafts.append(line)
    return drafts


def _difference(
    row: Booked, strand: Strand | None, due: Due | None, decision: int, at: datetime
) -> Line | None:
    wanted = due.amount_minor if due else 0
    before = _wanted_before(row, strand, due)
    due_minor = strand.due_minor if strand else 0
    if wanted < due_minor:
        due_minor = wanted
    elif wanted > max(before, due_minor):  # What budgets cut off before stays cut off.
        due_minor += wanted - max(before, due_minor)
    amount_minor = row.left.of(due_minor) - (strand.booked_minor if strand else 0)
    if not amount_minor:
        return None
    line = _line(row, strand, due, amount_minor, at)
    way = strand.key.way if strand else due.way if due else ""
    line.event_ref = ref_of(f"{DECISION}{decision}", way)
    line.facts = {"due_minor": due_minor, "wanted_minor": wanted}
    return line


def _wanted_before(row: Booked, strand: Strand | None, due: Due | None) -> int:
    """Return what was wanted until now: even if budgets left nothing of it, and so no line."""
    if strand is not None:
        return strand.wanted_minor
    if due is None:
        return 0
    for said in row.case.conversion.trace.get("budgets", []):
        if said["enrollment"] == str(due.enrollment_id) and said["event_ref"] == (
            due.way or "earning"
        ):
            return int(said["wanted_minor"])
    return 0


def _line(
    row: Booked, strand: Strand | None, due: Due | None, amount_minor: int, at: datetime
) -> Line:
    """Return a correction: it waits as long as what it corrects, and is owed at once after that.

    What is earned on top of what was approved waits for the end of the hold, as all earnings do.
    """
    conversion = row.case.conversion
    head = strand.head if strand else None
    whose = head or due
    assert whose is not None
    status = Status.PENDING
    if head is not None and strand is not None and strand.waits:
        status = Status(head.status)
    elif amount_minor < 0:
        status = Status.APPROVED
    elif conversion.status == ConversionStatus.HELD:
        status = Status.HELD
    days = due.hold_days if due else conversion.program.hold_days
    hold_until = head.hold_until if head else conversion.occurred_at + timedelta(days=days)
    return Line(
        merchant_id=conversion.merchant_id,
        program_id=conversion.program_id,
        enrollment_id=whose.enrollment_id,
        affiliate_id=whose.affiliate_id,
        conversion_id=conversion.id,
        rule_version_id=due.rule_version_id if due else None,
        kind=Kind.ADJUSTMENT,
        event_ref="",
        amount_minor=amount_minor,
        currency=conversion.currency,
        status=status,
        status_changed_at=at,
        hold_until=hold_until,
        earned_at=conversion.occurred_at,
    )
