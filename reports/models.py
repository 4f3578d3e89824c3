"""Rollups, kept in the transaction of the rows they count."""

from django.db import models

from merchants.models import Merchant


class DailyClicks(models.Model):
    """Clicks of one link on one UTC day. No foreign key: a volume table (docs/architecture.md)."""

    pk = models.CompositePrimaryKey("merchant_id", "day", "link_id")
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_constraint=False)
    day = models.DateField()
    link_id = models.UUIDField()
    program_id = models.UUIDField()
    enrollment_id = models.UUIDField()
    affiliate_id = models.UUIDField()
    clicks = models.PositiveBigIntegerField()  # Everything that asked.
    human = models.PositiveBigIntegerField()  # Of these, people.
    credited = models.PositiveBigIntegerField()  # Of these, clicks that may earn.
    uniques = models.PositiveBigIntegerField(db_default=0)  # People, once within 24 hours.

    class Meta:
        indexes = [
            models.Index(fields=["affiliate_id", "day"], name="daily_clicks_by_affiliate"),
        ]


class DailyDestinationClicks(models.Model):
    """Clicks that one destination got on one UTC day: what an A/B test looks at."""

    pk = models.CompositePrimaryKey("merchant_id", "day", "destination_id")
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_constraint=False)
    day = models.DateField()
    destination_id = models.UUIDField()
    program_id = models.UUIDField()
    clicks = models.PositiveBigIntegerField()
    human = models.PositiveBigIntegerField()
    credited = models.PositiveBigIntegerField()
    uniques = models.PositiveBigIntegerField()


class DailyImpressions(models.Model):
    """How often the picture of one link was seen on one UTC day; the edge counts them."""

    pk = models.CompositePrimaryKey("merchant_id", "day", "link_id")
    merchant = models.ForeignKey(Merchant, models.PROTECT, related_name="+", db_constraint=False)
    day = models.DateField()
    link_id = models.UUIDField()
    program_id = models.UUIDField()
    enrollment_id = models.UUIDField()
    affiliate_id = models.UUIDField()
    impressions = models.PositiveBigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["affiliate_id", "day"], name="daily_impressions_by_affiliate"),
        ]
