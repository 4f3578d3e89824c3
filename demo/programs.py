"""What the programs of the demo say and want: pages, conduct, targets, policies, the directory."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from affiliates.friction import answer_friction, report_friction
from affiliates.models import FrictionReport
from affiliates.waivers import grant_waiver
from demo.cast import ERIK, HUGO
from demo.characters import Promoter
from demo.history import History
from demo.page import (
    ANSWER,
    BIDDING,
    BLOCKS,
    CODES,
    COMPLAINT,
    CONDUCT,
    CUSTOMERS,
    NEWS_BODY,
    NEWS_TITLE,
    OPENING_CONDUCT,
    POLICIES,
    QUESTION,
    WAIVED_BECAUSE,
)
from merchants.rights import Role
from programs.models import Category, Method, Permission, Policy, TargetMetric
from programs.services.changes import announce
from programs.services.conduct import ConductDraft, set_conduct
from programs.services.pages import BlockDraft, add_block
from programs.services.plans import add_target, list_program, set_customers
from programs.services.policies import PolicyDraft, add_policy

REGISTERED_DAYS_AGO: Final = 40
TARGETS: Final = (  # What, how much, and from when until when, in days from today.
    (TargetMetric.REVENUE, 2_500_000, -29, 15),
    (TargetMetric.CONVERSIONS, 300, -29, 6),
)
GLOBEX_STEPS: Final = BlockDraft(
    "STEPS",
    "From link to payment",
    "Show the planner\nYour link opens a trial of thirty days.\n\n"
    "The workshop decides\nWe call nobody whom you have not told of it.\n\n"
    "You are paid\nOnce a month, by bank transfer.",
)
GLOBEX_CONDUCT: Final = ConductDraft(
    methods={
        Method.CONTENT: Permission.ALLOWED,
        Method.VIDEO: Permission.ALLOWED,
        Method.COUPONS: Permission.FORBIDDEN,
        Method.INCENTIVES: Permission.FORBIDDEN,
    },
    disclosures={"en": "I am a partner of Globex and am paid when you subscribe."},
)
WAIVED_FOR = timedelta(days=45)
Act = Callable[[History, datetime], None]


def plan_programs(history: History) -> None:
    """Plan what Acme wrote, wished and was told of its program."""
    acts: tuple[tuple[float, Act], ...] = (
        (65, _open_page),
        (REGISTERED_DAYS_AGO, _register),
        (30, _set_targets),
        (26, _renew_conduct),
        (19, partial(_report, promoter=ERIK, title=BIDDING, body=QUESTION)),
        (18, _answer),
        (11, _waive),
        (12, _tell_news),
        (2, partial(_report, promoter=HUGO, title=CODES, body=COMPLAINT)),
    )
    for days_ago, act in acts:
        at = history.day(0) - timedelta(days=days_ago) + timedelta(hours=10)
        history.agenda.plan(at, partial(act, history))


def plan_globex_programs(history: History) -> None:
    """Plan that Globex writes less, and is in the directory as well."""
    at = history.day(50) + timedelta(hours=9)
    history.agenda.plan(at, partial(_open_globex, history))


def _open_page(history: History, at: datetime) -> None:
    program, by = history.stage.program, history.stage.acting(Role.OWNER)
    for draft in BLOCKS:
        add_block(program=program, draft=draft, by=by, at=at)
    set_conduct(program=program, draft=OPENING_CONDUCT, by=by, at=at)
    set_customers(program=program, changes=CUSTOMERS, by=by, at=at)
    list_program(program=program, category=Category.SPORT, countries=(), by=by, at=at)


def _register(history: History, at: datetime) -> None:
    program, owner = history.stage.program, history.stage.member(Role.MANAGER)
    for category, title, body, rationale, due_in_days in POLICIES:
        review_on = (history.day(0) + timedelta(days=due_in_days)).date()
        draft = PolicyDraft(category, title, body, owner, review_on, rationale)
        add_policy(program=program, draft=draft, by=history.stage.acting(Role.OWNER), at=at)


def _set_targets(history: History, at: datetime) -> None:
    today = history.day(0).date()
    for metric, amount, first, last in TARGETS:
        add_target(
            program=history.stage.program,
            metric=metric,
            amount=amount,
            first_on=today + timedelta(days=first),
            last_on=today + timedelta(days=last),
            by=history.stage.acting(Role.OWNER),
            at=at,
        )


def _renew_conduct(history: History, at: datetime) -> None:
    by = history.stage.acting(Role.MANAGER)
    set_conduct(program=history.stage.program, draft=CONDUCT, by=by, at=at)


def _tell_news(history: History, at: datetime) -> None:
    by = history.stage.acting(Role.MANAGER)
    program = history.stage.program
    announce(program=program, title=NEWS_TITLE, body=NEWS_BODY, tells=True, by=by, at=at)


def _report(history: History, at: datetime, *, promoter: Promoter, title: str, body: str) -> None:
    if standing := history.stage.standing(promoter):
        program = history.stage.program
        policy = Policy.objects.get(merchant_id=history.stage.id, program=program, title=title)
        report_friction(
            enrollment=standing.enrollment,
            policy=policy,
            body=body,
            by=history.people.user(promoter.person),
            at=at,
        )


def _answer(history: History, at: datetime) -> None:
    report = FrictionReport.objects.get(merchant_id=history.stage.id, answered_at=None)
    member = history.stage.member(Role.MANAGER)
    answer_friction(report=report, answer=ANSWER, member=member, at=at)


def _waive(history: History, at: datetime) -> None:
    """Let one affiliate keep codes that are over a while longer."""
    if standing := history.stage.standing(ERIK):
        program = history.stage.program
        policy = Policy.objects.get(merchant_id=history.stage.id, program=program, title=CODES)
        grant_waiver(
            policy=policy,
            enrollment=standing.enrollment,
            reason=WAIVED_BECAUSE,
            last_on=(history.day(0) + WAIVED_FOR).date(),
            by=history.stage.member(Role.MANAGER),
            at=at,
        )


def _open_globex(history: History, at: datetime) -> None:
    program, by = history.stage.program, history.stage.acting(Role.OWNER)
    add_block(program=program, draft=GLOBEX_STEPS, by=by, at=at)
    set_conduct(program=program, draft=GLOBEX_CONDUCT, by=by, at=at)
    countries = ("US", "CA", "GB", "NL", "DE")
    list_program(program=program, category=Category.SOFTWARE, countries=countries, by=by, at=at)
