"""Letters on paper: Roboto for Latin, Greek and Cyrillic, standard Asian fonts for the rest.

Roboto is put into the file. Chinese, Japanese and Korean letters name fonts that readers of PDF
files bring along; the text is stored as such, so it can be searched and copied everywhere.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

import font_roboto
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

PLAIN: Final = "Roboto"
BOLD: Final = "Roboto-Bold"
CHINESE: Final = "STSong-Light"
JAPANESE: Final = "HeiseiKakuGo-W5"
KOREAN: Final = "HYGothic-Medium"


@lru_cache(maxsize=1)
def load_fonts() -> frozenset[int]:
    """Make the fonts known, once per process; return the letters that Roboto has."""
    plain = TTFont(PLAIN, font_roboto.Roboto)
    pdfmetrics.registerFont(plain)
    pdfmetrics.registerFont(TTFont(BOLD, font_roboto.RobotoBold))
    for name in (CHINESE, JAPANESE, KOREAN):
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return frozenset(plain.face.charToGlyph)


def marked(text: str) -> str:
    """Return text as the markup of a paragraph: harmless, each letter in a font that has it."""
    return "".join(
        escape(run) if font == "" else f'<font name="{font}">{escape(run)}</font>'
        for font, run in _runs(unicodedata.normalize("NFC", text))
    )


def _runs(text: str) -> Iterator[tuple[str, str]]:
    for font, letters in groupby(text, key=_font_of):
        yield font, "".join(letters)


def _font_of(letter: str) -> str:
    """Return the font that a letter needs, or "" if the paragraph's own has it."""
    if ord(letter) in load_fonts():
        return ""
    name = unicodedata.name(letter, "")
    if name.startswith(("HIRAGANA", "KATAKANA")):
        return JAPANESE
    if name.startswith("HANGUL"):
        return KOREAN
    return CHINESE if unicodedata.east_asian_width(letter) in "WF" else ""
