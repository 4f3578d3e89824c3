"""TUNE (HasOffers): the server postback by transaction id."""

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
)

TEXT = "text/plain; charset=utf-8"
DEVICES = "google_aid ios_ifa ios_ifv unid windows_aid"

WORDS: Final = {
    **COMMON,
    "security_token": Word.TOKEN,
    "transaction_id": Word.CLICK,
    "conversion_unique_id": Word.EXTERNAL_ID,
    "goal_id": Word.GOAL,
    "goal_ref": Word.GOAL,  # Without a goal_id only.
    "amount": Word.AMOUNT,
    "status": Word.STATUS,
    "promo_code": Word.COUPON,
    "aff_id": Word.REFERRAL,
    "user_id": Word.CUSTOMER,
    **named("offer_id payout revenue adv_sub", Word.NOTE),
    **numbered("adv_sub", 5, Word.NOTE, first=2),
    **numbered("adv_unique", 5, Word.NOTE),
    **named(DEVICES, Word.PERSONAL),
    **{f"{name}_{form}": Word.PERSONAL for name in DEVICES.split() for form in ("sha1", "md5")},
    **named("user_id_sha1 user_id_md5", Word.PERSONAL),
}
STATUSES: Final[Statuses] = {
    "approved": ReportedStatus.APPROVED,
    "pending": None,
    "rejected": ReportedStatus.DECLINED,
}


def require(said: Said) -> None:
    """Something must say who sent the visitor: a click, a promo code, a known user, an affiliate.

    :raises Refused: as for a wrong transaction id.
    """
    if not any(word in said for word in (Word.CLICK, Word.COUPON, Word.CUSTOMER, Word.REFERRAL)):
        raise Refused("click_missing", _("Send a transaction_id."), parameter="transaction_id")


def accepted(_taken: Taken) -> Reply:
    """Return TUNE's success; a repeat is one as well."""
    return Reply(200, "success=true;", TEXT)


def refused(refusal: Refused) -> Reply:
    """Return TUNE's failure: HTTP 200 whatever was wrong with the call, 5xx when it was us."""
    status = {"unavailable": 503, "internal_error": 500, "throttled": 429}.get(refusal.code, 200)
    return Reply(status, f"success=false; err_msg={_message(refusal)};", TEXT)


def _message(refusal: Refused) -> str:
    if refusal.code in ("click_unknown", "click_missing"):
        told = "".join(sign for sign in refusal.value if sign.isalnum() or sign in "-_")
        return f"Invalid Trans. ID #{told}."
    at = f"{refusal.parameter}: " if refusal.parameter else ""
    return f"{at}{refusal.message}".replace(";", ",")


TUNE: Final = Vocabulary(
    name="tune",
    path="/aff_lsr",
    example=(
        "transaction_id={click_id}&conversion_unique_id={order_id}&goal_id={goal}"
        "&amount={amount}&security_token={token}"
    ),
    words=WORDS,
    statuses=STATUSES,
    require=require,
    accepted=accepted,
    refused=refused,
    derives_id_from=(Word.CLICK,),
    knows_clicks=True,
)
