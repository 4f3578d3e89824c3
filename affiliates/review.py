"""What a program's review rules make of an applicant: pure, with a tick or a cross for each rule.

What is not known of an applicant never holds, not even for a rule that says “not”: nobody is turned
down for what nobody asked.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from programs.answers import Answer, words_of
from programs.models import Check, ReviewRule, Verdict

# Providers of addresses for ten minutes, by the domains they are best known for.
THROW_AWAY: Final = frozenset(
    """10minutemail.com 10minutemail.net 20minutemail.com burnermail.io discard.email
    dispostable.com emailondeck.com fakeinbox.com fakemail.net getairmail.com getnada.com
    grr.la guerrillamail.biz guerrillamail.com guerrillamail.de guerrillamail.net guerrillamail.org
    guerrillamailblock.com inboxbear.com inboxkitten.com mail-temp.com mailcatch.com maildrop.cc
    mailinator.com mailinator.net mailnesia.com mailnull.com mailpoof.com minutemail.com
    mintemail.com moakt.com mohmal.com mytemp.email sharklasers.com spam4.me spamgourmet.com
    temp-mail.io temp-mail.org tempail.com tempmail.com tempmail.dev tempmail.net tempmailo.com
    tempr.email throwawaymail.com trashmail.com trashmail.de trashmail.net yopmail.com yopmail.fr
    yopmail.net""".split()
)


@dataclass(frozen=True, slots=True)
class Applicant:
    """What rules look at; None and empty where nothing is known."""

    email: str
    country: str = ""
    type: str = ""
    is_email_verified: bool = False
    is_website_verified: bool = False
    references_verified: int = 0
    followers: int | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Review:
    """What the rules found: `verdict` of the first that holds, with its reason, and all checks."""

    verdict: Verdict
    reason: str
    checks: list[dict[str, Any]]


def review(rules: Iterable[ReviewRule], applicant: Applicant) -> Review:
    """Ask the rules in their order; where none holds, a person decides."""
    checks = [_checked(rule, applicant) for rule in rules]
    first = next((row for row in checks if row["holds"]), None)
    if first is None:
        return Review(Verdict.REVIEW, "", checks)
    return Review(Verdict(first["verdict"]), first["reason"], checks)


def holds(rule: ReviewRule, applicant: Applicant) -> bool:
    """Return whether what a rule looks at is known, and as it says."""
    found = FINDERS[Check(rule.looks_at)](rule, applicant)
    return found is not None and found != rule.is_negated


def _checked(rule: ReviewRule, applicant: Applicant) -> dict[str, Any]:
    """Return a rule as it is kept with an application: it can be read when the rule is gone."""
    return {
        "rule": str(rule.id),
        "looks_at": rule.looks_at,
        "is_negated": rule.is_negated,
        "field_code": rule.field_code,
        "values": list(rule.values),
        "minimum": rule.minimum,
        "holds": holds(rule, applicant),
        "verdict": rule.verdict,
        "reason": rule.reason,
    }


def _country(rule: ReviewRule, who: Applicant) -> bool | None:
    return who.country in rule.values if who.country else None


def _type(rule: ReviewRule, who: Applicant) -> bool | None:
    return who.type in rule.values if who.type else None


def _email_domain(rule: ReviewRule, who: Applicant) -> bool | None:
    domain = who.email.rpartition("@")[2].lower()
    wanted = [value.lower().lstrip("@.") for value in rule.values]
    return any(domain == value or domain.endswith(f".{value}") for value in wanted)


def _email_disposable(_rule: ReviewRule, who: Applicant) -> bool | None:
    labels = who.email.rpartition("@")[2].lower().split(".")
    return any(".".join(labels[at:]) in THROW_AWAY for at in range(len(labels) - 1))


def _email_verified(_rule: ReviewRule, who: Applicant) -> bool | None:
    return who.is_email_verified


def _website_verified(_rule: ReviewRule, who: Applicant) -> bool | None:
    return who.is_website_verified


def _references_verified(rule: ReviewRule, who: Applicant) -> bool | None:
    return who.references_verified >= (rule.minimum or 0)


def _audience(rule: ReviewRule, who: Applicant) -> bool | None:
    return None if who.followers is None else who.followers >= (rule.minimum or 0)


def _answer(rule: ReviewRule, who: Applicant) -> bool | None:
    answer = who.answers.get(rule.field_code)
    if answer is None:
        return None
    said = {word.casefold() for word in words_of(answer)}
    return bool(said & {value.casefold() for value in rule.values})


def _number(rule: ReviewRule, who: Applicant) -> bool | None:
    answer = who.answers.get(rule.field_code)
    if isinstance(answer, bool) or not isinstance(answer, int):
        return None
    return answer >= (rule.minimum or 0)


FINDERS: Final[dict[Check, Callable[[ReviewRule, Applicant], bool | None]]] = {
    Check.COUNTRY: _country,
    Check.TYPE: _type,
    Check.EMAIL_DOMAIN: _email_domain,
    Check.EMAIL_DISPOSABLE: _email_disposable,
    Check.EMAIL_VERIFIED: _email_verified,
    Check.WEBSITE_VERIFIED: _website_verified,
    Check.REFERENCES_VERIFIED: _references_verified,
    Check.AUDIENCE: _audience,
    Check.ANSWER: _answer,
    Check.NUMBER: _number,
}
