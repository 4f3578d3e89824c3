"""Whose call it is: the program that a token, an id, a key or a click names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from merchants.directory import key_of
from merchants.models import KeyKind
from programs.directory import program_by_id, program_by_slug, program_of_token
from programs.models import Program
from tracking.directory import LinkOwner, owner_of_link
from tracking.intake.log import uuid_of
from tracking.postbacks import BY_PATH, TOKEN_NAMES, Refused, Vocabulary, Word, translate
from tracking.postbacks.pixel import PIXEL
from tracking.token import ClickToken, read_token

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


def program_of(call: Call) -> Program | None:
    """Return the program whose token a postback presents."""
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


def no_program(call: Call, vocabulary: Vocabulary) -> Refused:
    """Return the refusal of a call that no token proves."""
    name = next(name for name, word in vocabulary.words.items() if word is Word.TOKEN)
    said = next((name for name in TOKEN_NAMES if call.parameters.get(name)), "")
    if said or call.header_token:
        message = _("This is the token of no program.")
        return Refused("unknown_token", message, parameter=said or "X-Api-Key")
    return Refused("token_missing", _("Send the program's token."), parameter=name)


def require_allowed(program: Program, address: str) -> None:
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


def program_of_pixel(call: Call) -> Program | None:
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
    click = click_of(translate(PIXEL, call.parameters).text(Word.CLICK))
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
    owner = owner_of_click(PIXEL, call)
    return owner.merchant_id if owner else None


def owner_of_click(vocabulary: Vocabulary, call: Call) -> LinkOwner | None:
    """Return the owner of the link whose click a call names."""
    token = click_of(translate(vocabulary, call.parameters).text(Word.CLICK))
    return owner_of_link(token.link_number) if token else None


def click_of(text: str) -> ClickToken | None:
    """Return the click that a genuine token names."""
    return read_token(text, settings.CLICK_KEYS)
