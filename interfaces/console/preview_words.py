"""What would become of a conversion, step by step, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from affiliates.models import Enrollment
from affiliates.selectors import enrollments_of
from commissions.models import Level, RuleVersion
from commissions.preview_conversion import PreviewStep
from commissions.rules import RuleInForce
from commissions.selectors import rules_of_program
from commissions.words import describe_award
from interfaces.console.intake_words import intake_name
from interfaces.console.rule_words import look_words, sentence
from interfaces.console.story import cap_told, touch_told
from interfaces.console.wording import money, share
from ledger.models import AccountKind
from programs.models import Program
from programs.models import Status as ProgramStatus
from tracking.intake import Tried
from tracking.models import ConversionStatus, Reason
from tracking.postbacks import PostbackReport, Word
from tracking.postbacks.native import NATIVE
from tracking.services import ConversionReport

MEANINGS: Final[dict[Word, Promise]] = {
    Word.TOKEN: lazy("Token"),
    Word.CLICK: lazy("Click"),
    Word.EXTERNAL_ID: lazy("Order id"),
    Word.GOAL: lazy("Goal"),
    Word.AMOUNT: lazy("Amount"),
    Word.CURRENCY: lazy("Currency"),
    Word.STATUS: lazy("Status"),
    Word.COUPON: lazy("Coupon"),
    Word.REFERRAL: lazy("Referral code"),
    Word.CUSTOMER: lazy("Customer"),
    Word.COUNTRY: lazy("Country"),
    Word.IS_NEW: lazy("Whether the customer is new"),
    Word.TAX: lazy("Tax"),
    Word.SHIPPING: lazy("Shipping"),
    Word.DISCOUNT: lazy("Discount"),
    Word.ITEMS: lazy("Items"),
    Word.QUANTITY: lazy("How often"),
    Word.METADATA: lazy("Notes"),
    Word.REFUND_ID: lazy("Refund id"),
    Word.REFUND_AMOUNT: lazy("Amount of the refund"),
    Word.REASON: lazy("Reason"),
    Word.TIME: lazy("Time"),
    Word.TEST: lazy("Whether it is a test"),
    Word.NOTE: lazy("Kept as a note"),
    Word.PERSONAL: lazy("About a person: not kept"),
    Word.IGNORED: lazy("Known, and of no use here"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step as the page shows it: done, failed, or merely something to know."""

    title: str
    text: str = ""
    ok: bool | None = True
    lines: Sequence[str] = field(default_factory=list)


def steps_of_call(tried: Tried) -> list[Step]:
    """Return how an address is read: whose words it speaks, its token, its parameters."""
    return [_address(tried), _token(tried), _parameters(tried)]


def _address(tried: Tried) -> Step:
    name = intake_name(tried.vocabulary.name)
    if tried.is_path_known and tried.vocabulary is NATIVE:
        return Step(_("A postback in our own format"))
    if tried.is_path_known:
        return Step(_("A postback as %(system)s sends it") % {"system": name})
    right = f"{settings.EDGE_URL}{tried.vocabulary.path}"
    return Step(
        _("It looks like %(system)s") % {"system": name},
        _("No intake of ours has this path. Let it call %(address)s.") % {"address": right},
        ok=None,
    )


def _token(tried: Tried) -> Step:
    if tried.token_missing:
        text = _("It would be refused. The rest shows what would happen with the right one.")
        return Step(_("The token is missing"), text, ok=False)
    if tried.token_masked:
        return Step(_("The token is left out here"), _("So it is not checked."), ok=None)
    if tried.token_wrong:
        text = _("It would be refused. The rest shows what would happen with the right one.")
        return Step(_("The token is not this program's"), text, ok=False)
    return Step(_("The token is this program's"))


def _parameters(tried: Tried) -> Step:
    if tried.refusal is not None:
        at = f"{tried.refusal.parameter}: " if tried.refusal.parameter else ""
        return Step(_("The parameters would be refused"), f"{at}{tried.refusal.message}", ok=False)
    assert tried.report is not None
    strange = [name for name, word in tried.meanings.items() if word is None]
    text = ""
    if strange:
        text = _("Not understood, so passed over: %(names)s.") % {"names": ", ".join(strange)}
    return Step(_("The parameters are understood"), _said(tried.report) + text)


def _said(report: PostbackReport) -> str:
    """Return what is reported, where a preview says no more of it; else nothing."""
    if report.refund:
        amount = money(report.refund.amount_minor, report.currency)
        return _("A refund of %(amount)s of the order %(order)s. ") % {
            "amount": amount,
            "order": report.external_id,
        }
    if not report.goal:
        return _("A customer is made known: %(customer)s. ") % {"customer": report.customer_id}
    if report.is_step:
        return _("The step “%(step)s” is done. ") % {"step": report.goal}
    return ""


def meaning_of(word: Word | None) -> str:
    """Return what a parameter means."""
    return str(MEANINGS[word]) if word is not None else _("Not understood")


def steps_of_preview(
    found: Sequence[PreviewStep], *, program: Program, report: ConversionReport
) -> list[Step]:
    """Return what would become of the conversion itself."""
    about = About(program, report, _owners(found, program), _wordings(found, program))
    told = [step for row in found if (step := _told(row, about))]
    postings = [_posting(row.facts) for row in found if row.name == "ledger"]
    if postings:
        told.append(Step(_("It is booked, in double entry"), ok=None, lines=postings))
    return told


@dataclass(frozen=True, slots=True)
class About:
    """What the words of a preview need to know beside the step itself."""

    program: Program
    report: ConversionReport
    owners: Mapping[str, Enrollment]  # By id.
    wordings: Mapping[str, RuleVersion]  # Of rules that were passed over, by id.

    def owner(self, enrollment_id: str | None) -> Enrollment | None:
        """Return whose something is."""
        return self.owners.get(enrollment_id or "")

    def say(self, amount_minor: int) -> str:
        """Return an amount in words."""
        return money(amount_minor, self.report.currency)


def _owners(found: Sequence[PreviewStep], program: Program) -> dict[str, Enrollment]:
    named = {step.facts.get("enrollment") for step in found}
    rows = enrollments_of(program.merchant_id).filter(id__in=[UUID(id) for id in named if id])
    return {str(row.id): row for row in rows}


def _wordings(found: Sequence[PreviewStep], program: Program) -> dict[str, RuleVersion]:
    """Return the versions that were passed over, by their ids as text."""
    if not any(step.name == "look" for step in found):
        return {}
    rules = rules_of_program(program)
    return {str(version.id): version for row in rules for version in row.versions}


def _pays(facts: Mapping[str, Any]) -> RuleInForce:
    """Return what a step says a rule pays."""
    return RuleInForce(
        level=Level.PROGRAM,
        reward=facts["reward"],
        fixed_minor=facts["fixed_minor"],
        rate_bps=facts["rate_bps"],
        details=facts["details"],
        conditions=facts["conditions"],
    )


def _told(step: PreviewStep, about: About) -> Step | None:
    tell = TELLERS.get(step.name)
    return tell(step, about) if tell else None


def _program(step: PreviewStep, about: About) -> Step:
    status = ProgramStatus(step.facts["status"]).label
    if step.facts["is_test"]:
        text = _("A program for tests: nothing of it reaches money.")
        return Step(_("Program: %(status)s") % {"status": status}, text, ok=None)
    if step.ok:
        return Step(_("Program: %(status)s") % {"status": status})
    text = _("Conversions are taken, but its clicks are credited only while it is active.")
    return Step(_("Program: %(status)s") % {"status": status}, text, ok=None)


def _goal(step: PreviewStep, about: About) -> Step:
    code = step.facts["goal"]
    if step.ok:
        return Step(_("Goal: %(goal)s") % {"goal": code})
    if step.facts.get("steps"):
        text = _("Report its steps instead: %(steps)s.") % {"steps": ", ".join(step.facts["steps"])}
        return Step(_("The goal “%(goal)s” takes steps") % {"goal": code}, text, ok=False)
    text = _("Send the code of one of the program's goals.")
    return Step(_("There is no goal “%(goal)s”") % {"goal": code}, text, ok=False)


def _step(step: PreviewStep, about: About) -> Step:
    facts = step.facts
    text = _("The goal “%(goal)s” is reached when the last of its steps is done.") % facts
    return Step(_("A step: %(step)s") % facts, text, ok=None)


def _currency(step: PreviewStep, about: About) -> Step | None:
    if step.ok:
        return None
    title = _("%(currency)s is not the program's currency, %(program_currency)s") % step.facts
    return Step(title, _("Amounts are never converted silently."), ok=False)


def _duplicate(step: PreviewStep, about: About) -> Step:
    order = step.facts["external_id"]
    if step.ok:
        return Step(_("It is new"), _("No order %(order)s is known yet.") % {"order": order})
    text = _("The order %(order)s is known with %(amount)s: it stays as it is.") % {
        "order": order,
        "amount": about.say(step.facts["amount_minor"]),
    }
    return Step(_("It is known already"), text, ok=False)


def _touch(step: PreviewStep, about: About) -> Step:
    event = touch_told(step.facts, about.owner(step.facts["enrollment"]))
    return Step(event["title"], event["reason"], ok=step.ok)


def _credit(step: PreviewStep, about: About) -> Step:
    shares = [
        _("%(name)s is credited with %(share)s")
        % {"name": owner.affiliate, "share": share(row["share_ppm"])}
        for row in step.facts["credits"]
        if (owner := about.owner(row["enrollment"]))
    ]
    if shares:
        return Step("; ".join(shares))
    return Step(_("Nobody is credited"), _("No click, customer or code of it counts."), ok=False)


def _cap(step: PreviewStep, about: About) -> Step:
    return Step(_("A cap of conversions"), cap_told(step.facts), ok=step.ok)


def _look(step: PreviewStep, about: About) -> Step | None:
    version = about.wordings.get(step.facts["rule_version"] or "")
    if version is None:
        return None
    words = sentence(version, goal=about.report.goal, currency=about.program.currency)
    title = _("Passed over: %(rule)s") % {"rule": words}
    return Step(title, look_words(step.facts["reason"]), ok=None)


def _rule(step: PreviewStep, about: About) -> Step:
    if not step.ok:
        text = _("Set one on the program's Rates tab.")
        return Step(_("No rate pays for this goal"), text, ok=False)
    words = sentence(_pays(step.facts), goal=about.report.goal, currency=about.program.currency)
    return Step(_("Rate: %(rate)s") % {"rate": words})


def _arithmetic(step: PreviewStep, about: About) -> Step | None:
    facts = step.facts
    line = describe_award(
        _pays(facts),
        net_minor=facts["net_minor"],
        earned_minor=facts["amount_minor"],
        currency=facts["currency"],
        language=get_language() or "en",
    )
    return Step(_("The sum"), ok=None, lines=[line])


def _outcome(step: PreviewStep, about: About) -> Step:
    status = ConversionStatus(step.facts["status"]).label
    reason = Reason(step.facts["reason"]).label if step.facts["reason"] else ""
    return Step(_("It would be: %(status)s") % {"status": status}, str(reason), ok=step.ok)


def _posting(facts: Mapping[str, Any]) -> str:
    account = AccountKind(facts["account"]).label
    return f"{account}: {money(facts['amount_minor'], facts['currency'])}"


Teller = Callable[[PreviewStep, About], Step | None]
TELLERS: Final[dict[str, Teller]] = {
    "program": _program,
    "goal": _goal,
    "step": _step,
    "currency": _currency,
    "duplicate": _duplicate,
    "touch": _touch,
    "credit": _credit,
    "cap": _cap,
    "look": _look,
    "rule": _rule,
    "arithmetic": _arithmetic,
    "outcome": _outcome,
}
