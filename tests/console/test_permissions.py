"""Every route of the console × everybody who may come: a route without a row fails the build."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from commissions.models import GrantStatus, Side
from commissions.services import approve_due
from commissions.services.replays import start_recompute
from merchants.domains import Finding
from merchants.models import SYSTEM, Event
from merchants.rights import Role, Scope
from merchants.services import create_key
from merchants.tenancy import merchant_context
from payouts.models import Payout, Rail, TaxFormKind
from payouts.services import TermsDraft, create_terms, prepare_batch
from programs.models import Goal
from tests.cast import NOON, Company, Promoter, add_member, click_of, make_promoter, sell
from tests.console.arrivals import (
    store_budget,
    store_bulk_job,
    store_call,
    store_care,
    store_claim,
    store_customer,
    store_decision,
    store_import,
    store_step,
)
from tests.console.conftest import SignIn, reauthenticate
from tests.console.handed_out import hand_out
from tests.console.joining import store_joining
from tests.console.program_pages import store_page
from tests.console.rails import store_lost_call, store_rail
from tests.console.rates import store_rates
from tests.experiments import plan_experiment
from tests.grants import granted
from tests.payouts.documents.paying import store_document
from tests.payouts.statements.stored import store_statement
from tests.payouts.tax.signing import sign
from tests.portal.asking import store_withdrawal
from tests.proposals import propose
from tests.routes import routes

LATER = NOON + timedelta(days=40)
ALL = "OMFSV"  # Owner, manager, finance, sales, viewer.


@dataclass(frozen=True)
class Row:
    """How a route is asked, and which roles it lets in."""

    method: str
    roles: str
    data: dict[str, str] = field(default_factory=dict)


def read(roles: str = ALL) -> Row:
    """Return the row of a page."""
    return Row("get", roles)


def act(roles: str, **data: str) -> Row:
    """Return the row of something that is only posted."""
    return Row("post", roles, data)


ROWS = {
    "home": read(),
    "palette": read(),
    "clicks": read(),
    "missed-codes": read(),
    "setup-program": read("OM"),
    "setup-rates": read("OM"),
    "setup-terms": read("OM"),
    "setup-done": read("OM"),
    "setup-key": act("O"),
    "setup-leave": act("OM"),
    "programs": read(),
    "program-create": read("OM"),
    "program": read(),
    "program-move": act("OM", to="PAUSED"),
    "program-page": read("OM"),
    "program-settings": read("OM"),
    "program-attribution": read("OM"),
    "attribution-example": read(),
    "program-goals": read(),
    "goal-create": read("OM"),
    "goal-edit": read("OM"),
    "goal-steps": read(),
    "step-create": act("OM", name="Opened", code="opened", times="3"),
    "step-remove": act("OM"),
    "program-backtests": read(),
    "backtest-create": read("OM"),
    "program-recomputes": read(),
    "recompute-create": read("OMF"),
    "replay": read(),
    "replay-progress": read(),
    "replay-apply": act("OMF"),
    "replay-stop": act("OMF"),
    "replay-export": read(),
    "program-experiments": read(),
    "experiment-create": read("OM"),
    "experiment": read(),
    "experiment-stop": act("OM"),
    "experiment-archive": act("OM"),
    "program-rates": read(),
    "rates-edit": read("OM"),
    "rule-create": read("OM"),
    "rule-edit": read("OM"),
    "rule-move": act("OM", to="up"),
    "rule-remove": act("OM"),
    "program-tiers": read(),
    "tier-create": read("OM"),
    "tier-edit": read("OM"),
    "program-ladder": read("OM"),
    "ladder-preset": act("OM", preset="AFFILIATE"),
    "tier-remove": act("OM"),
    "program-promotions": read(),
    "promotion-create": read("OM"),
    "promotion-edit": read("OM"),
    "promotion-remove": act("OM"),
    "program-simulator": read(),
    "program-terms": read(),
    "terms-publish": read("OM"),
    "program-acceptances": read(),
    "program-proposals": read(),
    "program-destinations": read(),
    "destination-create": read("OM"),
    "destination-edit": read("OM"),
    "destination-remove": act("OM"),
    "program-caps": read(),
    "cap-create": read("OM"),
    "cap-archive": act("OM"),
    "program-budgets": read(),
    "budget-create": read("OM"),
    "budget-edit": read("OM"),
    "budget-end": act("OM"),
    "conversion-test": read("OM"),
    "conversion-arriving": read(),
    "program-tracking": read(),
    "program-signals": read(),
    "tracking-edit": read("OM"),
    "tracking-example": read(),
    "postback-token-show": act("OM"),
    "postback-token-rotate": act("OM"),
    "program-form": read(),
    "question-create": read("OM"),
    "question-edit": read("OM"),
    "question-move": act("OM", to="up"),
    "question-remove": act("OM"),
    "reapply-edit": act("OM", reapply_days="30"),
    "program-review": read(),
    "program-funnel": read(),
    "program-embed": read(),
    "review-rule-create": read("OM"),
    "review-rule-edit": read("OM"),
    "review-rule-move": act("OM", to="up"),
    "review-rule-remove": act("OM"),
    "program-blocks": read(),
    "block-create": read("OM"),
    "block-edit": read("OM"),
    "block-move": act("OM", to="up"),
    "block-remove": act("OM"),
    "program-conduct": read(),
    "conduct-edit": read("OM"),
    "program-changes": read(),
    "news-tell": read("OM"),
    "program-targets": read(),
    "target-create": read("OM"),
    "target-remove": act("OM"),
    "program-customers": read(),
    "customers-edit": act("OM", summary="Boat owners"),
    "program-listing": read("OM"),
    "program-policies": read(),
    "policy-create": read("OM"),
    "policy-edit": read("OM"),
    "policy-reviewed": act("OM", review_on="2027-01-01"),
    "policy-archive": act("OM"),
    "friction-answer": act("OM", answer="We will see."),
    "applications": read(),
    "applications-approve": act("OM"),
    "application": read(),
    "application-approve": act("OM"),
    "application-reject": act("OM", reason="No."),
    "affiliates": read(),
    "segment-save": act("OM", name="Mine", list="AFFILIATES"),
    "segment-delete": act("OM"),
    "tasks": read(),
    "task-finish": act(ALL),
    "note-write": act("OM", body="Called."),
    "note-delete": act("OM"),
    "tag-add": act("OM", name="Spring"),
    "tag-remove": act("OM"),
    "owner-assign": act("OM", owner=""),
    "task-set": act("OM", title="Call"),
    "violation-file": read("OM"),
    "violation-resolve": act("OM", resolution="Settled"),
    "affiliates-bulk": act("OM", action="APPROVE", all="1"),
    "bulk-job": read(),
    "bulk-job-progress": read(),
    "bulk-job-cancel": act("OM"),
    "duplicates": read(),
    "affiliate-merge": read("OM"),
    "affiliate-invite": read("OM"),
    "affiliate": read(),
    "affiliate-approve": act("OM"),
    "affiliate-reject": act("OM", reason="No."),
    "affiliate-clear-account": act("OF", reason="Married."),
    "affiliate-suspend": act("OM", reason="No."),
    "affiliate-reinstate": act("OM"),
    "coupon-create": act("OM", code="BOB10"),
    "line-create": act("OMF", amount_minor="5.00", reason="Thanks."),
    "debt-write-off": act("OF", reason="Gone."),
    "affiliate-tier": act("OM", tier=""),
    "proposal-create": read("OM"),
    "proposal": read(),
    "proposal-accept": act("OM", signed_name="Rita"),
    "proposal-counter": act("OM"),
    "proposal-decline": act("OM"),
    "proposal-withdraw": act("OM"),
    "affiliate-contract": read("OM"),
    "affiliate-contract-end": act("OM"),
    "affiliate-tax": read(),
    "tax-doubt": act("OF", reason="CP2100"),
    "tax-clear": act("OF"),
    "affiliate-suggest": read(),
    "links": read(),
    "link-create": read("OM"),
    "links-create": read("OM"),
    "link": read(),
    "link-edit": read("OM"),
    "link-archive": act("OM"),
    "link-qr": read(),
    "link-qr-png": read(),
    "link-rule": act("OM", rule="BEST"),
    "branch-create": read("OM"),
    "branch-edit": read("OM"),
    "branch-remove": act("OM"),
    "coupons": read(),
    "coupons-export": read(),
    "coupons-create": read("OM"),
    "coupon-archive": act("OM"),
    "conversions": read(),
    "conversions-export": read(),
    "conversion": read(),
    "conversion-approve": act("OMF"),
    "conversion-confirm": act("OM"),
    "conversion-decline": act("OMF", reason="No."),
    "conversion-hold": act("OMF", reason="No."),
    "conversion-release": act("OMF"),
    "conversion-reassign": read("OM"),
    "customer-reassign": read("OM"),
    "refund-create": act("OM", external_id="R-1", amount="1.00"),
    "intake-calls": read(),
    "intake-call": read(),
    "imports": read(),
    "import-create": read("OM"),
    "import-example": read(),
    "import": read(),
    "import-progress": read(),
    "import-run": act("OM"),
    "import-refusals": read(),
    "customers": read(),
    "customer": read(),
    "customer-erase": act("OM"),
    "grants": read(),
    "grant-given": act("OMF"),
    "grant-failed": act("OMF", reason="No."),
    "grant-retry": act("OMF"),
    "claims": read(),
    "claims-export": read(),
    "claim": read(),
    "claim-credit": act("OM"),
    "claim-refuse": act("OM", reason="No."),
    "commissions": read(),
    "decision": read(),
    "decision-progress": read(),
    "commissions-decide": act("OMF", action="approve", all="1"),
    "payouts": read(),
    "prepare": read("OF"),
    "rails": read(),
    "rail-connect": read("O"),
    "rail-check": act("O"),
    "rail-archive": act("O"),
    "finding-resolve": act("OF", reason="Paid by hand."),
    "payout-terms": read(),
    "payout-terms-create": read("OF"),
    "payout-terms-example": read(),
    "payout-terms-edit": read("OF"),
    "payout-terms-remove": act("OF"),
    "payout-policy": act("OF"),
    "payout-calls": read(),
    "payout-call-again": act("OF", reason="Looked there."),
    "payout-call-give-up": act("OF", reason="Looked there."),
    "approval-limit": act("O", currency="EUR", amount="5"),
    "withdrawals": read(),
    "withdrawal-approve": act("OF"),
    "withdrawal-decline": act("OF", reason="No."),
    "liabilities": read(),
    "liabilities-export": read(),
    "documents": read(),
    "document": read("OF"),
    "annual": read(),
    "annual-export": read(),
    "annual-filing": act("OF"),
    "statements": read(),
    "statement-create": read("OF"),
    "statement": read(),
    "statement-apply": act("OF"),
    "statement-discard": act("OF"),
    "batch": read(),
    "batch-status": read(),
    "batch-edit": act("OF", action="take_out"),
    "batch-approve": act("OF"),
    "batch-cancel": act("OF"),
    "batch-file": act("OF"),
    "batch-paid": act("OF", reference="B-1", paid_on="2026-03-02"),
    "payout": read(),
    "payout-paid": act("OF", reference="B-1", paid_on="2026-03-02"),
    "payout-failed": act("OF", reason="No."),
    "payout-retry": act("OF"),
    "settings": read(),
    "profile-edit": act("OM", name="Acme", accent="#000000"),
    "members": read(),
    "member-invite": read("O"),
    "member-role": act("O", role="VIEWER"),
    "member-disable": act("O"),
    "notifications": read(),
    "notifications-edit": act(ALL),
    "keys": read(),
    "key-create": read("O"),
    "key-revoke": act("O"),
    "domains": read(),
    "domain-add": read("OM"),
    "domain-edit": read("OM"),
    "domain-check": act("OM"),
    "domain-remove": act("OM"),
    "staff-networks": read(),
    "staff-networks-edit": act("OM", add="203.0.113.7"),
    "fx-rates": read(),
    "fx-rate-create": read("OM"),
    "tax": read(),
    "tax-payer": act("OF", legal_name="Acme", street="1 Pier", town="Boston", country="US"),
    "tax-policy": act("OF"),
    "audit": read("O"),
    "audit-export": read("O"),
}
# For some roles only, and no forms.
ONLY_READ = {"audit", "audit-export"}
# Not behind the members' door: anybody signed in, tested in test_setup.py and test_settings.py;
# and `switch`, which every member may post, in test_access.py.
OPEN_ROWS = {"merchant-create", "invitation-accept", "switch"}


@dataclass
class World:
    """Acme with one of everything that a route can name."""

    company: Company
    ids: dict[str, UUID | str]


@pytest.fixture
def world(acme: Company, bob: Promoter, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return Acme with a waiting batch, a pending conversion, a second member and a key."""
    monkeypatch.setattr("interfaces.console.domains.finding_of", lambda **_: Finding.NO_RECORD)
    due = sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=LATER)
    pending = sell(acme, click=click_of(bob), at=NOON + timedelta(hours=2))
    finn = add_member(acme, "Finn", Role.FINANCE)
    victim = add_member(acme, "Vera", Role.VIEWER)
    with merchant_context(acme.id):
        key, _text = create_key(member=acme.owner, name="Shop", scopes=[Scope.READ], at=NOON)
        batch = prepare_batch(member=finn, currency="EUR", at=LATER)
        ids = {
            "program_id": acme.program.id,
            "goal_id": Goal.objects.get(program=acme.program, code="sale").id,
            "enrollment_id": bob.enrollment.id,
            "conversion_id": pending.id,
            "batch_id": batch.id,
            "payout_id": Payout.objects.get(batch=batch).id,
            "member_id": victim.id,
            "key_id": key.id,
            "step_id": store_step(acme).id,
            "budget_id": store_budget(acme).id,
            "grant_id": granted(pending, status=GrantStatus.DUE).id,
            "call_id": store_call(acme).id,
            "import_id": store_import(acme).id,
            "customer_id": store_customer(acme, bob).id,
            "claim_id": store_claim(acme, bob).id,
            "decision_id": store_decision(acme).id,
            "job_id": store_bulk_job(acme).id,
            **store_care(acme, bob),
            "replay_id": start_recompute(
                program=acme.program, happened_from=NOON, happened_until=LATER, by=SYSTEM, at=NOON
            ).id,
            "experiment_id": plan_experiment(acme.program, starts_at=LATER).id,
            "form_id": sign(bob, TaxFormKind.W8BEN).id,
            "statement_id": store_statement(acme).id,
            "document_id": store_document(Payout.objects.get(batch=batch)).id,
            "terms_id": create_terms(
                member=finn, program=acme.program, draft=TermsDraft(), at=NOON
            ).id,
            "withdrawal_id": store_withdrawal(acme, bob).id,
            "proposal_id": propose(acme, bob, side=Side.AFFILIATE).id,
            **store_joining(acme),
            **store_page(acme, bob),
            **store_rail(acme),
            "attempt_id": store_lost_call(Rail.objects.get(merchant_id=acme.id), batch).id,
            **hand_out(acme, bob),
            **store_rates(acme),
        }
    assert due.id != pending.id
    return World(acme, ids)


def ask(client: Client, name: str, arguments: frozenset[str], ids: dict[str, UUID | str]) -> int:
    """Ask one route as its row says; return the status of the answer."""
    row = ROWS[name]
    url = reverse(f"console:{name}", kwargs={argument: ids[argument] for argument in arguments})
    return getattr(client, row.method)(url, row.data or None).status_code


def ask_all(client: Client, ids: dict[str, UUID | str]) -> dict[str, int]:
    """Ask every route; return the statuses by its name."""
    return {
        name: ask(client, name, route.arguments, ids)
        for route in routes("console")
        if (name := route.name.partition(":")[2]) in ROWS
    }


def test_every_route_has_a_row() -> None:
    names = {route.name.partition(":")[2] for route in routes("console")}

    assert names == ROWS.keys() | OPEN_ROWS


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_let_in_where_its_row_says_so(role: Role, world: World, sign_in: SignIn) -> None:
    client = sign_in(add_member(world.company, "Rita", role).user)
    reauthenticate(client)

    statuses = ask_all(client, world.ids)

    refused = {name for name, status in statuses.items() if status == 403}
    assert refused == {name for name, row in ROWS.items() if role[0] not in row.roles}
    answered = {name: code for name, code in statuses.items() if name not in refused}
    assert {name: code for name, code in answered.items() if code not in (200, 302, 422)} == {}


def test_strangers_are_sent_to_sign_in(world: World) -> None:
    client = Client()

    for route in routes("console"):
        name = route.name.partition(":")[2]
        if name in ROWS:
            url = reverse(route.name, kwargs={key: world.ids[key] for key in route.arguments})
            answer = getattr(client, ROWS[name].method)(url, ROWS[name].data or None)
            assert answer.status_code == 302, name
            assert answer.headers["Location"].startswith("/accounts/login/"), name


def test_another_merchants_owner_finds_nothing_of_ours(
    world: World, globex: Company, sign_in: SignIn
) -> None:
    client = sign_in(globex.owner.user)
    reauthenticate(client)
    with merchant_context(world.company.id):
        before = Event.objects.count()

    statuses = ask_all(client, world.ids)

    named = {route.name.partition(":")[2] for route in routes("console") if route.arguments}
    assert {name: statuses[name] for name in named} == dict.fromkeys(named, 404)
    with merchant_context(world.company.id):
        assert Event.objects.count() == before


def test_a_missing_object_is_answered_like_a_foreign_one(
    world: World, globex: Company, sign_in: SignIn
) -> None:
    client = sign_in(globex.owner.user)

    foreign = client.get(reverse("console:conversion", args=[world.ids["conversion_id"]]))
    missing = client.get(reverse("console:conversion", args=[uuid4()]))

    assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)


def test_an_affiliate_who_is_no_member_is_sent_to_the_start(
    world: World, bob: Promoter, sign_in: SignIn
) -> None:
    client = sign_in(bob.user)

    statuses = ask_all(client, world.ids)

    assert set(statuses.values()) == {302}
    assert client.get(reverse("console:home")).headers["Location"] == reverse("start")


def test_what_changes_something_does_not_answer_to_get(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.company.owner.user)

    for route in routes("console"):
        name = route.name.partition(":")[2]
        if name in ROWS and ROWS[name].method == "post" and name != "batch-file":
            url = reverse(route.name, kwargs={key: world.ids[key] for key in route.arguments})
            assert client.get(url).status_code == 405, name


def test_forms_are_guarded_like_their_pages(world: World, sign_in: SignIn) -> None:
    client = sign_in(add_member(world.company, "Vic", Role.VIEWER).user)

    for route in routes("console"):
        name = route.name.partition(":")[2]
        if name in ROWS and ROWS[name].method == "get" and "V" not in ROWS[name].roles:
            url = reverse(route.name, kwargs={key: world.ids[key] for key in route.arguments})
            expected = 405 if name in ONLY_READ else 403
            assert client.post(url, {}).status_code == expected, name


def test_promoters_of_ours_see_no_console_of_ours(world: World, sign_in: SignIn) -> None:
    dora = make_promoter(world.company, "Dora")

    answer = sign_in(dora.user).get(reverse("console:affiliate", args=[dora.enrollment.id]))

    assert answer.headers["Location"] == reverse("start")
