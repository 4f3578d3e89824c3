"""Who may call what: one row per route and method, against every kind of caller.

The rows are compared with the URLconf, so a route or method without a row fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, reverse

from affiliates.keys import create_key as create_affiliate_key
from affiliates.models import Enrollment
from commissions.models import (
    BudgetPeriod,
    BudgetScope,
    Claim,
    Commission,
    GrantStatus,
    RuleVersion,
)
from commissions.services import (
    ClaimDraft,
    RuleDraft,
    approve_due,
    create_promotion,
    create_rule,
    submit_claim,
)
from commissions.services.budgets import BudgetDraft, create_budget
from commissions.services.replays import start_recompute
from interfaces.api import urls
from merchants.domains import add_domain
from merchants.fx import set_rate_of_currency
from merchants.models import SYSTEM, Domain, Event, KeyKind
from merchants.rights import Role, Scope
from merchants.tenancy import merchant_context
from payouts.models import Batch, Payout
from payouts.services import approve_batch, prepare_batch, send_batch
from programs.models import Destination, Goal, GoalStep, Program, Terms
from programs.services import (
    DestinationDraft,
    add_goal_step,
    create_destination,
    create_tier,
    publish_terms,
)
from tests.api.conftest import Answered, Caller, key_for
from tests.cast import (
    IBAN,
    NOON,
    Company,
    Promoter,
    add_member,
    click_of,
    sell,
)
from tests.experiments import plan_experiment
from tests.grants import granted
from tests.merchants.name_server import NameServer, running
from tests.routes import routes
from tracking.imports import start_import
from tracking.models import (
    Branch,
    Cap,
    CapPeriod,
    CapScope,
    CapUnit,
    Coupon,
    Customer,
    ImportProfile,
    Link,
)
from tracking.services import CapDraft, create_cap, create_coupon, create_link

LATER = NOON + timedelta(days=40)
READ, PROGRAMS, AFFILIATES = Scope.READ, Scope.PROGRAMS, Scope.AFFILIATES
CONVERSIONS, COMMISSIONS, PAYOUTS = Scope.CONVERSIONS, Scope.COMMISSIONS, Scope.PAYOUTS
PUBLIC = "public"
PARTNER = "partner"
SHOP = "https://shop.acme.example/new"
MARCH = {"happened_from": "2026-03-01T00:00:00Z", "happened_until": "2026-04-01T00:00:00Z"}
BACKTEST = {**MARCH, "rules": [{"goal": "sale", "reward": "percent", "rate_bps": 1}]}
PROMOTION = {
    "name": "N",
    "starts_at": "2026-11-27T00:00:00Z",
    "ends_at": "2026-11-30T00:00:00Z",
}
EXPERIMENT = {
    "name": "N",
    "starts_at": "2195-01-01T00:00:00Z",
    "ends_at": "2195-02-01T00:00:00Z",
    "variants": [
        {"name": "A"},
        {"name": "B", "rules": [{"goal": "sale", "reward": "percent", "rate_bps": 1}]},
    ],
}


@dataclass(frozen=True)
class Row:
    """One route and method: who may, what is sent, and what the rightful caller gets."""

    route: str
    method: str
    needs: Scope | str | None  # A scope; None: any secret key; PARTNER; PUBLIC.
    status: int = 200
    body: dict[str, Any] = field(default_factory=dict)
    of: str = ""  # The thing of Acme (or Bob) whose id stands in the address.
    file: str = ""  # If there is one, the body is a form.


ROWS = [
    Row("openapi", "GET", PUBLIC),
    Row("docs", "GET", PUBLIC),
    Row("nothing-here", "GET", PUBLIC, 404),
    Row("me", "GET", None),
    Row("programs", "GET", READ),
    Row("programs", "POST", PROGRAMS, 201, {"name": "N", "landing_url": "https://a.example/"}),
    Row("program", "GET", READ, of="program"),
    Row("program", "PATCH", PROGRAMS, body={"name": "N"}, of="program"),
    Row("program-activate", "POST", PROGRAMS, 409, of="program"),
    Row("program-pause", "POST", PROGRAMS, of="program"),
    Row("program-end", "POST", PROGRAMS, of="program"),
    Row("program-goals", "GET", READ, of="program"),
    Row("program-goals", "POST", PROGRAMS, 201, {"code": "x", "name": "X"}, of="program"),
    Row("program-goal", "GET", READ, of="program"),
    Row("program-goal", "PATCH", PROGRAMS, body={"name": "X"}, of="program"),
    Row("program-goal-steps", "GET", READ, of="program"),
    Row("program-goal-steps", "POST", PROGRAMS, 201, {"code": "x", "name": "X"}, of="program"),
    Row("program-goal-step-remove", "POST", PROGRAMS, of="program"),
    Row("program-destinations", "GET", READ, of="program"),
    Row("program-destinations", "POST", PROGRAMS, 201, {"name": "N", "url": SHOP}, of="program"),
    Row("program-destination", "GET", READ, of="program"),
    Row("program-destination", "PATCH", PROGRAMS, body={"name": "N"}, of="program"),
    Row("program-destination-archive", "POST", PROGRAMS, of="program"),
    Row("program-caps", "GET", READ, of="program"),
    Row(
        "program-caps",
        "POST",
        PROGRAMS,
        201,
        {"unit": "clicks", "period": "day", "scope": "program", "limit": 9},
        of="program",
    ),
    Row("program-cap", "GET", READ, of="program"),
    Row("program-cap-archive", "POST", PROGRAMS, of="program"),
    Row("program-budgets", "GET", READ, of="program"),
    Row(
        "program-budgets",
        "POST",
        PROGRAMS,
        201,
        {"scope": "program", "period": "month", "limit_minor": 9},
        of="program",
    ),
    Row("program-budget", "GET", READ, of="program"),
    Row("program-budget", "PATCH", PROGRAMS, body={"limit_minor": 8}, of="program"),
    Row("program-budget-archive", "POST", PROGRAMS, of="program"),
    Row("program-postback-token", "GET", PROGRAMS, of="program"),
    Row("program-postback-token-rotate", "POST", PROGRAMS, of="program"),
    Row("domains", "GET", READ),
    Row("domains", "POST", PROGRAMS, 201, {"host": "new.acme.example"}),
    Row("domain", "GET", READ, of="domain"),
    Row("domain", "PATCH", PROGRAMS, body={"fallback_url": SHOP}, of="domain"),
    Row("domain-check", "POST", PROGRAMS, of="domain"),
    Row("domain-remove", "POST", PROGRAMS, of="domain"),
    Row("program-terms", "GET", READ, of="program"),
    Row("program-terms", "POST", PROGRAMS, 201, {"body": "Be fair."}, of="program"),
    Row("program-terms-version", "GET", READ, of="program"),
    Row("program-rules", "GET", READ, of="program"),
    Row(
        "program-rules",
        "POST",
        PROGRAMS,
        201,
        {"goal": "sale", "reward": "fixed", "fixed_minor": 1},
        of="program",
    ),
    Row("program-rule", "GET", READ, of="program"),
    Row(
        "program-rules-preview",
        "POST",
        READ,
        body={"goal": "sale", "amount_minor": 1, "currency": "EUR"},
        of="program",
    ),
    Row(
        "program-rule-revise",
        "POST",
        PROGRAMS,
        201,
        {"reward": "fixed", "fixed_minor": 1},
        of="program",
    ),
    Row("program-rule-archive", "POST", PROGRAMS, of="program"),
    Row("program-rules-reorder", "POST", PROGRAMS, body={"rules": ["{tier_rule}"]}, of="program"),
    Row("program-tiers", "GET", READ, of="program"),
    Row("program-tiers", "POST", PROGRAMS, 201, {"name": "New"}, of="program"),
    Row("program-tier", "GET", READ, of="program"),
    Row("program-tier", "PATCH", PROGRAMS, body={"name": "N"}, of="program"),
    Row("program-tier-archive", "POST", PROGRAMS, of="program"),
    Row("program-promotions", "GET", READ, of="program"),
    Row("program-promotions", "POST", PROGRAMS, 201, PROMOTION, of="program"),
    Row("program-promotion", "GET", READ, of="program"),
    Row("program-promotion", "PATCH", PROGRAMS, body={"name": "N"}, of="program"),
    Row("program-promotion-archive", "POST", PROGRAMS, of="program"),
    Row("fx-rates", "GET", READ),
    Row(
        "fx-rates",
        "POST",
        PROGRAMS,
        201,
        {"base": "EUR", "quote": "GBP", "rate": "0.85", "source": "S"},
    ),
    Row("fx-rate", "GET", READ, of="fx_rate"),
    Row("enrollment-move", "POST", AFFILIATES, body={"tier": "{tier}"}, of="enrollment"),
    Row("enrollment-recruiter", "POST", AFFILIATES, body={"recruiter": None}, of="enrollment"),
    Row("program-rules-backtest", "POST", PROGRAMS, 202, BACKTEST, of="program"),
    Row("program-recompute", "POST", COMMISSIONS, 202, MARCH, of="program"),
    Row("replays", "GET", READ),
    Row("replay", "GET", READ, of="replay"),
    Row("replay-totals", "GET", READ, of="replay"),
    Row("replay-differences", "GET", READ, of="replay"),
    Row("replay-apply", "POST", COMMISSIONS, 409, of="replay"),
    Row("replay-stop", "POST", COMMISSIONS, of="replay"),
    Row("program-experiments", "GET", READ, of="program"),
    Row("program-experiments", "POST", PROGRAMS, 201, EXPERIMENT, of="program"),
    Row("program-experiment", "GET", READ, of="program"),
    Row("program-experiment-stop", "POST", PROGRAMS, 409, of="program"),
    Row("program-experiment-archive", "POST", PROGRAMS, of="program"),
    Row("affiliates", "GET", READ),
    Row(
        "affiliates",
        "POST",
        AFFILIATES,
        201,
        {"program": "{program}", "email": "x@example.com", "name": "X"},
    ),
    Row("affiliate", "GET", READ, of="affiliate"),
    Row("enrollments", "GET", READ),
    Row("enrollment", "GET", READ, of="enrollment"),
    Row("enrollment-approve", "POST", AFFILIATES, 409, of="enrollment"),
    Row("enrollment-reject", "POST", AFFILIATES, 409, of="enrollment"),
    Row("enrollment-suspend", "POST", AFFILIATES, of="enrollment"),
    Row("enrollment-reinstate", "POST", AFFILIATES, 409, of="enrollment"),
    Row("links", "GET", READ),
    Row("links", "POST", AFFILIATES, 201, {"enrollment": "{enrollment}"}),
    Row("links-bulk", "POST", AFFILIATES, body={"data": [{"enrollment": "{enrollment}"}]}),
    Row("link", "GET", READ, of="link"),
    Row("link", "PATCH", AFFILIATES, body={"name": "N"}, of="link"),
    Row("link-archive", "POST", AFFILIATES, of="link"),
    Row("link-branches", "GET", READ, of="link"),
    Row(
        "link-branches",
        "PUT",
        AFFILIATES,
        body={"smart_rule": "match", "branches": [{"target": "{target}"}]},
        of="link",
    ),
    Row("coupons", "GET", READ),
    Row(
        "coupons-bulk-generate", "POST", AFFILIATES, 201, {"enrollment": "{enrollment}", "count": 2}
    ),
    Row("coupon-archive", "POST", AFFILIATES, of="coupon"),
    Row("coupons", "POST", AFFILIATES, 201, {"enrollment": "{enrollment}", "code": "NEW"}),
    Row("coupon", "GET", READ, of="coupon"),
    Row("coupon", "PATCH", AFFILIATES, body={"code": "NEW"}, of="coupon"),
    Row("clicks", "GET", READ),
    Row("conversions", "GET", READ),
    Row(
        "conversions",
        "POST",
        CONVERSIONS,
        201,
        {
            "program": "{program}",
            "goal": "sale",
            "external_id": "new",
            "amount_minor": 1,
            "currency": "EUR",
        },
    ),
    Row("conversions-bulk", "POST", CONVERSIONS, body={"data": [{}]}),
    Row("conversion", "GET", READ, of="conversion"),
    Row("conversion-why", "GET", READ, of="conversion"),
    Row(
        "conversion-reassign",
        "POST",
        CONVERSIONS,
        body={"enrollment": "{enrollment}", "reason": "R"},
        of="conversion",
    ),
    Row("conversion-approve", "POST", COMMISSIONS, of="conversion"),
    Row("conversion-decline", "POST", COMMISSIONS, body={"reason": "R"}, of="conversion"),
    Row("conversion-hold", "POST", COMMISSIONS, body={"reason": "R"}, of="conversion"),
    Row("conversion-release", "POST", COMMISSIONS, 409, of="conversion"),
    Row("conversion-refunds", "GET", READ, of="conversion"),
    Row(
        "conversion-refunds",
        "POST",
        CONVERSIONS,
        201,
        {"external_id": "r", "amount_minor": 1},
        of="conversion",
    ),
    Row("intake-calls", "GET", READ),
    Row("imports", "GET", READ),
    Row(
        "imports",
        "POST",
        CONVERSIONS,
        201,
        {"program": "{program}", "profile": "conversions"},
        file="order_id,amount\nA-1,1\n",
    ),
    Row("import", "GET", READ, of="import"),
    Row("conversion-confirm", "POST", CONVERSIONS, 409, of="conversion"),
    Row("conversion-status", "POST", CONVERSIONS, 201, {"status": "held"}, of="conversion"),
    Row(
        "refunds",
        "POST",
        CONVERSIONS,
        201,
        {
            "program": "{program}",
            "conversion_external_id": "new",
            "external_id": "r",
            "amount_minor": 1,
        },
    ),
    Row(
        "status-reports",
        "POST",
        CONVERSIONS,
        201,
        {"program": "{program}", "conversion_external_id": "new", "status": "held"},
    ),
    Row(
        "steps",
        "POST",
        CONVERSIONS,
        422,
        {"program": "{program}", "step": "none", "external_id": "s"},
    ),
    Row("customers", "GET", READ),
    Row("customers", "POST", CONVERSIONS, 201, {"program": "{program}", "external_id": "new"}),
    Row("customer", "GET", READ, of="customer"),
    Row(
        "customer-reassign",
        "POST",
        CONVERSIONS,
        body={"program": "{program}", "enrollment": "{enrollment}", "reason": "R"},
        of="customer",
    ),
    Row("customer-erase", "POST", CONVERSIONS, of="customer"),
    Row("events", "GET", READ),
    Row("event", "GET", READ, of="event"),
    Row("commissions", "GET", READ),
    Row("commission", "GET", READ, of="commission"),
    Row("commission-approve", "POST", COMMISSIONS, of="commission"),
    Row("commission-decline", "POST", COMMISSIONS, body={"reason": "R"}, of="commission"),
    Row(
        "commissions",
        "POST",
        COMMISSIONS,
        201,
        {"enrollment": "{enrollment}", "amount_minor": 5, "reason": "R"},
    ),
    Row("enrollment-write-off", "POST", PAYOUTS, 409, {"reason": "R"}, of="enrollment"),
    Row("grants", "GET", READ),
    Row("grant", "GET", READ, of="grant"),
    Row("grant-given", "POST", COMMISSIONS, of="grant"),
    Row("grant-failed", "POST", COMMISSIONS, body={"reason": "R"}, of="grant"),
    Row("grant-retry", "POST", COMMISSIONS, of="grant"),
    Row("claims", "GET", READ),
    Row("claim", "GET", READ, of="claim"),
    Row("claim-credit", "POST", CONVERSIONS, of="claim"),
    Row("claim-refuse", "POST", CONVERSIONS, body={"reason": "R"}, of="claim"),
    Row("balances", "GET", READ),
    Row("payout-batches", "GET", READ),
    Row("payout-batches", "POST", PAYOUTS, 422, {"currency": "EUR"}),
    Row("payout-batch", "GET", READ, of="batch"),
    Row("payout-batch-approve", "POST", PAYOUTS, 409, of="batch"),
    Row("payout-batch-send", "POST", PAYOUTS, of="batch"),
    Row("payout-batch-cancel", "POST", PAYOUTS, 409, of="batch"),
    Row("payout-batch-file", "GET", PAYOUTS, of="batch"),
    Row("payouts", "GET", READ),
    Row("payout", "GET", READ, of="payout"),
    Row("payout-mark-paid", "POST", PAYOUTS, body={"provider_ref": "B-1"}, of="payout"),
    Row("payout-mark-failed", "POST", PAYOUTS, body={"reason": "R"}, of="payout"),
    Row("partner-me", "GET", PARTNER),
    Row("partner-programs", "GET", PARTNER),
    Row("partner-links", "GET", PARTNER),
    Row("partner-links", "POST", PARTNER, 201, {"enrollment": "{enrollment}"}),
    Row("partner-link", "GET", PARTNER, of="link"),
    Row("partner-link", "PATCH", PARTNER, body={"name": "N"}, of="link"),
    Row("partner-link-archive", "POST", PARTNER, of="link"),
    Row("partner-links-bulk", "POST", PARTNER, body={"data": [{"enrollment": "{enrollment}"}]}),
    Row("partner-coupons", "GET", PARTNER),
    Row("partner-coupon", "GET", PARTNER, of="coupon"),
    Row("partner-clicks", "GET", PARTNER),
    Row("partner-conversions", "GET", PARTNER),
    Row("partner-conversion", "GET", PARTNER, of="conversion"),
    Row("partner-conversion-why", "GET", PARTNER, of="conversion"),
    Row("partner-commissions", "GET", PARTNER),
    Row("partner-commission", "GET", PARTNER, of="commission"),
    Row("partner-claims", "GET", PARTNER),
    Row(
        "partner-claims",
        "POST",
        PARTNER,
        201,
        {
            "enrollment": "{enrollment}",
            "goal": "sale",
            "order_id": "new",
            "happened_on": str(datetime.now(UTC).date()),
            "message": "M",
        },
    ),
    Row("partner-claim", "GET", PARTNER, of="claim"),
    Row("partner-claim-withdraw", "POST", PARTNER, of="claim"),
    Row("partner-balances", "GET", PARTNER),
    Row("partner-payouts", "GET", PARTNER),
    Row("partner-payout", "GET", PARTNER, of="payout"),
    Row("partner-payout-method", "GET", PARTNER),
    Row(
        "partner-payout-method",
        "PUT",
        PARTNER,
        body={"kind": "bank", "holder": "B", "iban": IBAN},
    ),
]


def served() -> Iterator[tuple[str, str]]:
    """Yield every route of the URLconf with each method that it answers."""
    patterns = {row.name: row for row in urls.urlpatterns if isinstance(row, URLPattern)}
    for route in routes("api"):
        name = route.name.removeprefix("api:")
        view = getattr(patterns[name].callback, "view_class", None)
        methods = {"get"} if view is None else {"get", "post", "put", "patch", "delete"}
        for method in methods:
            if view is None or hasattr(view, method):
                yield name, method.upper()


def test_every_route_and_method_has_a_row() -> None:
    listed = [(row.route, row.method) for row in ROWS]

    assert sorted(listed) == sorted(served())
    assert len(set(listed)) == len(listed)


@dataclass
class World:
    """Acme with one of everything, and all who might call."""

    ids: dict[str, str]
    callers: dict[str, Caller]

    def call(self, row: Row, caller: str) -> Answered:
        """Make the row's call as somebody."""
        path = address(row, self.ids).removeprefix("/api/v1/")
        body = filled(row.body, self.ids)
        if row.file:
            form = {**body, "file": ContentFile(row.file, name="file.csv")}
            raw = encode_multipart(BOUNDARY, form)
            return self.callers[caller](row.method, path, raw=raw, content_type=MULTIPART_CONTENT)
        return self.callers[caller](row.method, path, body or None)


def address(row: Row, ids: dict[str, str]) -> str:
    """Return the row's address, with Acme's ids in it."""
    if row.route == "nothing-here":
        return "/api/v1/nowhere"
    arguments = {
        "id": ids.get(row.of, ""),
        "code": "lead" if "step" in row.route else "sale",
        "step": "install",
        "destination_id": ids["destination"],
        "cap_id": ids["cap"],
        "budget_id": ids["budget"],
        "experiment_id": ids["experiment"],
        "terms_id": ids["terms"],
        "rule_id": ids["rule"],
        "tier_id": ids["tier"],
        "promotion_id": ids["promotion"],
    }
    [route] = [found for found in routes("api") if found.name == f"api:{row.route}"]
    return reverse(route.name, kwargs={name: arguments[name] for name in route.arguments})


def filled(value: Any, ids: dict[str, str]) -> Any:
    """Return a body with the ids that it names."""
    if isinstance(value, dict):
        return {name: filled(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    return value.format(**ids) if isinstance(value, str) else value


def paid_once(company: Company) -> Batch:
    """Send a batch of what is due."""
    approve_due(merchant_id=company.id, at=LATER)
    finn = add_member(company, "Finn", Role.FINANCE)
    with merchant_context(company.id):
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        batch = approve_batch(member=company.owner, batch=batch, at=LATER)
        send_batch(member=finn, batch=batch, at=LATER)
    return batch


def configured(company: Company, promoter: Promoter) -> dict[str, UUID]:
    """Store one of each thing that is set up; return their ids."""
    program, by = company.program, SYSTEM
    page = DestinationDraft("Sale", "https://shop.acme.example/sale")
    cap = CapDraft(CapUnit.CLICKS, CapPeriod.DAY, CapScope.PROGRAM, limit=100)
    budget = BudgetDraft(BudgetScope.PROGRAM, BudgetPeriod.ALL, limit_minor=10**9)
    lead = Goal.objects.get(program=program, code="lead")
    sale = Goal.objects.get(program=program, code="sale")
    missing = ClaimDraft(sale, "o-7", NOON.date(), "She told me.", amount_minor=100)
    add_goal_step(goal=lead, code="install", name="Install", times=1, by=by, at=NOON)
    gold = create_tier(program=program, name="Gold", by=by, at=NOON)
    tier_rule = RuleDraft(reward="FIXED", fixed_minor=1, level="TIER", tier=gold, goal=sale)
    return {
        "tier": gold.id,
        "tier_rule": create_rule(program=program, draft=tier_rule, by=by, at=NOON).id,
        "promotion": create_promotion(
            program=program, name="P", starts_at=NOON, ends_at=LATER, by=by, at=NOON
        ).id,
        "fx_rate": set_rate_of_currency(
            merchant=company.merchant,
            base="EUR",
            quote="USD",
            rate=Decimal("1.1"),
            source="S",
            valid_from=NOON,
            by=by,
            at=NOON,
        ).id,
        "destination": create_destination(program=program, draft=page, by=by, at=NOON).id,
        "cap": create_cap(program=program, draft=cap, by=by, at=NOON).id,
        "budget": create_budget(program=program, draft=budget, by=by, at=NOON).id,
        "domain": add_domain(merchant=company.merchant, host="go.acme.example", by=by, at=NOON).id,
        "replay": start_recompute(
            program=program, happened_from=NOON, happened_until=LATER, by=by, at=NOON
        ).id,
        "experiment": plan_experiment(program, starts_at=datetime(2190, 1, 1, tzinfo=UTC)).id,
        "target": create_link(enrollment=promoter.enrollment).id,
        "claim": submit_claim(enrollment=promoter.enrollment, draft=missing, by=by, at=NOON).id,
    }


@pytest.fixture
def name_server(settings: Any) -> Iterator[NameServer]:
    """Run a name server that knows nothing, instead of the system's."""
    with running() as server:
        settings.DNS_SERVERS = [server.address]
        yield server


@pytest.fixture
def world(
    acme: Company, globex: Company, bob: Promoter, carol: Promoter, name_server: NameServer
) -> World:
    """Return Acme's things, a payout on its way and a conversion on hold among them."""
    sell(acme, click=click_of(bob))
    batch = paid_once(acme)
    conversion = sell(acme, click=click_of(bob))
    with merchant_context(acme.id):
        publish_terms(program=acme.program, body="T", summary="", by=SYSTEM, at=NOON)
        file = start_import(
            program=acme.program,
            profile=ImportProfile.CONVERSIONS,
            file_name="orders.csv",
            content=b"order_id,amount\nA-1,1\n",
            is_dry_run=True,
            at=NOON,
        )
        coupon = create_coupon(enrollment=bob.enrollment, code="BOB10")
        ids = {
            "program": acme.program.id,
            "affiliate": bob.affiliate.id,
            "enrollment": bob.enrollment.id,
            "link": bob.link.id,
            "import": file.id,
            "coupon": coupon.id,
            **configured(acme, bob),
            "conversion": conversion.id,
            "grant": granted(conversion, status=GrantStatus.DUE).id,
            "customer": Customer.objects.create(
                merchant_id=acme.id, external_id="c-1", first_seen_at=NOON
            ).id,
            "commission": Commission.objects.get(conversion=conversion).id,
            "event": Event.objects.latest("id").id,
            "batch": batch.id,
            "payout": Payout.objects.get().id,
            "terms": Terms.objects.get().id,
            "rule": RuleVersion.objects.get(rule__is_base=True).id,
        }
    callers = {
        "no key": Caller(None),
        "wrong key": Caller("fl_sk_wrong"),
        "full key": Caller(key_for(acme.owner)),
        "read-only key": Caller(key_for(acme.owner, [Scope.READ])),
        "publishable key": Caller(key_for(acme.owner, list(Scope), KeyKind.PUBLISHABLE)),
        "other merchant's key": Caller(key_for(globex.owner)),
        "affiliate key": Caller(create_affiliate_key(affiliate=bob.affiliate, name="B")[1]),
        "other affiliate's key": Caller(
            create_affiliate_key(affiliate=carol.affiliate, name="C")[1]
        ),
        **{
            f"without {scope}": Caller(key_for(acme.owner, set(Scope) - {scope})) for scope in Scope
        },
    }
    return World({name: str(id) for name, id in ids.items()}, callers)


def names_something(row: Row) -> bool:
    """Return whether address or body name a thing of Acme's."""
    return bool(row.of) or filled(row.body, {"program": "", "enrollment": ""}) != row.body


def foreign_status(row: Row) -> int:
    """Return what a stranger with the right kind of key gets: its own empty list, or a 404."""
    if row.route in ("links-bulk", "partner-links-bulk", "conversions-bulk"):
        return 200  # Each item has its own 404.
    return 404 if names_something(row) else row.status


def expected(row: Row) -> dict[str, int]:
    """Return the status that each caller gets."""
    if row.needs == PUBLIC:
        return {"no key": row.status, "wrong key": row.status, "full key": row.status}
    refused = {"no key": 401, "wrong key": 401, "publishable key": 403}
    if row.needs == PARTNER:
        return {
            **refused,
            "full key": 403,
            "read-only key": 403,
            "other merchant's key": 403,
            "other affiliate's key": foreign_status(row),
            "affiliate key": row.status,
        }
    lacking = {f"without {row.needs}": 403} if row.needs else {}
    reading = row.status if row.needs in (Scope.READ, None) else 403
    return {
        **refused,
        **lacking,
        "affiliate key": 403,
        "other affiliate's key": 403,
        "other merchant's key": foreign_status(row),
        "read-only key": reading,
        "full key": row.status,  # Last: it may change things.
    }


def statuses(world: World, row: Row) -> dict[str, int]:
    """Return what each caller of the row gets."""
    return {caller: world.call(row, caller).status for caller in expected(row)}


READS = [row for row in ROWS if row.method == "GET"]  # They change nothing: one world serves all.
WRITES = [row for row in ROWS if row.method != "GET"]


def test_everybody_reads_what_the_table_says(world: World) -> None:
    found = {row.route: statuses(world, row) for row in READS}

    assert found == {row.route: expected(row) for row in READS}


@pytest.mark.parametrize("row", WRITES, ids=lambda row: f"{row.method} {row.route}")
def test_everybody_writes_what_the_table_says(world: World, row: Row) -> None:
    assert statuses(world, row) == expected(row)


STRANGERS = [row for row in ROWS if row.needs != PUBLIC and names_something(row)]


def test_a_foreign_thing_is_told_from_a_missing_one_by_nothing(world: World) -> None:
    missing = World(dict.fromkeys(world.ids, "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b"), world.callers)
    told = {}
    for row in STRANGERS:
        stranger = "other affiliate's key" if row.needs == PARTNER else "other merchant's key"
        answers = [one.call(row, stranger).response for one in (world, missing)]
        foreign, absent = ((answer.status_code, answer.content) for answer in answers)
        if foreign != absent:
            told[row.method, row.route] = foreign, absent

    assert told == {}


def test_a_stranger_leaves_everything_as_it_was(world: World, acme: Company) -> None:
    before = snapshot(acme)

    for row in STRANGERS:
        stranger = "other affiliate's key" if row.needs == PARTNER else "other merchant's key"
        world.call(row, stranger)

    assert snapshot(acme) == before


SNAPSHOT = (
    *(Batch, Branch, Cap, Claim, Commission, Coupon, Destination, Domain, Enrollment, Goal),
    *(GoalStep, Link, Payout, Program, Terms, RuleVersion),
)


def snapshot(company: Company) -> dict[str, Any]:
    """Return all of the company's rows that the API can change."""
    with merchant_context(company.id):
        return {model.__name__: sorted(model.objects.values_list(), key=str) for model in SNAPSHOT}
