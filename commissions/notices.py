"""Notices: who is told that a rate of theirs begins or ends.

Whoever changes a rate stores one row, a RateChange, with the change. A task turns it into a notice
for each affiliate concerned, a batch at a time, however many there are.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from affiliates.models import Enrollment, Status
from commissions.models import (
    Change,
    ExperimentAssignment,
    Level,
    Promotion,
    RateChange,
    RateNotice,
    Rule,
    RuleVersion,
)
from commissions.terms import terms_of_enrollment
from merchants.tenancy import merchant_context

BATCH = 2_000  # Notices a step writes.


def note_beginning(version: RuleVersion, *, at: datetime) -> None:
    """Let those be told for whom a version holds from its moment on. In the change's transaction.

    In a promotion it is the promotion's start, if that is later.
    """
    promotion = version.rule.promotion
    effective_at = version.valid_from
    if promotion is not None:
        effective_at = max(effective_at, promotion.starts_at)
    _note([version], Change.BEGINS, effective_at, at)


def note_promotion(promotion: Promotion, *, at: datetime) -> None:
    """Let those be told for whom the rules of a promotion that was changed hold now."""
    for version in _newest(rules_of_promotion(promotion)):
        note_beginning(version, at=at)


def note_end(rules: Iterable[Rule], *, at: datetime) -> None:
    """Let those be told for whom rules hold no more from this moment on."""
    _note(_newest(rules), Change.ENDS, at, at)


def rules_of_promotion(promotion: Promotion) -> list[Rule]:
    """Return the rules of a promotion that are not archived."""
    rules = Rule.objects.filter(
        merchant_id=promotion.merchant_id, promotion=promotion, archived_at=None
    )
    return list(rules.order_by("id"))


def _newest(rules: Iterable[Rule]) -> list[RuleVersion]:
    ids = [rule.id for rule in rules]
    versions = RuleVersion.objects.filter(rule_id__in=ids).select_related("rule__promotion")
    newest = versions.order_by("rule_id", "-version").distinct("rule_id")
    return list(newest)


def _note(
    versions: Iterable[RuleVersion], change: Change, effective_at: datetime, at: datetime
) -> None:
    RateChange.objects.bulk_create(
        [
            RateChange(
                merchant_id=version.merchant_id,
                rule_version=version,
                change=change,
                effective_at=effective_at,
                made_at=at,
            )
            for version in versions
        ],
        ignore_conflicts=True,
    )


def note_tier_move(enrollment: Enrollment, before: UUID | None, *, at: datetime) -> None:
    """Tell one affiliate which rates end and begin because it is in another tier now."""
    was = _tier_versions(enrollment, before, at)
    now = _tier_versions(enrollment, enrollment.tier_id, at)
    RateNotice.objects.bulk_create(
        [
            _notice(enrollment.id, enrollment.affiliate_id, version, change, at)
            for versions, change in ((was, Change.ENDS), (now, Change.BEGINS))
            for version in versions
        ],
        ignore_conflicts=True,
    )


def _tier_versions(enrollment: Enrollment, tier_id: UUID | None, at: datetime) -> list[RuleVersion]:
    """Return what holds at a moment because somebody is in a tier."""
    if tier_id is None:
        return []
    placed = Enrollment(
        id=enrollment.id,
        merchant_id=enrollment.merchant_id,
        program_id=enrollment.program_id,
        tier_id=tier_id,
    )
    terms = terms_of_enrollment(placed, at=at)
    return [
        row.current.version
        for row in terms
        if row.current
        and (
            row.rule.tier_id == tier_id
            or (row.rule.promotion is not None and row.rule.promotion.tier_id == tier_id)
        )
    ]


def note_rate_changes(*, merchant_id: UUID, at: datetime) -> int:
    """Write the next batch of notices of a change; return how many enrollments it looked at.

    Safe to run twice and many at once: a change that another worker holds is skipped, and a notice
    is unique.
    """
    with merchant_context(merchant_id):
        due = RateChange.objects.filter(merchant_id=merchant_id, done_at=None)
        locked = due.select_for_update(of=("self",), skip_locked=True)
        named = locked.select_related("rule_version__rule__promotion", "rule_version__rule__link")
        change = named.order_by("created_at", "id").first()
        if change is None:
            return 0
        audience = _audience(change)
        if change.noted_until is not None:
            audience = audience.filter(id__gt=change.noted_until)
        found = list(audience.order_by("id").values_list("id", "affiliate_id")[:BATCH])
        RateNotice.objects.bulk_create(
            [
                _notice(id, affiliate_id, change.rule_version, change.change, change.effective_at)
                for id, affiliate_id in found
            ],
            ignore_conflicts=True,
        )
        change.noted_until = found[-1][0] if found else change.noted_until
        change.done_at = at if len(found) < BATCH else None
        change.save(update_fields=["noted_until", "done_at"])
    return max(len(found), 1)


def _notice(
    enrollment_id: UUID,
    affiliate_id: UUID,
    version: RuleVersion,
    change: str,
    effective_at: datetime,
) -> RateNotice:
    return RateNotice(
        merchant_id=version.merchant_id,
        enrollment_id=enrollment_id,
        affiliate_id=affiliate_id,
        rule_version=version,
        change=change,
        effective_at=effective_at,
    )


def _audience(change: RateChange) -> QuerySet[Enrollment]:
    """Return whom it concerns, of those who were in the program when it was made."""
    rule = change.rule_version.rule
    members = Enrollment.objects.filter(
        merchant_id=change.merchant_id,
        program_id=rule.program_id,
        status=Status.APPROVED,
        status_changed_at__lt=change.made_at,
    )
    return members.filter(_whose(rule))


def _whose(rule: Rule) -> Q:
    if rule.level == Level.ENROLLMENT:
        return Q(id=rule.enrollment_id)
    if rule.level == Level.LINK:
        return Q(id=rule.link.enrollment_id) if rule.link else Q()
    if rule.level == Level.TIER:
        return Q(tier_id=rule.tier_id)
    if rule.level == Level.PROMOTION and rule.promotion is not None:
        promoted = Q(tier_id=rule.promotion.tier_id) if rule.promotion.tier_id else Q()
        if rule.promotion.is_for_variant:
            assigned = ExperimentAssignment.objects.filter(
                merchant_id=rule.merchant_id, variant__promotion=rule.promotion
            )
            promoted &= Q(id__in=assigned.values("enrollment_id"))
        return promoted
    return Q()
