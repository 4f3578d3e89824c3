"""Forms of replays: rules as they might be, and the time that is looked at."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from commissions.models import Level, Reward
from commissions.proposed_rules import TARGETS
from commissions.services import Rate
from commissions.words.speaking import Speaker
from interfaces.console.forms.fields import MoneyField, PaysField, RateField
from interfaces.console.wording import locale_now
from programs.models import Goal, Program

DAYS: Final = 90
Path = tuple[str | int, ...]
CUSTOMERS: Final = (
    ("", lazy("Everybody")),
    ("new", lazy("New customers only")),
    ("existing", lazy("Returning customers only")),
)


class WhenForm(forms.Form):
    """From which day to which, both included, in UTC."""

    first = forms.DateField(
        label=lazy("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label=lazy("Until, included"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        given = {"first": today - timedelta(days=DAYS), "last": today}
        options["initial"] = given | (options.get("initial") or {})
        super().__init__(*args, **options)

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the start."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", _("The end must not lie before the start."))
        return cleaned

    def span(self) -> dict[str, datetime]:
        """Return the moments between which conversions are looked at."""
        until = self.cleaned_data["last"] + timedelta(days=1)
        return {
            "happened_from": datetime.combine(self.cleaned_data["first"], time.min, tzinfo=UTC),
            "happened_until": datetime.combine(until, time.min, tzinfo=UTC),
        }


@dataclass(frozen=True, slots=True)
class RulePart:
    """One rule in the form: what it says now, the fields of what it pays, and whether it goes."""

    sentence: str
    whose: str
    fields: list[BoundField]
    leave_out: BoundField


class BacktestForm(WhenForm):
    """The rules of a program, each with what it pays, and one more that is asked first."""

    def __init__(
        self,
        *args: Any,
        program: Program,
        goals: Sequence[Goal],
        rules: Sequence[dict[str, Any]],
        sentences: Sequence[tuple[str, str]],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.program, self.rules, self.sentences = program, rules, sentences
        for index, rule in enumerate(rules):
            for number, (path, label) in enumerate(_payments(rule, program.currency)):
                self.fields[f"rule{index}_{number}"] = _field(rule, path, label, program.currency)
            self.fields[f"rule{index}_out"] = forms.BooleanField(
                label=lazy("Leave this rule out"), required=False
            )
        self._add_more(goals, program.currency)

    def _add_more(self, goals: Sequence[Goal], currency: str) -> None:
        choices = [("", _("No further rule")), *((goal.code, goal.name) for goal in goals)]
        self.fields["more_goal"] = forms.ChoiceField(
            label=lazy("For"), choices=choices, required=False
        )
        self.fields["more_pays"] = RateField(
            label=lazy("Pays"),
            currency=currency,
            required=False,
            help_text=_("A share as in 10%%, or an amount as in 5.00 %s.") % currency,
        )
        self.fields["more_from"] = MoneyField(
            label=lazy("Only from this amount on"), currency=currency, required=False
        )
        self.fields["more_customer"] = forms.ChoiceField(
            label=lazy("For whose orders"), choices=CUSTOMERS, required=False
        )

    @property
    def parts(self) -> list[RulePart]:
        """Return the rules as the page shows them."""
        found = []
        for index, (rule, (sentence, whose)) in enumerate(
            zip(self.rules, self.sentences, strict=True)
        ):
            count = len(_payments(rule, self.program.currency))
            fields = [self[f"rule{index}_{number}"] for number in range(count)]
            found.append(RulePart(sentence, whose, fields, self[f"rule{index}_out"]))
        return found

    @property
    def more(self) -> list[BoundField]:
        """Return the fields of the further rule."""
        return [self[name] for name in ("more_goal", "more_pays", "more_from", "more_customer")]

    def clean(self) -> dict[str, Any]:
        """Refuse a further rule that is half said, and a proposal of nothing."""
        cleaned = super().clean()
        if cleaned.get("more_goal") and "more_pays" in cleaned and not cleaned["more_pays"]:
            self.add_error("more_pays", _("Say what it pays."))
        if not self.errors and not self.proposal():
            raise ValidationError(_("Propose at least one rule."))
        return cleaned

    def proposal(self) -> list[dict[str, Any]]:
        """Return the rules as they are proposed, in their order."""
        rules = [self._further()] if self.cleaned_data.get("more_goal") else []
        for index, rule in enumerate(self.rules):
            if not self.cleaned_data.get(f"rule{index}_out"):
                rules.append(self._changed(index, rule))
        return rules

    def _changed(self, index: int, rule: dict[str, Any]) -> dict[str, Any]:
        changed = deepcopy(rule)
        for number, (path, _label) in enumerate(_payments(rule, self.program.currency)):
            value = self.cleaned_data.get(f"rule{index}_{number}")
            _put(changed, path, value)
        return changed

    def _further(self) -> dict[str, Any]:
        said = self.cleaned_data
        conditions: list[dict[str, Any]] = []
        if said.get("more_from"):
            conditions.append({"field": "amount_minor", "op": "gte", "value": said["more_from"]})
        if said.get("more_customer"):
            conditions.append({"field": "customer", "op": "is", "value": said["more_customer"]})
        rate: Rate = said["more_pays"]
        return {
            "goal": said["more_goal"],
            "level": Level.PROGRAM.value,
            "reward": rate.reward.value,
            "fixed_minor": rate.fixed_minor,
            "rate_bps": rate.rate_bps,
            "conditions": conditions,
        }


def _payments(rule: dict[str, Any], currency: str) -> list[tuple[Path, str]]:
    """Return where a rule says what it pays, with a label each."""
    if rule["reward"] in (Reward.PERCENT, Reward.FIXED):
        return [((), _("Pays"))]
    if rule["reward"] == Reward.FIXED_AND_PERCENT:
        return [(("fixed_minor",), _("Fixed amount")), (("rate_bps",), _("Share"))]
    if rule["reward"] == Reward.VOLUME:
        return [
            (("details", "steps", index), _step_label(rule["details"], step["from"], currency))
            for index, step in enumerate(rule["details"]["steps"])
        ]
    if rule["reward"] == Reward.PER_ITEM:
        rows: list[tuple[Path, str]] = [
            (("details", "items", index), row.get("sku") or row.get("category") or "")
            for index, row in enumerate(rule["details"]["items"])
        ]
        if rule["details"].get("otherwise"):
            rows.append((("details", "otherwise"), _("Anything else")))
        return rows
    return []


def _step_label(details: dict[str, Any], start: int, currency: str) -> str:
    if details["counts"] == "CONVERSIONS":
        return _("From no. %(number)s on") % {"number": start}
    return _("From %(amount)s on") % {"amount": Speaker(locale_now(), currency).money(start)}


def _field(rule: dict[str, Any], path: Path, label: str, currency: str) -> forms.Field:
    if not path:
        rate = Rate(Reward(rule["reward"]), rule["fixed_minor"], rule["rate_bps"])
        return RateField(label=label, currency=currency, initial=rate)
    at = _at(rule, path)
    pays: Any = at
    if isinstance(at, dict):
        pays = Rate(Reward.PERCENT, rate_bps=at["rate_bps"]) if "rate_bps" in at else None
        pays = pays or Rate(Reward.FIXED, at.get("fixed_minor", 0))
    elif path == ("rate_bps",):
        pays = Rate(Reward.PERCENT, rate_bps=at)
    else:
        pays = Rate(Reward.FIXED, at)
    return PaysField(label=label, currency=currency, initial=pays)


def _at(rule: dict[str, Any], path: Path) -> Any:
    found: Any = rule
    for step in path:
        found = found[step]
    return found


def _put(rule: dict[str, Any], path: Path, value: Any) -> None:
    """Write what a field says into the rule."""
    if not path and isinstance(value, Rate):
        rule["reward"] = value.reward.value
        rule["fixed_minor"], rule["rate_bps"] = value.fixed_minor, value.rate_bps
    elif isinstance(value, tuple):
        name, number = value
        at = _at(rule, path)
        if isinstance(at, dict):
            at.pop("rate_bps", None)
            at.pop("fixed_minor", None)
            at[name] = number
        else:
            _at(rule, path[:-1])[path[-1]] = number


def level_words(rule: dict[str, Any], names: dict[str, str]) -> str:
    """Return whose rule it is: “One affiliate: Bob”."""
    label = str(Level(rule["level"]).label)
    target = TARGETS.get(rule["level"])
    named = names.get(rule[target], "") if target else ""
    return f"{label}: {named}" if named else label
