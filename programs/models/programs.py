"""Programs, the goals they pay for, and the terms affiliates accept."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.secrets import new_key
from merchants.models import CURRENCY_KNOWN, TenantRecord
from merchants.tenancy import TenantForeignKey

WINDOW_DAYS_MAX = 730
HOLD_DAYS_MAX = 365


class Kind(models.TextChoices):
    """What sort of program it is; it sets defaults, the engine is the same."""

    AFFILIATE = "AFFILIATE", _("Affiliate")
    REFERRAL = "REFERRAL", _("Customer referral")
    CHANNEL = "CHANNEL", _("Channel")
    AGENCY = "AGENCY", _("Agency")


class Status(models.TextChoices):
    """Where a program stands. Only an active one credits clicks."""

    DRAFT = "DRAFT", _("Draft")
    ACTIVE = "ACTIVE", _("Active")
    PAUSED = "PAUSED", _("Paused")
    ENDED = "ENDED", _("Ended")


MAY_COME_FROM = {  # The whole lifecycle; ENDED is final.
    Status.ACTIVE: [Status.DRAFT, Status.PAUSED],
    Status.PAUSED: [Status.ACTIVE],
    Status.ENDED: [Status.DRAFT, Status.ACTIVE, Status.PAUSED],
}


class JoinMode(models.TextChoices):
    """How an affiliate gets in."""

    OPEN = "OPEN", _("Anybody joins at once")
    APPLICATION = "APPLICATION", _("By application, which you review")
    INVITATION = "INVITATION", _("By your invitation only")


class ConsentMode(models.TextChoices):
    """What may be kept on a visitor's device."""

    CONSENT = "CONSENT", _("Only after the visitor agreed")
    COOKIELESS = "COOKIELESS", _("Never: the click id travels in the address only")
    LEGACY = "LEGACY", _("Always, by a first-party cookie")


class PostbackProfile(models.TextChoices):
    """Whose names, status words and answers the program's postbacks speak by default."""

    NATIVE = "NATIVE", _("Fairlead")
    AFFISE = "AFFISE", _("Affise")
    TUNE = "TUNE", _("TUNE (HasOffers)")
    EVERFLOW = "EVERFLOW", _("Everflow")
    PARTNERSHARE = "PARTNERSHARE", _("PartnerShare")
    TAPFILIATE = "TAPFILIATE", _("Tapfiliate")


class AttributionModel(models.TextChoices):
    """How a conversion is shared among the touches that count (docs/attribution.md)."""

    LAST = "LAST", _("The last touch")
    FIRST = "FIRST", _("The first touch")
    LINEAR = "LINEAR", _("Every touch alike")
    POSITION = "POSITION", _("40 % first, 40 % last, 20 % between")
    TIME_DECAY = "TIME_DECAY", _("The later, the more")


class CodePriority(models.TextChoices):
    """Which counts when a buyer came through one affiliate's link and used another's coupon."""

    LINK_FIRST = "LINK_FIRST", _("The link before the coupon")
    COUPON_FIRST = "COUPON_FIRST", _("The coupon before the link")


class AfterHold(models.TextChoices):
    """What becomes of a commission when its hold ends."""

    APPROVE = "APPROVE", _("It is approved by itself")
    REVIEW = "REVIEW", _("It waits for a person")


class ForeignCurrency(models.TextChoices):
    """What becomes of a conversion in another currency than the program's."""

    REFUSE = "REFUSE", _("It is refused")
    CONVERT = "CONVERT", _("It is converted, if a rate is known")


def new_postback_token() -> str:
    """Return the secret that a postback of one program must carry."""
    return new_key("fl_pb_")


class ProgramQuerySet(models.QuerySet["Program"]):
    """Programs, with the one way to change their status."""

    def move(self, *, to: Status) -> int:
        """Move to `to` every program allowed to go there; return how many moved."""
        return self.filter(status__in=MAY_COME_FROM[to]).update(status=to)


class Program(TenantRecord):
    """An offer to affiliates: goals, rates, window, hold. All its money is in one currency."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.AFFILIATE)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    currency = models.CharField(_("currency"), max_length=3)
    summary = models.CharField(_("offer in one sentence"), max_length=200, blank=True)
    description = models.TextField(_("description"), max_length=10_000, blank=True)
    landing_url = models.URLField(_("landing page"), max_length=2000)
    fallback_url = models.URLField(_("fallback page"), max_length=2000, blank=True)
    allowed_hosts = ArrayField(models.CharField(max_length=253), default=list, blank=True)
    join_mode = models.CharField(
        _("joining"), max_length=12, choices=JoinMode, default=JoinMode.APPLICATION
    )
    consent_mode = models.CharField(
        _("visitor privacy"), max_length=12, choices=ConsentMode, default=ConsentMode.CONSENT
    )
    window_days = models.PositiveSmallIntegerField(
        _("attribution window in days"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(WINDOW_DAYS_MAX)],
    )
    hold_days = models.PositiveSmallIntegerField(
        _("hold in days"), default=30, validators=[MaxValueValidator(HOLD_DAYS_MAX)]
    )
    payout_minor_min = models.PositiveBigIntegerField(_("smallest payout"), default=0)
    # Who is credited.
    attribution_model = models.CharField(
        _("attribution"), max_length=12, choices=AttributionModel, default=AttributionModel.LAST
    )
    half_life_days = models.PositiveSmallIntegerField(  # Of TIME_DECAY.
        _("half-life in days"), default=7, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    code_priority = models.CharField(
        _("link and coupon"), max_length=12, choices=CodePriority, default=CodePriority.LINK_FIRST
    )
    new_customers_only = models.BooleanField(_("new customers only"), default=False)
    # With new_customers_only: who has bought nothing for so long is new again. Null: never.
    reactivation_days = models.PositiveSmallIntegerField(
        _("new again after days"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    # How long a bound customer's sales need no other evidence. Null: for life; 0: not at all.
    lock_in_months = models.PositiveSmallIntegerField(
        _("customers stay bound for months"), null=True, blank=True
    )
    # Pays nobody when the customer belongs to a program of this kind of the same merchant.
    yields_to = models.CharField(
        _("gives way to programs of kind"), max_length=10, choices=Kind, blank=True
    )
    # What is paid.
    after_hold = models.CharField(
        _("when the hold ends"), max_length=8, choices=AfterHold, default=AfterHold.APPROVE
    )
    excludes_tax = models.BooleanField(_("percentages leave out tax"), default=True)
    excludes_shipping = models.BooleanField(_("percentages leave out shipping"), default=True)
    adds_discount = models.BooleanField(
        _("percentages are of the price before discounts"), default=False
    )
    foreign_currency = models.CharField(
        _("other currencies"), max_length=8, choices=ForeignCurrency, default=ForeignCurrency.REFUSE
    )
    # The most that all commissions of one conversion may be, of its net. Null: no guard.
    commission_bps_max = models.PositiveIntegerField(
        _("largest effective percentage"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10_000)],
    )
    claim_days = models.PositiveSmallIntegerField(  # To answer an affiliate's claim.
        _("days to answer a claim"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )
    reapply_days = models.PositiveSmallIntegerField(  # Null: never again.
        _("may apply again after days"), null=True, blank=True, default=0
    )
    takes_coupon_requests = models.BooleanField(
        _("affiliates may ask for a code of their own"), default=False
    )
    is_test = models.BooleanField(_("for tests only"), default=False)  # Never reaches money.
    utm_template = models.CharField(_("campaign parameters"), max_length=500, blank=True)
    # On the merchant's own pages: parameters of earlier systems that hold a referral code.
    legacy_parameters = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    postback_token = models.CharField(max_length=80, default=new_postback_token)
    postback_token_hash = models.GeneratedField(  # What a token that arrives is looked up by.
        expression=models.Func(
            models.F("postback_token"),
            template="encode(sha256((%(expressions)s)::bytea), 'hex')",
        ),
        output_field=models.CharField(max_length=64),
        db_persist=True,
        unique=True,
    )
    postback_profile = models.CharField(
        _("postback format"), max_length=12, choices=PostbackProfile, default=PostbackProfile.NATIVE
    )
    # Networks that may send postbacks, as CIDR; empty: any that knows the token.
    postback_networks = ArrayField(models.CharField(max_length=50), default=list, blank=True)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "slug"], name="program_slug_unique"),
            models.CheckConstraint(name="program_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="program_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="program_join_mode_known", condition=Q(join_mode__in=JoinMode.values)
            ),
            models.CheckConstraint(
                name="program_consent_mode_known", condition=Q(consent_mode__in=ConsentMode.values)
            ),
            models.CheckConstraint(name="program_currency_known", condition=CURRENCY_KNOWN),
            models.CheckConstraint(
                name="program_postback_profile_known",
                condition=Q(postback_profile__in=PostbackProfile.values),
            ),
            models.CheckConstraint(
                name="program_window_sane", condition=Q(window_days__range=(1, WINDOW_DAYS_MAX))
            ),
            models.CheckConstraint(
                name="program_hold_sane", condition=Q(hold_days__range=(0, HOLD_DAYS_MAX))
            ),
            models.CheckConstraint(
                name="program_attribution_known",
                condition=Q(attribution_model__in=AttributionModel.values)
                & Q(code_priority__in=CodePriority.values)
                & Q(yields_to__in=["", *Kind.values]),
            ),
            models.CheckConstraint(
                name="program_pay_known",
                condition=Q(after_hold__in=AfterHold.values)
                & Q(foreign_currency__in=ForeignCurrency.values),
            ),
            models.CheckConstraint(
                name="program_half_life_sane", condition=Q(half_life_days__range=(1, 365))
            ),
            models.CheckConstraint(
                name="program_guard_sane",
                condition=Q(commission_bps_max=None) | Q(commission_bps_max__range=(1, 10_000)),
            ),
            models.CheckConstraint(
                name="program_claim_days_sane", condition=Q(claim_days__range=(1, 90))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Tier(TenantRecord):
    """A group of affiliates in a program, with rates and a hold of its own."""

    program = TenantForeignKey(Program, related_name="tiers")
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("order"), default=100)  # The lowest comes first.
    benefits = models.TextField(_("what it offers"), max_length=2000, blank=True)
    hold_days = models.PositiveSmallIntegerField(  # Null: the program's.
        _("hold in days"), null=True, blank=True, validators=[MaxValueValidator(HOLD_DAYS_MAX)]
    )
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="tier_name_unique",
                fields=["merchant", "program", "name"],
                condition=Q(archived_at=None),
            ),
            models.CheckConstraint(
                name="tier_hold_sane",
                condition=Q(hold_days=None) | Q(hold_days__range=(0, HOLD_DAYS_MAX)),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Goal(TenantRecord):
    """An event the program pays for, with its definition in words that affiliates read."""

    program = TenantForeignKey(Program, related_name="goals")
    code = models.CharField(
        _("code"),
        max_length=40,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", _("Use a-z, 0-9 and _ only."))],
    )
    name = models.CharField(_("name"), max_length=80)
    definition = models.TextField(_("what counts"), max_length=2000, blank=True)
    # Instead of the program's, if set.
    window_days = models.PositiveSmallIntegerField(
        _("attribution window in days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(WINDOW_DAYS_MAX)],
    )
    attribution_model = models.CharField(
        _("attribution"), max_length=12, choices=AttributionModel, blank=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="goal_attribution_known",
                condition=Q(attribution_model__in=["", *AttributionModel.values]),
            ),
            models.CheckConstraint(
                name="goal_window_sane",
                condition=Q(window_days=None) | Q(window_days__range=(1, WINDOW_DAYS_MAX)),
            ),
            models.UniqueConstraint(
                fields=["merchant", "program", "code"], name="goal_code_unique"
            ),
            models.CheckConstraint(
                name="goal_code_plain", condition=Q(code__regex=r"^[a-z][a-z0-9_]*$")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GoalStep(TenantRecord):
    """Something a customer must do, `times` times, before the goal is reached.

    A goal with steps is reached when every one of them is done, in any order. The code is unique
    in the program, and no goal's, so that a postback may name a step where others name a goal.
    """

    program = TenantForeignKey(Program, related_name="goal_steps")
    goal = TenantForeignKey(Goal, related_name="steps")
    code = models.CharField(
        _("code"),
        max_length=40,
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", _("Use a-z, 0-9 and _ only."))],
    )
    name = models.CharField(_("name"), max_length=80)
    times = models.PositiveIntegerField(
        _("how often"), default=1, validators=[MinValueValidator(1)]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program", "code"], name="goal_step_code_unique"
            ),
            models.CheckConstraint(
                name="goal_step_code_plain", condition=Q(code__regex=r"^[a-z][a-z0-9_]*$")
            ),
            models.CheckConstraint(name="goal_step_times_positive", condition=Q(times__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name


class Terms(TenantRecord):
    """One version of a program's terms; published text is never edited, a new version follows."""

    program = TenantForeignKey(Program, related_name="terms")
    # For one tier's affiliates; or for one affiliate, whose enrollment names it as its contract.
    tier = TenantForeignKey(Tier, related_name="terms", null=True, blank=True)
    is_contract = models.BooleanField(default=False)
    version = models.PositiveIntegerField()
    summary = models.TextField(_("in plain words"), max_length=2000, blank=True)
    body = models.TextField(_("full text"), max_length=100_000)
    body_sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    # Until when who is in is asked to accept it. Later they earn on, and members see who has not.
    accept_by = models.DateTimeField(_("to be accepted until"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program", "version"], name="terms_version_unique"
            ),
            models.CheckConstraint(name="terms_version_positive", condition=Q(version__gte=1)),
        ]
