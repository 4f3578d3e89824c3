"""Discount codes at Acme: a small batch of Erik's, and one that Farah would like to have."""

from datetime import datetime, timedelta
from functools import partial

from affiliates.models import Enrollment
from demo.cast import ERIK, FARAH
from demo.characters import Promoter
from demo.history import History
from demo.stage import Standing
from merchants.models import acting_user
from merchants.rights import Role
from programs.services import update_program
from tracking.services import ask_for_coupon, create_coupons


def plan_codes(history: History) -> None:
    """Plan that Acme takes wishes, what it printed for Erik, and what Farah asks for."""
    for days_ago, hour, action in ((21, 9.5, _take_wishes), (20, 10.0, _print), (1, 17.0, _ask)):
        at = history.day(days_ago) + timedelta(hours=hour)
        history.agenda.plan(at, partial(action, history))


def _take_wishes(history: History, at: datetime) -> None:
    update_program(
        program=history.stage.program,
        changes={"takes_coupon_requests": True},
        by=history.stage.acting(Role.MANAGER),
        at=at,
    )


def _print(history: History, at: datetime) -> None:
    """Give Erik single-use codes for the boat show."""
    create_coupons(
        enrollment=_standing(history, ERIK).enrollment,
        count=6,
        prefix="SHOW-",
        valid_until=at + timedelta(days=90),
        uses_max=1,
        offer="5 EUR off, for visitors of the boat show",
        by=history.stage.acting(Role.MANAGER),
        at=at,
    )


def _ask(history: History, at: datetime) -> None:
    by = acting_user(history.people.user(FARAH.person))
    rows = Enrollment.objects.select_related("program")
    enrollment = rows.get(id=_standing(history, FARAH).enrollment.id)
    ask_for_coupon(enrollment=enrollment, code="FARAHSAILS", by=by, at=at)


def _standing(history: History, promoter: Promoter) -> Standing:
    return next(row for row in history.stage.standings if row.promoter is promoter)
