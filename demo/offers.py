"""What the two merchants of the demo offer to affiliates, in their own words. Data alone."""

from commissions.models import Reward
from commissions.services import Rate
from demo.orders import draw_basket, draw_subscription
from demo.stage import Offer
from programs.models import JoinMode
from programs.services import GoalDraft, ProgramDraft

ACME_TERMS = """\
1. What we pay

We pay 10 % of the net value of every order that a customer places within 30 days after following
your link or using your code, and 2.00 EUR for every new customer account. Net means without tax
and shipping. A lead is a boatyard or club that asks for an offer and can be reached; it pays
5.00 EUR.

2. When we pay

A commission waits 14 days, because customers may return goods for so long. What is returned is
taken back in proportion. Every second week we pay what is approved, from 25.00 EUR on.

3. What we ask of you

Say that you are paid. Do not bid on our name in search engines, do not imitate our site, do not
send mail to people who have not asked for it. Write what you believe.

4. Leaving

Either side may end this at any time. What was earned until then is paid.
"""
GLOBEX_TERMS = """\
1. What we pay

15 % of the first payment of every new subscription, 12.00 USD for every qualified lead, and
3.00 USD for every trial account. The customer must have come through your link within 60 days.

2. When we pay

After 21 days, monthly, from 50.00 USD on.

3. Rules

Disclose that you are a partner. No coupon sites, no incentives for trials.
"""


def acme_offer(shop_url: str) -> Offer:
    """Return the chandlery's program, which leads to its shop."""
    return Offer(
        draft=ProgramDraft(
            name="Acme Partners",
            slug="partners",
            landing_url=f"{shop_url}/",
            currency="EUR",
            summary="Recommend ropes, lamps and oilskins that last, and earn 10 % of every order.",
            description=(
                "Acme Chandlery has fitted out boats since 1911. Our customers come back for "
                "decades; we would like to pay you for the first time they come.\n\n"
                "You get links to every page of the shop, a code for your readers, and an answer "
                "from a person when you write to us."
            ),
            join_mode=JoinMode.APPLICATION,
            window_days=30,
            hold_days=14,
            payout_minor_min=2_500,
            goals=(
                GoalDraft("signup", "Sign-up", "A new customer opens an account in the shop."),
                GoalDraft(
                    "lead", "Lead", "A boatyard or club asks for an offer and can be reached."
                ),
                GoalDraft("sale", "Sale", "An order is placed and paid."),
            ),
        ),
        opening_sale_bps=800,
        rates={
            "signup": Rate(Reward.FIXED, fixed_minor=200),
            "lead": Rate(Reward.FIXED, fixed_minor=500),
            "sale": Rate(Reward.PERCENT, rate_bps=1_000),
        },
        terms=ACME_TERMS,
        terms_summary=(
            "10 % of net orders, 14 days of waiting, paid every second week from 25 EUR on. "
            "Say that you are paid; no bidding on our name; no unasked mail."
        ),
        draw_order=draw_basket,
    )


def globex_offer(_shop_url: str) -> Offer:
    """Return the program of the software company, which has no shop here."""
    return Offer(
        draft=ProgramDraft(
            name="Globex Referrals",
            slug="referrals",
            landing_url="https://globex.example/",
            currency="USD",
            summary="Bring workshops to the Globex planner: 15 % of the first payment.",
            description="A planner for workshops of three to three hundred people.",
            join_mode=JoinMode.OPEN,
            window_days=60,
            hold_days=21,
            payout_minor_min=5_000,
            goals=(
                GoalDraft("signup", "Trial", "A new workshop opens a trial account."),
                GoalDraft("lead", "Lead", "A workshop books a demonstration and appears."),
                GoalDraft("sale", "Subscription", "The first payment of a subscription arrives."),
            ),
        ),
        opening_sale_bps=1_200,
        rates={
            "signup": Rate(Reward.FIXED, fixed_minor=300),
            "lead": Rate(Reward.FIXED, fixed_minor=1_200),
            "sale": Rate(Reward.PERCENT, rate_bps=1_500),
        },
        terms=GLOBEX_TERMS,
        terms_summary="15 % of first payments, 21 days of waiting, paid monthly from 50 USD on.",
        draw_order=draw_subscription,
    )
