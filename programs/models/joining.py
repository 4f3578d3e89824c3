"""What a program asks of applicants, and what it makes of the answers without a person."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models.programs import Program


class Stage(models.TextChoices):
    """When a question is asked."""

    APPLICATION = "APPLICATION", _("When applying")
    QUESTIONNAIRE = "QUESTIONNAIRE", _("After approval")


class FieldKind(models.TextChoices):
    """What an answer looks like."""

    TEXT = "TEXT", _("One line")
    LONG_TEXT = "LONG_TEXT", _("Several lines")
    EMAIL = "EMAIL", _("E-mail address")
    PHONE = "PHONE", _("Phone number")
    URL = "URL", _("Web address")
    NUMBER = "NUMBER", _("Number")
    DATE = "DATE", _("Date")
    COUNTRY = "COUNTRY", _("Country")
    CHOICE = "CHOICE", _("One of several")
    CHOICES = "CHOICES", _("Some of several")
    CHECKBOX = "CHECKBOX", _("Yes or no")


FIELD_CODE = r"^[a-z][a-z0-9_]*$"


class FormField(TenantRecord):
    """One question of a program's form. Answers carry its label: changing it changes no answer."""

    program = TenantForeignKey(Program, related_name="form_fields")
    stage = models.CharField(_("asked"), max_length=13, choices=Stage, default=Stage.APPLICATION)
    code = models.CharField(
        _("code"),
        max_length=40,
        validators=[RegexValidator(FIELD_CODE, _("Use a-z, 0-9 and _ only."))],
    )
    kind = models.CharField(_("kind"), max_length=9, choices=FieldKind, default=FieldKind.TEXT)
    label = models.CharField(_("question"), max_length=200)
    help = models.CharField(_("help"), max_length=300, blank=True)
    options = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    is_required = models.BooleanField(_("must be answered"), default=False)
    # Asked only if the question of this code, before it, has one of these answers; "": always.
    shown_if_code = models.CharField(_("asked only if"), max_length=40, blank=True)
    shown_if_values = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program", "code"], name="form_field_code_unique"
            ),
            models.CheckConstraint(
                name="form_field_code_plain", condition=Q(code__regex=FIELD_CODE)
            ),
            models.CheckConstraint(
                name="form_field_kind_known", condition=Q(kind__in=FieldKind.values)
            ),
            models.CheckConstraint(
                name="form_field_stage_known", condition=Q(stage__in=Stage.values)
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Check(models.TextChoices):
    """What a review rule looks at."""

    COUNTRY = "COUNTRY", _("Country is one of")
    TYPE = "TYPE", _("Type is one of")
    EMAIL_DOMAIN = "EMAIL_DOMAIN", _("E-mail address ends with one of")
    EMAIL_DISPOSABLE = "EMAIL_DISPOSABLE", _("E-mail address is a throw-away one")
    EMAIL_VERIFIED = "EMAIL_VERIFIED", _("E-mail address is verified")
    WEBSITE_VERIFIED = "WEBSITE_VERIFIED", _("Website is proven to be theirs")
    REFERENCES_VERIFIED = "REFERENCES_VERIFIED", _("References are verified, at least")
    AUDIENCE = "AUDIENCE", _("Followers over all channels, at least")
    ANSWER = "ANSWER", _("Answer is one of")
    NUMBER = "NUMBER", _("Answer is a number of at least")


class Verdict(models.TextChoices):
    """What follows when a review rule holds."""

    APPROVE = "APPROVE", _("Approve")
    REJECT = "REJECT", _("Reject")
    REVIEW = "REVIEW", _("A person decides")


class ReviewRule(TenantRecord):
    """Says what becomes of an application: the first rule that holds decides, and says why."""

    program = TenantForeignKey(Program, related_name="review_rules")
    position = models.PositiveSmallIntegerField(_("order"), default=100)
    looks_at = models.CharField(_("if"), max_length=19, choices=Check)
    is_negated = models.BooleanField(_("not"), default=False)
    field_code = models.CharField(_("question"), max_length=40, blank=True)  # ANSWER, NUMBER.
    values = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    minimum = models.PositiveBigIntegerField(_("at least"), null=True, blank=True)
    verdict = models.CharField(_("then"), max_length=7, choices=Verdict)
    reason = models.CharField(_("reason, as the applicant reads it"), max_length=300)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="review_rule_check_known", condition=Q(looks_at__in=Check.values)
            ),
            models.CheckConstraint(
                name="review_rule_verdict_known", condition=Q(verdict__in=Verdict.values)
            ),
        ]
