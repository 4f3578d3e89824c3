"""What people at the merchants decided in the past: reviews, and when to pay."""

from datetime import datetime, timedelta
from functools import partial

from commissions.services import decline_conversion, hold_conversion
from demo.agenda import Action
from demo.agreements import plan_agreements
from demo.automations import plan_automations
from demo.care import plan_care
from demo.claims import plan_claims
from demo.cobranding import plan_cobranding
from demo.codes import plan_codes
from demo.crew import plan_crew
from demo.deals import plan_deals
from demo.extras import plan_extras
from demo.history import History
from demo.joining import plan_joining
from demo.ladder import plan_ladder
from demo.materials import plan_materials
from demo.messages import plan_messages
from demo.partnerships import plan_partnerships
from demo.payouts import agree_on_terms, connect_rails, pay_by_file
from demo.programs import plan_globex_programs, plan_programs
from demo.proposals import plan_proposals
from demo.rates import plan_rates
from demo.recruiting import plan_recruiting
from demo.sandbox import open_sandbox
from demo.stage import raise_sale_rate
from demo.together import plan_together
from merchants.rights import Role
from payouts.models import Provider
from tracking.models import Conversion, ConversionStatus

# Days ago, by what, and whether one fails. How Acme pays since then: demo/over_rails.py.
ACME_PAYOUTS = ((42, Provider.CSV, False), (28, Provider.CSV, True), (14, Provider.SEPA, False))
SAME_ADDRESS = "The customer lives at the affiliate's address."
GLOBEX_PAYOUTS_DAYS_AGO = (31, 10)


def plan_acme(history: History) -> None:
    """Plan what Alice, Mia and Finn did."""
    plan(history, 46, 9.0, partial(raise_sale_rate, history.stage))
    plan_programs(history)
    plan_materials(history)
    plan_codes(history)
    plan_cobranding(history)
    plan_together(history)
    plan_joining(history)
    plan_ladder(history)
    plan_rates(history)
    plan_agreements(history)
    plan_proposals(history)
    plan_care(history)
    plan_messages(history)
    plan_recruiting(history)
    plan_partnerships(history)
    plan_automations(history)
    plan_deals(history)
    plan_extras(history)
    plan_claims(history)
    plan_crew(history)
    plan(history, 33, 11.0, partial(_decline_latest, history, "An order of our own staff."))
    plan(history, 5, 15.0, partial(_decline_latest, history, "Ordered twice by mistake."))
    for days_ago in (3, 2):
        plan(history, days_ago, 16.0, partial(_hold_latest, history, SAME_ADDRESS))
    plan(history, 18, 10.0, partial(open_sandbox, history))
    plan(history, 16, 11.0, partial(connect_rails, history))
    for days_ago, provider, fails in ACME_PAYOUTS:
        pay = partial(pay_by_file, history, provider=provider, fail_one=fails)
        plan(history, days_ago, 10.0, pay)
    plan(history, 13, 11.0, partial(agree_on_terms, history))


def plan_globex(history: History) -> None:
    """Plan what Gwen and Hal did."""
    plan_globex_programs(history)
    plan(history, 44, 9.0, partial(raise_sale_rate, history.stage))
    for days_ago in GLOBEX_PAYOUTS_DAYS_AGO:
        plan(history, days_ago, 14.0, partial(pay_by_file, history))


def plan(history: History, days_ago: int, hour: float, action: Action) -> None:
    """Plan an action for an hour of a past day."""
    history.agenda.plan(history.day(days_ago) + timedelta(hours=hour), action)


def _latest_pending(history: History) -> Conversion | None:
    pending = Conversion.objects.filter(
        merchant_id=history.stage.id,
        program=history.stage.program,
        status=ConversionStatus.PENDING,
        goal__code="sale",
    )
    return pending.order_by("-occurred_at").first()


def _decline_latest(history: History, reason: str, at: datetime) -> None:
    if conversion := _latest_pending(history):
        by = history.stage.acting(Role.MANAGER)
        decline_conversion(conversion=conversion, reason=reason, by=by, at=at)


def _hold_latest(history: History, reason: str, at: datetime) -> None:
    if conversion := _latest_pending(history):
        by = history.stage.acting(Role.MANAGER)
        hold_conversion(conversion=conversion, reason=reason, by=by, at=at)
