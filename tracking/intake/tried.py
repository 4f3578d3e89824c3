"""A postback tried out: an address as a system would call it, read without storing anything."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from programs.models import Program
from tracking.intake.facts import take, tells_of_an_order
from tracking.intake.log import MASK, CallNote, masked, record_call
from tracking.intake.receiving import read_call
from tracking.intake.whose import Call
from tracking.models import Outcome, Source
from tracking.postbacks import (
    BY_PATH,
    PostbackReport,
    Refused,
    Taken,
    Vocabulary,
    Word,
    translate,
    vocabulary_of,
)

ADDRESS_MAX: Final = 8_000
PARAMETERS_MAX: Final = 200


class Unreadable(ValueError):
    """The text is no address with parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What would be made of a call before anything is stored."""

    vocabulary: Vocabulary
    is_path_known: bool  # Else the parameters say best which system this is.
    parameters: Mapping[str, str]
    meanings: Mapping[str, Word | None]  # Of each parameter; None: not understood.
    token_masked: bool  # Left out where others could read it: not checked.
    token_missing: bool
    token_wrong: bool
    refusal: Refused | None
    report: PostbackReport | None

    @property
    def is_of_an_order(self) -> bool:
        """Whether it reports a goal reached: no step, refund or customer, no status alone."""
        report = self.report
        if report is None or report.is_step or report.refund or not report.goal:
            return False
        return not report.status or tells_of_an_order(report)

    @property
    def shown(self) -> list[tuple[str, str, Word | None]]:
        """Return the parameters with what they mean, secrets and persons masked."""
        values = masked(self.parameters)
        return [(name, values.get(name, ""), meaning) for name, meaning in self.meanings.items()]


def try_postback(*, program: Program, address: str, at: datetime) -> Tried:
    """Return what a call of this address would say for the program; nothing is stored.

    The caller stands in the merchant's context.

    :raises Unreadable: if the text is no address with parameters.
    """
    path, parameters = read_address(address)
    known = BY_PATH.get(path) is not None
    spoken = path if known else _likeliest(parameters).path
    vocabulary = vocabulary_of(spoken, parameters, program.postback_profile)
    said = translate(vocabulary, parameters)
    token = said.text(Word.TOKEN)
    call = Call(path=spoken, method="GET", address="", parameters=parameters)
    report, refusal = None, None
    try:
        report = read_call(program, vocabulary, call, at)
    except Refused as refused:
        refusal = refused
    return Tried(
        vocabulary=vocabulary,
        is_path_known=known,
        parameters=parameters,
        meanings={name: _meaning(vocabulary, name) for name in parameters},
        token_masked=token == MASK,
        token_missing=not token,
        token_wrong=token not in ("", MASK)
        and not compare_digest(token.encode(), program.postback_token.encode()),
        refusal=refusal,
        report=report,
    )


def send_tried(*, program: Program, tried: Tried, at: datetime) -> Taken:
    """Store what was tried as a test, with its row in the intake log; return what came of it.

    :raises Refused: if the program does not take it.
    """
    if tried.report is None:
        raise tried.refusal or Refused("invalid", "")
    report = replace(tried.report, is_test=True)
    taken = take(program, report, source=Source.POSTBACK, at=at)
    note = CallNote(
        merchant_id=program.merchant_id,
        program_id=program.id,
        intake=tried.vocabulary.name,
        method="GET",
        address="",
        said=tried.parameters,
        outcome=Outcome(taken.outcome),
        reason=taken.reason,
        order_id=taken.order_id,
        conversion_id=taken.conversion_id,
        is_test=True,
    )
    record_call(note, at=at)
    return taken


def read_address(text: str) -> tuple[str, dict[str, str]]:
    """Return the path and the parameters of an address; the first of a name counts.

    :raises Unreadable: if there are none.
    """
    try:
        parts = urlsplit("".join(text[:ADDRESS_MAX].split()))
        pairs = parse_qsl(parts.query, max_num_fields=PARAMETERS_MAX)
    except ValueError as error:
        raise Unreadable(text) from error
    if not pairs:
        raise Unreadable(text)
    parameters: dict[str, str] = {}
    for name, value in pairs:
        parameters.setdefault(name, value)
    return parts.path.rstrip("/"), parameters


def _likeliest(parameters: Mapping[str, str]) -> Vocabulary:
    return max(BY_PATH.values(), key=lambda row: len(row.words.keys() & parameters.keys()))


def _meaning(vocabulary: Vocabulary, name: str) -> Word | None:
    word = vocabulary.words.get(name)
    is_note = word is None and name.startswith(vocabulary.prefixes) and bool(vocabulary.prefixes)
    return Word.NOTE if is_note else word
