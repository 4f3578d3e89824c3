"""What happens to a program and its parts is one history: the program's."""

from datetime import datetime
from typing import Any

from merchants.events import record_event
from merchants.models import Actor
from programs.models import Program


def record(
    program: Program, type: str, by: Actor, at: datetime, data: dict[str, Any] | None = None
) -> None:
    """Store an event about the program, or about a part of it."""
    record_event(
        merchant_id=program.merchant_id,
        type=type,
        subject_id=program.id,
        by=by,
        at=at,
        data=data,
    )
