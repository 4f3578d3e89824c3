"""Files that people upload, read with suspicion: kept is what was understood, not what came.

A picture is decoded and written anew, so that neither metadata nor what hides behind the last pixel
survives. A PDF cannot be: it is kept as it came, and only ever handed out as a download.
"""

import re
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from common.refusals import BadValue

PICTURE_BYTES_MAX: Final = 5 * 1024 * 1024
PDF_BYTES_MAX: Final = 20 * 1024 * 1024
PIXELS_MAX: Final = 20_000_000  # Asked of the header, before a pixel is decoded: 80 MB as RGBA.
SIDE_MAX: Final = 10_000
NAME_MAX: Final = 100
PDF_END: Final = 1024  # A PDF ends with its mark, give or take some spaces: nothing hides behind.
UNNAMED: Final = "file"
MADE_HERE: Final = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}
MEDIA_TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
}
# Whatever Pillow's decoders raise about bytes that are not what they claim.
BROKEN: Final = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    ZeroDivisionError,
    MemoryError,
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody sent it: nothing about it is true yet."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SafeFile:
    """A file that may be kept. Only pictures have a size in pixels."""

    name: str
    content_type: str
    content: bytes
    width: int | None = None
    height: int | None = None


def read_picture(upload: Upload, *, field: str) -> SafeFile:
    """Return a PNG, JPEG or WebP picture, written anew without whatever else was in the file.

    :raises BadValue: naming `field`, if it is none, is too large in bytes or pixels, or moves.
    """
    _require_size(upload, PICTURE_BYTES_MAX, field)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(upload.content), formats=list(MADE_HERE)) as picture:
                _require_modest(picture, field)
                return _written_anew(picture, upload.name)
    except BadValue:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(field) from error
    except BROKEN as error:
        message = _("This is no picture that we can read. Send a PNG, JPEG or WebP file.")
        raise BadValue(field, "not_a_picture", message) from error


def read_pdf(upload: Upload, *, field: str) -> SafeFile:
    """Return a PDF as it came.

    :raises BadValue: naming `field`, if it is none or too large.
    """
    _require_size(upload, PDF_BYTES_MAX, field)
    is_pdf = upload.content.startswith(b"%PDF-") and b"%%EOF" in upload.content[-PDF_END:]
    if not is_pdf:
        raise BadValue(field, "not_a_pdf", _("This is no PDF that we can read."))
    name = plain_name(upload.name, ".pdf")
    return SafeFile(name, MEDIA_TYPES[".pdf"], upload.content)


def plain_name(name: str, extension: str) -> str:
    """Return a file's name without folders and without signs that mean something to a system."""
    last = PurePosixPath(name.replace("\\", "/")).name
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", last)
    plain = re.sub(r"[^\w \-()]+", "-", stem).strip(" -")[: NAME_MAX - len(extension)]
    return (plain or UNNAMED) + extension


def _require_size(upload: Upload, bytes_max: int, field: str) -> None:
    if not upload.content:
        raise BadValue(field, "empty", _("The file is empty."))
    if len(upload.content) > bytes_max:
        message = _("The file is too large: %(size)s at the most.")
        raise BadValue(field, "too_large", message % {"size": filesizeformat(bytes_max)})


def _require_modest(picture: Image.Image, field: str) -> None:
    """Refuse by what the header says: nothing is decoded yet."""
    width, height = picture.size
    if width * height > PIXELS_MAX or max(width, height) > SIDE_MAX:
        raise _too_many_pixels(field)
    if getattr(picture, "n_frames", 1) > 1:
        raise BadValue(field, "moves", _("Pictures that move are not taken. Send a still one."))


def _too_many_pixels(field: str) -> BadValue:
    message = _("The picture is too large: at most %(side)d pixels a side, %(all)d million in all.")
    limits = {"side": SIDE_MAX, "all": PIXELS_MAX // 1_000_000}
    return BadValue(field, "too_many_pixels", message % limits)


def _written_anew(picture: Image.Image, name: str) -> SafeFile:
    kind = str(picture.format)
    upright = ImageOps.exif_transpose(picture)
    is_clear = kind != "JPEG" and upright.has_transparency_data
    mode = "RGBA" if is_clear else "RGB"
    clean = Image.new(mode, upright.size)  # A new one has none of the old one's metadata.
    clean.paste(upright.convert(mode))
    written = BytesIO()
    clean.save(written, format=kind, **_options(kind))
    extension = MADE_HERE[kind]
    return SafeFile(
        plain_name(name, extension),
        MEDIA_TYPES[extension],
        written.getvalue(),
        width=clean.width,
        height=clean.height,
    )


def _options(kind: str) -> dict[str, int | bool]:
    return {"optimize": True} if kind == "PNG" else {"quality": 90}
