"""The pixel: what a visitor's browser tells of an order. No secret, no status, no refund."""

from typing import Final

from tracking.postbacks.native import accepted, refused
from tracking.postbacks.vocabulary import Said, Statuses, Vocabulary, Word, named

WORDS: Final = {
    **named("program key", Word.IGNORED),  # They say whose call it is, and nothing of the order.
    **named("click_id fl_click", Word.CLICK),
    **named("external_id order_id", Word.EXTERNAL_ID),
    "goal": Word.GOAL,
    "amount": Word.AMOUNT,
    "currency": Word.CURRENCY,
    **named("coupon coupon_code", Word.COUPON),
    **named("via ref", Word.REFERRAL),
    **named("customer customer_id", Word.CUSTOMER),
    "tax": Word.TAX,
    "shipping": Word.SHIPPING,
    "discount": Word.DISCOUNT,
    "test": Word.TEST,
    **named("email ip", Word.PERSONAL),
}
STATUSES: Final[Statuses] = {}


def require(_said: Said) -> None:
    """Demand nothing more than every reading does."""


PIXEL: Final = Vocabulary(
    name="pixel",
    path="/px.gif",
    example="program={program}&goal={goal}&order_id={order_id}&amount={amount}&currency={currency}",
    words=WORDS,
    statuses=STATUSES,
    require=require,
    accepted=accepted,
    refused=refused,
    prefixes=("meta_",),
)
