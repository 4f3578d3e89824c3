"""Whose rows are due: asked across merchants by the worker, so as ops; reads only."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists

from affiliates.models import BulkJob, BulkStatus, Enrollment, TierMove
from commissions.claim_mails import claims_to_tell_of
from commissions.ladders.mails import enrollments_to_warn, moves_to_tell_of
from commissions.ladders.sweep import ladders_due
from commissions.models import (
    Claim,
    Commission,
    Experiment,
    Proposal,
    ProposalStatus,
    RateChange,
    RateNotice,
    Replay,
    ReplayStatus,
    Status,
)
from commissions.models.budgets import BudgetUse
from commissions.models.commissions import Grant
from commissions.models.decisions import Decision
from commissions.models.rules import RuleVersion
from commissions.proposal_mails import proposals_to_tell_of
from commissions.services.budgets import uses_to_tell_of
from commissions.services.grants import grants_now_due
from commissions.services.waiting import order_of_waiting
from merchants.tenancy import OPS
from programs.models import AfterHold, Ladder
from tracking.models import Branch, Conversion, Customer, Refund, SmartRule, StatusReport


def merchants_with_conversions() -> list[UUID]:
    """Return the merchants with conversions that attribution has not seen."""
    due = Conversion.objects.using(OPS).filter(attributed_at=None)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_customer_news() -> list[UUID]:
    """Return the merchants with customers of whom something was told late."""
    due = Customer.objects.using(OPS).filter(news_from__isnull=False)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_refunds() -> list[UUID]:
    """Return the merchants with refunds that took nothing back yet."""
    due = Refund.objects.using(OPS).filter(applied_at=None, conversion__isnull=False)
    ready = due.filter(conversion__attributed_at__isnull=False)
    return list(ready.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_status_reports() -> list[UUID]:
    """Return the merchants with reports of orders that were not applied yet."""
    due = StatusReport.objects.using(OPS).filter(applied_at=None, conversion__isnull=False)
    ready = due.filter(conversion__attributed_at__isnull=False)
    return list(ready.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_orders_waited_for() -> list[UUID]:
    """Return the merchants with facts that wait for an order that is there."""
    found: set[UUID] = set()
    for model in (Refund, StatusReport):
        waiting = model.objects.using(OPS).filter(conversion=None)
        ready = waiting.filter(Exists(order_of_waiting().using(OPS)))
        found.update(ready.order_by().values_list("merchant_id", flat=True).distinct())
    return sorted(found)


def merchants_with_branches() -> list[UUID]:
    """Return the merchants with smart links that choose by what was earned."""
    chosen = Branch.objects.using(OPS).filter(link__smart_rule=SmartRule.BEST)
    return list(chosen.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_due_commissions(*, at: datetime) -> list[UUID]:
    """Return the merchants with commissions whose hold has passed."""
    due = Commission.objects.using(OPS).in_status(Status.PENDING).filter(hold_until__lte=at)
    due = due.exclude(program__after_hold=AfterHold.REVIEW)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_decisions() -> list[UUID]:
    """Return the merchants with decisions that a worker has still to carry out."""
    due = Decision.objects.using(OPS).filter(finished_at=None)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_rate_changes() -> list[UUID]:
    """Return the merchants with changes of rates of which not everybody has a notice."""
    due = RateChange.objects.using(OPS).filter(done_at=None)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_rate_notices() -> list[UUID]:
    """Return the merchants with notices that were not mailed."""
    due = RateNotice.objects.using(OPS).filter(mailed_at=None)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_claims_to_tell_of(*, at: datetime) -> list[UUID]:
    """Return the merchants with claims of which somebody is to be told something."""
    due = claims_to_tell_of(Claim.objects.using(OPS), at=at)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_experiments(*, at: datetime) -> list[UUID]:
    """Return the merchants with experiments that run."""
    running = Experiment.objects.using(OPS).filter(
        starts_at__lte=at, ends_at__gt=at, stopped_at=None, archived_at=None
    )
    return list(running.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_replays() -> list[UUID]:
    """Return the merchants with replays that a worker has still to go through or to apply."""
    due = Replay.objects.using(OPS).filter(
        status__in=[ReplayStatus.WAITING, ReplayStatus.RUNNING, ReplayStatus.APPLYING]
    )
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_rules(*rewards: str) -> list[UUID]:
    """Return the merchants that have, or had, rules of these rewards."""
    versions = RuleVersion.objects.using(OPS).filter(reward__in=rewards)
    return list(versions.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_grants_due(*, at: datetime) -> list[UUID]:
    """Return the merchants with rewards that are no money and are to be given now."""
    due = grants_now_due(Grant.objects.using(OPS), at=at)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_proposals_over(*, at: datetime) -> list[UUID]:
    """Return the merchants with proposals that nobody answered in time."""
    due = Proposal.objects.using(OPS).filter(status=ProposalStatus.OPEN, expires_at__lte=at)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_proposals_to_tell_of() -> list[UUID]:
    """Return the merchants with proposals of which somebody is to be told something."""
    due = proposals_to_tell_of(Proposal.objects.using(OPS))
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_ladders_due(*, at: datetime) -> list[UUID]:
    """Return the merchants on whose ladders not everybody was looked at today."""
    due = ladders_due(Ladder.objects.using(OPS), at=at)
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_tiers_to_tell_of() -> list[UUID]:
    """Return the merchants with affiliates to be told of a tier that they have, or may lose."""
    moves = moves_to_tell_of(TierMove.objects.using(OPS)).order_by()
    warnings = enrollments_to_warn(Enrollment.objects.using(OPS)).order_by()
    found = {*moves.values_list("merchant_id", flat=True).distinct()}
    return sorted(found | {*warnings.values_list("merchant_id", flat=True).distinct()})


def merchants_with_budgets_to_tell_of() -> list[UUID]:
    """Return the merchants with budgets that passed an alert."""
    due = uses_to_tell_of(BudgetUse.objects.using(OPS))
    return list(due.order_by().values_list("merchant_id", flat=True).distinct())


def merchants_with_bulk_jobs() -> list[UUID]:
    """Return the merchants with jobs on affiliates that are not through."""
    running = BulkJob.objects.using(OPS).filter(status=BulkStatus.RUNNING)
    return list(running.order_by().values_list("merchant_id", flat=True).distinct())
