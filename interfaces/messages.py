"""What both sides show of messages: the forms to write one, and a thread as a conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from messaging.files import FILE_BYTES_MAX, FILES_MAX, Upload
from messaging.models import Attachment, FileKind, Message, Side, Thread
from messaging.selectors import latest_messages

MESSAGES_SHOWN = 100
BODY_MAX = 5000
SUBJECT_MAX = 150


CONTENT_TYPES = {
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.PDF: "application/pdf",
}


class ManyFiles(forms.ClearableFileInput):
    """A control that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; cleans to what each holds. A file that is too large is not read to its end."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        """Return the files; the domain says which of them it takes."""
        files = data if isinstance(data, list | tuple) else [data]
        return [_upload(file) for file in files[: FILES_MAX + 1] if file]


def _upload(file: UploadedFile) -> Upload:
    return Upload(file.name or "", file.read(FILE_BYTES_MAX + 1))


class MessageForm(forms.Form):
    """A message."""

    body = forms.CharField(
        label=_("Message"),
        max_length=BODY_MAX,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        help_text=_("Plain text; addresses become links."),
    )
    attachments = FilesField(
        label=_("Files"),
        required=False,
        widget=ManyFiles(attrs={"accept": "image/png,image/jpeg,application/pdf"}),
        help_text=_("Up to three pictures or PDF documents of 5 MB each."),
    )


class ThreadForm(MessageForm):
    """The first message of a thread, and what it is about."""

    subject = forms.CharField(
        label=_("Subject"), max_length=SUBJECT_MAX, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    field_order = ["subject", "body", "attachments"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """The part of a thread that a page shows, the oldest first."""

    messages: Sequence[Message]
    own: Side  # The reader's: what it wrote stands on the other side of the page.
    earlier: UUID | None  # Before which message there are more.


def conversation_of(thread: Thread, *, own: Side, before: str = "") -> Conversation:
    """Return the last messages of a thread, or the last before the one named."""
    found = latest_messages(thread, limit=MESSAGES_SHOWN + 1, before=_id_of(before))
    shown = found[-MESSAGES_SHOWN:]
    return Conversation(shown, own, shown[0].id if len(found) > len(shown) else None)


def _id_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def give_file(file: Attachment) -> HttpResponse:
    """Return a file as something to save: no browser shows it as a page of ours."""
    return HttpResponse(
        bytes(file.content),
        content_type=CONTENT_TYPES[FileKind(file.kind)],
        headers={
            "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
