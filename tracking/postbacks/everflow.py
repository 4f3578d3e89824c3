"""Everflow: the advertiser's server postback."""

from typing import Final

from django.utils.translation import gettext as _

from tracking.models import ReportedStatus
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

TEXT = "text/plain; charset=utf-8"

WORDS: Final = {
    **COMMON,
    "verification_token": Word.TOKEN,
    "transaction_id": Word.CLICK,
    "order_id": Word.EXTERNAL_ID,
    "event_id": Word.GOAL,
    "adv_event_id": Word.GOAL,  # Without an event_id only.
    "amount": Word.AMOUNT,
    "coupon_code": Word.COUPON,
    "user_id": Word.CUSTOMER,
    "status": Word.STATUS,
    **numbered("adv", 5, Word.NOTE),
    **named("oid aid", Word.NOTE),
    "email": Word.PERSONAL,
    "nid": Word.IGNORED,
}
STATUSES: Final[Statuses] = {
    "approved": ReportedStatus.APPROVED,
    "pending": None,
    "rejected": ReportedStatus.DECLINED,
    "invalid": ReportedStatus.DECLINED,
}


def require(said: Said) -> None:
    """Something must say who sent the visitor: a click, a coupon or a known user.

    :raises Refused: if nothing does.
    """
    if not any(word in said for word in (Word.CLICK, Word.COUPON, Word.CUSTOMER)):
        raise Refused("click_missing", _("Send a transaction_id."), parameter="transaction_id")


def accepted(taken: Taken) -> Reply:
    """Return one word."""
    return Reply(200, taken.outcome.lower(), TEXT)


def refused(refusal: Refused) -> Reply:
    """Return one line that names the parameter."""
    at = f"{refusal.parameter}: " if refusal.parameter else ""
    return Reply(status_of(refusal), f"{at}{refusal.message}", TEXT)


EVERFLOW: Final = Vocabulary(
    name="everflow",
    path="/pb/everflow",
    example=(
        "nid=1&transaction_id={click_id}&order_id={order_id}&adv_event_id={goal}"
        "&amount={amount}&verification_token={token}"
    ),
    words=WORDS,
    statuses=STATUSES,
    require=require,
    accepted=accepted,
    refused=refused,
    derives_id_from=(Word.CLICK,),
    knows_clicks=True,
)
