"""The intake log: what was said to a public intake, secrets masked, and what became of it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from common.ids import id_at
from tracking.models import IntakeCall, Outcome
from tracking.parameters import tidy
from tracking.postbacks import PERSONAL_NAMES, TOKEN_NAMES

MASK: Final = "•••"
SAID_MAX = 60
NAME_MAX = 60
VALUE_MAX = 300
SEARCHED_MAX = 500  # What is shown and a little more: searching it all would take for ever.
SECRET_NAMES: Final = TOKEN_NAMES | {"key", "api_key", "password", "authorization"}
# Ours, wherever it was put by mistake.
LOOKS_SECRET: Final = re.compile(r"fl_(pb|sk|pk|pa|em)_[\w-]{8}", re.ASCII)
LOOKS_LIKE_MAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNote:
    """What the log keeps of a call; `conversion_id` and `order_id` as far as they are known."""

    merchant_id: UUID
    program_id: UUID | None
    intake: str
    method: str
    address: str
    said: Mapping[str, Any]
    outcome: Outcome
    reason: str = ""
    detail: str = ""
    order_id: str = ""
    conversion_id: UUID | None = None
    is_test: bool = False


def record_call(note: CallNote, *, at: datetime) -> IntakeCall:
    """Store one call in the merchant's log; the caller stands in its context. Return it."""
    return record_calls([note], at=at)[0]


def record_calls(notes: Iterable[CallNote], *, at: datetime) -> list[IntakeCall]:
    """Store many calls in one statement; return them, in the order in which the log lists them."""
    given = list(notes)
    ids = sorted(id_at(at) for _note in given)
    return IntakeCall.objects.bulk_create(map(_row, given, ids))


def _row(note: CallNote, id: UUID) -> IntakeCall:
    return IntakeCall(
        id=id,
        merchant_id=note.merchant_id,
        program_id=note.program_id,
        intake=note.intake[:20],
        method=note.method[:8],
        address=note.address[:50],
        said=masked(note.said),
        outcome=note.outcome,
        reason=note.reason[:60],
        detail=tidy(note.detail, 500),
        order_id=tidy(note.order_id, 200),
        conversion_id=note.conversion_id,
        is_test=note.is_test,
    )


def uuid_of(text: Any) -> UUID | None:
    """Return the id that a text is, or None."""
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def masked(said: Mapping[str, Any]) -> dict[str, str]:
    """Return parameters as the log shows them: bounded, without secrets and without persons."""
    shown = {}
    for name, value in list(said.items())[:SAID_MAX]:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        text = text[:SEARCHED_MAX]
        secret = name.lower() in SECRET_NAMES or name.lower() in PERSONAL_NAMES
        if text and (secret or LOOKS_SECRET.search(text) or LOOKS_LIKE_MAIL.search(text)):
            text = MASK
        shown[tidy(name, NAME_MAX)] = tidy(text, VALUE_MAX)
    return shown
