"""When money is due, and what the merchant has decided about paying it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Enrollment
from merchants.models import CURRENCY_KNOWN, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program, Tier

NET_DAYS_MAX = 180


class Schedule(models.TextChoices):
    """How often an approved commission falls due."""

    AT_ONCE = "AT_ONCE", _("As soon as it is approved")
    WEEKLY = "WEEKLY", _("Weekly")
    MONTHLY = "MONTHLY", _("Monthly")
    ON_REQUEST = "ON_REQUEST", _("When the affiliate asks for it")


class PayoutTerms(TenantRecord):
    """When commissions of a program, a tier or one enrollment are paid; the narrowest row counts.

    A commission clears `net_days` after the week or month (UTC) in which it was approved has ended,
    or after its approval if it is due at once, and falls due on the next pay day.
    """

    program = TenantForeignKey(Program, related_name="payout_terms")
    tier = TenantForeignKey(Tier, related_name="payout_terms", null=True, blank=True)
    enrollment = TenantForeignKey(Enrollment, related_name="payout_terms", null=True, blank=True)
    schedule = models.CharField(
        _("schedule"), max_length=10, choices=Schedule, default=Schedule.AT_ONCE
    )
    net_days = models.PositiveSmallIntegerField(
        _("days until it clears"), default=0, validators=[MaxValueValidator(NET_DAYS_MAX)]
    )
    # WEEKLY: 1 (Monday) to 7; MONTHLY: 1 to 28. Null: any day.
    pay_day = models.PositiveSmallIntegerField(
        _("pay day"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    # Null: the program's smallest payout.
    minor_min = models.PositiveBigIntegerField(_("smallest payout"), null=True, blank=True)
    # Requests that need no review, up to this; null: all are reviewed.
    automatic_minor_max = models.PositiveBigIntegerField(
        _("paid without review up to"), null=True, blank=True
    )
    # What a payout that the affiliate asked for costs them.
    request_fee_minor = models.PositiveBigIntegerField(_("fee of a request"), default=0)
    # The last day (UTC) on which they count; from the next one on the wider ones do.
    ends_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="payout_terms_once",
                fields=["merchant", "program", "tier", "enrollment"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="payout_terms_of_a_tier_or_an_enrollment",
                condition=Q(tier=None) | Q(enrollment=None),
            ),
            models.CheckConstraint(
                name="payout_terms_schedule_known", condition=Q(schedule__in=Schedule.values)
            ),
            models.CheckConstraint(
                name="payout_terms_net_days_sane", condition=Q(net_days__lte=NET_DAYS_MAX)
            ),
            models.CheckConstraint(
                name="payout_terms_pay_day_sane",
                condition=Q(pay_day=None)
                | Q(schedule=Schedule.WEEKLY, pay_day__range=(1, 7))
                | Q(schedule=Schedule.MONTHLY, pay_day__range=(1, 28)),
            ),
        ]


class PayoutPolicy(TenantRecord):
    """How a merchant pays: one row each, made when it is first changed."""

    # On each pay day a batch is prepared by itself and waits for approval.
    prepares_itself = models.BooleanField(_("prepare batches on pay days"), default=False)
    prepared_on = models.DateField(null=True, blank=True)  # The last day that was looked at.
    # Nobody is paid without a valid tax form ("no form, no payout").
    requires_tax_form = models.BooleanField(_("no tax form, no payout"), default=False)
    # Of affiliates who owe a tax form and gave none, or a faulty one: 2400 is the US rate.
    withholding_bps = models.PositiveSmallIntegerField(
        _("withholding"), default=0, validators=[MaxValueValidator(10_000)]
    )
    # Whether commissions of affiliates with VAT are net (VAT comes on top) or contain it.
    adds_vat = models.BooleanField(_("VAT comes on top"), default=True)
    issues_invoices = models.BooleanField(_("issue self-billing invoices"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="payout_policy_once", fields=["merchant"]),
            models.CheckConstraint(
                name="payout_policy_withholding_sane", condition=Q(withholding_bps__lte=10_000)
            ),
        ]


class ApprovalLimit(TenantRecord):
    """Up to this, in one currency, a batch needs no second person. Without a row all do."""

    currency = models.CharField(max_length=3)
    amount_minor = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="approval_limit_once", fields=["merchant", "currency"]),
            models.CheckConstraint(name="approval_limit_currency_known", condition=CURRENCY_KNOWN),
        ]
