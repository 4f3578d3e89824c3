"""What visitors type and send: read with suspicion."""

import hashlib
import re
from collections.abc import Mapping

from demo.shop.catalogue import BY_SLUG
from demo.shop.pages import CheckoutForm
from demo.shop.settings import Settings

CLICK_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
NO_EMAIL = "Tell us an e-mail address like mara@example.com."
EMAIL = re.compile(r"[^@\s<>\"']{1,64}@[^@\s<>\"'.]+(\.[^@\s<>\"'.]+)+")
BASKET_ENTRY = re.compile(r"([a-z-]{1,40}):([0-9]{1,2})", re.ASCII)


def first(fields: dict[str, list[str]], name: str, pattern: re.Pattern[str] | None = None) -> str:
    """Return a field's first value; empty if it is missing or does not match."""
    value = fields.get(name, [""])[0]
    return value if pattern is None or pattern.fullmatch(value) else ""


def read_checkout(
    fields: dict[str, list[str]], settings: Settings, *, complete: bool
) -> CheckoutForm:
    """Return the checkout form as typed, with errors; a coupon alone need not be complete."""
    name, email = first(fields, "name").strip()[:121], first(fields, "email").strip()[:255]
    coupon = first(fields, "coupon").strip()[:40]
    errors = {}
    if complete and not 1 <= len(name) <= 120:
        errors["name"] = "Tell us your name, in 120 letters or fewer."
    if complete and not is_email(email):
        errors["email"] = NO_EMAIL
    if coupon and coupon.upper() not in settings.coupons:
        errors["coupon"] = "We do not know this coupon."
    return CheckoutForm(name=name, email=email, coupon=coupon, errors=errors)


def is_email(text: str) -> bool:
    """Return whether this looks like an e-mail address."""
    return bool(EMAIL.fullmatch(text)) and len(text) <= 254


def customer_number(email: str) -> str:
    """Return what the shop calls a customer when it speaks to others."""
    return "c-" + hashlib.sha256(email.lower().encode()).hexdigest()[:16]


def read_basket(text: str) -> dict[str, int]:
    """Return what is in a basket; what is not sold is left out."""
    entries = [(slug, int(count)) for slug, count in BASKET_ENTRY.findall(text[:1_000])]
    return {slug: count for slug, count in entries if slug in BY_SLUG and count}


def basket_text(basket: Mapping[str, int]) -> str:
    """Return a basket as its cookie and addresses hold it."""
    return ".".join(f"{slug}:{count}" for slug, count in basket.items())
