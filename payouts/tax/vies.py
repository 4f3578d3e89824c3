"""VIES: the European Commission's door to the registers of VAT ids. One question, one answer.

An answer is "valid" or "not valid"; whatever else comes tells nothing of the id.
"""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from common import outgoing

COMMISSION_URL: Final = "https://ec.europa.eu/taxation_customs/vies/rest-api"
TEXT_MAX = 200


class Unclear(Exception):
    """The register did not say; ask again later. Nothing is known of the id."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the register says; `consultation` proves to a tax office that it was asked."""

    is_valid: bool
    name: str = ""
    consultation: str = ""


def ask(vat_id: str) -> Answer:
    """Ask whether a VAT id, with its two letters, is in force.

    An operator may name their own id (`FAIRLEAD_VIES_REQUESTER`): only who says who asks is given a
    consultation number.

    :raises Unclear: if no register said yes or no.
    """
    question = {"countryCode": vat_id[:2], "vatNumber": vat_id[2:]}
    requester = settings.VIES_REQUESTER
    if requester:
        question["requesterMemberStateCode"] = requester[:2]
        question["requesterNumber"] = requester[2:]
    base = settings.VIES_URL or COMMISSION_URL
    trusted = {urlsplit(base).netloc} if settings.VIES_URL else outgoing.NOBODY
    try:
        response = outgoing.call(
            "POST",
            f"{base}/check-vat-number",
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            body=json.dumps(question).encode(),
            trusted_hosts=trusted,
        )
    except (outgoing.Refused, outgoing.Failed) as problem:
        raise Unclear(str(problem)) from problem
    return _read(response)


def _read(response: outgoing.Response) -> Answer:
    try:
        said = json.loads(response.body)
    except ValueError as problem:
        raise Unclear(f"status {response.status}, no JSON") from problem
    if not isinstance(said, dict) or response.status != 200 or "errorWrappers" in said:
        raise Unclear(_error_of(said) or f"status {response.status}")
    is_valid = said.get("valid")
    if not isinstance(is_valid, bool):
        raise Unclear("an answer without yes or no")
    return Answer(is_valid, _text(said.get("name")), _text(said.get("requestIdentifier")))


def _text(value: Any) -> str:
    """Return a text of theirs; they write "---" for what they do not tell."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return "" if text.strip("-") == "" else text.replace("\0", "")[:TEXT_MAX]


def _error_of(said: Any) -> str:
    try:
        return str(said["errorWrappers"][0]["error"])[:TEXT_MAX]
    except (KeyError, IndexError, TypeError):
        return ""
