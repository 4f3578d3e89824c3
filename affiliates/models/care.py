"""How a merchant's people keep their affiliates in order: tags, notes, tasks, jobs, violations."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models.accounts import Affiliate
from affiliates.models.enrollments import Enrollment
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Policy, Program


class Tag(TenantRecord):
    """A word that members put on enrollments, independent of tiers."""

    name = models.CharField(_("name"), max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "name"], name="tag_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Tagging(TenantRecord):
    """A tag on an enrollment."""

    tag = TenantForeignKey(Tag, related_name="taggings")
    enrollment = TenantForeignKey(Enrollment, related_name="taggings")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "tag", "enrollment"], name="tagging_once"),
        ]


class SavedList(models.TextChoices):
    """The lists whose filters can be kept."""

    AFFILIATES = "AFFILIATES", _("Affiliates")
    CONVERSIONS = "CONVERSIONS", _("Conversions")
    COMMISSIONS = "COMMISSIONS", _("Commissions")


class Segment(TenantRecord):
    """A filter of a list that members gave a name."""

    name = models.CharField(_("name"), max_length=80)
    list = models.CharField(max_length=11, choices=SavedList, default=SavedList.AFFILIATES)
    query = models.CharField(max_length=2000)  # As in the list's address: "status=APPROVED&tag=…".
    made_by = TenantForeignKey(Member, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "list", "name"], name="segment_name_unique"
            ),
            models.CheckConstraint(
                name="segment_list_known", condition=Q(list__in=SavedList.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Note(TenantRecord):
    """What members tell each other about an affiliate. The affiliate never sees it."""

    enrollment = TenantForeignKey(Enrollment, related_name="notes")
    member = TenantForeignKey(Member, related_name="+", db_index=False)
    body = models.TextField(_("note"), max_length=5000)
    at = models.DateTimeField()


class Task(TenantRecord):
    """Something a member is to do, about an affiliate or not."""

    enrollment = TenantForeignKey(Enrollment, related_name="tasks", null=True, blank=True)
    assignee = TenantForeignKey(Member, related_name="tasks")
    made_by = TenantForeignKey(Member, related_name="+", db_index=False)
    title = models.CharField(_("what is to be done"), max_length=200)
    due_on = models.DateField(_("until"), null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)  # When the assignee was mailed.

    class Meta:
        indexes = [
            models.Index(
                fields=["due_on"],
                name="task_to_remind",
                condition=Q(done_at=None, reminded_at=None),
            ),
        ]


class Severity(models.TextChoices):
    """What a violation leads to."""

    WARN = "WARN", _("Warning")
    HOLD = "HOLD", _("Commissions on hold")
    SUSPEND = "SUSPEND", _("Suspended")
    CLAW_BACK = "CLAW_BACK", _("Commissions taken back")


class Violation(TenantRecord):
    """A rule of the program that an affiliate broke, with what proves it."""

    enrollment = TenantForeignKey(Enrollment, related_name="violations")
    severity = models.CharField(_("severity"), max_length=9, choices=Severity)
    rule = models.CharField(_("rule that was broken"), max_length=300)
    evidence = models.TextField(_("evidence"), max_length=5000)
    filed_by = TenantForeignKey(Member, related_name="+", db_index=False)
    at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(_("how it ended"), max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="violation_severity_known", condition=Q(severity__in=Severity.values)
            ),
        ]


class FrictionReport(TenantRecord):
    """What an affiliate says of a policy that stands in their way, and what was answered."""

    policy = TenantForeignKey(Policy, related_name="friction_reports")
    enrollment = TenantForeignKey(Enrollment, related_name="+", db_index=False)
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    body = models.TextField(_("what is in the way"), max_length=2000)
    at = models.DateTimeField()
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)


class PolicyWaiver(TenantRecord):
    """A policy that does not hold for one affiliate, until a day."""

    policy = TenantForeignKey(Policy, related_name="waivers")
    enrollment = TenantForeignKey(Enrollment, related_name="+")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    reason = models.CharField(_("why"), max_length=300)  # The affiliate reads it.
    last_on = models.DateField(_("last day"))
    granted_by = TenantForeignKey(Member, related_name="+", db_index=False)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)  # Before its last day.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="policy_waiver_once",
                fields=["merchant", "policy", "enrollment"],
                condition=Q(ended_at=None),
            ),
        ]


class BulkAction(models.TextChoices):
    """What can be done to many enrollments at once."""

    APPROVE = "APPROVE", _("Approve")
    REJECT = "REJECT", _("Reject")
    SUSPEND = "SUSPEND", _("Suspend")
    REINSTATE = "REINSTATE", _("Reinstate")
    TAG = "TAG", _("Add a tag")
    UNTAG = "UNTAG", _("Remove a tag")
    MOVE_TIER = "MOVE_TIER", _("Move to a tier")
    ASSIGN_OWNER = "ASSIGN_OWNER", _("Assign an owner")
    GIVE_CODE = "GIVE_CODE", _("Give a discount code")


class BulkStatus(models.TextChoices):
    """Where a bulk job stands."""

    RUNNING = "RUNNING", _("Running")
    DONE = "DONE", _("Done")
    CANCELLED = "CANCELLED", _("Cancelled")


class BulkJob(TenantRecord):
    """One action on many enrollments, carried out by a worker, a slice at a time."""

    program = TenantForeignKey(Program, related_name="+", null=True, blank=True, db_index=False)
    action = models.CharField(max_length=12, choices=BulkAction)
    query = models.CharField(max_length=2000)  # Which enrollments: as in the list's address.
    # {"tag": id}, {"tier": id}, {"reason": "…"}, {"coupon": {…}}.
    details = models.JSONField(default=dict)
    # Whom it takes, chosen when it starts; those before `done + skipped` are behind it.
    enrollment_ids = ArrayField(models.UUIDField(), default=list)
    member = TenantForeignKey(Member, related_name="+", db_index=False)
    status = models.CharField(max_length=9, choices=BulkStatus, default=BulkStatus.RUNNING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)  # Where it did not apply.
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="bulk_job_action_known", condition=Q(action__in=BulkAction.values)
            ),
            models.CheckConstraint(
                name="bulk_job_status_known", condition=Q(status__in=BulkStatus.values)
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="bulk_job_running",
                condition=Q(status=BulkStatus.RUNNING),
            ),
        ]

    def advance(self, *, done: int, skipped: int) -> None:
        """Note how many more were done, and how many more could not be."""
        self.done, self.skipped = self.done + done, self.skipped + skipped
        self.save(update_fields=["done", "skipped"])

    def end(self, status: BulkStatus, *, at: datetime) -> None:
        """Take no further enrollment."""
        self.status, self.finished_at = status, at
        self.save(update_fields=["status", "finished_at"])


class BulkItem(TenantRecord):
    """An enrollment that a bulk job came to and could not take, with why."""

    job = TenantForeignKey(BulkJob, related_name="items")
    enrollment = TenantForeignKey(Enrollment, related_name="+", db_index=False)
    problem = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "job", "enrollment"], name="bulk_item_once"
            ),
        ]
