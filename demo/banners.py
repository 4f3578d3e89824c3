"""Banners of the demo, drawn here: two colours, a few words and a wave."""

import math
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from common.uploads import Upload

SHARPER: Final = 3  # Drawn so much larger first: edges come out smooth.
WAVES: Final = 1.5
PALE: Final = "#f4f1ea"


def draw_banner(
    *, name: str, size: tuple[int, int], title: str, action: str, deep: str, bright: str
) -> Upload:
    """Return a banner as a PNG: `title` above, `action` on a button, a wave of `bright` below."""
    width, height = size[0] * SHARPER, size[1] * SHARPER
    picture = Image.new("RGB", (width, height), deep)
    pen = ImageDraw.Draw(picture)
    pen.polygon(_wave(width, height), fill=bright)
    margin = min(width, height) // 9
    letters = _fitting(title, (width - 2 * margin, height // 3))
    pen.multiline_text((margin, margin), title, font=letters, fill=PALE, spacing=margin // 4)
    _button(pen, action, (margin, height - margin), min(height // 6, width // 13))
    written = BytesIO()
    picture.resize(size, Image.Resampling.LANCZOS).save(written, format="PNG")
    return Upload(name, written.getvalue())


def _wave(width: int, height: int) -> list[tuple[float, float]]:
    """Return the outline of the water."""
    step, swell = max(width // 200, 1), min(width, height) * 0.06
    line = [
        (x, height * 0.72 + swell * math.sin(2 * math.pi * WAVES * x / width))
        for x in range(0, width + step, step)
    ]
    return [*line, (width, height), (0, height)]


def _fitting(text: str, box: tuple[int, int]) -> ImageFont.FreeTypeFont:
    """Return the largest letters with which the text fits into the box."""
    ruler = ImageDraw.Draw(Image.new("RGB", (1, 1)))
    for points in range(box[1], 8, -4):
        letters = _letters(points)
        left, top, right, bottom = ruler.multiline_textbbox((0, 0), text, font=letters)
        if right - left <= box[0] and bottom - top <= box[1]:
            return letters
    return _letters(8)


def _letters(points: int) -> ImageFont.FreeTypeFont:
    letters = ImageFont.load_default(size=points)
    assert isinstance(letters, ImageFont.FreeTypeFont)
    return letters


def _button(pen: ImageDraw.ImageDraw, text: str, corner: tuple[int, int], points: int) -> None:
    """Draw the text on a pale button whose lower left corner is given."""
    letters = _letters(points)
    left, top, right, bottom = pen.textbbox((0, 0), text, font=letters)
    pad = points // 2
    x, y = corner[0], corner[1] - (bottom - top) - 2 * pad
    pen.rounded_rectangle(
        (x, y, x + right - left + 3 * pad, corner[1]), radius=points // 3, fill=PALE
    )
    pen.text((x + 1.5 * pad - left, y + pad - top), text, font=letters, fill="#1d2733")
