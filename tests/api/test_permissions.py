"""Who may call what: one row per route and method, against every kind of caller.

The rows are compared with the URLconf, so a route or method without a row fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, reverse
from django.utils import timezone

from affiliates.care.jobs import Errand, plan_job, start_job
from affiliates.care.notes import write_note
from affiliates.care.tags import ensure_tag, tag_enrollment
from affiliates.keys import create_key as create_affiliate_key
from affiliates.models import Application, BulkAction, Enrollment
from affiliates.review_rules import RuleDraft as ReviewRuleDraft
from affiliates.review_rules import add_rule
from commissions.models import (
    BudgetPeriod,
    BudgetScope,
    Claim,
    Commission,
    Decision,
    GrantStatus,
    RuleVersion,
    Side,
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
from materials.services import add_material
from merchants.domains import add_domain
from merchants.fx import set_rate_of_currency
from merchants.models import SYSTEM, Domain, Event, KeyKind
from merchants.rights import Role, Scope
from merchants.tenancy import merchant_context
from payouts.models import (
    Batch,
    Finding,
    FindingKind,
    Payout,
    PayoutTerms,
    Rail,
    Reconciliation,
    TaxFormKind,
    Withdrawal,
)
from payouts.rails import set_rail
from payouts.services import approve_batch, prepare_batch, send_batch
from programs.models import Destination, Goal, GoalStep, PageBlock, Policy, Program, Target, Terms
from programs.services import (
    DestinationDraft,
    QuestionDraft,
    add_goal_step,
    add_question,
    create_destination,
    create_tier,
    publish_terms,
)
from tests.api.conftest import Answered, Caller, key_for
from tests.api.permissions import ROWS, WISE
from tests.api.rows import PARTNER, PUBLIC, Row
from tests.automations.making import write
from tests.cast import (
    NOON,
    Company,
    Promoter,
    add_member,
    click_of,
    make_company,
    make_promoter,
    sell,
)
from tests.channel.dealing import store_deal
from tests.cobranded import store_cobranded
from tests.codes import store_wish
from tests.console.program_pages import store_page
from tests.console.rails import store_lost_call
from tests.experiments import plan_experiment
from tests.grants import granted
from tests.materials.making import draft_of
from tests.merchants.name_server import NameServer, running
from tests.messaging.writing import begin, draft
from tests.partnerships.making import store_partnership
from tests.payouts.documents.paying import store_document
from tests.payouts.statements.stored import store_statement
from tests.payouts.tax.signing import sign
from tests.proposals import propose
from tests.recruiting.prospecting import store_prospect
from tests.remembering import Memory
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

    company: Company
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
        **ids,
        "id": ids.get(row.of, ""),
        "code": code_of(row),
        "step": "install",
        "destination_id": ids["destination"],
        "cap_id": ids["cap"],
        "budget_id": ids["budget"],
        "experiment_id": ids["experiment"],
        "terms_id": ids["terms"],
        "rule_id": ids["rule"],
        "tier_id": ids["tier"],
        "promotion_id": ids["promotion"],
        "material_id": ids["material"],
        "template_id": ids["cobrand_template"],
        "review_rule_id": ids["review_rule"],
        "tag_id": ids["tag"],
        "note_id": ids["note"],
        "item_id": ids["partner_item"],
        "automation_id": ids["automation"],
    }
    [route] = [found for found in routes("api") if found.name == f"api:{row.route}"]
    return reverse(route.name, kwargs={name: arguments[name] for name in route.arguments})


def code_of(row: Row) -> str:
    """Return the code that stands in the row's address: of a goal, or of a question."""
    if "question" in row.route:
        return "more"
    return "lead" if "step" in row.route else "sale"


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


def differing(company: Company) -> dict[str, UUID]:
    """Connect an account whose provider says otherwise; return its id and the finding's."""
    rail = set_rail(
        member=company.owner, provider="WISE", mode="SANDBOX", credentials=WISE, at=NOON
    )
    day = Reconciliation.objects.create(
        merchant_id=company.id, rail=rail, day=NOON.date(), checked_at=NOON
    )
    finding = Finding.objects.create(
        merchant_id=company.id,
        rail=rail,
        reconciliation=day,
        kind=FindingKind.UNKNOWN_TO_US,
        reference="T-1",
        currency="EUR",
        theirs_minor=100,
    )
    return {"rail": rail.id, "finding": finding.id}


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
        "material": add_material(program=program, draft=draft_of("COPY"), by=by, at=NOON).id,
        "target": create_link(enrollment=promoter.enrollment).id,
        **differing(company),
        "claim": submit_claim(enrollment=promoter.enrollment, draft=missing, by=by, at=NOON).id,
    }


def cared_for(company: Company, promoter: Promoter) -> dict[str, UUID]:
    """Store one of each thing of joining, care and agreements; return their ids."""
    program, by = company.program, SYSTEM
    enrollment = Enrollment.objects.select_related("program").get(id=promoter.enrollment.id)
    draft = QuestionDraft("More?", code="more")
    add_question(program=program, draft=draft, by=by, at=NOON)
    rule = ReviewRuleDraft("EMAIL_VERIFIED", "REVIEW", "R")
    note = write_note(member=company.owner, enrollment=enrollment, body="N", at=NOON)
    rows = Enrollment.objects.filter(id=enrollment.id)
    errand = Errand(BulkAction.TAG, tag=ensure_tag(merchant=company.merchant, name="Other"))
    expected = plan_job(rows, errand).seen
    start = {"member": company.owner, "query": "", "expected": expected, "at": NOON}
    return {
        "review_rule": add_rule(program=program, draft=rule, by=by, at=NOON).id,
        "tag": tag_enrollment(enrollment=enrollment, name="Tag", by=by, at=NOON).id,
        "note": note.id,
        "bulk_job": start_job(rows=rows, errand=errand, **start).id,  # type: ignore[arg-type]
        "application": Application.objects.get(enrollment=enrollment).id,
        "proposal": propose(
            company, promoter, goal=None, side=Side.AFFILIATE, at=timezone.now()
        ).id,
    }


@pytest.fixture
def name_server(settings: Any) -> Iterator[NameServer]:
    """Run a name server that knows nothing, instead of the system's."""
    with running() as server:
        settings.DNS_SERVERS = [server.address]
        yield server


@pytest.fixture
def world(memory: Memory, name_server: NameServer) -> World:
    """Return Acme's things, a payout on its way and a conversion on hold among them."""
    return memory.recall("world of the API", make_world, at=timezone.now())


def make_world() -> World:
    """Store the world through the services."""
    acme, globex = make_company("Acme", "Alice"), make_company("Globex", "Gwen")
    bob, carol = make_promoter(acme, "Bob"), make_promoter(globex, "Carol")
    sell(acme, click=click_of(bob))
    batch = paid_once(acme)
    conversion = sell(acme, click=click_of(bob))
    page = store_page(acme, bob)
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
        cobranded = store_cobranded(acme, bob)
        ids = {
            "program": acme.program.id,
            "affiliate": bob.affiliate.id,
            "enrollment": bob.enrollment.id,
            "link": bob.link.id,
            "import": file.id,
            "coupon": coupon.id,
            "coupon_request": store_wish(acme, bob).id,
            "cobrand_template": cobranded["template_id"],
            "cobrand_piece": cobranded["piece_id"],
            **configured(acme, bob),
            **cared_for(acme, bob),
            **page,
            "thread": begin(acme, bob).id,
            "prospect": store_prospect(acme).id,
            **partnered(acme, bob),
            "automation": write(acme).id,
            "deal": store_deal(acme, bob).id,
            "broadcast": draft(acme).id,
            "soon": (timezone.now() + timedelta(days=9)).isoformat(),
            "conversion": conversion.id,
            "grant": granted(conversion, status=GrantStatus.DUE).id,
            "customer": Customer.objects.create(
                merchant_id=acme.id, external_id="c-1", first_seen_at=NOON
            ).id,
            "commission": Commission.objects.get(conversion=conversion).id,
            "decision": Decision.objects.create(
                merchant_id=acme.id,
                to="APPROVED",
                line_ids=[],
                line_count=0,
                actor_kind="SYSTEM",
                asked_at=NOON,
            ).id,
            "event": Event.objects.latest("id").id,
            "batch": batch.id,
            "payout": Payout.objects.get().id,
            "payout_call": store_lost_call(Rail.objects.get(), batch).id,
            "merchant": acme.id,
            "withdrawal": Withdrawal.objects.create(
                merchant_id=acme.id,
                affiliate=bob.affiliate,
                currency="EUR",
                expected_minor=1,
                status_changed_at=NOON,
                requested_at=NOON,
            ).id,
            "payout_terms": PayoutTerms.objects.create(
                merchant_id=acme.id, program=acme.program
            ).id,
            "tax_form": sign(bob, TaxFormKind.W8BEN).id,
            "statement": store_statement(acme).id,
            "document": store_document(Payout.objects.get()).id,
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
    return World(acme, {name: str(id) for name, id in ids.items()}, callers)


def partnered(acme: Company, bob: Promoter) -> dict[str, object]:
    """Store a partnership with an item; return their ids."""
    ids = store_partnership(acme, bob)
    return {"partnership": ids["partnership_id"], "partner_item": ids["item_id"]}


NO_IDS = {"program": "", "enrollment": "", "merchant": "", "affiliate": "", "soon": "{soon}"}


def names_something(row: Row) -> bool:
    """Return whether address or body name a thing of Acme's."""
    return bool(row.of) or filled(row.body, NO_IDS) != row.body


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
    nowhere = dict.fromkeys(world.ids, "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b")
    missing = World(world.company, nowhere | {"soon": world.ids["soon"]}, world.callers)
    told = {}
    for row in STRANGERS:
        stranger = "other affiliate's key" if row.needs == PARTNER else "other merchant's key"
        answers = [one.call(row, stranger).response for one in (world, missing)]
        foreign, absent = ((answer.status_code, answer.content) for answer in answers)
        if foreign != absent:
            told[row.method, row.route] = foreign, absent

    assert told == {}


def test_a_stranger_leaves_everything_as_it_was(world: World) -> None:
    before = snapshot(world.company)

    for row in STRANGERS:
        stranger = "other affiliate's key" if row.needs == PARTNER else "other merchant's key"
        world.call(row, stranger)

    assert snapshot(world.company) == before


SNAPSHOT = (
    *(Batch, Branch, Cap, Claim, Commission, Coupon, Destination, Domain, Enrollment, Goal),
    *(GoalStep, Link, PageBlock, Payout, Policy, Program, Target, Terms, RuleVersion),
)


def snapshot(company: Company) -> dict[str, Any]:
    """Return all of the company's rows that the API can change."""
    with merchant_context(company.id):
        return {model.__name__: sorted(model.objects.values_list(), key=str) for model in SNAPSHOT}
