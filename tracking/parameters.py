"""What the parameters of a click mean: ours, and other systems. Pure."""

from collections.abc import Mapping
from typing import Final, NamedTuple

CLICK_PARAMETER = "fl_click"
VIA_PARAMETER = "via"
DEEP_LINK = "url"
SOURCE = "source"
EXT_CLICK_ID = "ext_click_id"
SUB_NAMES: Final = tuple(f"sub{number}" for number in range(1, 11))
VALUE_MAX = 200

Vocabulary = Mapping[str, str]  # Parameter → our word for it, or nothing: ours, and dropped.

_OURS = {CLICK_PARAMETER: "", VIA_PARAMETER: ""}  # A visitor's own must never get through.
_SUBS = {name: name for name in SUB_NAMES}
_DEEP_LINKS = dict.fromkeys(("url", "redirect", "deeplink", "to"), DEEP_LINK)
NATIVE: Final[Vocabulary] = {
    **_OURS,
    **_SUBS,
    **_DEEP_LINKS,
    SOURCE: SOURCE,
    EXT_CLICK_ID: EXT_CLICK_ID,
}
AFFISE: Final[Vocabulary] = {**NATIVE, "pid": "", "offer_id": "", "click_id": EXT_CLICK_ID}
TUNE: Final[Vocabulary] = {
    **NATIVE,
    "aff_id": "",
    "offer_id": "",
    "aff_click_id": EXT_CLICK_ID,
    "aff_sub": "sub1",
    **{f"aff_sub{number}": f"sub{number}" for number in range(2, 6)},
}


class Parameters(NamedTuple):
    """A click's query, understood: our words with their values, and what passes through."""

    said: dict[str, str]
    passed: list[tuple[str, str]]


def read_parameters(query: list[tuple[str, str]], vocabulary: Vocabulary = NATIVE) -> Parameters:
    """Sort a query by a vocabulary; of several values for one word the first counts."""
    said: dict[str, str] = {}
    passed = []
    for name, value in query:
        word = vocabulary.get(name)
        if word is None:
            passed.append((name, value))
        else:
            said.setdefault(word, value)
    return Parameters(said, passed)


def tidy(text: str, length: int = VALUE_MAX) -> str:
    """Return text that PostgreSQL stores: no control characters, no half characters, not long."""
    if not text.isprintable():
        text = "".join(sign for sign in text if sign.isprintable())
    return text[:length]
