"""What people chose to hear of, and what waits for their next daily mail."""

from django.db import models
from django.db.models import Q

from affiliates.models import Affiliate
from common.models import Record
from mailing.kinds import OPTIONAL, When
from merchants.models import Merchant, TenantRecord
from users.models import User


class MailChoice(Record):
    """When a user hears of a kind: as a member of a merchant, or as a user of an affiliate.

    Policies: the merchant's or the affiliate's own. Without a row the catalogue's default holds.
    """

    merchant = models.ForeignKey(Merchant, models.CASCADE, null=True, related_name="+")
    affiliate = models.ForeignKey(Affiliate, models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    when = models.CharField(max_length=6, choices=When)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="mail_choice_once",
                fields=["merchant", "affiliate", "user", "kind"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="mail_choice_of_one_side",
                condition=Q(merchant=None, affiliate__isnull=False)
                | Q(merchant__isnull=False, affiliate=None),
            ),
            models.CheckConstraint(
                name="mail_choice_kind_may_be_chosen",
                condition=Q(kind__in=[kind.value for kind in OPTIONAL]),
            ),
            models.CheckConstraint(
                name="mail_choice_when_known", condition=Q(when__in=When.values)
            ),
        ]


class HeldMail(TenantRecord):
    """What a merchant told somebody who wants one mail a day; deleted once that mail went out.

    Policies: the merchant's, and the affiliate's own, so that one mail tells of all its merchants.
    `affiliate` is null where a member is told.
    """

    affiliate = models.ForeignKey(Affiliate, models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    fingerprint = models.CharField(max_length=64)  # Of what is said: a retry says it once.
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)  # By a worker that sends it.

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="held_mail_once",
                fields=["merchant", "affiliate", "user", "kind", "fingerprint"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="held_mail_kind_may_be_chosen",
                condition=Q(kind__in=[kind.value for kind in OPTIONAL]),
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="held_mail_due")]
