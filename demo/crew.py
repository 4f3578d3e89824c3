"""Acme's second program: customers who recommend the shop, paid in money and in gifts.

It is also where Acme compares two rewards: enough people take part for an interval to mean
something.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from commissions.models import BudgetPeriod, BudgetScope, ExperimentAssignment, Grant, Reward
from commissions.services import Rate, RuleDraft, approve_conversion, create_rule, set_rate
from commissions.services.budgets import BudgetDraft, create_budget
from commissions.services.draws import draw_experiments
from commissions.services.experiments import ExperimentDraft, VariantDraft, create_experiment
from commissions.services.grants import fail_grant, give_grant, retry_grant
from demo.cast import CREW
from demo.history import History
from demo.stage import Stage
from merchants.rights import Role
from programs.models import Goal, JoinMode, Kind, Program, Status
from programs.services import GoalDraft, ProgramDraft, create_program, move_program
from tracking.models import Conversion, ConversionStatus

OPENED_DAYS_AGO = 30
COMPARED_FROM_DAYS_AGO = 26
COMPARED_DAYS = 42
REWARD_MINOR = 500
HIGHER_MINOR = 800
VARIANT = "8 euros"
EAGERNESS = 2.6  # How many more clicks people bring who get the higher reward.
LARGE_MINOR = 25_000
FIRST_NUMBER = 20_000
FRIEND = {"kind": "DISCOUNT", "quantity": 1_000, "description": "on their next order"}
LAMP = {"kind": "GIFT", "quantity": 1, "description": "a pocket lamp"}


def plan_crew(history: History) -> None:
    """Plan the program's opening; the rest follows from it."""
    opens_at = history.day(OPENED_DAYS_AGO) + timedelta(hours=6)
    history.agenda.plan(opens_at, partial(_open, history))


def _open(partners: History, at: datetime) -> None:
    """Make the program and plan its own history."""
    program = _make_program(partners.stage, at)
    outer = partners.stage
    company = replace(outer.company, promoters=CREW, applicants=(), rejected=None)
    stage = Stage(company, outer.offer, outer.merchant, program, outer.members)
    crew = History(
        stage,
        partners.people,
        partners.agenda,
        begins=partners.begins,
        now=partners.now,
        first_number=FIRST_NUMBER,
    )
    crew.plan_entries()
    crew.plan_days(first_days_ago=OPENED_DAYS_AGO - 1, process_every=3, approves=False)
    for days_ago, hour, action in (
        (COMPARED_FROM_DAYS_AGO, 0.0, _compare),
        (18, 9.0, _limit),
        (15, 10.0, _approve_some),
        (8, 10.0, _approve_some),
        (7, 15.0, _give_some),
        (1, 15.0, _give_some),
    ):
        crew.agenda.plan(crew.day(days_ago) + timedelta(hours=hour), partial(action, crew))


def _make_program(stage: Stage, at: datetime) -> Program:
    by = stage.acting(Role.OWNER)
    draft = ProgramDraft(
        name="Acme Crew",
        slug="crew",
        landing_url=f"{settings.SHOP_URL}/",
        currency=stage.company.currency,
        kind=Kind.REFERRAL,
        summary="Tell your friends about the shop: 5 euros for you, 10 % for them.",
        join_mode=JoinMode.OPEN,
        window_days=30,
        hold_days=30,
        payout_minor_min=5_000,
        goals=(GoalDraft("sale", "First order", "A friend places an order and keeps it."),),
    )
    program = create_program(merchant=stage.merchant, draft=draft, by=by, at=at)
    goal = Goal.objects.get(merchant=stage.merchant, program=program)
    set_rate(goal=goal, rate=_rate(REWARD_MINOR), by=by, at=at)
    large = {"field": "amount_minor", "op": "gte", "value": LARGE_MINOR}
    gift = RuleDraft(
        reward=Reward.NON_CASH,
        goal=goal,
        details=LAMP | {"friend": FRIEND},
        conditions=[large],
        name="A lamp for large orders",
    )
    create_rule(program=program, draft=gift, by=by, at=at)
    return move_program(program=program, to=Status.ACTIVE, by=by, at=at)


def _rate(fixed_minor: int) -> Rate:
    return Rate(Reward.FIXED, fixed_minor=fixed_minor, details={"friend": FRIEND})


def _compare(crew: History, at: datetime) -> None:
    """Begin the experiment; whoever gets more tells more people, which is what it is to show."""
    higher = {
        "goal": "sale",
        "reward": "FIXED",
        "fixed_minor": HIGHER_MINOR,
        "details": {"friend": FRIEND},
    }
    draft = ExperimentDraft(
        name="5 or 8 euros",
        hypothesis="Three euros more bring so many more friends that each still pays for itself.",
        starts_at=at,
        ends_at=at + timedelta(days=COMPARED_DAYS),
        variants=(VariantDraft("5 euros"), VariantDraft(VARIANT, rules=[higher])),
    )
    by = crew.stage.acting(Role.OWNER)
    experiment = create_experiment(program=crew.stage.program, draft=draft, by=by, at=at)
    draw_experiments(merchant_id=crew.stage.id, at=at)
    drawn = ExperimentAssignment.objects.filter(experiment=experiment, variant__name=VARIANT)
    eager = set(drawn.values_list("enrollment_id", flat=True))
    for standing in crew.stage.standings:
        if standing.enrollment.id in eager:
            clicks = standing.promoter.clicks_per_day * EAGERNESS
            standing.promoter = replace(standing.promoter, clicks_per_day=clicks)


def _limit(crew: History, at: datetime) -> None:
    """Set what the program, and each member of it, may cost in a month: hard limits both."""
    for scope, limit_minor in ((BudgetScope.PROGRAM, 90_000), (BudgetScope.ENROLLMENT, 8_000)):
        draft = BudgetDraft(scope, BudgetPeriod.MONTH, limit_minor, is_hard=True)
        by = crew.stage.acting(Role.OWNER)
        create_budget(program=crew.stage.program, draft=draft, by=by, at=at)


def _approve_some(crew: History, at: datetime) -> None:
    """Approve what is certain already: grants need not wait for the hold then."""
    pending = Conversion.objects.filter(
        merchant_id=crew.stage.id, program=crew.stage.program, status=ConversionStatus.PENDING
    )
    by = crew.stage.acting(Role.MANAGER)
    for conversion in pending.exclude(grants=None).order_by("occurred_at").distinct()[:8]:
        approve_conversion(conversion=conversion, by=by, at=at)


def _give_some(crew: History, at: datetime) -> None:
    """Give all that is due but the latest; of the oldest the first attempt fails."""
    due = Grant.objects.filter(merchant_id=crew.stage.id, status="DUE").order_by("created_at", "id")
    by = crew.stage.acting(Role.MANAGER)
    for number, grant in enumerate(list(due)[:-3]):
        if number == 0:
            reason = "The shop did not know the customer"
            grant = fail_grant(grant=grant, reason=reason, by=by, at=at - timedelta(hours=1))
            grant = retry_grant(grant=grant, by=by, at=at)
        give_grant(grant=grant, by=by, at=at)
