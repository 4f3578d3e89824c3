"""Proposals: a rate that one side offers the other, until it is agreed, refused or too late."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from affiliates.models import Affiliate, Enrollment
from commissions.models.rules import Reward, RuleVersion
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey
from programs.models import Goal, Program
from users.models import User


class Side(models.TextChoices):
    """Who offers."""

    MERCHANT = "MERCHANT", _("The merchant")
    AFFILIATE = "AFFILIATE", _("The affiliate")


class ProposalStatus(models.TextChoices):
    """Where a proposal stands."""

    OPEN = "OPEN", _("Waits for an answer")
    COUNTERED = "COUNTERED", _("Answered by another proposal")
    ACCEPTED = "ACCEPTED", _("Accepted")
    DECLINED = "DECLINED", _("Declined")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")
    EXPIRED = "EXPIRED", _("Expired")


PROPOSAL_MAY_COME_FROM = {  # The whole lifecycle; all but OPEN are final.
    ProposalStatus.COUNTERED: [ProposalStatus.OPEN],
    ProposalStatus.ACCEPTED: [ProposalStatus.OPEN],
    ProposalStatus.DECLINED: [ProposalStatus.OPEN],
    ProposalStatus.WITHDRAWN: [ProposalStatus.OPEN],
    ProposalStatus.EXPIRED: [ProposalStatus.OPEN],
}


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Proposals, with the one way to change their status."""

    def move(self, *, to: ProposalStatus, at: datetime) -> int:
        """Move to `to` every proposal allowed to go there; return how many moved."""
        movable = self.filter(status__in=PROPOSAL_MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at)


class Proposal(TenantRecord):
    """One offer of a rate for one enrollment. A counter-offer is another, which answers it.

    Reward and conditions are as the catalogue describes them, like a rule's. Once accepted it has
    the rule that it made and the evidence of who agreed: a typed name, time, address, and the hash
    of the words that were shown.
    """

    program = TenantForeignKey(Program, related_name="proposals")
    enrollment = TenantForeignKey(Enrollment, related_name="proposals")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    goal = TenantForeignKey(Goal, related_name="+", null=True, blank=True)  # None: every goal.
    answers = TenantForeignKey("self", related_name="answered_by", null=True, blank=True)
    offered_by = models.CharField(max_length=9, choices=Side)
    offered_by_user = models.ForeignKey(
        User, models.PROTECT, related_name="+", null=True, blank=True
    )
    reward = models.CharField(_("reward"), max_length=20, choices=Reward)
    fixed_minor = models.PositiveBigIntegerField(default=0)
    rate_bps = models.PositiveIntegerField(default=0)
    details = models.JSONField(default=dict)
    conditions = models.JSONField(default=list)
    message = models.TextField(_("message"), max_length=2000, blank=True)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)  # None: from the agreement.
    expires_at = models.DateTimeField(_("answer until"))
    offered_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=ProposalStatus, default=ProposalStatus.OPEN)
    status_changed_at = models.DateTimeField()
    # The agreement.
    signed_name = models.CharField(_("your full name"), max_length=120, blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    signed_ip = models.GenericIPAddressField(null=True, blank=True)
    signed_user_agent = models.CharField(max_length=400, blank=True)
    signed_text = models.TextField(blank=True)
    signed_sha256 = models.CharField(max_length=64, blank=True)
    rule_version = TenantForeignKey(
        RuleVersion, related_name="proposals", null=True, blank=True, db_index=False
    )
    told_at = models.DateTimeField(null=True, blank=True)  # The other side, of the offer.
    answer_told_at = models.DateTimeField(null=True, blank=True)  # Who offered, of the answer.

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="proposal_one_open_per_goal",
                fields=["merchant", "enrollment", "goal"],
                condition=Q(status=ProposalStatus.OPEN),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="proposal_known",
                condition=Q(status__in=ProposalStatus.values)
                & Q(offered_by__in=Side.values)
                & Q(reward__in=Reward.values),
            ),
            models.CheckConstraint(
                name="proposal_accepted_is_signed",
                condition=~Q(status=ProposalStatus.ACCEPTED) | ~Q(signed_sha256=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="proposal_to_expire",
                condition=Q(status=ProposalStatus.OPEN),
            ),
            models.Index(fields=["offered_at"], name="proposal_to_tell", condition=Q(told_at=None)),
            models.Index(fields=["affiliate"], name="proposal_by_affiliate"),
        ]
