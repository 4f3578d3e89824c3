"""Review rules, checks and answers in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from affiliates.models import Application, Type
from affiliates.review_rules import WITH_MINIMUM, WITH_QUESTION
from programs.answers import Answer
from programs.models import Check, FieldKind, FormField, ReviewRule, Verdict


def rule_words(rule: ReviewRule, questions: Sequence[FormField]) -> str:
    """Return what a rule looks at as a sentence."""
    facts = {
        "looks_at": rule.looks_at,
        "is_negated": rule.is_negated,
        "field_code": rule.field_code,
        "values": rule.values,
        "minimum": rule.minimum,
    }
    return check_words(facts, {row.code: row.label for row in questions})


def check_words(check: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Return what was looked at: “Country is one of: DE, AT”."""
    looks_at = Check(check["looks_at"])
    parts = [str(looks_at.label)]
    if looks_at in WITH_QUESTION:
        code = check["field_code"]
        parts.insert(0, f"“{labels.get(code, code)}”")
    if looks_at in WITH_MINIMUM:
        parts.append(str(check["minimum"]))
    elif check["values"]:
        parts.append(", ".join(_value(looks_at, value) for value in check["values"]))
    words = " · ".join(parts)
    return _("Not: %(words)s") % {"words": words} if check["is_negated"] else words


def _value(looks_at: Check, value: str) -> str:
    known = looks_at == Check.TYPE and value in Type.values
    return str(Type(value).label) if known else value


def told_checks(application: Application) -> list[dict[str, Any]]:
    """Return the checks of an application, the one that decided marked."""
    labels = {row["code"]: row["label"] for row in application.questions}
    rows, decided = [], False
    for check in application.checks:
        first = check["holds"] and not decided
        decided = decided or check["holds"]
        rows.append(
            {
                "words": check_words(check, labels),
                "holds": check["holds"],
                "verdict": Verdict(check["verdict"]).label,
                "reason": check["reason"],
                "decides": first,
            }
        )
    return rows


def told_answers(application: Application) -> list[dict[str, Any]]:
    """Return questions and answers in their order; what was asked and not answered too."""
    asked = application.questions or [
        {"code": code, "label": code.capitalize(), "kind": FieldKind.TEXT}
        for code in application.answers
    ]
    return [
        {
            "question": row["label"],
            "answer": _told(application.answers.get(row["code"])),
            "is_url": row["kind"] == FieldKind.URL,
        }
        for row in asked
    ]


def _told(answer: Answer | None) -> str:
    if isinstance(answer, bool):
        return _("Yes") if answer else _("No")
    if isinstance(answer, list):
        return ", ".join(answer)
    return "" if answer is None else str(answer)
