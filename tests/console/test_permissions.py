"""Every route of the console × everybody who may come: a route without a row fails the build."""

from dataclasses import dataclass
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
from tests.collaborating import store_pitch
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
from tests.console.conftest import TODAY, SignIn, reauthenticate
from tests.console.handed_out import hand_out
from tests.console.joining import store_joining
from tests.console.permissions import ONLY_READ, OPEN_ROWS, ROWS
from tests.console.program_pages import store_page
from tests.console.rails import store_lost_call, store_rail
from tests.console.rates import store_rates
from tests.experiments import plan_experiment
from tests.grants import granted
from tests.materials.making import store_material
from tests.messaging.writing import affiliate_of, attach, begin, draft
from tests.partnerships.making import store_partnership
from tests.payouts.documents.paying import store_document
from tests.payouts.statements.stored import store_statement
from tests.payouts.tax.signing import sign
from tests.portal.asking import store_withdrawal
from tests.proposals import propose
from tests.recruiting.prospecting import store_file, store_prospect, store_template
from tests.remembering import Memory
from tests.routes import routes

LATER = NOON + timedelta(days=40)


@dataclass
class World:
    """Acme with one of everything that a route can name."""

    company: Company
    bob: Promoter
    ids: dict[str, UUID | str]


@pytest.fixture
def world(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return Acme with a waiting batch, a pending conversion, a second member and a key."""
    monkeypatch.setattr("interfaces.console.domains.finding_of", lambda **_: Finding.NO_RECORD)
    return memory.recall("world of the console", make_world, at=TODAY)


def make_world() -> World:
    """Store the world through the services."""
    acme = make_company("Acme", "Alice")
    bob = make_promoter(acme, "Bob")
    due = sell(acme, click=click_of(bob))
    approve_due(merchant_id=acme.id, at=LATER)
    pending = sell(acme, click=click_of(bob), at=NOON + timedelta(hours=2))
    finn = add_member(acme, "Finn", Role.FINANCE)
    victim = add_member(acme, "Vera", Role.VIEWER)
    with merchant_context(acme.id):
        key, _text = create_key(member=acme.owner, name="Shop", scopes=[Scope.READ], at=NOON)
        cobranded = store_cobranded(acme, bob)
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
            **store_thread(acme, bob),
            "prospect_id": store_prospect(acme).id,
            "deal_id": store_deal(acme, bob).id,
            "template_id": store_template(acme).id,
            "prospect_import_id": store_file(acme).id,
            **store_partnership(acme, bob),
            "automation_id": write(acme).id,
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
            "material_id": store_material(acme, "BANNER").id,
            **store_rail(acme),
            "attempt_id": store_lost_call(Rail.objects.get(merchant_id=acme.id), batch).id,
            **hand_out(acme, bob),
            "request_id": store_wish(acme, bob).id,
            "cobrand_id": cobranded["template_id"],
            "piece_id": cobranded["piece_id"],
            "row_id": store_pitch(acme, bob).id,
            **store_rates(acme),
        }
    assert due.id != pending.id
    return World(acme, bob, ids)


def store_thread(company: Company, promoter: Promoter) -> dict[str, UUID | str]:
    """Store a thread with a file; return their ids."""
    thread = begin(company, promoter)
    return {
        "thread_id": thread.id,
        "attachment_id": attach(thread, affiliate_of(promoter)).id,
        "broadcast_id": draft(company).id,
    }


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


def test_an_affiliate_who_is_no_member_is_sent_to_the_start(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.bob.user)

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
