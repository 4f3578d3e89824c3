"""Plays what happened at one merchant, in order of time, through the product's own services."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from django.conf import settings
from django.db import connection

from affiliates.models import Status as EnrollmentStatus
from affiliates.services import move_enrollment
from commissions.services import approve_due, process_conversions, process_refunds
from demo.agenda import Agenda
from demo.cast import PAST_DAYS
from demo.characters import Promoter
from demo.orders import COUPON_PERCENT
from demo.people import People
from demo.stage import Stage, Standing, enter
from demo.visitors import count_clicks, draw_moment, draw_visit
from interfaces.edge.store import STORE_CLICKS, line_of
from merchants.rights import Role
from tracking.clicks import follow
from tracking.models import Conversion, Link
from tracking.routes import ProgramRoute, Route
from tracking.services import (
    ConversionReport,
    CustomerReport,
    approve_enrollment,
    archive_link,
    create_coupon,
    create_link,
    record_conversions,
    record_refund,
)
from tracking.visitors import Salts

PROCESS_HOUR = 24  # When the shop of the past reports its day and the worker looks at it,
APPROVE_HOUR = 6  # and when for holds that have ended. The real ones need seconds.
PREFIXES = {"sale": "ORDER", "signup": "USER", "lead": "LEAD"}
LINK_WEIGHTS = (7, 3)
AT_ONCE_SHARE = 0.72  # Of those who buy, buy within the hour.
STRANGERS_PER_DAY = 0.4
REFUND_SHARE = 0.07
RETURNED_AFTER_DAYS = (4, 22)  # When the order was reported in any case.
RETURNING_SHARE = 0.25


class History:
    """One merchant's past. Stands in the merchant's context from beginning to end."""

    def __init__(
        self,
        stage: Stage,
        people: People,
        agenda: Agenda,
        *,
        begins: datetime,
        now: datetime,
        first_number: int = 1_000,
    ) -> None:
        self.stage = stage
        self.people = people
        self.random = Random(f"{people.random.random()} {stage.company.slug}")
        self.agenda = agenda
        self.begins = begins  # Midnight of the first day.
        self.now = now
        self.orders = self.first_customer = first_number
        self.customers: list[str] = []
        self.reports: list[ConversionReport] = []  # Not sent yet.
        self.refunded = False  # Since the worker looked.

    def plan_days(
        self, *, first_days_ago: int = PAST_DAYS, process_every: int = 1, approves: bool = True
    ) -> None:
        """Plan the traffic and the direct sales of every day, and the worker's rounds.

        Of two histories of a merchant one `approves` for both; how often orders are reported
        decides how long loading takes.
        """
        for days_ago in range(first_days_ago, -1, -1):
            day = self.day(days_ago)
            self.agenda.plan(day, partial(self._plan_traffic, days_ago))
            if approves:
                self.agenda.plan(day + timedelta(hours=APPROVE_HOUR), self._approve)
            if days_ago % process_every == 0:
                self.agenda.plan(day + timedelta(hours=PROCESS_HOUR), self._process)
            if self.random.random() < STRANGERS_PER_DAY:
                self.agenda.plan(draw_moment(self.random, day), partial(self._reach, "sale"))
        self.agenda.plan(self.now, self._process)
        self.agenda.plan(self.now, self._approve)

    def day(self, days_ago: int) -> datetime:
        """Return the midnight that many days ago."""
        return self.begins + timedelta(days=PAST_DAYS - days_ago)

    # Who takes part -----------------------------------------------------------------------------

    def plan_entries(self) -> None:
        """Plan who joins or applies, and what becomes of it."""
        company = self.stage.company
        for promoter in company.promoters:
            self.agenda.plan(self._morning(promoter), partial(self._join, promoter))
        for applicant in company.applicants:
            self.agenda.plan(self._morning(applicant), partial(self._apply, applicant))
        if company.rejected:
            apply = partial(self._apply_in_vain, company.rejected)
            self.agenda.plan(self._morning(company.rejected), apply)

    def _morning(self, promoter: Promoter) -> datetime:
        minutes = self.random.randrange(8 * 60, 10 * 60)
        return self.day(promoter.joined_days_ago) + timedelta(minutes=minutes)

    def _join(self, promoter: Promoter, at: datetime) -> None:
        standing = Standing(promoter, enter(self.stage.program, promoter, self.people, at=at))
        by = self.stage.acting(Role.MANAGER)
        if standing.enrollment.status == EnrollmentStatus.APPLIED:
            at += timedelta(hours=3)
            approve_enrollment(enrollment=standing.enrollment, by=by, at=at)
        self._equip(standing, at + timedelta(minutes=20))
        self.stage.standings.append(standing)

    def _equip(self, standing: Standing, at: datetime) -> None:
        enrollment, promoter = standing.enrollment, standing.promoter
        first = Link.objects.get(merchant_id=self.stage.id, enrollment=enrollment)
        if not promoter.link_codes:
            standing.links.append(first)
            return
        landing = self.stage.program.landing_url
        for number, code in enumerate(promoter.link_codes):
            product = code.removeprefix(f"{promoter.link_codes[0]}-") if number else ""
            name = product.replace("-", " ").capitalize() or "Main link"
            page = f"{landing}products/{product}" if product else ""
            link = create_link(enrollment=enrollment, code=code, name=name, destination_url=page)
            standing.links.append(link)
        if promoter.coupon:
            standing.coupon = create_coupon(
                enrollment=enrollment,
                code=promoter.coupon,
                offer=f"{COUPON_PERCENT}% off the order",
            )
        # The link that everybody starts with has a code that nobody remembers.
        archive_link(link=first, at=at)

    def _apply(self, promoter: Promoter, at: datetime) -> None:
        enter(self.stage.program, promoter, self.people, at=at)

    def _apply_in_vain(self, promoter: Promoter, at: datetime) -> None:
        move_enrollment(
            enrollment=enter(self.stage.program, promoter, self.people, at=at),
            to=EnrollmentStatus.REJECTED,
            by=self.stage.acting(Role.MANAGER),
            at=at + timedelta(hours=5),
            reason="No site or channel that we could look at.",
        )

    # Clicks and what they lead to ---------------------------------------------------------------

    def _plan_traffic(self, days_ago: int, day: datetime) -> None:
        rows: list[dict[str, Any]] = []
        for standing in self.stage.standings:
            count = count_clicks(self.random, standing.promoter, day, days_ago=days_ago)
            moments = sorted(draw_moment(self.random, day) for _ in range(count))
            rows += [self._click(standing, at) for at in moments if at <= self.now]
            for _ in range(poisson(self.random, standing.promoter.coupon_sales_per_day)):
                self._plan_coupon_sale(standing, day)
        store_clicks(rows)

    def _click(self, standing: Standing, at: datetime) -> dict[str, Any]:
        link = self.random.choices(standing.links, LINK_WEIGHTS[: len(standing.links)])[0]
        visit = draw_visit(self.random, standing.promoter)
        decision = follow(
            route=self._route(standing, link),
            visit=visit,
            at=at,
            keys=settings.CLICK_KEYS,
            salts=salts_of(at),
        )
        if decision.token:
            self._plan_goals(standing.promoter, decision.token, at)
        return decision.row

    def _route(self, standing: Standing, link: Link) -> Route:
        enrollment, program = standing.enrollment, self.stage.program
        return Route(
            code=link.code,
            link_id=str(link.id),
            link_number=link.number,
            is_archived=False,
            destination_url=link.destination_url,
            enrollment_id=str(enrollment.id),
            affiliate_id=str(enrollment.affiliate_id),
            via=enrollment.code,
            enrollment_status=enrollment.status,
            program=ProgramRoute(
                id=str(program.id),
                merchant_id=str(self.stage.id),
                slug=program.slug,
                status=program.status,
                landing_url=program.landing_url,
                fallback_url=program.fallback_url,
                allowed_hosts=tuple(program.allowed_hosts),
                consent_mode=program.consent_mode,
                window_days=program.window_days,
            ),
        )

    def _plan_goals(self, promoter: Promoter, token: str, at: datetime) -> None:
        rates = {
            "sale": promoter.sale_rate,
            "signup": promoter.signup_rate,
            "lead": promoter.lead_rate,
        }
        for goal, rate in rates.items():
            if self.random.random() < rate:
                self.agenda.plan(at + self._delay(), partial(self._reach, goal, token=token))

    def _delay(self) -> timedelta:
        if self.random.random() < AT_ONCE_SHARE:
            return timedelta(seconds=round(180 + self.random.expovariate(1 / 1_200)))
        # Some come back after the window has closed: their seller earns nothing, and can see why.
        return timedelta(seconds=round(self.random.expovariate(1 / (8 * 86_400))))

    def _plan_coupon_sale(self, standing: Standing, day: datetime) -> None:
        coupon = standing.promoter.coupon
        at = draw_moment(self.random, day)
        self.agenda.plan(at, partial(self._reach, "sale", coupon=coupon))

    def _reach(self, goal: str, at: datetime, *, token: str = "", coupon: str = "") -> None:
        self.orders += self.random.randint(1, 4)
        order = self.stage.offer.draw_order(self.random, coupon) if goal == "sale" else None
        report = ConversionReport(
            goal=goal,
            external_id=f"{PREFIXES[goal]}-{self.orders}",
            amount_minor=order.amount_minor if order else 0,
            currency=self.stage.program.currency,
            occurred_at=at.replace(microsecond=0),
            click_token=token,
            coupon_code=coupon,
            customer=self._customer(),
            tax_minor=order.tax_minor if order else 0,
            shipping_minor=order.shipping_minor if order else 0,
            discount_minor=order.discount_minor if order else 0,
            items=order.items if order else (),
        )
        self.reports.append(report)
        if order and self.random.random() < REFUND_SHARE:
            returned_at = at + timedelta(days=self.random.uniform(*RETURNED_AFTER_DAYS))
            self.agenda.plan(returned_at, partial(self._refund, report.external_id))

    def _customer(self) -> CustomerReport:
        if self.customers and self.random.random() < RETURNING_SHARE:
            return CustomerReport(self.random.choice(self.customers), is_new=False)
        self.customers.append(f"C-{self.first_customer + len(self.customers)}")
        country = self.random.choice(("DE", "DE", "DE", "NL", "DK", "AT", "FR"))
        return CustomerReport(self.customers[-1], country=country, is_new=True)

    def _refund(self, order_id: str, at: datetime) -> None:
        conversion = Conversion.objects.get(
            merchant_id=self.stage.id, program=self.stage.program, external_id=order_id
        )
        self.refunded = True
        in_full = self.random.random() < 0.6
        record_refund(
            conversion=conversion,
            external_id=f"R-{conversion.external_id}",
            amount_minor=conversion.amount_minor // (1 if in_full else 2),
            reason="Goods returned" if in_full else "Part of the goods returned",
            occurred_at=at,
            by=self.stage.acting(Role.MANAGER),
            at=at,
        )

    # What the worker does -----------------------------------------------------------------------

    def _process(self, at: datetime) -> None:
        if self.reports:
            record_conversions(
                merchant_id=self.stage.id,
                reports=[(self.stage.program, report) for report in self.reports],
                by=self.stage.acting(Role.OWNER),
                at=at,
            )
            process_conversions(merchant_id=self.stage.id, at=at)
        if self.refunded:
            process_refunds(merchant_id=self.stage.id, at=at)
        self.reports, self.refunded = [], False

    def _approve(self, at: datetime) -> None:
        approve_due(merchant_id=self.stage.id, at=at)


def store_clicks(rows: Sequence[dict[str, Any]]) -> None:
    """Store clicks and count them, by the statement that the edge uses."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(STORE_CLICKS, [f"[{','.join(map(line_of, rows))}]"])


def salts_of(at: datetime) -> Salts:
    """Return salts that tell visitors apart; nobody real came, so they need be no secret."""
    days = (at.date(), at.date() - timedelta(days=1))
    return {day: day.isoformat().encode() for day in days}


def poisson(random: Random, mean: float) -> int:
    """Return how often something happens that happens `mean` times on average (Knuth)."""
    count, left = 0, random.random()
    probability = total = 2.718281828459045**-mean
    while left > total:
        count += 1
        probability *= mean / count
        total += probability
    return count
