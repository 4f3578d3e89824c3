"""Tapfiliate: its postback of version 1.7; the token also comes as the header X-Api-Key."""

from typing import Final

from django.utils.translation import gettext as _

from tracking.postbacks.native import accepted, refused
from tracking.postbacks.vocabulary import (
    COMMON,
    Refused,
    Said,
    Statuses,
    Vocabulary,
    Word,
    named,
)

WORDS: Final = {
    **COMMON,
    "api_key": Word.TOKEN,
    "click_id": Word.CLICK,
    "coupon": Word.COUPON,
    "referral_code": Word.REFERRAL,
    "external_id": Word.EXTERNAL_ID,
    "amount": Word.AMOUNT,
    "customer_id": Word.CUSTOMER,
    "commission_type": Word.GOAL,
    **named("asset_id source_id", Word.NOTE),
}
STATUSES: Final[Statuses] = {}


def require(said: Said) -> None:
    """Something must say who sent the visitor.

    :raises Refused: if nothing does.
    """
    who = (Word.COUPON, Word.CLICK, Word.REFERRAL, Word.CUSTOMER)
    if not any(word in said for word in who):
        message = _("Send coupon, click_id or referral_code.")
        raise Refused("click_missing", message, parameter="referral_code")


TAPFILIATE: Final = Vocabulary(
    name="tapfiliate",
    path="/pb/tapfiliate",
    example=(
        "click_id={click_id}&external_id={order_id}&amount={amount}"
        "&commission_type={goal}&token={token}"
    ),
    words=WORDS,
    statuses=STATUSES,
    require=require,
    accepted=accepted,
    refused=refused,
    prefixes=("meta_data",),
    derives_id_from=(Word.CLICK,),
)
