"""What applicants write, and how far visitors of a join page come."""

from django.db import models

from affiliates.models.accounts import Affiliate
from affiliates.models.enrollments import Enrollment
from merchants.models import TenantRecord
from merchants.tenancy import TenantForeignKey


class Application(TenantRecord):
    """What an applicant wrote; a rejected affiliate may apply again, with another of these."""

    enrollment = TenantForeignKey(Enrollment, related_name="applications")
    affiliate = models.ForeignKey(Affiliate, models.PROTECT, related_name="+")
    answers = models.JSONField(default=dict)  # {"channels": "…", "message": "…"}
    submitted_at = models.DateTimeField()
