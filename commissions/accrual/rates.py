"""Which version of a rule pays for a conversion, and how much."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from commissions.models import Reward, RuleVersion
from commissions.rules import Award, Basis, award_fixed, award_percent
from tracking.models import Conversion

RuleKey = tuple[UUID, UUID]  # (program, goal)
Versions = Mapping[RuleKey, Sequence[RuleVersion]]  # Newest first.


def versions_of(merchant_id: UUID, program_ids: Iterable[UUID]) -> Versions:
    """Return every version of the programs' rules, newest first, in one query."""
    versions: dict[RuleKey, list[RuleVersion]] = defaultdict(list)
    rows = RuleVersion.objects.filter(
        merchant_id=merchant_id, rule__program_id__in=list(program_ids)
    )
    for version in rows.select_related("rule").order_by("-valid_from", "-version"):
        versions[version.rule.program_id, version.rule.goal_id].append(version)
    return versions


def rule_in_force(versions: Versions, conversion: Conversion) -> RuleVersion | None:
    """Return the version that was in force when the conversion happened, if any was."""
    own = versions.get((conversion.program_id, conversion.goal_id), [])
    return version_at(own, conversion.occurred_at)


def version_at(versions: Sequence[RuleVersion], at: datetime) -> RuleVersion | None:
    """Return which of a goal's versions, newest first, was in force at a moment, if any was.

    An ended rule still pays for what happened before its end.
    """
    latest = next((row for row in versions if row.valid_from <= at), None)
    if latest is None or (latest.rule.archived_at is not None and latest.rule.archived_at <= at):
        return None
    return latest


def award_of(version: RuleVersion, conversion: Conversion) -> Award:
    """Return what the version pays for the whole conversion."""
    basis = Basis(conversion.amount_minor, conversion.tax_minor, conversion.shipping_minor)
    return award_for(version, basis)


def award_for(version: RuleVersion, basis: Basis) -> Award:
    """Return what the version pays for the money of a conversion."""
    if version.reward == Reward.FIXED:
        return award_fixed(fixed_minor=version.fixed_minor)
    return award_percent(basis, rate_bps=version.rate_bps)
