"""Traffic: which rule paid for a link's clicks or impressions of a day, and for how many."""

from django.db import models
from django.db.models import Q

from commissions.models.rules import Reward


class TrafficDay(models.Model):
    """Units of one link on one UTC day, by the rate that was in force when the day began.

    Which rule pays is decided once, when the day has closed; `units` follow the day's figures.
    No foreign keys: as many rows as the daily figures have (docs/architecture.md).
    """

    pk = models.CompositePrimaryKey("merchant_id", "reward", "day", "link_id")
    merchant_id = models.UUIDField()
    reward = models.CharField(max_length=20)  # PER_CLICK or PER_MILLE.
    day = models.DateField()
    link_id = models.UUIDField()
    program_id = models.UUIDField()
    enrollment_id = models.UUIDField()
    rule_id = models.UUIDField()
    rule_version_id = models.UUIDField()
    rate_e5 = models.PositiveBigIntegerField()
    units = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="traffic_is_of_clicks_or_impressions",
                condition=Q(reward__in=[Reward.PER_CLICK, Reward.PER_MILLE]),
            ),
        ]
