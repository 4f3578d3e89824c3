"""What the public intakes receive, and the log of it."""

from tracking.intake.log import CallNote, masked, record_call, record_calls, uuid_of
from tracking.intake.receiving import receive_pixel, receive_postback
from tracking.intake.tried import Tried, Unreadable, send_tried, try_postback
from tracking.intake.whose import Call, pixel_key_of, token_of

__all__ = [
    "Call",
    "CallNote",
    "Tried",
    "Unreadable",
    "masked",
    "pixel_key_of",
    "receive_pixel",
    "receive_postback",
    "record_call",
    "record_calls",
    "send_tried",
    "token_of",
    "try_postback",
    "uuid_of",
]
