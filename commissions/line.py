"""A line that is to be written: plain values, under the names of the columns of `Commission`."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from common.ids import new_id


@dataclass(eq=False, kw_only=True)
class Line:
    """What was earned (> 0) or is taken back (< 0), before it is a row."""

    id: UUID = field(default_factory=new_id)
    merchant_id: UUID
    program_id: UUID
    enrollment_id: UUID
    affiliate_id: UUID
    conversion_id: UUID | None
    rule_version_id: UUID | None
    kind: str
    event_ref: str
    amount_minor: int
    currency: str
    facts: dict[str, Any] = field(default_factory=dict)
    status: str
    status_changed_at: datetime
    status_reason: str = ""
    hold_until: datetime
    earned_at: datetime
