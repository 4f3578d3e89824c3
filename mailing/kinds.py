"""The catalogue of mails: each kind in words, who hears of it, and whether they may choose.

What is about security, money or law is never switched off. The catalogue drives the pages of
both sides, what senders do, and what the database accepts as a choice.
"""

from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from merchants.rights import Right


class When(models.TextChoices):
    """When somebody hears of a kind."""

    NOW = "NOW", _("At once")
    DIGEST = "DIGEST", _("In one mail a day")
    NEVER = "NEVER", _("Never")


class Audience(models.TextChoices):
    """To whom a kind goes."""

    MEMBER = "MEMBER", _("Members of a merchant")
    AFFILIATE = "AFFILIATE", _("Users of an affiliate")
    ADDRESS = "ADDRESS", _("One address, whoever reads it")  # Nobody could choose.


class Kind(models.TextChoices):
    """What a mail is about."""

    APPLICATIONS = "APPLICATIONS", _("New applications to review")
    CLAIMS = "CLAIMS", _("Claims to answer, and their deadlines")
    OFFERS = "OFFERS", _("Rates that affiliates propose, and their answers to yours")
    BUDGETS = "BUDGETS", _("Budgets that are used up to an alert")
    MESSAGES = "MESSAGES", _("Messages from affiliates")
    PARTNERS = "PARTNERS", _("Partnerships: reviews, and what is due on either side")
    REQUESTS = "REQUESTS", _("Affiliates who ask for a payout")
    TASKS = "TASKS", _("Your tasks on the day they fall due")
    DOMAINS = "DOMAINS", _("Hosts of your own whose DNS records are gone")
    BATCHES = "BATCHES", _("Payout batches that wait for approval")
    FAILURES = "FAILURES", _("Payouts that failed or came back")
    APPLICATION = "APPLICATION", _("What became of your application")
    INBOX = "INBOX", _("Messages to you")
    BROADCASTS = "BROADCASTS", _("Messages to all affiliates of a program")
    PARTNERSHIP = "PARTNERSHIP", _("Your partnerships: reviews, and what is due on either side")
    NEWS = "NEWS", _("What changes in a program")
    TIERS = "TIERS", _("Your tier: moves, and targets that are missed")
    PROPOSALS = "PROPOSALS", _("Rates proposed to you, and answers to your proposals")
    CLAIM_ANSWERS = "CLAIM_ANSWERS", _("Answers to your claims")
    RATES = "RATES", _("Changes of your rates")
    WITHDRAWALS = "WITHDRAWALS", _("Answers to your requests for a payout")
    PAYOUTS = "PAYOUTS", _("Payouts to you that did not arrive")
    PAPERS = "PAPERS", _("What is missing before you can be paid")
    VIOLATIONS = "VIOLATIONS", _("Rules that were broken, and what follows")
    METHODS = "METHODS", _("Changes of where your money goes")
    FORMS = "FORMS", _("Tax forms that expire")
    CONTACTS = "CONTACTS", _("Changes of your contact address")
    INVITATIONS = "INVITATIONS", _("Invitations")
    REFERENCES = "REFERENCES", _("Questions to a reference")
    TESTS = "TESTS", _("Tests that you send yourself")


@dataclass(frozen=True, slots=True)
class Facts:
    """What holds for a kind: who hears of it, and when whoever has chosen nothing does.

    `because` says why nobody may choose. Members hear of what they have the right to act on;
    without a right, of what is theirs.
    """

    audience: Audience
    default: When = When.NOW
    right: Right | None = None
    because: Promise | None = None


MONEY, LAW = _("It is about money."), _("The law or your contract asks for it.")
SECURITY, ASKED = _("It keeps your account safe."), _("Somebody asked for it.")
CATALOGUE: Final[dict[Kind, Facts]] = {
    Kind.APPLICATIONS: Facts(Audience.MEMBER, When.DIGEST, Right.REVIEW_AFFILIATES),
    Kind.CLAIMS: Facts(Audience.MEMBER, right=Right.REVIEW_CONVERSIONS),
    Kind.OFFERS: Facts(Audience.MEMBER, right=Right.EDIT_PROGRAMS),
    Kind.BUDGETS: Facts(Audience.MEMBER, right=Right.EDIT_PROGRAMS),
    Kind.MESSAGES: Facts(Audience.MEMBER, right=Right.WRITE_MESSAGES),
    Kind.PARTNERS: Facts(Audience.MEMBER, right=Right.WRITE_MESSAGES),
    Kind.REQUESTS: Facts(Audience.MEMBER, right=Right.PREPARE_PAYOUTS),
    Kind.TASKS: Facts(Audience.MEMBER, When.DIGEST),
    Kind.DOMAINS: Facts(Audience.MEMBER, right=Right.EDIT_PROGRAMS),
    Kind.BATCHES: Facts(Audience.MEMBER, right=Right.APPROVE_PAYOUTS, because=MONEY),
    Kind.FAILURES: Facts(Audience.MEMBER, right=Right.PREPARE_PAYOUTS, because=MONEY),
    Kind.APPLICATION: Facts(Audience.AFFILIATE),
    Kind.INBOX: Facts(Audience.AFFILIATE),
    Kind.BROADCASTS: Facts(Audience.AFFILIATE),
    Kind.PARTNERSHIP: Facts(Audience.AFFILIATE),
    Kind.NEWS: Facts(Audience.AFFILIATE),
    Kind.TIERS: Facts(Audience.AFFILIATE),
    Kind.PROPOSALS: Facts(Audience.AFFILIATE),
    Kind.CLAIM_ANSWERS: Facts(Audience.AFFILIATE),
    Kind.RATES: Facts(Audience.AFFILIATE, because=LAW),
    Kind.WITHDRAWALS: Facts(Audience.AFFILIATE, because=MONEY),
    Kind.PAYOUTS: Facts(Audience.AFFILIATE, because=MONEY),
    Kind.PAPERS: Facts(Audience.AFFILIATE, because=MONEY),
    Kind.VIOLATIONS: Facts(Audience.AFFILIATE, because=LAW),
    Kind.METHODS: Facts(Audience.ADDRESS, because=SECURITY),
    Kind.FORMS: Facts(Audience.ADDRESS, because=LAW),
    Kind.CONTACTS: Facts(Audience.ADDRESS, because=SECURITY),
    Kind.INVITATIONS: Facts(Audience.ADDRESS, because=ASKED),
    Kind.REFERENCES: Facts(Audience.ADDRESS, because=ASKED),
    Kind.TESTS: Facts(Audience.ADDRESS, because=ASKED),
}
OPTIONAL: Final = tuple(kind for kind, facts in CATALOGUE.items() if facts.because is None)
