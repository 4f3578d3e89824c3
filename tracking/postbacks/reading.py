"""From a system's parameters to a report in our words. Pure: no table, no clock, no settings."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from common.money import MINOR_MAX, BadAmount, UnknownCurrency, parse_major
from tracking.models import ReportedStatus
from tracking.postbacks.vocabulary import Refused, Said, Vocabulary, Word

CLOCKS_DIFFER = timedelta(hours=1)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
ITEMS_MAX = 500
NOTES_MAX = 40
NOTE_MAX = 200
METADATA_BYTES_MAX = 16_384
QUANTITY_MAX = 1_000_000
LENGTHS: Final = {
    Word.CLICK: 64,
    Word.EXTERNAL_ID: 200,
    Word.COUPON: 40,
    Word.REFERRAL: 40,
    Word.CUSTOMER: 200,
    Word.REFUND_ID: 200,
}
OBJECTS: Final = frozenset({Word.ITEMS, Word.METADATA, Word.NOTE})
YES, NO = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no", ""})


@dataclass(frozen=True, slots=True)
class Offer:
    """What must be known of a program to read a call for it."""

    currency: str
    goals: tuple[str, ...]  # Codes, in the order they were made.
    steps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RefundSaid:
    """A refund that a call reports."""

    external_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PostbackReport:
    """What a call says, in our words."""

    goal: str  # A goal's code, or a step's; empty: the customer alone is made known.
    is_step: bool
    external_id: str
    amount_minor: int
    currency: str
    occurred_at: datetime
    click_token: str = ""
    coupon_code: str = ""
    referral_code: str = ""
    customer_id: str = ""
    country: str = ""
    is_new: bool | None = None
    status: ReportedStatus | None = None
    tax_minor: int = 0
    shipping_minor: int = 0
    discount_minor: int = 0
    items: tuple[dict[str, Any], ...] = ()
    quantity: int = 1
    metadata: Mapping[str, Any] | None = None
    refund: RefundSaid | None = None
    reason: str = ""
    is_registration: bool = False  # The customer is bound at once, whatever is paid for it.
    is_goal_named: bool = False  # Else it was taken for granted.
    has_amount: bool = False  # Said, and not merely taken for nothing.
    is_test: bool = False
    ignored: tuple[str, ...] = ()


def translate(vocabulary: Vocabulary, parameters: Mapping[str, Any]) -> Said:
    """Return a call's parameters in our words; what is empty was not said."""
    said: dict[str, tuple[str, object]] = {}
    for name, word in vocabulary.words.items():
        value = parameters.get(name)
        if word is not Word.NOTE and not _is_empty(value):
            said.setdefault(word, (name, value))
    notes: dict[str, object] = {}
    ignored: list[str] = []
    for name, value in parameters.items():
        known = vocabulary.words.get(name)
        if known is Word.NOTE or (known is None and name.startswith(vocabulary.prefixes)):
            if not _is_empty(value):
                notes[name] = value
        elif known is None:
            ignored.append(name)
    if notes:
        said[Word.NOTE] = ("", notes)
    return Said(said, tuple(ignored))


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def read_postback(
    vocabulary: Vocabulary, parameters: Mapping[str, Any], *, offer: Offer, at: datetime
) -> PostbackReport:
    """Return what a call reports. Values are texts; from JSON also lists and objects.

    :raises Refused: naming the first parameter that is missing or wrong.
    """
    said = translate(vocabulary, parameters)
    _require_texts(said)
    vocabulary.require(said)
    goal, is_step = read_goal(vocabulary, said, offer)
    currency = said.text(Word.CURRENCY).upper() or offer.currency
    refund = None
    if Word.REFUND_AMOUNT in said:
        amount_minor = _amount(said, Word.REFUND_AMOUNT, currency)
        if amount_minor == 0:
            raise _refused(said, Word.REFUND_AMOUNT, "not_positive", _("This must be above 0."))
        refund = RefundSaid(_text(said, Word.REFUND_ID), amount_minor)
    return PostbackReport(
        goal=goal,
        is_step=is_step,
        external_id=_external_id(vocabulary, said),
        amount_minor=_amount(said, Word.AMOUNT, currency),
        currency=currency,
        occurred_at=_time(said, at),
        click_token=_text(said, Word.CLICK),
        coupon_code=_text(said, Word.COUPON),
        referral_code=_text(said, Word.REFERRAL),
        customer_id=_text(said, Word.CUSTOMER),
        country=_country(said),
        is_new=_flag(said, Word.IS_NEW) if Word.IS_NEW in said else None,
        status=_status(vocabulary, said),
        tax_minor=_amount(said, Word.TAX, currency),
        shipping_minor=_amount(said, Word.SHIPPING, currency),
        discount_minor=_amount(said, Word.DISCOUNT, currency),
        items=_items(said, currency),
        quantity=_quantity(said),
        metadata=_metadata(said),
        refund=refund,
        reason=_plain(said.text(Word.REASON))[:200],
        is_registration=bool((vocabulary.goal_words or {}).get(said.text(Word.GOAL))),
        is_goal_named=Word.GOAL in said,
        has_amount=Word.AMOUNT in said,
        is_test=_flag(said, Word.TEST),
        ignored=said.ignored,
    )


def _require_texts(said: Said) -> None:
    for word in Word:
        if word in OBJECTS or isinstance(said.value(word), str | None):
            continue
        raise _refused(said, word, "invalid", _("Send text or a number."))


def _refused(said: Said, word: Word, code: str, message: str) -> Refused:
    return Refused(code, message, parameter=said.name(word), value=said.text(word)[:64])


# Goals -------------------------------------------------------------------------------------------


def read_goal(vocabulary: Vocabulary, said: Said, offer: Offer) -> tuple[str, bool]:
    """Return the code of the goal or step that is meant, and whether it is a step.

    The code is empty for a word of the system that the program does not pay for. None named: the
    program's `sale`, else its only goal. A number N means the goal `goal_N`, and
    in a system that counts goals, failing that, the Nth one.

    :raises Refused: if there is no such goal.
    """
    named = said.text(Word.GOAL)
    if vocabulary.goal_words is not None and named:
        if named not in vocabulary.goal_words:
            known = ", ".join(vocabulary.goal_words)
            raise _refused(said, Word.GOAL, "invalid", _("Send one of %s.") % known)
        named = vocabulary.goal_words[named]
        if named and named not in offer.goals:
            return "", False  # Nothing is paid for it, but the customer is known from now on.
    if not named:
        return _default_goal(offer), False
    code = named.lower().replace("-", "_")
    if code in offer.goals:
        return code, False
    if code in offer.steps:
        return code, True
    numbered = _numbered_goal(vocabulary, code, offer)
    if numbered:
        return numbered, False
    raise _refused(said, Word.GOAL, "unknown_goal", _("The program has no such goal."))


def _default_goal(offer: Offer) -> str:
    if "sale" in offer.goals:
        return "sale"
    if len(offer.goals) == 1:
        return offer.goals[0]
    raise Refused("required", _("Say which goal was reached."), parameter="goal")


def _numbered_goal(vocabulary: Vocabulary, code: str, offer: Offer) -> str:
    if not re.fullmatch(r"[0-9]{1,9}", code):
        return ""
    if f"goal_{code}" in offer.goals:
        return f"goal_{code}"
    place = int(code) - 1
    if vocabulary.counts_goals and 0 <= place < len(offer.goals):
        return offer.goals[place]
    return ""


# Single values -----------------------------------------------------------------------------------


def _text(said: Said, word: Word) -> str:
    text = said.text(word)
    if len(text) > LENGTHS[word] or len(text.upper()) > LENGTHS[word]:
        message = _("Send at most %s characters.") % LENGTHS[word]
        raise _refused(said, word, "too_long", message)
    if not text.isprintable():
        raise _refused(said, word, "forbidden_character", _("This holds control characters."))
    return text


def _external_id(vocabulary: Vocabulary, said: Said) -> str:
    own = _text(said, Word.EXTERNAL_ID)
    if own:
        return own
    for word in vocabulary.derives_id_from:
        text = _text(said, word)
        if text:
            return f"{word}:{text}"[:200]
    names = (name for name, word in vocabulary.words.items() if word is Word.EXTERNAL_ID)
    raise Refused("required", _("An id of your own is required."), parameter=next(names))


def _amount(said: Said, word: Word, currency: str) -> int:
    """Return the amount in minor units; 0 when none was said.

    The currency is checked even then: one that does not exist is a mistake worth hearing of.
    """
    text = said.text(word)
    try:
        amount_minor = parse_major(text or "0", currency=currency)
    except UnknownCurrency as error:
        raise _refused(said, Word.CURRENCY, "unknown_currency", str(error)) from error
    except BadAmount as error:
        raise _refused(said, word, "invalid_amount", str(error)) from error
    if amount_minor < 0:
        message = _("This cannot be negative: report a refund or a declined status instead.")
        raise _refused(said, word, "negative_amount", message)
    return amount_minor


def _time(said: Said, at: datetime) -> datetime:
    text = said.text(Word.TIME)
    if not text:
        return at
    moment = _moment(text)
    if moment is None:
        message = _("Write 2026-03-02T12:00:00Z, or seconds since 1970.")
        raise _refused(said, Word.TIME, "invalid_time", message)
    if not EARLIEST <= moment <= at + CLOCKS_DIFFER:
        raise _refused(said, Word.TIME, "invalid_time", _("This is in the future, or long past."))
    return moment


def _moment(text: str) -> datetime | None:
    try:
        if re.fullmatch(r"[0-9]{9,10}", text):
            return datetime.fromtimestamp(int(text), tz=UTC)
        if re.fullmatch(r"[0-9]{12,13}", text):
            return datetime.fromtimestamp(int(text) / 1000, tz=UTC)
        if not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return None
        # In a query the plus sign of a zone arrives as a space.
        found = datetime.fromisoformat(re.sub(r" (?=[0-9]{2}:?[0-9]{2}$)", "+", text))
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _status(vocabulary: Vocabulary, said: Said) -> ReportedStatus | None:
    text = said.text(Word.STATUS).lower()
    if not text:
        return None
    if text not in vocabulary.statuses:
        message = _("Send one of %s.") % ", ".join(vocabulary.statuses)
        raise _refused(said, Word.STATUS, "unknown_status", message)
    return vocabulary.statuses[text]


def _country(said: Said) -> str:
    text = said.text(Word.COUNTRY).upper()
    if text and not re.fullmatch(r"[A-Z]{2}", text):
        raise _refused(said, Word.COUNTRY, "invalid", _("Send a country code of two letters."))
    return text


def _flag(said: Said, word: Word) -> bool:
    text = said.text(word).lower()
    if text in YES:
        return True
    if text in NO:
        return False
    raise _refused(said, word, "invalid", _("Send 1 or 0."))


def _quantity(said: Said) -> int:
    text = said.text(Word.QUANTITY) or "1"
    if not re.fullmatch(r"[0-9]{1,7}", text) or not 1 <= int(text) <= QUANTITY_MAX:
        raise _refused(said, Word.QUANTITY, "invalid", _("Send a whole number above 0."))
    return int(text)


# Lists and objects, which only JSON can say ------------------------------------------------------


def _items(said: Said, currency: str) -> tuple[dict[str, Any], ...]:
    value = said.value(Word.ITEMS)
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > ITEMS_MAX:
        message = _("Send a JSON list of at most %s items.") % ITEMS_MAX
        raise _refused(said, Word.ITEMS, "invalid", message)
    return tuple(_item(line, f"items.{index}", currency) for index, line in enumerate(value))


def _item(line: Any, at: str, currency: str) -> dict[str, Any]:
    known = {"sku", "category", "quantity", "amount"}
    if not isinstance(line, dict) or not line.keys() <= known or "sku" not in line:
        message = _("An item has sku, quantity and amount, and perhaps a category.")
        raise Refused("invalid", message, parameter=at)
    texts = {name: str(line.get(name) or "") for name in ("sku", "category")}
    if not texts["sku"] or any(
        len(text) > 200 or not text.isprintable() for text in texts.values()
    ):
        raise Refused("invalid", _("Send text of at most 200 characters."), parameter=f"{at}.sku")
    quantity = str(line.get("quantity", "1"))
    if not re.fullmatch(r"[0-9]{1,7}", quantity) or not 1 <= int(quantity) <= QUANTITY_MAX:
        message = _("Send a whole number above 0.")
        raise Refused("invalid", message, parameter=f"{at}.quantity")
    try:
        amount_minor = parse_major(str(line.get("amount", "0")), currency=currency)
    except BadAmount as error:
        raise Refused("invalid_amount", str(error), parameter=f"{at}.amount") from error
    if not 0 <= amount_minor <= MINOR_MAX:
        message = _("This cannot be negative.")
        raise Refused("negative_amount", message, parameter=f"{at}.amount")
    found = {"sku": texts["sku"], "quantity": int(quantity), "amount_minor": amount_minor}
    return {**found, "category": texts["category"]} if texts["category"] else found


def _metadata(said: Said) -> dict[str, Any]:
    """Return the notes of a call: bounded, and without signs that PostgreSQL cannot store."""
    own = said.value(Word.METADATA)
    if own is not None and not isinstance(own, dict):
        raise _refused(said, Word.METADATA, "invalid", _("Send a JSON object."))
    notes = said.value(Word.NOTE)
    found = dict(own or {})
    for name, value in list((notes if isinstance(notes, dict) else {}).items())[:NOTES_MAX]:
        found[_plain(name)[:60]] = _plain(value if isinstance(value, str) else str(value))[
            :NOTE_MAX
        ]
    if not found:
        return {}
    text = json.dumps(found)
    if len(text) > METADATA_BYTES_MAX:
        raise _refused(said, Word.METADATA, "too_long", _("At the most 16 kB of metadata."))
    if r"\u0000" in text or re.search(r"\\ud[89a-f]", text):
        message = _("This holds control characters.")
        raise _refused(said, Word.METADATA, "forbidden_character", message)
    return found


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())
