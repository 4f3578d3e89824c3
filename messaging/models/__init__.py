"""Threads with their messages and files, who read them, and broadcasts."""

from messaging.models.attachments import Attachment, FileKind
from messaging.models.broadcasts import Broadcast, BroadcastRecipient, BroadcastStatus
from messaging.models.threads import (
    Message,
    Side,
    Thread,
    ThreadRead,
    ThreadStatus,
)

__all__ = [
    "Attachment",
    "Broadcast",
    "BroadcastRecipient",
    "BroadcastStatus",
    "FileKind",
    "Message",
    "Side",
    "Thread",
    "ThreadRead",
    "ThreadStatus",
]
