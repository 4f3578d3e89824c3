"""What a program's public page says: the offer, its rates and its cycle."""

from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, to_locale

from commissions.models import Reward, RuleVersion
from commissions.selectors import program_rules_in_force
from commissions.words import describe_amount, describe_rule
from interfaces.portal.text import language, money, rate_in_words
from merchants.tenancy import merchant_context
from programs.models import Conduct, FormField, JoinMode, PageBlock, Program, Status, Terms
from programs.questions import questions_of
from programs.selectors import conduct_of, terms_in_force
from programs.services.pages import blocks_of
from reports.affiliate_programs import GoalRate, Membership, rates_in_force

# What depends on one conversion alone.
CALCULABLE = (Reward.FIXED, Reward.PERCENT, Reward.FIXED_AND_PERCENT)


@dataclass(frozen=True, slots=True)
class Offer:
    """A program with everything its public page needs, read once."""

    program: Program
    rates: tuple[GoalRate, ...]
    terms: Terms | None
    rules: tuple[RuleVersion, ...] = ()  # For everybody, besides the rates.
    questions: tuple[FormField, ...] = ()  # Of the application.
    conduct: Conduct | None = None
    blocks: tuple[PageBlock, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether anybody may join or apply now."""
        active = self.program.status == Status.ACTIVE
        return active and self.program.join_mode != JoinMode.INVITATION

    @property
    def paid(self) -> list[GoalRate]:
        """The goals that pay something now."""
        return [
            rate
            for rate in self.rates
            if rate.version is not None and rate.version.reward != Reward.NOTHING
        ]

    @property
    def calculable(self) -> list[GoalRate]:
        """The goals whose rate the calculator can compute with."""
        return [rate for rate in self.paid if rate.version and rate.version.reward in CALCULABLE]

    @property
    def rules_in_words(self) -> list[str]:
        """What is paid for some conversions, or besides, to everybody."""
        return [
            describe_rule(
                version,
                goal=version.rule.goal.name if version.rule.goal else None,
                currency=self.program.currency,
                language=language(),
            )
            for version in self.rules
        ]

    @property
    def rates_in_words(self) -> list[dict[str, str]]:
        """Every paid goal: the rate, and what counts."""
        return [
            {
                "amount": describe_amount(
                    rate.version, currency=self.program.currency, language=language()
                ),
                "goal": rate.goal.name,
                "definition": rate.goal.definition,
                "words": rate_in_words(rate.version, rate.goal, self.program.currency),
            }
            for rate in self.paid
            if rate.version is not None
        ]

    @property
    def headline(self) -> str:
        """The offer in one sentence: the merchant's own, else made of the rates."""
        if self.program.summary:
            return self.program.summary
        words = [row["words"] for row in self.rates_in_words]
        if not words:
            return _("Promote %(merchant)s with your own link.") % {
                "merchant": self.program.merchant.name
            }
        return _("Promote %(merchant)s and earn %(rates)s.") % {
            "merchant": self.program.merchant.name,
            "rates": _(" and ").join([", ".join(words[:-1]), words[-1]] if words[1:] else words),
        }

    @property
    def cycle(self) -> list[dict[str, str]]:
        """When a sale counts, when it is sure, and from how much on it is paid."""
        program = self.program
        window = ngettext(
            "You are credited for what happens within %(days)s day after a click.",
            "You are credited for what happens within %(days)s days after a click.",
            program.window_days,
        )
        facts = [{"label": _("After a click"), "value": window % {"days": program.window_days}}]
        hold = _("What you earn can be paid out at once.")
        if program.hold_days:
            hold = ngettext(
                "What you earn is sure after %(days)s day, when returns are over.",
                "What you earn is sure after %(days)s days, when returns are over.",
                program.hold_days,
            ) % {"days": program.hold_days}
        facts.append({"label": _("Until it is yours"), "value": hold})
        least = _("Paid out to your bank account or PayPal, whatever the amount.")
        if program.payout_minor_min:
            least = _("Paid out to your bank account or PayPal from %(amount)s on.") % {
                "amount": money(program.payout_minor_min, program.currency)
            }
        facts.append({"label": _("Payout"), "value": least})
        return facts

    @property
    def disclosures(self) -> list[dict[str, str]]:
        """What affiliates are to say, by language."""
        return disclosures_of(self.conduct)


def offer_of(membership: Membership) -> Offer:
    """Return the offer as an affiliate sees it who is in the program."""
    return Offer(
        membership.enrollment.program, membership.rates, membership.terms, membership.rules
    )


def disclosures_of(conduct: Conduct | None) -> list[dict[str, str]]:
    """Return what affiliates are to say, in each language, the reader's own first."""
    if conduct is None:
        return []
    names = Locale.parse(to_locale(language())).languages
    ordered = sorted(conduct.disclosures.items(), key=lambda row: row[0] != language()[:2])
    return [
        {"code": code, "language": names.get(code, code), "text": text} for code, text in ordered
    ]


def load_offer(program: Program, *, at: datetime) -> Offer:
    """Return the offer of a program that was found by its address, read as its merchant's."""
    with merchant_context(program.merchant_id):
        program = Program.objects.select_related("merchant").get(id=program.id)
        rates = rates_in_force([program.id], at=at)[program.id]
        rules = program_rules_in_force([program.id], at=at)[program.id]
        questions = questions_of(program)
        return Offer(
            program,
            tuple(rates),
            terms_in_force(program),
            tuple(rules),
            tuple(questions),
            conduct_of(program),
            tuple(blocks_of(program)),
        )
