"""PartnerShare: a registration first, which binds the user, then the user's transactions."""

import json
from typing import Final

from django.utils.translation import gettext as _

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
    status_of,
)

REGISTRATION, TRANSACTION = "1", "2"

WORDS: Final = {
    **COMMON,
    "conversion_token": Word.TOKEN,
    "conversion_type": Word.GOAL,
    **named("session_id snid", Word.CLICK),
    **named("ref user_id", Word.REFERRAL),
    "source_user_id": Word.CUSTOMER,
    "transaction_id": Word.EXTERNAL_ID,
    "total_money": Word.AMOUNT,
    **named("product_id start_time_plan amount_reward number_of_reward", Word.NOTE),
    "source_user_info": Word.PERSONAL,  # Masked by the sender, and of no use to us.
}
STATUSES: Final[Statuses] = {}  # It reports what has happened, and nothing afterwards.
GOAL_WORDS: Final = {REGISTRATION: "signup", TRANSACTION: ""}  # Empty: what the program sells.


def require(said: Said) -> None:
    """A user is named in both calls, a transaction in the second.

    :raises Refused: naming what is missing.
    """
    if Word.GOAL not in said:
        raise Refused("required", _("Send 1 or 2."), parameter="conversion_type")
    if Word.CUSTOMER not in said:
        raise Refused("required", _("This is required."), parameter="source_user_id")
    kind = said.text(Word.GOAL)
    if kind == TRANSACTION:
        for word, name in ((Word.EXTERNAL_ID, "transaction_id"), (Word.AMOUNT, "total_money")):
            if word not in said:
                raise Refused("required", _("This is required."), parameter=name)
    if kind == REGISTRATION and Word.REFERRAL not in said and Word.CLICK not in said:
        raise Refused("required", _("Send ref or session_id."), parameter="ref")


def accepted(taken: Taken) -> Reply:
    """Return PartnerShare's envelope: code 0 is success."""
    data = {
        "conversion_id": str(taken.conversion_id) if taken.conversion_id else None,
        "status": taken.outcome.lower(),
    }
    return Reply(200, json.dumps({"code": 0, "message": "success", "data": data}))


def refused(refusal: Refused) -> Reply:
    """Return PartnerShare's envelope: the code is the HTTP status."""
    status = status_of(refusal)
    at = f"{refusal.parameter}: " if refusal.parameter else ""
    body = {"code": status, "message": f"{at}{refusal.message}", "data": None}
    return Reply(status, json.dumps(body))


PARTNERSHARE: Final = Vocabulary(
    name="partnershare",
    path="/pb/partnershare",
    example=(
        "conversion_token={token}&conversion_type=2&source_user_id={customer_id}"
        "&transaction_id={order_id}&total_money={amount}&session_id={click_id}"
    ),
    words=WORDS,
    statuses=STATUSES,
    require=require,
    accepted=accepted,
    refused=refused,
    goal_words=GOAL_WORDS,
    derives_id_from=(Word.CUSTOMER,),
)
