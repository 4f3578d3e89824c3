"""What is to be done, what was promised, and the reviews at which both look at it."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from merchants.tenancy import TenantForeignKey
from messaging.models import Side
from partnerships.models.partnerships import OfPartnership, Person


class ReviewStatus(models.TextChoices):
    """Where a review stands."""

    PLANNED = "PLANNED", pgettext_lazy("review", "Planned")
    HELD = "HELD", pgettext_lazy("review", "Held")
    CANCELLED = "CANCELLED", _("Cancelled")


REVIEW_MAY_COME_FROM = {  # HELD and CANCELLED are final.
    ReviewStatus.HELD: [ReviewStatus.PLANNED],
    ReviewStatus.CANCELLED: [ReviewStatus.PLANNED],
}


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews, with the one way to change their status."""

    def move(self, *, to: ReviewStatus, at: datetime) -> int:
        """Move to `to` every review allowed to go there; return how many moved."""
        movable = self.filter(status__in=REVIEW_MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at)


class Review(OfPartnership):
    """A meeting at which both sides look at a time that is over.

    `snapshot` is that time's figures as they were when it was taken: nothing changes it.
    """

    planned_on = models.DateField(_("on"))
    first_on = models.DateField()  # The days that it looks at, both counted in.
    last_on = models.DateField()
    agenda = models.TextField(_("agenda"), max_length=5000, blank=True)
    notes = models.TextField(_("notes"), max_length=10_000, blank=True)
    status = models.CharField(max_length=9, choices=ReviewStatus, default=ReviewStatus.PLANNED)
    status_changed_at = models.DateTimeField()
    snapshot = models.JSONField(null=True, blank=True)
    snapshot_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="review_status_known", condition=Q(status__in=ReviewStatus.values)
            ),
            models.CheckConstraint(
                name="review_days_sane", condition=Q(first_on__lte=F("last_on"))
            ),
            models.CheckConstraint(
                name="review_snapshot_has_its_time",
                condition=Q(snapshot__isnull=True, snapshot_at=None)
                | Q(snapshot__isnull=False, snapshot_at__isnull=False),
            ),
            models.CheckConstraint(
                name="review_held_has_a_snapshot",
                condition=~Q(status=ReviewStatus.HELD) | Q(snapshot__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["merchant", "partnership"],
                name="review_planned_once",
                condition=Q(status=ReviewStatus.PLANNED),
            ),
        ]


class ItemKind(models.TextChoices):
    """Where something to be done comes from."""

    PLAN = "PLAN", _("Plan")
    COMMITMENT = "COMMITMENT", _("Commitment")
    ACTION = "ACTION", _("Action of a review")


class ItemStatus(models.TextChoices):
    """Whether it was done."""

    OPEN = "OPEN", pgettext_lazy("to be done", "Open")
    DONE = "DONE", pgettext_lazy("item", "Done")
    NOT_DONE = "NOT_DONE", _("Not done")


MAY_COME_FROM = {
    ItemStatus.OPEN: [ItemStatus.DONE, ItemStatus.NOT_DONE],
    ItemStatus.DONE: [ItemStatus.OPEN, ItemStatus.NOT_DONE],
    ItemStatus.NOT_DONE: [ItemStatus.OPEN, ItemStatus.DONE],
}


class ItemQuerySet(models.QuerySet["Item"]):
    """Items, with the one way to change their status."""

    def move(self, *, to: ItemStatus, at: datetime) -> int:
        """Move to `to` every item allowed to go there; return how many moved."""
        movable = self.filter(status__in=MAY_COME_FROM[to])
        return movable.update(status=to, status_changed_at=at)


class Item(OfPartnership):
    """Something to be done by one of the two sides, or by one person of it."""

    kind = models.CharField(max_length=10, choices=ItemKind)
    review = TenantForeignKey(Review, related_name="items", null=True, blank=True)
    title = models.CharField(_("what is to be done"), max_length=200)
    details = models.TextField(_("details"), max_length=2000, blank=True)
    side = models.CharField(max_length=9, choices=Side)  # Who does it.
    owner = TenantForeignKey(Person, related_name="items", null=True, blank=True)
    due_on = models.DateField(_("until"), null=True, blank=True)
    status = models.CharField(max_length=8, choices=ItemStatus, default=ItemStatus.OPEN)
    status_changed_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    overdue_told_at = models.DateTimeField(null=True, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="item_kind_known", condition=Q(kind__in=ItemKind.values)),
            models.CheckConstraint(
                name="item_status_known", condition=Q(status__in=ItemStatus.values)
            ),
            models.CheckConstraint(name="item_side_known", condition=Q(side__in=Side.values)),
            models.CheckConstraint(
                name="item_action_has_a_review",
                condition=Q(kind=ItemKind.ACTION, review__isnull=False)
                | (~Q(kind=ItemKind.ACTION) & Q(review=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], name="item_due", condition=Q(status=ItemStatus.OPEN)),
        ]

    def __str__(self) -> str:
        return self.title


class ItemMove(OfPartnership):
    """What became of an item, when, and who said so."""

    item = TenantForeignKey(Item, related_name="moves")
    status = models.CharField(max_length=8, choices=ItemStatus)
    note = models.CharField(_("note"), max_length=300, blank=True)
    side = models.CharField(max_length=9, choices=Side)
    writer = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="item_move_status_known", condition=Q(status__in=ItemStatus.values)
            ),
        ]
