"""Conversions as plain values: what decisions look at, and what they change, read in bulk."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from programs.models import Goal, Program
from tracking.evidence import Claim
from tracking.models import Conversion, Source


@dataclass(slots=True, eq=False)
class ConversionRow:
    """The columns of a conversion that decisions need, under their names; not an ORM object.

    Two thousand a second go through here, and an object of the ORM costs more than its decision.
    """

    program: Program  # One object for all rows of a program, and so with goals.
    goal: Goal
    claim: Claim  # What it says led the buyer here.
    id: UUID
    merchant_id: UUID
    program_id: UUID
    goal_id: UUID
    customer_id: UUID | None
    external_id: str
    amount_minor: int
    currency: str
    tax_minor: int
    shipping_minor: int
    discount_minor: int
    items: list[dict[str, Any]]
    metadata: dict[str, Any]
    customer_is_new: bool | None
    source: str
    is_test: bool
    occurred_at: datetime
    assigned_enrollment_id: UUID | None
    assigned_reason: str
    status: str
    reason: str
    trace: dict[str, Any]
    is_unverified: bool  # Only a browser has reported it: it pays nobody until it is confirmed.
    is_attributed: bool  # It was decided before.
    moved_at: datetime | None = None  # When the decision at hand changed the status.


CLAIM = ("click_token", "coupon_code", "referral_code", "earlier_tokens")
FLAGS = {  # Asked of the database, which is cheaper than reading a moment.
    "is_unverified": Q(source=Source.PIXEL, confirmed_at=None),
    "is_attributed": Q(attributed_at__isnull=False),
}
OWN = ("program", "goal", "claim", *FLAGS, "moved_at")  # What is no column.
COLUMNS = tuple(field.name for field in fields(ConversionRow) if field.name not in OWN)
PROGRAM, GOAL = COLUMNS.index("program_id"), COLUMNS.index("goal_id")


def read_conversions(rows: QuerySet[Conversion]) -> list[ConversionRow]:
    """Return what the query finds, in its order, in three queries."""
    found = rows.annotate(**FLAGS).values_list(*COLUMNS, *FLAGS, *CLAIM)
    pairs = [(row[: -len(CLAIM)], _claim(*row[-len(CLAIM) :])) for row in found]
    programs = Program.objects.in_bulk({row[PROGRAM] for row, _claim in pairs})
    goals = Goal.objects.in_bulk({row[GOAL] for row, _claim in pairs})
    return [
        ConversionRow(programs[row[PROGRAM]], goals[row[GOAL]], claim, *row) for row, claim in pairs
    ]


def row_of(conversion: Conversion) -> ConversionRow:
    """Return a conversion at hand, stored or not, as plain values."""
    return ConversionRow(
        program=conversion.program,
        goal=conversion.goal,
        claim=_claim(*(getattr(conversion, name) for name in CLAIM)),
        **{name: getattr(conversion, name) for name in COLUMNS},
        is_unverified=conversion.is_unverified,
        is_attributed=conversion.attributed_at is not None,
    )


def _claim(click_token: str, coupon_code: str, referral_code: str, earlier: list[str]) -> Claim:
    return Claim(click_token, coupon_code, referral_code, tuple(earlier))
