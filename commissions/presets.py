"""Programs to start from: goals, rates, hold, questions, tiers and rules, each for a business.

Data alone. Amounts are in major units of whatever currency the program has.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from commissions.models import Reward
from commissions.services.rates import Rate
from common.money import exponent_of
from programs.models import FieldKind, JoinMode, Kind, Method, Permission
from programs.services import Preset as LadderPreset

TENTH_BPS = 1_000
SMALL_UNITS = 2  # A currency without cents counts in hundreds of what others count in ones.


class ProgramPreset(models.TextChoices):
    """Businesses that a program is ready for."""

    SAAS = "SAAS", _("Software by subscription")
    ECOMMERCE = "ECOMMERCE", _("Online shop")
    LEADS = "LEADS", _("Leads and services")
    APP = "APP", _("App")
    REFERRAL = "REFERRAL", _("Customers who recommend you")
    AGENCY = "AGENCY", _("Agencies and resellers")


@dataclass(frozen=True, slots=True)
class PresetGoal:
    """A goal with what it pays: a share, or an amount in major units.

    `friend` is on what whoever was recommended gets a tenth off.
    """

    code: str
    name: Promise | str
    definition: Promise | str
    percent: int = 0
    amount: int = 0
    friend: Promise | str = ""

    def rate(self, currency: str) -> Rate | None:
        """Return what it pays; None: nothing."""
        if self.percent:
            return Rate(Reward.PERCENT, rate_bps=self.percent * 100)
        if self.amount:
            minor = self.amount * 10 ** max(exponent_of(currency), SMALL_UNITS)
            return Rate(Reward.FIXED, fixed_minor=minor, details=self._details())
        return None

    def _details(self) -> dict[str, Any]:
        if not self.friend:
            return {}
        gift = {"kind": "DISCOUNT", "quantity": TENTH_BPS, "description": str(self.friend)}
        return {"friend": gift}


@dataclass(frozen=True, slots=True)
class PresetQuestion:
    """A question for applicants, besides the usual ones."""

    label: Promise | str
    kind: FieldKind = FieldKind.TEXT
    options: tuple[Promise | str, ...] = ()
    is_required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a preset sets. All of it can be changed afterwards, but kind and currency."""

    about: Promise | str
    kind: Kind
    join_mode: JoinMode
    window_days: int
    hold_days: int
    lock_in_months: int | None = None  # None: customers stay bound for life.
    goals: tuple[PresetGoal, ...]
    questions: tuple[PresetQuestion, ...] = ()
    ladder: LadderPreset | None = None
    methods: Mapping[Method, Permission] = field(default_factory=dict)


_YES, _ASK, _NO = Permission.ALLOWED, Permission.ASK, Permission.FORBIDDEN
_SITE = PresetQuestion(_("Where do you promote? Give us the address."), FieldKind.URL)
_BUSINESS: Final = {
    Method.CONTENT: _YES,
    Method.SOCIAL: _YES,
    Method.VIDEO: _YES,
    Method.EMAIL: _YES,
    Method.OFFLINE: _YES,
    Method.COMPARISON: _YES,
    Method.SEARCH_ADS: _ASK,
    Method.SOCIAL_ADS: _ASK,
    Method.COUPONS: _NO,
    Method.CASHBACK: _NO,
    Method.BRAND_BIDDING: _NO,
    Method.INCENTIVES: _NO,
}
_SHOP: Final = _BUSINESS | {
    Method.COUPONS: _ASK,
    Method.CASHBACK: _ASK,
    Method.DISPLAY: _YES,
    Method.SOCIAL_ADS: _YES,
}

PRESETS: Final[Mapping[ProgramPreset, Start]] = {
    ProgramPreset.SAAS: Start(
        about=_("Trials and subscriptions; partners earn a share of every payment for a year."),
        kind=Kind.AFFILIATE,
        join_mode=JoinMode.APPLICATION,
        window_days=90,
        hold_days=30,
        lock_in_months=12,
        goals=(
            PresetGoal("trial", _("Trial"), _("A new company starts a trial and logs in once.")),
            PresetGoal(
                "sale",
                _("Payment"),
                _("A new customer pays for the subscription; each payment of the first 12 months."),
                percent=20,
            ),
        ),
        questions=(_SITE, PresetQuestion(_("Who reads or follows you?"), FieldKind.LONG_TEXT)),
        ladder=LadderPreset.AFFILIATE,
        methods=_BUSINESS,
    ),
    ProgramPreset.ECOMMERCE: Start(
        about=_("Orders; partners earn a share of each, once returns are over."),
        kind=Kind.AFFILIATE,
        join_mode=JoinMode.APPLICATION,
        window_days=30,
        hold_days=30,
        lock_in_months=0,
        goals=(
            PresetGoal(
                "sale",
                _("Sale"),
                _("An order is placed, paid and not sent back. Tax and shipping do not count."),
                percent=8,
            ),
        ),
        questions=(_SITE,),
        ladder=LadderPreset.AFFILIATE,
        methods=_SHOP,
    ),
    ProgramPreset.LEADS: Start(
        about=_("Enquiries that your sales people look at; partners earn for each good one."),
        kind=Kind.AFFILIATE,
        join_mode=JoinMode.APPLICATION,
        window_days=30,
        hold_days=14,
        goals=(
            PresetGoal(
                "lead",
                _("Lead"),
                _("A person asks to be contacted, with a name, a phone number and an address."),
            ),
            PresetGoal(
                "qualified_lead",
                _("Qualified lead"),
                _("We reached the person, and they need what we offer within three months."),
                amount=25,
            ),
            PresetGoal("sale", _("Contract"), _("The lead signs a contract."), amount=100),
        ),
        questions=(
            _SITE,
            PresetQuestion(
                _("How do you win leads?"),
                FieldKind.CHOICE,
                (_("Own website"), _("Advertising"), _("Own network"), _("Otherwise")),
            ),
        ),
        methods=_BUSINESS | {Method.MESSAGES: _NO},
    ),
    ProgramPreset.APP: Start(
        about=_("Installs that become users; a reward for whoever brings a friend."),
        kind=Kind.REFERRAL,
        join_mode=JoinMode.OPEN,
        window_days=7,
        hold_days=7,
        goals=(
            PresetGoal("install", _("Install"), _("The app is opened for the first time.")),
            PresetGoal(
                "signup", _("New user"), _("A new person makes an account and uses it."), amount=3
            ),
            PresetGoal("sale", _("Purchase"), _("The first purchase in the app."), percent=10),
        ),
        ladder=LadderPreset.REFERRAL,
        methods={
            Method.CONTENT: _YES,
            Method.SOCIAL: _YES,
            Method.VIDEO: _YES,
            Method.OFFLINE: _YES,
            Method.MESSAGES: _ASK,
            Method.BRAND_BIDDING: _NO,
            Method.INCENTIVES: _NO,
        },
    ),
    ProgramPreset.REFERRAL: Start(
        about=_("Customers bring friends, without applying; both get something for it."),
        kind=Kind.REFERRAL,
        join_mode=JoinMode.OPEN,
        window_days=30,
        hold_days=30,
        lock_in_months=0,
        goals=(
            PresetGoal(
                "sale",
                _("First order"),
                _("A friend who was no customer yet places an order and keeps it."),
                amount=10,
                friend=_("on the first order"),
            ),
        ),
        ladder=LadderPreset.REFERRAL,
        methods={
            Method.OFFLINE: _YES,
            Method.SOCIAL: _YES,
            Method.MESSAGES: _YES,
            Method.CONTENT: _YES,
            Method.COUPONS: _NO,
            Method.SEARCH_ADS: _NO,
            Method.BRAND_BIDDING: _NO,
        },
    ),
    ProgramPreset.AGENCY: Start(
        about=_("Agencies and resellers that bring projects and stay with the customer."),
        kind=Kind.AGENCY,
        join_mode=JoinMode.APPLICATION,
        window_days=180,
        hold_days=30,
        goals=(
            PresetGoal(
                "lead", _("Introduction"), _("The agency names a company and who decides there.")
            ),
            PresetGoal("sale", _("Contract"), _("The company signs and pays."), percent=15),
        ),
        questions=(
            PresetQuestion(_("Your agency's website"), FieldKind.URL),
            PresetQuestion(_("How many people work there?"), FieldKind.NUMBER),
            PresetQuestion(_("For which industries do you work?")),
        ),
        ladder=LadderPreset.CO_SELLING,
        methods={
            Method.OFFLINE: _YES,
            Method.CONTENT: _YES,
            Method.EMAIL: _YES,
            Method.SEARCH_ADS: _ASK,
            Method.BRAND_BIDDING: _NO,
            Method.COUPONS: _NO,
        },
    ),
}
