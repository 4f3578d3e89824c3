"""Why a conversion was credited and paid as it was, as a story that people can follow."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from affiliates.models import Enrollment
from affiliates.selectors import enrollments_of
from commissions.models import Commission, Kind, Level, RuleVersion
from commissions.traces import versions_in_trace
from commissions.words import describe_condition
from commissions.words.arithmetic import describe_arithmetic
from interfaces.console.policy_words import budget_told, cap_told, guard_told, policy_told
from interfaces.console.rule_rows import whom
from interfaces.console.rule_words import look_words, sentence
from interfaces.console.wording import TOUCHES, VERDICTS, money, share
from ledger.models import AccountKind
from payouts.selectors import money_trail
from tracking.attribution import TouchKind
from tracking.models import Conversion, Credit, Reason

CONDITION: Final = "condition:"  # What a refused rule's reason begins with.

LEDGER_CAUSES: Final = {
    "earned": lazy("earned"),
    "approved": lazy("approved"),
    "declined": lazy("declined"),
    "reserved": lazy("reserved for a payout"),
    "paid": lazy("paid"),
    "failed": lazy("payout failed"),
    "cancelled": lazy("payout cancelled"),
}

Owners = Mapping[str, Enrollment]


def story_of(
    conversion: Conversion, credits: Sequence[Credit], lines: Sequence[Commission]
) -> dict[str, Any]:
    """Return what `console/conversions/story.html` tells: touches, policy, rules, sums, ledger."""
    trace, currency = conversion.trace, conversion.currency
    owners = _owners(conversion)
    guard = trace.get("guard")
    return {
        "policy": policy_told(
            trace.get("policy") or {}, window_days=conversion.program.window_days
        ),
        "assigned": _assigned(conversion, owners),
        "touches": _touches(conversion, owners),
        "caps": [cap_told(found) for found in trace.get("caps", [])],
        "outcome": _outcome(conversion, credits),
        "rules": _rules(conversion, owners),
        "arithmetic": _arithmetic(conversion, credits, lines),
        "guard": guard_told(guard, currency) if guard else "",
        "budgets": [budget_told(found, currency) for found in _budgets(trace)],
        "ledger": _ledger(conversion, lines),
    }


def _owners(conversion: Conversion) -> Owners:
    trace = conversion.trace
    named = {row.get("enrollment") for row in (*trace.get("touches", []), *trace.get("rules", []))}
    named.add(trace.get("assigned", {}).get("enrollment"))
    ids = {UUID(id) for id in named if id}
    found = enrollments_of(conversion.merchant_id).filter(id__in=ids)
    return {str(enrollment.id): enrollment for enrollment in found}


def _assigned(conversion: Conversion, owners: Owners) -> str:
    assigned = conversion.trace.get("assigned")
    owner = owners.get(assigned["enrollment"]) if assigned else None
    if not assigned or owner is None:
        return ""
    said = {"name": owner.affiliate.name, "reason": assigned["reason"]}
    return _("Given to %(name)s by hand, whatever the touches say: %(reason)s") % said


def _touches(conversion: Conversion, owners: Owners) -> list[dict[str, Any]]:
    touches = conversion.trace.get("touches", [])
    told = [touch_told(touch, owners.get(touch["enrollment"] or "")) for touch in touches]
    reported = {
        "title": _("%(goal)s reported") % {"goal": conversion.goal.name},
        "at": conversion.occurred_at,
        "text": conversion.external_id,
        "tone": "info",
    }
    return sorted([*told, reported], key=lambda event: event["at"])


def touch_told(touch: dict[str, Any], owner: Enrollment | None) -> dict[str, Any]:
    """Return a touch of a trace as components/timeline.html shows it."""
    kind = TOUCHES.get(touch["kind"], touch["kind"])
    title = _("%(kind)s of %(name)s") % {"kind": kind, "name": owner.affiliate} if owner else kind
    text = touch["evidence"]
    if touch.get("bound_at"):
        bound_at = date_format(datetime.fromisoformat(touch["bound_at"]))
        text = _("%(evidence)s, theirs since %(day)s") % {"evidence": text, "day": bound_at}
    brings = touch.get("share_ppm", 0)
    return {
        "title": f"{title} · {share(brings)}" if brings else title,
        "at": datetime.fromisoformat(touch["at"]),
        "text": text,
        "tone": "good" if brings else "",
        "muted": not touch["accepted"],
        "reason": _verdict(touch),
    }


def _verdict(touch: dict[str, Any]) -> str:
    if touch["accepted"] and touch["kind"] == TouchKind.CUSTOMER:
        return _("Counts: the customer is bound to whoever brought them first")
    if touch["accepted"] and touch.get("share_ppm") == 0:
        return _("Counts, but others stand before it")
    return str(VERDICTS.get(touch["reason"], touch["reason"]))


def _outcome(conversion: Conversion, credits: Sequence[Credit]) -> str:
    if conversion.attributed_at is None:
        return _("Just received: attribution looks at it within seconds.")
    if conversion.reason == Reason.CAP_REACHED:
        return _("Nobody is credited: a hard cap was reached before it.")
    if not credits:
        return _("Nobody is credited: no touch counts.")
    told = "; ".join(
        _("%(name)s is credited with %(share)s")
        % {"name": credit.enrollment.affiliate, "share": share(credit.share_ppm)}
        for credit in credits
    )
    return (
        _("%(told)s, but nothing is paid: this is a test") % {"told": told}
        if conversion.is_test
        else told
    )


# Rules and sums ----------------------------------------------------------------------------------


def _rules(conversion: Conversion, owners: Owners) -> list[dict[str, Any]]:
    """Return every rule that was asked, in order, and why it paid or not."""
    asked = conversion.trace.get("rules", [])
    versions = versions_in_trace(conversion)
    several = len({rule.get("enrollment") for rule in asked}) > 1
    told = []
    for rule in asked:
        version = versions.get(rule["rule_version"] or "")
        owner = owners.get(rule.get("enrollment") or "")
        told.append(
            {
                "words": _wording(conversion, version) if version else _("A rule that is gone"),
                "level": _level(rule["level"], version),
                "for": owner.affiliate.name if several and owner else "",
                "matched": rule["matched"],
                "reason": _look(rule["reason"], version, conversion.currency),
                "version": version,
            }
        )
    return told


def _wording(conversion: Conversion, version: RuleVersion) -> str:
    goal = version.rule.goal.name if version.rule.goal else conversion.goal.name
    return sentence(version, goal=goal, currency=conversion.currency)


def _level(level: str, version: RuleVersion | None) -> str:
    label = str(Level(level.upper()).label)
    whose = whom(version.rule) if version else ""
    return f"{label}: {whose}" if whose else label


def _look(reason: str, version: RuleVersion | None, currency: str) -> str:
    """Return why a rule paid or not; of a condition that did not hold, its words."""
    field = reason.removeprefix(CONDITION)
    if field == reason or version is None:
        return look_words(reason)
    failed = next((row for row in version.conditions if row["field"] == field), None)
    if failed is None:
        return look_words(reason)
    words = describe_condition(failed, currency=currency, language=get_language() or "en")
    return _("Does not hold: %(condition)s") % {"condition": words}


def _arithmetic(
    conversion: Conversion, credits: Sequence[Credit], lines: Sequence[Commission]
) -> list[str]:
    """Return the sums of the trace in money, then what each affiliate got of them."""
    language = get_language() or "en"
    told = [
        describe_arithmetic(text, currency=conversion.currency, language=language)
        for text in conversion.trace.get("arithmetic", [])
    ]
    earned = [line for line in lines if line.kind in (Kind.EARNING, Kind.OVERRIDE)]
    if len(earned) < 2 and len(credits) < 2:
        return told
    shares = {credit.enrollment_id: credit.share_ppm for credit in credits}
    for line in earned:
        amount = money(line.amount_minor, conversion.currency)
        if line.kind == Kind.EARNING and line.enrollment_id in shares:
            amount = f"{share(shares[line.enrollment_id])} → {amount}"
        told.append(f"{line.affiliate}: {amount}")
    return told


def _budgets(trace: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what budgets said, whether they stand in a list or line by line."""
    found: list[dict[str, Any]] = []
    for row in trace.get("budgets", []):
        found += row.get("said", [row])
    return [row for row in found if "limit_minor" in row]


def _ledger(conversion: Conversion, lines: Sequence[Commission]) -> list[dict[str, Any]]:
    causes = {
        f"commission:{line.id}:earned": str(line.get_kind_display())
        for line in lines
        if line.kind != Kind.EARNING
    }
    return [
        {
            "at": posting.at,
            "account": AccountKind(posting.account).label,
            "amount": money(posting.amount_minor, posting.currency),
            "cause": causes.get(posting.source)
            or LEDGER_CAUSES.get(posting.source.rpartition(":")[2], posting.source),
        }
        for posting in money_trail(conversion)
    ]
