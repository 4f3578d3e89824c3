"""What a stored trace names, read again: the versions of the rules that were asked."""

from commissions.models import RuleVersion
from tracking.models import Conversion


def versions_in_trace(conversion: Conversion) -> dict[str, RuleVersion]:
    """Return the wordings of the rules that were asked for a conversion, by their ids as text."""
    named = {rule["rule_version"] for rule in conversion.trace.get("rules", [])} - {None}
    versions = RuleVersion.objects.filter(merchant_id=conversion.merchant_id, id__in=named)
    related = versions.select_related(
        *("rule__goal", "rule__promotion", "rule__tier"),
        *("rule__link__affiliate", "rule__enrollment__affiliate"),
    )
    return {str(version.id): version for version in related}
