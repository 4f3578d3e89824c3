"""Prospects, the log of contacts with them, the letters that invite them, and files of them."""

from datetime import datetime
from typing import Any, Final

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from affiliates.models import Enrollment
from affiliates.models import Status as EnrollmentStatus
from merchants.models import Member, TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Program


class Stage(models.TextChoices):
    """How far a prospect has come. That they applied or joined, their enrollment says."""

    FOUND = "FOUND", pgettext_lazy("prospect", "Found")
    CONTACTED = "CONTACTED", pgettext_lazy("prospect", "Contacted")
    ANSWERED = "ANSWERED", pgettext_lazy("prospect", "Answered")
    INVITED = "INVITED", pgettext_lazy("prospect", "Invited")
    APPLIED = "APPLIED", pgettext_lazy("prospect", "Applied")
    JOINED = "JOINED", pgettext_lazy("prospect", "Joined")
    DECLINED = "DECLINED", pgettext_lazy("prospect", "Declined")


# What people may say of a prospect; the others follow from what the prospect does.
BY_HAND: Final = (
    Stage.FOUND,
    Stage.CONTACTED,
    Stage.ANSWERED,
    Stage.INVITED,
    Stage.DECLINED,
)
MAY_COME_FROM = {stage: [other for other in BY_HAND if other != stage] for stage in BY_HAND}
IN_PROGRAM: Final = (EnrollmentStatus.APPROVED, EnrollmentStatus.SUSPENDED, EnrollmentStatus.LEFT)
REFUSED: Final = (EnrollmentStatus.REJECTED, EnrollmentStatus.DECLINED)


class ProspectSource(models.TextChoices):
    """How a prospect was found."""

    SEARCH = "SEARCH", _("Own search")
    WARM = "WARM", _("Warm introduction")
    EVENT = "EVENT", _("Event")
    INBOUND = "INBOUND", _("Wrote by themselves")
    PARTNER = "PARTNER", _("Recruited by an affiliate")
    OTHER = "OTHER", pgettext_lazy("source", "Other")


class ProspectQuerySet(models.QuerySet["Prospect"]):
    """Prospects, with the one way to change their stage by hand."""

    def move(self, *, to: Stage, at: datetime) -> int:
        """Move to `to` every prospect allowed to go there; return how many moved.

        Who has an enrollment moves by what becomes of that alone.
        """
        movable = self.filter(enrollment=None, stage__in=MAY_COME_FROM[to])
        return movable.update(stage=to, stage_changed_at=at)

    def staged(self) -> "ProspectQuerySet":
        """Add `stage_now`: what people said, unless the enrollment says more."""
        return self.annotate(
            stage_now=Case(
                When(enrollment__status__in=IN_PROGRAM, then=Value(Stage.JOINED)),
                When(enrollment__status=EnrollmentStatus.APPLIED, then=Value(Stage.APPLIED)),
                When(enrollment__status__in=REFUSED, then=Value(Stage.DECLINED)),
                When(enrollment__status=EnrollmentStatus.INVITED, then=Value(Stage.INVITED)),
                default=F("stage"),
                output_field=models.CharField(max_length=9),
            )
        )


class Prospect(TenantRecord):
    """Somebody who might become an affiliate of a program.

    `enrollment` is what they became, found by the letter they followed, or by their address.
    """

    program = TenantForeignKey(Program, related_name="prospects")
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail address"), blank=True)
    website = models.URLField(_("website"), max_length=500, blank=True)
    channels = models.CharField(_("channels"), max_length=500, blank=True)
    audience = models.CharField(_("audience"), max_length=500, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    source = models.CharField(_("source"), max_length=7, choices=ProspectSource)
    introduced_by = models.CharField(_("introduced by"), max_length=120, blank=True)
    recruiter = TenantForeignKey(  # The affiliate by whose link they came.
        Enrollment, related_name="prospects_brought", null=True, blank=True
    )
    owner = TenantForeignKey(Member, related_name="prospects", null=True, blank=True)
    notes = models.TextField(_("notes"), max_length=5000, blank=True)
    stage = models.CharField(max_length=9, choices=Stage, default=Stage.FOUND)
    stage_changed_at = models.DateTimeField()
    enrollment = TenantForeignKey(Enrollment, related_name="prospects", null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)  # Gets no letter any more.
    found_at = models.DateTimeField()

    objects = ProspectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="prospect_stage_is_said_by_people", condition=Q(stage__in=BY_HAND)
            ),
            models.CheckConstraint(
                name="prospect_source_known", condition=Q(source__in=ProspectSource.values)
            ),
            models.CheckConstraint(
                name="prospect_country_is_iso_3166", condition=Q(country__regex=r"^([A-Z]{2})?$")
            ),
            models.UniqueConstraint(
                name="prospect_once_per_address",
                fields=["merchant", "program", "email"],
                condition=~Q(email=""),
            ),
            models.UniqueConstraint(
                name="prospect_once_per_enrollment",
                fields=["merchant", "enrollment"],
                condition=Q(enrollment__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["merchant", "-found_at"], name="prospect_by_time")]

    def __str__(self) -> str:
        return self.name


class ContactKind(models.TextChoices):
    """How people met."""

    MAIL = "MAIL", pgettext_lazy("contact", "E-mail")
    CALL = "CALL", pgettext_lazy("contact", "Call")
    MEETING = "MEETING", pgettext_lazy("contact", "Meeting")
    MESSAGE = "MESSAGE", pgettext_lazy("contact", "Message elsewhere")
    ANSWER = "ANSWER", pgettext_lazy("contact", "They answered")
    NOTE = "NOTE", pgettext_lazy("contact", "Note")


class Contact(TenantRecord):
    """One entry of the log: what was said with a prospect, and when."""

    prospect = TenantForeignKey(Prospect, models.CASCADE, related_name="contacts")
    kind = models.CharField(_("what it was"), max_length=7, choices=ContactKind)
    text = models.TextField(_("what was said"), max_length=5000)
    member = TenantForeignKey(Member, related_name="+", null=True, blank=True, db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_kind_known", condition=Q(kind__in=ContactKind.values)
            ),
        ]


class LetterTemplate(TenantRecord):
    """A text to write to prospects with; it may hold the tags of `recruiting.tags`."""

    name = models.CharField(_("name"), max_length=80)
    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(_("text"), max_length=5000)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="letter_template_name_once",
                fields=["merchant", "name"],
                condition=Q(archived_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Letter(TenantRecord):
    """A mail to a prospect, with a link of its own to a form that is filled with what is known.

    The link's key is stored hashed. No picture tells when the mail was read: what is counted is
    that somebody followed the link.
    """

    prospect = TenantForeignKey(Prospect, models.CASCADE, related_name="letters")
    template = TenantForeignKey(
        LetterTemplate, related_name="letters", null=True, blank=True, db_index=False
    )
    subject = models.CharField(max_length=150)
    body = models.TextField(max_length=8000)  # As it goes out; `{link}` alone is filled then.
    member = TenantForeignKey(Member, related_name="+", null=True, blank=True, db_index=False)
    key_hash = models.CharField(max_length=64, blank=True)  # Empty: it has not gone out yet.
    expires_at = models.DateTimeField()
    written_at = models.DateTimeField()
    mail_due_at = models.DateTimeField(null=True, blank=True)  # Null: it went out, or never will.
    sent_at = models.DateTimeField(null=True, blank=True)
    visits = models.PositiveIntegerField(default=0)
    first_visited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key_hash"], name="letter_key_once", condition=~Q(key_hash="")
            ),
        ]
        indexes = [
            models.Index(
                fields=["mail_due_at"],
                name="letter_to_mail",
                condition=Q(mail_due_at__isnull=False),
            ),
        ]


class ProspectImport(TenantRecord):
    """A file of prospects: looked at first, taken in when somebody says so, then forgotten."""

    program = TenantForeignKey(Program, related_name="prospect_imports", db_index=False)
    file_name = models.CharField(max_length=120)
    content = models.TextField(blank=True)  # Empty once it was taken in.
    source = models.CharField(max_length=7, choices=ProspectSource)
    member = TenantForeignKey(Member, related_name="+", null=True, blank=True, db_index=False)
    done_at = models.DateTimeField(null=True, blank=True)
    added_count = models.PositiveIntegerField(default=0)
    known_count = models.PositiveIntegerField(default=0)
    wrong_count = models.PositiveIntegerField(default=0)


class RecruitingOffer(TenantRecord):
    """Whether affiliates of a program may recruit others, and what they get for it once.

    What they earn of their recruits' sales is said by rules with the reward OVERRIDE. The bounty is
    paid for a recruit's first sale that stands, never for a name alone.
    """

    program = TenantForeignKey(Program, related_name="recruiting_offers")
    is_open = models.BooleanField(_("affiliates may recruit"), default=False)
    bounty_minor = models.PositiveBigIntegerField(null=True, blank=True)  # Program's currency.
    opened_at = models.DateTimeField(null=True, blank=True)  # Who joined before brings no bounty.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "program"], name="recruiting_offer_once_per_program"
            ),
            models.CheckConstraint(
                name="recruiting_bounty_positive",
                condition=Q(bounty_minor=None) | Q(bounty_minor__gt=0),
            ),
        ]


def stage_of(prospect: Any) -> Stage:
    """Return where a prospect stands, of rows that are staged."""
    return Stage(prospect.stage_now)
