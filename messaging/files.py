"""What may be attached to a message: pictures are written anew, documents looked at."""

import re
import warnings
from dataclasses import dataclass
from io import BytesIO

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from common.refusals import BadValue
from messaging.models import FileKind
from messaging.text import plain_line

FILES_MAX = 3  # Of one message.
FILE_BYTES_MAX = 5 * 1024 * 1024
PIXELS_MAX = 25_000_000
NAME_MAX = 100
PICTURES = {"PNG": FileKind.PNG, "JPEG": FileKind.JPEG}
ENDINGS = {FileKind.PNG: "png", FileKind.JPEG: "jpg", FileKind.PDF: "pdf"}
UNNAMEABLE = re.compile(r'[\\/:*?"<>|%;\s]+')


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody sent it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A file as it is kept: what its bytes are decides how its name ends."""

    name: str
    kind: FileKind
    content: bytes


def clean_file(upload: Upload) -> CleanFile:
    """Return what is kept of a file.

    :raises BadValue: if it is empty, too large, or neither a picture nor a PDF document.
    """
    if not upload.content:
        raise _refused("empty", _("“%(name)s” is empty."), upload)
    if len(upload.content) > FILE_BYTES_MAX:
        limit = filesizeformat(FILE_BYTES_MAX)
        raise _refused("too_large", _("“%(name)s” is larger than %(limit)s."), upload, limit=limit)
    if upload.content.startswith(b"%PDF-"):
        if b"%%EOF" not in upload.content[-2048:]:
            raise _refused("broken", _("“%(name)s” is not complete."), upload)
        return CleanFile(_named(upload, FileKind.PDF), FileKind.PDF, upload.content)
    return _clean_picture(upload)


def _clean_picture(upload: Upload) -> CleanFile:
    """Return the picture alone, written anew: whatever else the file held is left behind."""
    broken = _("“%(name)s” is no PNG or JPEG picture and no PDF document.")
    too_many = _("“%(name)s” has too many pixels.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            # Only the head is read here, so a huge picture is refused before it takes memory.
            picture = Image.open(BytesIO(upload.content), formats=list(PICTURES))
            if picture.width * picture.height > PIXELS_MAX:
                raise _refused("too_many_pixels", too_many, upload)
            kind = PICTURES[str(picture.format)]
            upright = ImageOps.exif_transpose(picture)
            clear = kind == FileKind.PNG and upright.has_transparency_data
            fresh = upright.convert("RGBA" if clear else "RGB")
    except BadValue:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _refused("too_many_pixels", too_many, upload) from error
    # What the decoders throw at broken files is a wide family.
    except (OSError, ValueError, SyntaxError) as error:
        raise _refused("not_readable", broken, upload) from error
    fresh.info.clear()
    written = BytesIO()
    fresh.save(written, kind.value, quality=90)
    return CleanFile(_named(upload, kind), kind, written.getvalue())


def _named(upload: Upload, kind: FileKind) -> str:
    stem = UNNAMEABLE.sub(" ", plain_line(upload.name.replace("\\", "/").rsplit("/", 1)[-1]))
    stem = stem.rpartition(".")[0] or stem
    ending = ENDINGS[kind]
    return f"{stem.strip(' .')[: NAME_MAX - 5] or 'file'}.{ending}"


def _refused(code: str, message: str, upload: Upload, **facts: str) -> BadValue:
    name = plain_line(upload.name)[:NAME_MAX]
    return BadValue("attachments", code, message % {"name": name, **facts})


def clean_files(uploads: list[Upload]) -> list[CleanFile]:
    """Return what is kept of a message's files.

    :raises BadValue: if there are too many, or one of them cannot be.
    """
    if len(uploads) > FILES_MAX:
        message = _("%(count)s files at the most.") % {"count": FILES_MAX}
        raise BadValue("attachments", "too_many", message)
    return [clean_file(upload) for upload in uploads]
