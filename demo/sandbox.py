"""A test program beside the real one: where Alice tries tracking out before she goes live."""

from datetime import datetime

from django.conf import settings

from commissions.models import Reward
from commissions.services import Rate, set_rate
from demo.history import History
from demo.stage import Stage, enter
from merchants.domains import add_domain
from merchants.rights import Role
from programs.models import Goal, JoinMode, Program, Status
from programs.services import (
    DestinationDraft,
    ProgramDraft,
    add_goal_step,
    create_destination,
    create_program,
    move_program,
    update_program,
)
from programs.targeting import Targeting
from tracking.models import CapAction, CapPeriod, CapScope, CapUnit
from tracking.services import CapDraft, create_cap

TRACKING_HOST = "go.acme.example"  # Its DNS records are not there yet: the page says which.


def open_sandbox(history: History, at: datetime) -> None:
    """Make a program whose conversions never reach money, with pages to compare and a limit."""
    stage = history.stage
    by = stage.acting(Role.OWNER)
    draft = ProgramDraft(
        name="Acme Sandbox",
        slug="sandbox",
        landing_url=f"{settings.SHOP_URL}/",
        currency=stage.company.currency,
        summary="For trying links, postbacks and rates out. Nothing here is paid.",
        join_mode=JoinMode.OPEN,
        utm_template="utm_source={via}&utm_medium=affiliate",
        is_test=True,
    )
    program = create_program(merchant=stage.merchant, draft=draft, by=by, at=at)
    program = move_program(program=program, to=Status.ACTIVE, by=by, at=at)
    _compare_pages(stage, program, at)
    _pay_and_limit(stage, program, at)
    add_domain(merchant=stage.merchant, host=TRACKING_HOST, by=by, at=at)
    enter(program, stage.standings[0].promoter, history.people, at=at)
    closed = {"join_mode": JoinMode.INVITATION}  # Bob is in; nobody else shall try it.
    update_program(program=program, changes=closed, by=by, at=at)


def _compare_pages(stage: Stage, program: Program, at: datetime) -> None:
    """Share visitors between two pages, and lead those on phones in Germany to a third."""
    phones = Targeting(countries=("DE",), devices=("phone",), priority=10)
    pages = (
        ("Ropes", "products/mooring-rope", Targeting(weight=70)),
        ("Lamps", "products/anchor-lamp", Targeting(weight=30)),
        ("Phones in Germany", "", phones),
    )
    for name, path, targeting in pages:
        draft = DestinationDraft(name, f"{settings.SHOP_URL}/{path}", targeting)
        create_destination(program=program, draft=draft, by=stage.acting(Role.OWNER), at=at)


def _pay_and_limit(stage: Stage, program: Program, at: datetime) -> None:
    by = stage.acting(Role.OWNER)
    goals = {goal.code: goal for goal in Goal.objects.filter(program=program)}
    set_rate(goal=goals["sale"], rate=Rate(Reward.PERCENT, rate_bps=1_000), by=by, at=at)
    steps = (("installed", "App installed", 1), ("opened", "App opened", 3))
    for code, name, times in steps:
        add_goal_step(goal=goals["signup"], code=code, name=name, times=times, by=by, at=at)
    draft = CapDraft(
        unit=CapUnit.CLICKS,
        period=CapPeriod.DAY,
        scope=CapScope.ENROLLMENT,
        limit=500,
        beyond=CapAction.DESTINATION,
    )
    create_cap(program=program, draft=draft, by=by, at=at)
