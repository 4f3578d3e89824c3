"""Affise: the advertiser's postback."""

import json
from typing import Final

from django.utils.translation import gettext as _

from tracking.models import Outcome, ReportedStatus
from tracking.postbacks.vocabulary import (
    COMMON,
    Refused,
    Reply,
    Said,
    Statuses,
    Taken,
    Vocabulary,
    Word,
    named,
    numbered,
    status_of,
)

ONLY_ITS: Final = frozenset({"clickid", "action_id", "sum", "secure"})  # Nobody else says these.
RECEIVED, NOT_RECEIVED = 1, 2
NO_CLICK = "Missing mandatory parameter clickid/click_id or ref_id or aimp_id"
NO_PAIR = "Missing mandatory parameters offer_id and pid"
MESSAGES: Final = {  # Affise's own words.
    "token_missing": "Access denied",
    "unknown_token": "Access denied",
    "address_not_allowed": "Current IP-address is denied",
    "click_missing": NO_CLICK,
    "click_unknown": "Broken clickid",
    "impression_unknown": "Broken impression ID",
    "pair_missing": NO_PAIR,
}
EXISTS = "Conversion exists"

WORDS: Final = {
    **COMMON,
    "secure": Word.TOKEN,
    **named("clickid click_id", Word.CLICK),
    "action_id": Word.EXTERNAL_ID,
    "goal": Word.GOAL,
    "sum": Word.AMOUNT,
    "status": Word.STATUS,
    "promo_code": Word.COUPON,
    "user_id": Word.CUSTOMER,
    "pid": Word.REFERRAL,
    "country": Word.COUNTRY,
    "action_timestamp": Word.TIME,
    **named("comment offer_id ref_id aimp_id device_type", Word.NOTE),
    **numbered("custom_field", 15, Word.NOTE),
    **numbered("sub", 30, Word.NOTE),
    **named("ip referrer fbclid", Word.PERSONAL),
    **named("timestamp platform", Word.IGNORED),
}
STATUSES: Final[Statuses] = {
    "1": ReportedStatus.APPROVED,
    "2": None,
    "3": ReportedStatus.DECLINED,
    "5": ReportedStatus.HELD,
}


def require(said: Said) -> None:
    """Something must say who sent the visitor: a click, a promo code, a known user, an affiliate.

    :raises Refused: in the words of Affise.
    """
    if any(word in said for word in (Word.CLICK, Word.COUPON, Word.CUSTOMER)):
        return
    notes = said.value(Word.NOTE)
    kept = notes if isinstance(notes, dict) else {}
    if Word.REFERRAL in said:
        if "offer_id" not in kept:
            raise Refused("pair_missing", NO_PAIR, parameter="offer_id")
        return
    if "aimp_id" in kept:
        raise Refused("impression_unknown", MESSAGES["impression_unknown"], parameter="aimp_id")
    if "ref_id" in kept:
        raise Refused("click_unknown", MESSAGES["click_unknown"], parameter="ref_id")
    raise Refused("click_missing", NO_CLICK, parameter="clickid")


def accepted(taken: Taken) -> Reply:
    """Return Affise's envelope: 1 is received; what is there already and did not change is 2."""
    if taken.outcome is Outcome.REPEATED:
        return _envelope(200, NOT_RECEIVED, EXISTS)
    return _envelope(200, RECEIVED, _("Received"))


def refused(refusal: Refused) -> Reply:
    """Return Affise's envelope with its message, or with ours that names the parameter."""
    message = MESSAGES.get(refusal.code)
    if message is None:
        at = f"{refusal.parameter}: " if refusal.parameter else ""
        message = f"{at}{refusal.message}"
    status = 403 if refusal.code in ("token_missing", "unknown_token") else status_of(refusal)
    return _envelope(status, NOT_RECEIVED, message)


def _envelope(http_status: int, status: int, message: str) -> Reply:
    return Reply(http_status, json.dumps({"status": status, "message": message}))


AFFISE: Final = Vocabulary(
    name="affise",
    path="/postback",
    example=(
        "clickid={click_id}&action_id={order_id}&goal={goal}&sum={amount}&status=1&secure={token}"
    ),
    words=WORDS,
    statuses=STATUSES,
    require=require,
    accepted=accepted,
    refused=refused,
    counts_goals=True,
    derives_id_from=(Word.CLICK,),
    knows_clicks=True,
)
