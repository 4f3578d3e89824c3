"""What is read of links, clicks and facts by a merchant. Callers stand in its context."""

from tracking.selectors.caps import caps_of, with_use
from tracking.selectors.clicks import SIGNAL_AGE, Signals, clicks_between, signals_of
from tracking.selectors.conversions import (
    conversions_of,
    counted,
    counted_credits,
    credited,
    credits_of,
    refunds_of,
    statuses_of,
    uncredited,
    waiting_refunds_of,
)
from tracking.selectors.coupon_requests import coupon_requests_by, coupon_requests_of
from tracking.selectors.customers import bindings_of, conversion_counts, customers_of
from tracking.selectors.intake import (
    calls_holding,
    calls_of_click,
    imports_of,
    intake_calls_of,
)
from tracking.selectors.links import (
    branches_of,
    coupons_of,
    links_by_id,
    links_of,
    links_of_program,
)
from tracking.selectors.steps import Progress, done_by_step, progress_of

__all__ = [
    "SIGNAL_AGE",
    "Progress",
    "Signals",
    "bindings_of",
    "branches_of",
    "calls_holding",
    "calls_of_click",
    "caps_of",
    "clicks_between",
    "conversion_counts",
    "conversions_of",
    "counted",
    "counted_credits",
    "coupon_requests_by",
    "coupon_requests_of",
    "coupons_of",
    "credited",
    "credits_of",
    "customers_of",
    "done_by_step",
    "imports_of",
    "intake_calls_of",
    "links_by_id",
    "links_of",
    "links_of_program",
    "progress_of",
    "refunds_of",
    "signals_of",
    "statuses_of",
    "uncredited",
    "waiting_refunds_of",
    "with_use",
]
