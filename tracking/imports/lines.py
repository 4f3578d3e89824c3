"""What the lines of a file are stored as: a batch at a time, a wrong line stops no other."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from django.utils.translation import gettext as _

from affiliates.models import Enrollment
from common.refusals import BadValue
from merchants.models import Actor
from programs.models import Program
from tracking.imports.columns import NOTE_PREFIX
from tracking.imports.file import Line
from tracking.intake.facts import conversion_report, refusal_of
from tracking.models import Coupon, ImportProfile, Source
from tracking.postbacks import (
    NATIVE,
    Offer,
    PostbackReport,
    Refused,
    Vocabulary,
    Word,
    read_postback,
)
from tracking.services import (
    CodeTaken,
    CurrencyMismatch,
    NotEnrolled,
    Recorded,
    StepOutcome,
    UnknownGoal,
    create_coupon,
    record_all_reported,
    record_refund_of_order,
    record_status,
)

FILE: Final[Vocabulary] = replace(
    NATIVE,
    name="file",
    words={
        "order_id": Word.EXTERNAL_ID,
        **{
            name: NATIVE.words[name]
            for name in (
                *("goal", "amount", "currency", "status", "coupon", "click_id", "via"),
                *("customer_id", "country", "is_new", "tax", "shipping", "discount"),
                *("refund_id", "refund_amount", "reason", "occurred_at"),
            )
        },
    },
    prefixes=(NOTE_PREFIX,),
)
COLUMN_OF: Final = {str(word): name for name, word in FILE.words.items()}


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of one file, and on whose behalf they are taken in."""

    program: Program
    offer: Offer
    lines: Sequence[Line]
    is_test: bool
    by: Actor
    at: datetime


LineOutcome = bool | Refused  # Whether it is new, or why it is not taken.
Store = Callable[[Batch], list[LineOutcome]]


def _read(batch: Batch, line: Line, required: tuple[str, ...]) -> PostbackReport | Refused:
    if line.is_misshapen:
        return Refused("misshapen", _("More cells than headings, or a cell that is far too long."))
    for name in required:
        if not line.cells.get(name):
            return Refused("required", _("This is required."), parameter=name)
    try:
        return read_postback(FILE, line.cells, offer=batch.offer, at=batch.at)
    except Refused as refusal:
        return refusal


def _renamed(refusal: Refused) -> Refused:
    refusal.parameter = COLUMN_OF.get(refusal.parameter, refusal.parameter)
    return refusal


# Conversions -------------------------------------------------------------------------------------


def store_conversions(batch: Batch) -> list[LineOutcome]:
    """Store orders and what became of them."""
    return _store_orders(batch, required=("order_id", "amount"))


def store_coupon_uses(batch: Batch) -> list[LineOutcome]:
    """Store orders that are known by the coupon that was used."""
    return _store_orders(batch, required=("order_id", "amount", "coupon"))


def _store_orders(batch: Batch, *, required: tuple[str, ...]) -> list[LineOutcome]:
    read = [_read(batch, line, required) for line in batch.lines]
    reports = [row for row in read if isinstance(row, PostbackReport)]
    outcomes = iter(
        record_all_reported(
            merchant_id=batch.program.merchant_id,
            reports=[(batch.program, conversion_report(report)) for report in reports],
            by=batch.by,
            at=batch.at,
            is_test=batch.is_test,
            source=Source.FILE,
        )
    )
    return [
        row if isinstance(row, Refused) else _order_outcome(batch, row, next(outcomes))
        for row in read
    ]


def _order_outcome(
    batch: Batch, report: PostbackReport, outcome: Recorded | StepOutcome | Exception
) -> LineOutcome:
    if isinstance(outcome, Exception):
        return _as_refusal(outcome)
    is_new = outcome.is_new
    if report.status and isinstance(outcome, Recorded):
        _fact, is_news = record_status(
            program=batch.program,
            goal=report.goal,
            order_id=report.external_id,
            status=report.status,
            reason=report.reason,
            occurred_at=report.occurred_at,
            by=batch.by,
            at=batch.at,
            is_test=batch.is_test,
        )
        is_new = is_new or is_news
    return is_new


def _as_refusal(error: Exception) -> Refused:
    refusal = refusal_of(error)
    if refusal is None:
        raise error
    return _renamed(refusal)


# Refunds -----------------------------------------------------------------------------------------


def store_refunds(batch: Batch) -> list[LineOutcome]:
    """Store refunds; one whose order is not known yet waits for it."""
    return [_store_refund(batch, line) for line in batch.lines]


def _store_refund(batch: Batch, line: Line) -> LineOutcome:
    report = _read(batch, line, ("order_id", "refund_id", "refund_amount"))
    if isinstance(report, Refused):
        return report
    assert report.refund is not None
    try:
        _fact, is_new = record_refund_of_order(
            program=batch.program,
            goal=report.goal if line.cells.get("goal") else "",
            order_id=report.external_id,
            external_id=report.refund.external_id,
            amount_minor=report.refund.amount_minor,
            currency=report.currency,
            reason=report.reason,
            occurred_at=report.occurred_at,
            by=batch.by,
            at=batch.at,
            is_test=batch.is_test,
        )
    except (UnknownGoal, CurrencyMismatch) as error:
        return _as_refusal(error)
    return is_new


# Coupons -----------------------------------------------------------------------------------------


def store_coupons(batch: Batch) -> list[LineOutcome]:
    """Store codes that the shop has given out already."""
    found = _enrollments(batch)
    return [_store_coupon(batch, line, found) for line in batch.lines]


def _enrollments(batch: Batch) -> dict[str, Enrollment]:
    """Return the program's enrollments by referral code and by e-mail address, in lower case."""
    rows = Enrollment.objects.filter(
        merchant_id=batch.program.merchant_id, program=batch.program
    ).select_related("affiliate", "program")
    by_email = {row.affiliate.email.lower(): row for row in rows}
    return by_email | {row.code.lower(): row for row in rows}


def _store_coupon(batch: Batch, line: Line, found: dict[str, Enrollment]) -> LineOutcome:
    if line.is_misshapen:
        return Refused("misshapen", _("More cells than headings, or a cell that is far too long."))
    cells = line.cells
    enrollment = found.get(cells.get("affiliate", "").lower())
    if enrollment is None:
        message = _("No affiliate of the program has this code or address.")
        return Refused("unknown_affiliate", message, parameter="affiliate")
    try:
        create_coupon(
            enrollment=enrollment,
            code=cells.get("code", ""),
            valid_from=_day(cells, "valid_from"),
            valid_until=_day(cells, "valid_until"),
            uses_max=_count(cells, "uses_max"),
        )
    except Refused as refusal:
        return refusal
    except NotEnrolled:
        message = _("The affiliate is not approved in this program.")
        return Refused("not_enrolled", message, parameter="affiliate")
    except BadValue as error:
        return Refused(error.code, str(error), parameter=error.field)
    except CodeTaken:
        return _known_coupon(batch, cells["code"], enrollment)
    return True


def _known_coupon(batch: Batch, code: str, enrollment: Enrollment) -> LineOutcome:
    mine = Coupon.objects.filter(
        merchant_id=batch.program.merchant_id,
        program=batch.program,
        code=code.upper(),
        enrollment=enrollment,
    )
    if mine.exists():
        return False
    message = _("Another affiliate of the program has this code.")
    return Refused("code_taken", message, parameter="code")


def _day(cells: dict[str, str], name: str) -> datetime | None:
    text = cells.get(name, "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        message = _("Write 2026-03-02 or 2026-03-02T12:00:00Z.")
        raise Refused("invalid_time", message, parameter=name) from error
    return found.replace(tzinfo=found.tzinfo or UTC)


def _count(cells: dict[str, str], name: str) -> int | None:
    text = cells.get(name, "")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Refused("invalid", _("Write a whole number."), parameter=name)
    return int(text)


STORES: Final[dict[ImportProfile, Store]] = {
    ImportProfile.CONVERSIONS: store_conversions,
    ImportProfile.REFUNDS: store_refunds,
    ImportProfile.COUPONS: store_coupons,
    ImportProfile.COUPON_USES: store_coupon_uses,
}
KEYS: Final[dict[ImportProfile, tuple[str, ...]]] = {  # By which a line is the same as another.
    ImportProfile.CONVERSIONS: ("goal", "order_id"),
    ImportProfile.REFUNDS: ("goal", "order_id", "refund_id"),
    ImportProfile.COUPONS: ("code",),
    ImportProfile.COUPON_USES: ("goal", "order_id"),
}
