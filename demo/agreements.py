"""Which terms hold at Acme beside the first: a tier's, Erik's own, and new ones for everybody."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from affiliates.services import Consent, accept_terms
from affiliates.terms import contract_in_force, set_contract
from demo.cast import BOB, DANA, ERIK, FARAH, LENA
from demo.characters import Promoter
from demo.history import History
from demo.offers import ACME_TERMS
from demo.rates import TIER
from merchants.rights import Role
from programs.models import Tier
from programs.services import publish_terms

NEW_TERMS: Final = ACME_TERMS.replace(
    "3. What we ask of you\n\nSay that you are paid.",
    "3. What we ask of you\n\nSay that you are paid, in the first lines and in your own words: "
    "“advertisement” or “I earn on what you buy” will do; “collab” will not.",
)
TIER_TERMS: Final = """\
1. What we pay

11 % of the net value of your first five orders in a month, 13 % from the sixth on.

2. What we ask of you

All that the program's terms ask, and one film or comparison about something of ours each quarter.

3. Leaving

Whoever makes none for two quarters goes back to the rates that hold for everybody.
"""
CONTRACT: Final = """\
1. What we pay

12 % of the net value of every order, whatever the month.

2. What we ask of you

One recommendation a quarter in the Thursday letter, in your own words. Our name stands in the
subject line once a year at the most.

3. Leaving

Either side may end this with two weeks' notice.
"""
PROMPT: Final = (BOB, FARAH, LENA)  # Who accepted the new terms on the day after.
ADDRESS: Final = "198.18.4.7"
AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
Act = Callable[[History, datetime], None]


def plan_agreements(history: History) -> None:
    """Plan what was published, and who accepted it."""
    acts: tuple[tuple[float, Act], ...] = (
        (32.6, _give_tier_terms),
        (31.0, partial(_sign_on, promoters=(DANA,))),
        (20.5, _give_contract),
        (19.3, partial(_sign_on, promoters=(ERIK,))),
        (5.6, _renew_terms),
        (4.4, partial(_sign_on, promoters=PROMPT)),
    )
    for days_ago, act in acts:
        at = history.day(0) - timedelta(days=days_ago)
        history.agenda.plan(at, partial(act, history))


def _give_tier_terms(history: History, at: datetime) -> None:
    tier = Tier.objects.get(
        merchant=history.stage.merchant, program=history.stage.program, name=TIER
    )
    publish_terms(
        program=history.stage.program,
        tier=tier,
        body=TIER_TERMS,
        summary="11 % of orders, 13 % from the sixth in a month on; one film or test a quarter.",
        by=history.stage.acting(Role.OWNER),
        at=at,
    )


def _give_contract(history: History, at: datetime) -> None:
    if standing := history.stage.standing(ERIK):
        set_contract(
            enrollment=standing.enrollment,
            body=CONTRACT,
            summary="12 % of every order; one recommendation a quarter in the Thursday letter.",
            by=history.stage.acting(Role.OWNER),
            at=at,
        )


def _renew_terms(history: History, at: datetime) -> None:
    publish_terms(
        program=history.stage.program,
        body=NEW_TERMS,
        summary="As before, and clearer about how you say that you are paid.",
        accept_by=history.day(0) + timedelta(days=9),
        by=history.stage.acting(Role.OWNER),
        at=at,
    )


def _sign_on(history: History, at: datetime, *, promoters: tuple[Promoter, ...]) -> None:
    """Let some accept what holds for them."""
    for number, promoter in enumerate(promoters):
        standing = history.stage.standing(promoter)
        terms = contract_in_force(standing.enrollment) if standing else None
        if standing and terms:
            consent = consent_of(history, promoter, terms.version)
            moment = at + timedelta(minutes=37 * number)
            accept_terms(enrollment=standing.enrollment, consent=consent, at=moment)


def consent_of(history: History, promoter: Promoter, version: int | None = None) -> Consent:
    """Return the evidence that a promoter clicked."""
    user = history.people.user(promoter.person)
    return Consent(user=user, terms_version=version, ip=ADDRESS, user_agent=AGENT)
