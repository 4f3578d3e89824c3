"""What a merchant pastes into their shop, with their own values filled in."""

import json
import shlex

from django.conf import settings
from django.utils.html import escape

from common.money import exponent_of
from programs.models import Program

KEY_PLACEHOLDER = "fl_sk_YOUR_KEY"
PUBLISHABLE_PLACEHOLDER = "fl_pk_YOUR_KEY"


def join_url(program: Program) -> str:
    """Return the address of the program's public page."""
    return f"{settings.APP_URL}/join/{program.merchant.slug}/{program.slug}/"


def link_url(code: str) -> str:
    """Return the address that an affiliate shares."""
    return f"{settings.EDGE_URL}/c/{code}"


def tracking_snippet(program: Program, *, key: str = PUBLISHABLE_PLACEHOLDER) -> str:
    """Return the script tag for every page of the merchant's site.

    It names nothing that can change: consent, window and the parameters of earlier systems come
    with the file, because its address says whose program it is.
    """
    lines = [
        f'<script async src="{escape(settings.EDGE_URL)}/fl.js?program={program.id}"',
        f'data-key="{escape(key)}"></script>',
    ]
    return "\n  ".join(lines)


def conversion_call(program: Program, *, goal: str = "sale", key: str = KEY_PLACEHOLDER) -> str:
    """Return the shell command that reports one conversion."""
    body = {
        "program": str(program.id),
        "goal": goal,
        "external_id": "order-1001",
        "amount_minor": 100 * 10 ** exponent_of(program.currency),
        "currency": program.currency,
        "click_id": "VALUE_OF_FL_CLICK",
    }
    lines = [
        f"curl {settings.APP_URL}/api/v1/conversions",
        f"-H {shlex.quote(f'Authorization: Bearer {key}')}",
        "-H 'Content-Type: application/json'",
        "-H 'Idempotency-Key: order-1001'",
        f"-d {shlex.quote(json.dumps(body, indent=2))}",
    ]
    return " \\\n  ".join(lines)
