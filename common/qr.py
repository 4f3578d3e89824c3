"""Addresses as QR codes: SVG for the screen and the printer, PNG for everywhere else."""

from io import BytesIO
from typing import Final, Literal

import segno

BORDER: Final = 2  # Modules of quiet zone; the page's own white adds the rest.
SCALES: Final = {"svg": 8, "png": 16}  # Pixels per module: a PNG is sharp on a poster.
CONTENT_TYPES: Final = {"svg": "image/svg+xml", "png": "image/png"}

Kind = Literal["svg", "png"]


def draw_qr(text: str, kind: Kind) -> bytes:
    """Return the picture of a text, black on white in both themes: scanners want it so."""
    out = BytesIO()
    segno.make(text, micro=False).save(
        out, kind=kind, scale=SCALES[kind], border=BORDER, dark="#000000", light="#ffffff"
    )
    return out.getvalue()
