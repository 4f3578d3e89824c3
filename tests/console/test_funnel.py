"""The way into a program: every step on the day on which it happened."""

from datetime import timedelta

from affiliates.funnel import count_step
from affiliates.models import FunnelStep
from merchants.tenancy import merchant_context
from reports.joining import funnel_days, funnel_totals
from reports.selectors import last_days
from tests.cast import NOON, Company, Promoter, click_of, sell
from tests.console.conftest import SignIn
from tests.portal.people import text_of


def test_steps_are_counted_on_their_days(acme: Company, bob: Promoter, sign_in: SignIn) -> None:
    for at in (NOON, NOON, NOON + timedelta(days=1)):
        count_step(program=acme.program, step=FunnelStep.VISITED, at=at)
    count_step(program=acme.program, step=FunnelStep.STARTED, at=NOON)
    for hours in (1, 3):
        sell(acme, click=click_of(bob), at=NOON + timedelta(hours=hours))

    with merchant_context(acme.id):
        days = funnel_days(acme.program, last_days(2, at=NOON + timedelta(days=1)))
    page = sign_in(acme.owner.user).get(f"/console/programs/{acme.program.id}/funnel/?days=7")

    assert [row.counts for row in days] == [(2, 1, 1, 1, 0, 1), (1, 0, 0, 0, 0, 0)]
    assert funnel_totals(days) == (3, 1, 1, 1, 0, 1)
    assert "50.0 % of the step before" in text_of(page)


def test_an_empty_way_in_says_what_it_will_show(acme: Company, sign_in: SignIn) -> None:
    page = sign_in(acme.owner.user).get(f"/console/programs/{acme.program.id}/funnel/")

    assert "Nobody came in these days" in text_of(page)


def test_the_form_for_other_sites_holds_the_questions(acme: Company, sign_in: SignIn) -> None:
    page = sign_in(acme.owner.user).get(f"/console/programs/{acme.program.id}/embed/")

    assert "/join/acme/partners/form/" in text_of(page)
