"""The public intakes: whose call it is, what it says, and its row in the log."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from merchants.directory import key_of
from merchants.models import KeyKind
from merchants.tenancy import merchant_context
from programs.directory import program_by_id, program_by_slug, program_of_token
from programs.models import Program
from tracking.directory import LinkOwner, owner_of_link
from tracking.intake.facts import offer_of, take
from tracking.intake.log import CallNote, record_call, uuid_of
from tracking.models import Outcome, Source
from tracking.postbacks import (
    BY_PATH,
    TOKEN_NAMES,
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
from tracking.token import ClickToken, read_token
from tracking.visits import network_of

log = structlog.get_logger()
TOKEN_MAX: Final = 200
SLUG: Final = re.compile(r"[\w-]{1,60}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of an intake, as it came in. Values are texts; from JSON also lists and objects."""

    path: str
    method: str
    address: str
    parameters: Mapping[str, Any]
    header_token: str = ""  # X-Api-Key.


def receive_postback(call: Call, *, at: datetime) -> Reply:
    """Store what a postback says, with its row in the log, and return the answer.

    A refusal stores its row in a transaction of its own. Safe to repeat.

    :raises OperationalError: if PostgreSQL cannot do it now; nothing was stored.
    """
    program = _program_of(call)
    profile = program.postback_profile if program else ""
    vocabulary = vocabulary_of(call.path, call.parameters, profile)
    note = _note(call, vocabulary, program)
    try:
        if program is None:
            raise _no_program(call, vocabulary)
        _require_allowed(program, call.address)
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
    program = _program_of_pixel(call)
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
    if vocabulary.knows_clicks and report.click_token and not _click_of(report.click_token):
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


# Whose call it is --------------------------------------------------------------------------------


def _program_of(call: Call) -> Program | None:
    token = token_of(call)
    return program_of_token(token) if token else None


def token_of(call: Call) -> str:
    """Return the secret of a call, by the names of whoever speaks at this path.

    At /postback the program's profile decides who speaks, but nobody knows the program yet: there
    any system's name for the secret will do, because all of them mean the same.
    """
    names = [name for name, word in BY_PATH[call.path].words.items() if word is Word.TOKEN]
    if call.path == "/postback":
        names += sorted(TOKEN_NAMES - set(names))
    said = [call.parameters.get(name) for name in names] + [call.header_token]
    found = next((text.strip() for text in said if isinstance(text, str) and text.strip()), "")
    return found if found.isascii() and found.isprintable() and len(found) <= TOKEN_MAX else ""


def _no_program(call: Call, vocabulary: Vocabulary) -> Refused:
    name = next(name for name, word in vocabulary.words.items() if word is Word.TOKEN)
    said = next((name for name in TOKEN_NAMES if call.parameters.get(name)), "")
    if said or call.header_token:
        message = _("This is the token of no program.")
        return Refused("unknown_token", message, parameter=said or "X-Api-Key")
    return Refused("token_missing", _("Send the program's token."), parameter=name)


def _require_allowed(program: Program, address: str) -> None:
    """Return quietly when the program takes postbacks from this address.

    :raises Refused: if its list of networks does not hold the address.
    """
    if not program.postback_networks:
        return
    try:
        ip = ip_address(address)
    except ValueError:
        ip = None
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip is None or not any(
        ip in ip_network(network, strict=False) for network in program.postback_networks
    ):
        message = _("The program takes no postbacks from this address.")
        raise Refused("address_not_allowed", message)


def _program_of_pixel(call: Call) -> Program | None:
    """Return the program by its id; by its address only beside a publishable key or a click."""
    named = call.parameters.get("program")
    program_id = _id_of(named)
    if program_id is not None:
        return program_by_id(program_id)
    slug = _slug_of(named)
    merchant_id = _merchant_of_pixel(call) if slug else None
    return program_by_slug(merchant_id=merchant_id, slug=slug) if merchant_id else None


def pixel_key_of(call: Call) -> str:
    """Return as what a pixel's program is counted: one spelling of each; empty if nobody's.

    Its address counts beside the key, or beside the link of the click, that says whose it is.
    """
    named = call.parameters.get("program")
    program_id = _id_of(named)
    if program_id is not None:
        return str(program_id)
    slug = _slug_of(named)
    if not slug:
        return ""
    key = call.parameters.get("key")
    if isinstance(key, str) and key:
        return f"{slug} {key[:TOKEN_MAX]}"
    click = _click_of(translate(PIXEL, call.parameters).text(Word.CLICK))
    return f"{slug} {click.link_number}" if click else ""


def _id_of(named: Any) -> UUID | None:
    """Return the id that is written as ids are: not in braces, nor any other of UUID's ways."""
    found = uuid_of(named)
    return found if found and str(found) == named.lower() else None


def _slug_of(named: Any) -> str:
    return named if isinstance(named, str) and SLUG.fullmatch(named) else ""


def _merchant_of_pixel(call: Call) -> UUID | None:
    presented = call.parameters.get("key")
    if isinstance(presented, str) and presented.isascii():
        key = key_of(presented)
        return key.merchant_id if key and key.kind == KeyKind.PUBLISHABLE else None
    owner = _owner_of_click(PIXEL, call)
    return owner.merchant_id if owner else None


def _owner_of_click(vocabulary: Vocabulary, call: Call) -> LinkOwner | None:
    token = _click_of(translate(vocabulary, call.parameters).text(Word.CLICK))
    return owner_of_link(token.link_number) if token else None


def _click_of(text: str) -> ClickToken | None:
    return read_token(text, settings.CLICK_KEYS)


# The log -----------------------------------------------------------------------------------------


def _note(call: Call, vocabulary: Vocabulary, program: Program | None) -> CallNote | None:
    """Return the log's row so far; None if nobody's."""
    if program is not None:
        merchant_id, program_id, address = program.merchant_id, program.id, call.address
    else:  # No secret proves that a server calls: it may be a visitor.
        owner = _owner_of_click(vocabulary, call)
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
