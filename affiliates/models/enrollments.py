"""What an affiliate is to a merchant, and what it has accepted."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from affiliates.models.accounts import Affiliate
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program, Terms, Tier
from users.models import User

# The searched text begins with the name. Not all of it is in the index by which lists are in order.
NAME_IN_ORDER = Left("search_text", 60)


class Status(models.TextChoices):
    """Where an enrollment stands. Only an approved one earns."""

    INVITED = "INVITED", _("Invited")
    APPLIED = "APPLIED", _("Applied")
    APPROVED = "APPROVED", _("Approved")
    SUSPENDED = "SUSPENDED", _("Suspended")
    REJECTED = "REJECTED", _("Rejected")
    DECLINED = "DECLINED", _("Invitation declined")
    LEFT = "LEFT", _("Left")


MAY_COME_FROM = {  # The whole lifecycle; LEFT is final.
    Status.APPLIED: [Status.REJECTED],
    Status.APPROVED: [Status.APPLIED, Status.INVITED, Status.SUSPENDED],
    Status.SUSPENDED: [Status.APPROVED],
    Status.REJECTED: [Status.APPLIED],
    Status.DECLINED: [Status.INVITED],
    Status.LEFT: [Status.SUSPENDED, Status.APPROVED],
}


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    """Enrollments, with the one way to change their status."""

    def move(self, *, to: Status, at: datetime, reason: str = "") -> int:
        """Move to `to` every enrollment allowed to go there; return how many moved.

        One UPDATE, so of two people deciding at once the second counts 0.
        """
        movable = self.filter(status__in=MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at, status_reason=reason)


class Enrollment(TenantRecord):
    """One affiliate in one program, with its referral code."""

    program = TenantForeignKey(Program, related_name="enrollments")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="enrollments")
    code = models.CharField(_("referral code"), max_length=40)
    tier = TenantForeignKey(Tier, related_name="enrollments", null=True, blank=True)
    # After a move, when it happened; until when it is not moved down; since when the targets are
    # missed. Null: never moved, not locked, not missed.
    tier_since = models.DateTimeField(null=True, blank=True)
    tier_locked_until = models.DateTimeField(null=True, blank=True)
    tier_missed_since = models.DateTimeField(null=True, blank=True)
    tier_missed_told_at = models.DateTimeField(null=True, blank=True)  # The mail that warns.
    contract = TenantForeignKey(  # Negotiated with this affiliate; null: its tier's or program's.
        Terms, related_name="enrollments", null=True, blank=True, db_index=False
    )
    owner = TenantForeignKey(Member, related_name="enrollments", null=True, blank=True)
    health = models.PositiveSmallIntegerField(null=True, blank=True)  # 0 to 100; null: unknown.
    # Name, address, code and website in lower case: what the console's search looks through.
    # The database's triggers keep it.
    search_text = models.TextField(default="", blank=True)
    # Who brought this affiliate into the program: earns what OVERRIDE rules pay.
    recruited_by = TenantForeignKey("self", related_name="recruits", null=True, blank=True)
    # Of an account that turned out to be another's twin: who is credited in its place from then on.
    merged_into = TenantForeignKey("self", related_name="merged", null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status)
    status_changed_at = models.DateTimeField()
    status_reason = models.CharField(max_length=500, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program", "affiliate"], name="enrollment_once_per_program"
            ),
            models.UniqueConstraint(fields=["merchant", "code"], name="enrollment_code_unique"),
            models.CheckConstraint(
                name="enrollment_status_known", condition=Q(status__in=Status.values)
            ),
            models.CheckConstraint(
                name="enrollment_not_recruited_by_itself",
                condition=Q(recruited_by=None) | ~Q(recruited_by=F("id")),
            ),
            models.CheckConstraint(
                name="enrollment_merged_has_left_and_not_into_itself",
                condition=Q(merged_into=None) | Q(status=Status.LEFT) & ~Q(merged_into=F("id")),
            ),
        ]
        indexes = [
            models.Index(fields=["affiliate"], name="enrollment_by_affiliate"),
            models.Index(F("merchant"), NAME_IN_ORDER, F("id"), name="enrollment_by_name"),
            models.Index(
                fields=["merchant", "program", "status", "created_at"], name="enrollment_by_status"
            ),
            models.Index(
                fields=["tier_missed_since"],
                name="enrollment_to_warn",
                condition=Q(tier_missed_since__isnull=False, tier_missed_told_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.affiliate} in {self.program}"

    @property
    def is_active(self) -> bool:
        """Whether it may earn now."""
        return self.status == Status.APPROVED

    @property
    def heir(self) -> "Enrollment":
        """Who is credited for what its links and codes bring: itself, unless it was merged."""
        return self.merged_into or self


class TermsAcceptance(TenantRecord):
    """Evidence: who accepted which version, when, and from where."""

    enrollment = TenantForeignKey(Enrollment, related_name="acceptances")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    terms = TenantForeignKey(Terms, related_name="acceptances")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "enrollment", "terms"], name="terms_accepted_once"
            ),
        ]


class MoveCause(models.TextChoices):
    """Why an enrollment changed its tier."""

    REACHED = "REACHED", _("Reached the targets")
    MISSED = "MISSED", _("Missed the targets")
    BY_HAND = "BY_HAND", _("Moved by hand")


class TierMove(TenantRecord):
    """An enrollment that went from one tier to another, with the figures that decided."""

    enrollment = TenantForeignKey(Enrollment, related_name="tier_moves")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    before = TenantForeignKey(Tier, related_name="+", null=True, blank=True)
    after = TenantForeignKey(Tier, related_name="+", null=True, blank=True)
    cause = models.CharField(max_length=7, choices=MoveCause)
    figures = models.JSONField(default=dict)  # {"REVENUE": 120000}, of the period that counted.
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)  # The mail to the affiliate.

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tier_move_cause_known", condition=Q(cause__in=MoveCause.values)
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="tier_move_to_tell", condition=Q(told_at=None)
            ),
        ]
