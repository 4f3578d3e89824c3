"""The public intakes: what a call says, and its row in the log."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from merchants.tenancy import merchant_context
from programs.models import Program
from tracking.intake.facts import offer_of, take
from tracking.intake.log import CallNote, record_call
from tracking.intake.whose import (
    Call,
    click_of,
    no_program,
    owner_of_click,
    program_of,
    program_of_pixel,
    require_allowed,
)
from tracking.models import Outcome, Source
from tracking.postbacks import (
    PostbackReport,
    Refused,
    Reply,
    Taken,
    Vocabulary,
    Word,
    read_postback,
    translate,
    vocabulary_of,
)
from tracking.postbacks.pixel import PIXEL
from tracking.visits import network_of

log = structlog.get_logger()


def receive_postback(call: Call, *, at: datetime) -> Reply:
    """Store what a postback says, with its row in the log, and return the answer.

    A refusal stores its row in a transaction of its own. Safe to repeat.

    :raises OperationalError: if PostgreSQL cannot do it now; nothing was stored.
    """
    program = program_of(call)
    profile = program.postback_profile if program else ""
    vocabulary = vocabulary_of(call.path, call.parameters, profile)
    note = _note(call, vocabulary, program)
    try:
        if program is None:
            raise no_program(call, vocabulary)
        require_allowed(program, call.address)
        taken = _take(program, vocabulary, call, note, Source.POSTBACK, at)
    except Refused as refusal:
        _log_refusal(note, call, vocabulary, refusal, at)
        return replace(vocabulary.refused(refusal), is_strange=program is None)
    return vocabulary.accepted(taken)


def receive_pixel(
    call: Call,
    *,
    at: datetime,
    robot: str = "",
    keeps: Callable[[UUID | None], bool] = lambda _program_id: True,
) -> Taken | Refused:
    """Store what a pixel says, with its row in the log; return what came of it.

    Whoever can see a page can write such a call: the conversion waits until a source that proves
    itself has reported it, too. `robot` says that no person's browser made it, and why.
    `keeps` is asked whether the log has room for one more refusal of this program.

    :raises OperationalError: if PostgreSQL cannot do it now; nothing was stored.
    """
    program = program_of_pixel(call)
    note = _note(call, PIXEL, program)
    if note is not None:
        note = replace(note, address=network_of(call.address), said=_known(call.parameters))
    try:
        if program is None:
            raise Refused("unknown_program", _("There is no such program."), parameter="program")
        if robot:
            raise Refused(robot, _("No person's browser made this call."))
        return _take(program, PIXEL, call, note, Source.PIXEL, at)
    except Refused as refusal:
        if note is not None and keeps(note.program_id):
            _log_refusal(note, call, PIXEL, refusal, at)
        return refusal


def _take(
    program: Program,
    vocabulary: Vocabulary,
    call: Call,
    note: CallNote | None,
    source: Source,
    at: datetime,
) -> Taken:
    """Store the facts and the log's row in one transaction."""
    assert note is not None
    try:
        with merchant_context(program.merchant_id):
            report = read_call(program, vocabulary, call, at)
            with _named_as_said(vocabulary, call):
                taken = take(program, report, source=source, at=at)
            taken = replace(taken, ignored=report.ignored)
            told = replace(
                note,
                outcome=taken.outcome,
                reason=taken.reason,
                detail=_not_understood(report),
                order_id=report.external_id,
                conversion_id=taken.conversion_id,
                is_test=report.is_test or program.is_test,
            )
            record_call(told, at=at)
    except (Refused, OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("intake.failed", intake=note.intake, program=str(program.id))
        raise Refused("internal_error", _("Our fault; logged.")) from error
    return taken


def read_call(program: Program, vocabulary: Vocabulary, call: Call, at: datetime) -> PostbackReport:
    """Return what a call reports of the program, in our words.

    :raises Refused: naming the first parameter that is missing or wrong.
    """
    report = read_postback(vocabulary, call.parameters, offer=offer_of(program), at=at)
    if vocabulary.knows_clicks and report.click_token and not click_of(report.click_token):
        name = translate(vocabulary, call.parameters).name(Word.CLICK)
        raise Refused(
            "click_unknown",
            _("We never gave this click id."),
            parameter=name,
            value=report.click_token,
        )
    return report


@contextmanager
def _named_as_said(vocabulary: Vocabulary, call: Call) -> Iterator[None]:
    """Let a refusal name the caller's parameter instead of our word for it."""
    try:
        yield
    except Refused as refusal:
        said = translate(vocabulary, call.parameters)
        names = [name for name, word in vocabulary.words.items() if word == refusal.parameter]
        word = next((row for row in Word if row == refusal.parameter), None)
        refusal.parameter = (said.name(word) if word else "") or next(iter(names), "")
        raise


def _not_understood(report: PostbackReport) -> str:
    return f"Not understood: {', '.join(report.ignored)}" if report.ignored else ""


# The log -----------------------------------------------------------------------------------------


def _note(call: Call, vocabulary: Vocabulary, program: Program | None) -> CallNote | None:
    """Return the log's row so far; None if nobody's."""
    if program is not None:
        merchant_id, program_id, address = program.merchant_id, program.id, call.address
    else:  # No secret proves that a server calls: it may be a visitor.
        owner = owner_of_click(vocabulary, call)
        if owner is None:
            return None
        merchant_id, program_id = owner.merchant_id, owner.program_id
        address = network_of(call.address)
    return CallNote(
        merchant_id=merchant_id,
        program_id=program_id,
        intake=vocabulary.name,
        method=call.method,
        address=address,
        said=call.parameters,
        outcome=Outcome.REFUSED,
    )


def _known(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has a name that a pixel knows: whatever else a stranger writes is not kept."""
    return {
        name: value
        for name, value in said.items()
        if name in PIXEL.words or name.startswith(PIXEL.prefixes)
    }


def _log_refusal(
    note: CallNote | None, call: Call, vocabulary: Vocabulary, refusal: Refused, at: datetime
) -> None:
    if note is None:
        return
    at_parameter = f"{refusal.parameter}: " if refusal.parameter else ""
    told = replace(
        note,
        outcome=Outcome.FAILED if refusal.code == "internal_error" else Outcome.REFUSED,
        reason=refusal.code,
        detail=f"{at_parameter}{refusal.message}",
        order_id=translate(vocabulary, call.parameters).text(Word.EXTERNAL_ID),
    )
    with merchant_context(told.merchant_id):
        record_call(told, at=at)
