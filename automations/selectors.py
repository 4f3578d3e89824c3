"""What is read of automations."""

from django.db.models import Count, Q, QuerySet

from automations.models import Automation, AutomationStatus, Run
from programs.models import Program


def automations_of(program: Program) -> QuerySet[Automation]:
    """Return a program's automations that are not put away, with how often each did something."""
    rows = Automation.objects.filter(merchant_id=program.merchant_id, program=program)
    kept = rows.exclude(status=AutomationStatus.ARCHIVED).select_related("tier", "tag", "program")
    counted = kept.annotate(done=Count("runs", filter=Q(runs__problem="")))
    return counted.order_by("created_at", "id")


def runs_of(automation: Automation) -> QuerySet[Run]:
    """Return what an automation did, the latest first."""
    rows = Run.objects.filter(merchant_id=automation.merchant_id, automation=automation)
    return rows.select_related("enrollment__affiliate").order_by("-id")
