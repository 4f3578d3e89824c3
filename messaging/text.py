"""Text as people write it to each other: plain, of one direction, without what is not seen."""

import re
import unicodedata

# They turn the order of what follows around, even of what somebody else wrote.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
KEPT = {"\n", "\t"}
BLANK_LINES = re.compile(r"\n{4,}")


def plain_text(text: str) -> str:
    """Return a text without control characters and marks of direction, lines ended by \\n."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    seen = "".join(letter for letter in lines if letter in KEPT or not _is_control(letter))
    return BLANK_LINES.sub("\n\n\n", TURNING.sub("", seen)).strip()


def plain_line(text: str) -> str:
    """Return such a text on one line, with single spaces."""
    return " ".join(plain_text(text).split())


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs")
