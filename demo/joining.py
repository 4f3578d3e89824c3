"""How people come into Acme's program: what they answer later, who is invited, who looks."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from affiliates.applications import answer_questionnaire
from affiliates.models import Enrollment, FunnelCount, FunnelStep
from affiliates.services import invite_affiliate
from demo.applicants import INVITED, LATER_ANSWERS
from demo.form import draft_of, make_form
from demo.history import History
from merchants.rights import Role
from programs.models import Stage

FUNNEL_DAYS: Final = 60
VISITS_A_DAY: Final = 5
BEGIN_SHARE: Final = 0.17
FORM_DAYS_AGO: Final = 65  # Before anybody joins.
ASKED_DAYS_AGO: Final = 50  # When those who were in by then answered what is asked of them.
INVITED_DAYS_AGO: Final = 3


def plan_joining(history: History) -> None:
    """Plan the form, the second questions' answers and an invitation, and count who looked."""
    history.agenda.plan(history.day(FORM_DAYS_AGO), partial(_ask, history))
    answers = history.day(ASKED_DAYS_AGO) + timedelta(hours=19)
    history.agenda.plan(answers, partial(_answer_later, history))
    invites = history.day(INVITED_DAYS_AGO) + timedelta(hours=11)
    history.agenda.plan(invites, partial(_invite, history))
    history.agenda.plan(history.now, partial(_count_visitors, history))


def _ask(history: History, at: datetime) -> None:
    make_form(history.stage.program, by=history.stage.acting(Role.OWNER), at=at)


def _answer_later(history: History, at: datetime) -> None:
    program = history.stage.program
    for number, standing in enumerate(history.stage.standings):
        if said := LATER_ANSWERS.get(standing.promoter.person.email):
            draft = draft_of(program, Stage.QUESTIONNAIRE, said)
            moment = at + timedelta(minutes=40 * number)
            answer_questionnaire(enrollment=standing.enrollment, draft=draft, at=moment)


def _invite(history: History, at: datetime) -> Enrollment:
    return invite_affiliate(
        program=history.stage.program,
        name=INVITED.person.name,
        email=INVITED.person.email,
        website=INVITED.website,
        by=history.stage.acting(Role.MANAGER),
        at=at,
    )


def _count_visitors(history: History, _at: datetime) -> None:
    """Store how many saw the page and began the form: more since the summer's articles."""
    program, random = history.stage.program, Random("visitors of the join page")
    counts = [
        FunnelCount(merchant_id=program.merchant_id, program=program, day=day, step=step, count=n)
        for days_ago in range(FUNNEL_DAYS, -1, -1)
        for day, step, n in _visitors(random, history.day(days_ago).date(), days_ago)
    ]
    FunnelCount.objects.bulk_create(counts)


def _visitors(random: Random, day: date, days_ago: int) -> Iterable[tuple[date, FunnelStep, int]]:
    growth = 1 + (FUNNEL_DAYS - days_ago) / FUNNEL_DAYS
    visited = round(random.uniform(0.5, 1.4) * VISITS_A_DAY * growth)
    began = round(visited * BEGIN_SHARE * random.uniform(0.6, 1.3))
    return (day, FunnelStep.VISITED, visited), (day, FunnelStep.STARTED, began)
