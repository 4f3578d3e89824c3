"""Any order and repetition of facts ends with the same credits, commissions and balances."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from affiliates.models import Enrollment
from commissions.models import Commission, Reward
from commissions.services import RuleDraft, approve_due, create_rule
from ledger.selectors import balances
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from payouts.selectors import check_money
from programs.models import Goal, Program
from tests.cast import NOON, Company, Promoter, click_of, make_promoter
from tests.facts import sale, tell, work
from tests.forget import forget_facts
from tracking.models import ReportedStatus
from tracking.services import (
    bind_customer,
    create_coupon,
    record_refund_of_order,
    record_status,
)

END = NOON + timedelta(days=400)


@dataclass(frozen=True)
class Order:
    """An order that is reported once or more often."""

    name: str
    day: int
    customer: str
    clicks: tuple[tuple[str, int], ...]  # Whose, and how many days before; the last is sent first.
    coupon: str
    amount_minor: int


@dataclass(frozen=True)
class SignUp:
    """A customer who signed up by somebody's click."""

    customer: str
    day: int
    who: str
    days_before: int  # The click.


@dataclass(frozen=True)
class Back:
    """A refund of an order."""

    order: str
    name: str
    amount_minor: int


@dataclass(frozen=True)
class Said:
    """What a system says of an order."""

    order: str
    status: ReportedStatus
    day: int


Fact = Order | SignUp | Back | Said
SIGN_UPS = st.lists(
    st.tuples(
        st.sampled_from(["c-1", "c-2"]),
        st.integers(0, 60),
        st.sampled_from(["Bob", "Dora"]),
        st.integers(0, 40),
    ),
    max_size=2,
    unique_by=lambda drawn: drawn[0],
)
CLICKS = st.lists(
    st.tuples(st.sampled_from(["Bob", "Dora"]), st.integers(0, 40)), max_size=3, unique=True
)
ORDERS = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.sampled_from(["", "c-1", "c-1", "c-2"]),
        CLICKS,
        st.sampled_from(["", "", "DORA10"]),
        st.integers(1, 30_000),
    ),
    min_size=2,
    max_size=6,
    unique_by=lambda drawn: drawn[0],
)


@st.composite
def happenings(draw: st.DrawFn) -> list[Fact]:
    """Draw orders, with sign-ups of their customers, refunds and statuses of some of them."""
    orders = [
        Order(f"o-{day}", day, customer, tuple(clicks), coupon, amount_minor)
        for day, customer, clicks, coupon, amount_minor in draw(ORDERS)
    ]
    facts: list[Fact] = list(orders)
    for customer, day, who, days_before in draw(SIGN_UPS):
        facts.append(SignUp(customer, day, who, days_before))
    for order in draw(st.lists(st.sampled_from(orders), max_size=2)):
        amount_minor = draw(st.integers(1, order.amount_minor))
        facts.append(Back(order.name, f"r-{len(facts)}", amount_minor))
    statuses = st.sampled_from([ReportedStatus.DECLINED, ReportedStatus.DISPUTE_LOST])
    for order in draw(st.lists(st.sampled_from(orders), max_size=1)):
        facts.append(Said(order.name, draw(statuses), 70))
    return facts


def rate_by_volume(mode: str) -> RuleDraft:
    """Return a rule that pays 10 %, and 20 % from the third sale of a month."""
    steps = [{"from": 1, "rate_bps": 1_000}, {"from": 3, "rate_bps": 2_000}]
    details = {"period": "MONTH", "counts": "CONVERSIONS", "mode": mode, "steps": steps}
    return RuleDraft(reward=Reward.VOLUME, details=details)


FIRST_TWO = {"field": "payment_number", "op": "lte", "value": 2}
RATES: dict[str, tuple[RuleDraft, ...]] = {
    "onwards": (rate_by_volume("ONWARDS"),),
    "retroactive": (rate_by_volume("RETROACTIVE"),),
    "first two payments": (
        RuleDraft(reward=Reward.PERCENT, rate_bps=3_000, conditions=[FIRST_TWO]),
        RuleDraft(reward=Reward.NOTHING),
    ),
}
POLICIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "linear": {"attribution_model": "LINEAR"},
    "time decay, bound for a month": {"attribution_model": "TIME_DECAY", "lock_in_months": 1},
    "new customers only": {"new_customers_only": True, "reactivation_days": 20},
    "coupons first": {"code_priority": "COUPON_FIRST", "lock_in_months": 2},
}
CASES = [
    ("plain", ""),
    ("linear", "onwards"),
    ("time decay, bound for a month", "retroactive"),
    ("new customers only", "first two payments"),
    ("coupons first", "first two payments"),
]


def report(company: Company, cast: dict[str, Promoter], fact: Fact) -> None:
    """Report a fact."""
    if isinstance(fact, Order):
        tell(company, _sale(cast, fact), at=END)
        return
    with merchant_context(company.id):
        if isinstance(fact, SignUp):
            at = NOON + timedelta(days=fact.day)
            bind_customer(
                program=company.program,
                external_id=fact.customer,
                click_token=_click(cast[fact.who], at - timedelta(days=fact.days_before)),
                first_seen_at=at,
                by=SYSTEM,
                at=END,
            )
        elif isinstance(fact, Back):
            record_refund_of_order(
                program=company.program,
                goal="sale",
                order_id=fact.order,
                external_id=fact.name,
                amount_minor=fact.amount_minor,
                reason="",
                occurred_at=NOON + timedelta(days=80),
                by=SYSTEM,
                at=END,
            )
        else:
            record_status(
                program=company.program,
                goal="sale",
                order_id=fact.order,
                status=fact.status,
                occurred_at=NOON + timedelta(days=fact.day),
                by=SYSTEM,
                at=END,
            )


_tokens: dict[tuple[Any, ...], str] = {}


def _sale(cast: dict[str, Promoter], order: Order) -> Any:
    at = NOON + timedelta(days=order.day)
    clicks = [_click(cast[who], at - timedelta(days=days)) for who, days in order.clicks]
    first, *others = clicks or [""]
    return sale(
        order.name,
        amount_minor=order.amount_minor,
        customer=order.customer,
        at=at,
        click_token=first,
        earlier_tokens=tuple(others),
        coupon_code=order.coupon,
    )


def _click(promoter: Promoter, at: datetime) -> str:
    """Return a click; the same one for the same moment, so that two runs have the same facts."""
    key = (promoter.link.id, at)
    if key not in _tokens:
        _tokens[key] = click_of(promoter, at=at)
    return _tokens[key]


def ends(company: Company) -> tuple[Any, ...]:
    """Return what everything came to: credits, net of each conversion and affiliate, balances."""
    while approve_due(merchant_id=company.id, at=END):
        pass
    with merchant_context(company.id):
        assert check_money(company.id) == []
        kept = Commission.objects.exclude(status="DECLINED")
        net: Counter[tuple[str, str]] = Counter()
        for order, who, amount in kept.values_list(
            "conversion__external_id", "affiliate__name", "amount_minor"
        ):
            net[order, who] += amount
        credits = Enrollment.objects.filter(credits__isnull=False).exclude(
            credits__conversion__status="DECLINED"
        )
        shares = credits.values_list(
            "credits__conversion__external_id", "affiliate__name", "credits__share_ppm"
        )
        owed = {
            str(row["enrollment"]): row["pending_minor"] + row["payable_minor"]
            for row in balances(merchant_id=company.id)
        }
    return (
        sorted(set(shares)),
        {key: amount for key, amount in net.items() if amount},
        {key: amount for key, amount in owed.items() if amount},
    )


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.parametrize("cast", CASES, ids=[f"{one}: {two}" for one, two in CASES], indirect=True)
@given(data=st.data(), facts=happenings())
def test_two_orders_of_arrival_come_to_the_same(
    acme: Company,
    cast: dict[str, Promoter],
    admin: psycopg.Connection[Any],
    data: st.DataObject,
    facts: list[Fact],
) -> None:
    found = []
    for run in range(2):
        forget_facts(admin)
        in_order = sorted(facts, key=_time) if run == 0 else data.draw(st.permutations(facts * 2))
        for fact in in_order:
            report(acme, cast, fact)
            if run == 0 or data.draw(st.booleans()):
                work(acme, at=END)
            if run and data.draw(st.integers(0, 4)) == 0:
                approve_due(merchant_id=acme.id, at=END)
        work(acme, at=END)
        found.append(ends(acme))

    assert found[0] == found[1]


def _time(fact: Fact) -> tuple[int, str]:
    return (fact.day if isinstance(fact, Order | SignUp) else 90, str(fact))


@pytest.fixture
def cast(request: pytest.FixtureRequest, acme: Company, bob: Promoter) -> dict[str, Promoter]:
    """Give the program its policy and rates, once for all examples; return the promoters."""
    policy, rate = request.param
    company, dora = acme, make_promoter(acme, "Dora")
    since = NOON - timedelta(days=365)
    with merchant_context(company.id):
        Program.objects.filter(id=company.program.id).update(**POLICIES[policy])
        company.program.refresh_from_db()
        create_coupon(enrollment=dora.enrollment, code="DORA10")
        goal = Goal.objects.get(program=company.program, code="sale")
        for draft in RATES.get(rate, ()):
            create_rule(
                program=company.program,
                draft=replace(draft, goal=goal),
                by=SYSTEM,
                at=since,
                valid_from=since,
            )
    return {"Bob": bob, "Dora": dora}
