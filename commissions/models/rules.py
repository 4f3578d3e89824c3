"""Rules and their versions: what is paid, for what, to whom, from when on."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment
from common.money import WHOLE_BPS
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Goal, Program, Tier
from tracking.models import Link


class Level(models.TextChoices):
    """Whose rule it is. They are asked in this order; the first level with a match decides."""

    LINK = "LINK", _("One link")
    ENROLLMENT = "ENROLLMENT", _("One affiliate")
    PROMOTION = "PROMOTION", _("A promotion")
    TIER = "TIER", _("A tier")
    PROGRAM = "PROGRAM", _("The program")


class Reward(models.TextChoices):
    """How a rule computes what it pays; the catalogue describes each (commissions/catalogue)."""

    FIXED = "FIXED", _("Fixed amount")
    PERCENT = "PERCENT", _("Percentage of the net amount")
    FIXED_AND_PERCENT = "FIXED_AND_PERCENT", _("Fixed amount and percentage")
    PER_ITEM = "PER_ITEM", _("By line item")
    VOLUME = "VOLUME", _("By volume in a period")
    NON_CASH = "NON_CASH", _("Credit, free months, a discount or a gift")
    NOTHING = "NOTHING", _("Nothing")
    # Not for a conversion:
    PER_CLICK = "PER_CLICK", _("Per click")
    PER_MILLE = "PER_MILLE", _("Per thousand impressions")
    OVERRIDE = "OVERRIDE", _("Share of what a recruited affiliate earns")
    BONUS = "BONUS", _("Bonus at a milestone")
    FLAT = "FLAT", _("Flat fee")


PER_CONVERSION = (
    Reward.FIXED,
    Reward.PERCENT,
    Reward.FIXED_AND_PERCENT,
    Reward.PER_ITEM,
    Reward.VOLUME,
    Reward.NON_CASH,
    Reward.NOTHING,
)


class Promotion(TenantRecord):
    """Rates for a time: they stand before those of tiers and the program."""

    program = TenantForeignKey(Program, related_name="promotions")
    name = models.CharField(_("name"), max_length=80)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    # Whom it is for; both empty: everybody. A variant's is for those assigned to the variant.
    tier = TenantForeignKey(Tier, related_name="+", null=True, blank=True)
    is_for_variant = models.BooleanField(default=False)  # Of an experiment: ExperimentVariant.
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="promotion_ends_after_its_start",
                condition=Q(ends_at__gt=models.F("starts_at")),
            ),
        ]
        indexes = [models.Index(fields=["merchant", "program"], name="promotion_by_program")]

    def __str__(self) -> str:
        return self.name


class Rule(TenantRecord):
    """What is paid for a goal, at one level. Its content lives in versions: this is its identity.

    `is_base`: the one rule of a goal at the level PROGRAM without conditions, asked last; what
    people call the rate of the goal.
    """

    program = TenantForeignKey(Program, related_name="rules")
    level = models.CharField(_("level"), max_length=10, choices=Level, default=Level.PROGRAM)
    goal = TenantForeignKey(Goal, related_name="rules", null=True, blank=True)
    tier = TenantForeignKey(Tier, related_name="rules", null=True, blank=True)
    promotion = TenantForeignKey(Promotion, related_name="rules", null=True, blank=True)
    enrollment = TenantForeignKey(Enrollment, related_name="rules", null=True, blank=True)
    link = TenantForeignKey(Link, related_name="rules", null=True, blank=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=100)  # The lowest is first.
    is_base = models.BooleanField(default=False)
    # Of what no conversion earns: until when it was looked for what is due.
    swept_until = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="rule_one_base_per_goal",
                fields=["merchant", "program", "goal"],
                condition=Q(archived_at=None, is_base=True),
            ),
            models.CheckConstraint(name="rule_level_known", condition=Q(level__in=Level.values)),
            models.CheckConstraint(
                name="rule_names_what_its_level_is",
                condition=(Q(level=Level.TIER) ^ Q(tier=None))
                & (Q(level=Level.PROMOTION) ^ Q(promotion=None))
                & (Q(level=Level.ENROLLMENT) ^ Q(enrollment=None))
                & (Q(level=Level.LINK) ^ Q(link=None)),
            ),
            models.CheckConstraint(
                name="rule_base_is_the_programs",
                condition=Q(is_base=False) | Q(level=Level.PROGRAM, goal__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["merchant", "program"], name="rule_by_program")]


class RuleVersion(TenantRecord):
    """One wording of a rule, in force from `valid_from` until the next version's.

    `fixed_minor` and `rate_bps` hold what the plain rewards need; `details` what the others do and
    `conditions` a list of {"field", "op", "value"}, both as the catalogue describes them.
    """

    rule = TenantForeignKey(Rule, related_name="versions")
    version = models.PositiveIntegerField()
    reward = models.CharField(_("reward"), max_length=20, choices=Reward)
    fixed_minor = models.PositiveBigIntegerField(default=0)
    rate_bps = models.PositiveIntegerField(default=0)  # 750 is 7.5 %.
    details = models.JSONField(default=dict)
    conditions = models.JSONField(default=list)
    valid_from = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "rule", "version"], name="rule_version_unique"
            ),
            models.CheckConstraint(name="rule_reward_known", condition=Q(reward__in=Reward.values)),
            models.CheckConstraint(
                name="rule_pays_one_way",
                condition=Q(reward=Reward.FIXED, fixed_minor__gt=0, rate_bps=0)
                | Q(reward=Reward.PERCENT, rate_bps__range=(1, WHOLE_BPS), fixed_minor=0)
                | Q(
                    reward=Reward.FIXED_AND_PERCENT,
                    rate_bps__range=(1, WHOLE_BPS),
                    fixed_minor__gt=0,
                )
                | ~Q(reward__in=[Reward.FIXED, Reward.PERCENT, Reward.FIXED_AND_PERCENT]),
            ),
        ]


class Change(models.TextChoices):
    """What happens to a rate."""

    BEGINS = "BEGINS", _("It begins")
    ENDS = "ENDS", _("It ends")


class RateChange(TenantRecord):
    """A change of what affiliates earn, until everybody whom it concerns has a notice of it."""

    rule_version = TenantForeignKey(RuleVersion, related_name="changes")
    change = models.CharField(max_length=6, choices=Change)
    effective_at = models.DateTimeField()
    made_at = models.DateTimeField()  # Who was approved later knows nothing else.
    noted_until = models.UUIDField(null=True, blank=True)  # The last enrollment that has a notice.
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "rule_version", "change", "effective_at"],
                name="rate_change_once",
            ),
            models.CheckConstraint(name="rate_change_known", condition=Q(change__in=Change.values)),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="rate_change_due", condition=Q(done_at=None)),
        ]


class RateNotice(TenantRecord):
    """Tells one affiliate that a rate of theirs changes; sent by mail once, read in the portal."""

    enrollment = TenantForeignKey(Enrollment, related_name="rate_notices")
    affiliate = models.ForeignKey("affiliates.Affiliate", models.PROTECT, related_name="+")
    rule_version = TenantForeignKey(RuleVersion, related_name="notices")
    change = models.CharField(max_length=6, choices=Change, default=Change.BEGINS)
    effective_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "enrollment", "rule_version", "change", "effective_at"],
                name="rate_notice_once",
            ),
            models.CheckConstraint(
                name="rate_notice_change_known", condition=Q(change__in=Change.values)
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="rate_notice_due", condition=Q(mailed_at=None)
            ),
            models.Index(fields=["affiliate"], name="rate_notice_by_affiliate"),
        ]
