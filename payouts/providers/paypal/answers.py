"""What PayPal's answer to a batch means. Pure."""

import re
from typing import Any

from payouts.providers.base import Accepted, NotNow, Outcome, Rejected, Unclear
from payouts.providers.calling import Answer
from payouts.providers.retrying import seconds_of

# The batch that an error about a repeated `sender_batch_id` links to.
BATCH_LINK = re.compile(r"/v1/payments/payouts/([A-Za-z0-9_-]{1,60})/?$")
# The same bytes are judged alike each time: had they been taken once, they would be known.
OF_ANY_SEND = ("VALIDATION_ERROR", "MALFORMED_REQUEST", "INVALID_REQUEST")


def outcome_of(answer: Answer) -> Outcome:
    """Return what came of sending a batch."""
    ref = answer.get("batch_header", "payout_batch_id")
    if answer.is_ok:
        if isinstance(ref, str) and ref:
            return Accepted(ref)
        return Unclear("PayPal: an answer without a batch")
    name = str(answer.get("name") or answer.get("error") or "no reason")[:80]
    reason = f"PayPal: {answer.status} {name}"
    if _says_known(answer):
        known = _linked(answer.data)
        return Accepted(known) if known else Unclear(f"{reason}: known, under an id they keep")
    if answer.status == 429:
        return NotNow(reason, seconds_of(answer))
    if answer.status == 401:  # Somebody mends the credentials, and it goes on.
        return NotNow(reason)
    if answer.status in (400, 403, 404, 415, 422):
        return Rejected(_in_detail(reason, answer), of_any_send=name in OF_ANY_SEND)
    return Unclear(reason)


def _says_known(answer: Answer) -> bool:
    """Whether they refuse because the batch is known: that is a success of an earlier sending."""
    if answer.status not in (400, 409, 422):
        return False
    if answer.get("name") == "DUPLICATE_REQUEST_ID":
        return True
    return any(
        str(detail.get("field", "")).upper().rsplit("/", 1)[-1] == "SENDER_BATCH_ID"
        and "already exists" in str(detail.get("issue", "")).lower()
        for detail in _dicts(answer.get("details"))
    )


def _linked(data: Any) -> str:
    """Return the id of the batch that the error links to. The link itself is never followed."""
    holders = [data, *_dicts(data.get("details"))]
    for holder in holders:
        for link in [*_dicts(holder.get("links")), *_dicts(holder.get("link"))]:
            found = BATCH_LINK.search(str(link.get("href", "")))
            if found:
                return found[1]
    return ""


def _in_detail(reason: str, answer: Answer) -> str:
    issues = [str(detail.get("issue", ""))[:120] for detail in _dicts(answer.get("details"))]
    return ": ".join([reason, *issues[:1]])


def _dicts(data: Any) -> list[dict[str, Any]]:
    return [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []
