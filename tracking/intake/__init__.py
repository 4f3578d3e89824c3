"""What the public intakes receive, and the log of it."""

from tracking.intake.log import CallNote, masked, record_call, record_calls
from tracking.intake.receiving import Call, receive_pixel, receive_postback

__all__ = [
    "Call",
    "CallNote",
    "masked",
    "receive_pixel",
    "receive_postback",
    "record_call",
    "record_calls",
]
