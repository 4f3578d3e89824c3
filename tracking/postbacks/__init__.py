"""Postbacks: what each system says, as tables, and how it is answered. Pure."""

from collections.abc import Iterable
from typing import Final

from programs.models import PostbackProfile
from tracking.postbacks.affise import AFFISE, ONLY_ITS
from tracking.postbacks.everflow import EVERFLOW
from tracking.postbacks.native import NATIVE
from tracking.postbacks.partnershare import PARTNERSHARE
from tracking.postbacks.reading import (
    Offer,
    PostbackReport,
    RefundSaid,
    read_postback,
    translate,
)
from tracking.postbacks.tapfiliate import TAPFILIATE
from tracking.postbacks.tune import TUNE
from tracking.postbacks.vocabulary import Refused, Reply, Said, Taken, Vocabulary, Word

BY_PROFILE: Final[dict[PostbackProfile, Vocabulary]] = {
    PostbackProfile.NATIVE: NATIVE,
    PostbackProfile.AFFISE: AFFISE,
    PostbackProfile.TUNE: TUNE,
    PostbackProfile.EVERFLOW: EVERFLOW,
    PostbackProfile.PARTNERSHARE: PARTNERSHARE,
    PostbackProfile.TAPFILIATE: TAPFILIATE,
}
BY_PATH: Final[dict[str, Vocabulary]] = {
    NATIVE.path: NATIVE,
    **{row.path: row for row in (TUNE, EVERFLOW, PARTNERSHARE, TAPFILIATE)},
}


def _names_of(wanted: Word) -> frozenset[str]:
    return frozenset(
        name
        for vocabulary in BY_PROFILE.values()
        for name, word in vocabulary.words.items()
        if word is wanted
    )


TOKEN_NAMES: Final = _names_of(Word.TOKEN)
PERSONAL_NAMES: Final = _names_of(Word.PERSONAL)
CLICK_NAMES: Final = tuple(sorted(_names_of(Word.CLICK)))


def vocabulary_of(path: str, names: Iterable[str], profile: str = "") -> Vocabulary:
    """Return what a call to this path speaks.

    A path of a system speaks that system. At /postback the program's profile speaks, and Affise
    whenever a name is said that only Affise has.
    """
    if path != NATIVE.path:
        return BY_PATH[path]
    if not ONLY_ITS.isdisjoint(names):
        return AFFISE
    return BY_PROFILE[PostbackProfile(profile)] if profile else NATIVE


__all__ = [
    "BY_PATH",
    "BY_PROFILE",
    "CLICK_NAMES",
    "PERSONAL_NAMES",
    "TOKEN_NAMES",
    "Offer",
    "PostbackReport",
    "RefundSaid",
    "Refused",
    "Reply",
    "Said",
    "Taken",
    "Vocabulary",
    "Word",
    "read_postback",
    "translate",
    "vocabulary_of",
]
