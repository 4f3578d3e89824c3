"""Our own postback: GET with parameters, or POST of a form or of JSON."""

import json
from http import HTTPStatus
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
    status_of,
)

PROBLEM = "application/problem+json"

WORDS: Final = {
    **COMMON,
    **named("click_id fl_click", Word.CLICK),
    **named("external_id order_id", Word.EXTERNAL_ID),
    "goal": Word.GOAL,
    "amount": Word.AMOUNT,
    "status": Word.STATUS,
    **named("coupon coupon_code", Word.COUPON),
    **named("via ref referral_code", Word.REFERRAL),
    **named("customer customer_id", Word.CUSTOMER),
    "country": Word.COUNTRY,
    **named("is_new customer_is_new", Word.IS_NEW),
    "tax": Word.TAX,
    "shipping": Word.SHIPPING,
    "discount": Word.DISCOUNT,
    "items": Word.ITEMS,
    "quantity": Word.QUANTITY,
    "metadata": Word.METADATA,
    "refund_id": Word.REFUND_ID,
    "refund_amount": Word.REFUND_AMOUNT,
    "reason": Word.REASON,
    **named("occurred_at timestamp", Word.TIME),
    **named("email ip", Word.PERSONAL),
}
STATUSES: Final[Statuses] = {
    "approved": ReportedStatus.APPROVED,
    "confirmed": ReportedStatus.APPROVED,
    "pending": None,
    "held": ReportedStatus.HELD,
    "hold": ReportedStatus.HELD,
    "declined": ReportedStatus.DECLINED,
    "rejected": ReportedStatus.DECLINED,
    "cancelled": ReportedStatus.DECLINED,
    "canceled": ReportedStatus.DECLINED,
    "disputed": ReportedStatus.DISPUTED,
    "dispute_won": ReportedStatus.DISPUTE_WON,
    "dispute_lost": ReportedStatus.DISPUTE_LOST,
}


def require(said: Said) -> None:
    """A refund is reported by itself, with an id of its own.

    :raises Refused: if it is not.
    """
    if Word.REFUND_AMOUNT in said and Word.AMOUNT in said:
        raise Refused(
            "ambiguous",
            _("Report the order and its refund in two calls."),
            parameter=said.name(Word.AMOUNT),
        )
    if Word.REFUND_AMOUNT in said and Word.REFUND_ID not in said:
        raise Refused("required", _("A refund needs an id of its own."), parameter="refund_id")
    if Word.REFUND_ID in said and Word.REFUND_AMOUNT not in said:
        raise Refused("required", _("Say how much was refunded."), parameter="refund_amount")


def accepted(taken: Taken) -> Reply:
    """Return what was done, as JSON."""
    body = {
        "status": taken.outcome.lower(),
        "id": str(taken.conversion_id) if taken.conversion_id else None,
        "external_id": taken.order_id,
        "reason": taken.reason or None,
        "ignored": list(taken.ignored),
    }
    return Reply(200, json.dumps(body))


def refused(refusal: Refused) -> Reply:
    """Return a problem (RFC 9457) that names the parameter."""
    status = status_of(refusal)
    errors = []
    if refusal.parameter:
        errors = [{"field": refusal.parameter, "code": refusal.code, "message": refusal.message}]
    body = {
        "type": f"urn:fairlead:problem:{refusal.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": refusal.code,
        "detail": refusal.message,
        "errors": errors,
    }
    return Reply(status, json.dumps(body), PROBLEM)


NATIVE: Final = Vocabulary(
    name="postback",
    path="/postback",
    example=(
        "click_id={click_id}&order_id={order_id}&goal={goal}&amount={amount}"
        "&currency={currency}&token={token}"
    ),
    words=WORDS,
    statuses=STATUSES,
    require=require,
    accepted=accepted,
    refused=refused,
    prefixes=("meta_",),
)
