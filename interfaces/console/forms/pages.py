"""The forms of what a program says to the public and to its affiliates."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from interfaces.console.audience import country_choices, language_choices
from interfaces.console.forms.affiliates import AffiliateField
from interfaces.console.forms.fields import MoneyField, WordsField
from interfaces.console.forms.setup import WebAddressField
from interfaces.console.forms.targeting import PickMany, many
from merchants.models import Member
from merchants.selectors import members_of
from programs.models import (
    OF_PARTS,
    BlockKind,
    Category,
    Conduct,
    Method,
    PageBlock,
    Permission,
    Policy,
    PolicyCategory,
    Program,
    TargetMetric,
)
from programs.services.conduct import ConductDraft
from programs.services.pages import BlockDraft
from programs.services.policies import PolicyDraft

SPARE_DISCLOSURES = 2  # Empty rows to write one more text into.


def _text(label: Any, rows: int, length: int, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=length,
        widget=forms.Textarea(attrs={"rows": rows}),
        **options,
    )


class BlockForm(forms.Form):
    """A block of the page, of a kind that is known."""

    def __init__(self, *args: Any, kind: BlockKind, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind = kind
        titles = {BlockKind.QUOTE: _("Who said it"), BlockKind.IMAGE: _("What it shows")}
        is_titled = kind in OF_PARTS or kind == BlockKind.IMAGE
        title = forms.CharField(
            label=titles.get(kind, _("Title")), max_length=200, required=is_titled
        )
        if kind == BlockKind.IMAGE:
            self.fields["image_url"] = WebAddressField(
                label=_("Address of the picture"),
                max_length=500,
                help_text=_("With https://. Visitors' browsers fetch it from there."),
            )
            self.fields["title"] = title
            return
        self.fields["title"] = title
        hint = _("An empty line ends each; its first line is its title.")
        self.fields["body"] = _text(
            _("Text"), 10, 5000, help_text=hint if kind in OF_PARTS else _("Plain text.")
        )

    @property
    def draft(self) -> BlockDraft:
        """What was said, of a valid form."""
        said = self.cleaned_data
        return BlockDraft(
            kind=self.kind,
            title=said.get("title", ""),
            body=said.get("body", ""),
            image_url=said.get("image_url", ""),
        )


def block_initial(block: PageBlock) -> dict[str, str]:
    """Return what the form of a block shows."""
    return {"title": block.title, "body": block.body, "image_url": block.image_url}


class ConductForm(forms.Form):
    """What is allowed, and what is to be said: a choice for each method, a text per language."""

    def __init__(self, *args: Any, conduct: Conduct, **options: Any) -> None:
        super().__init__(*args, **options)
        for method in Method:
            self.fields[f"method_{method.value}"] = forms.ChoiceField(
                label=method.label,
                choices=[("", _("Not said")), *Permission.choices],
                required=False,
                initial=conduct.methods.get(method.value, ""),
            )
        self.fields["keywords"] = WordsField(
            label=_("Words that nobody advertises on"),
            required=False,
            initial=conduct.keywords,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("Your names, and how people misspell them. With commas between them."),
        )
        self.rows = [*conduct.disclosures.items(), *[("", "")] * SPARE_DISCLOSURES]
        for number, (language, text) in enumerate(self.rows):
            self.fields[f"language_{number}"] = forms.ChoiceField(
                label=_("Language"),
                choices=lambda: [("", _("None")), *language_choices()],
                required=False,
                initial=language,
            )
            self.fields[f"text_{number}"] = _text(
                _("What affiliates have to say"), 2, 500, required=False, initial=text
            )
        self.fields["note"] = _text(_("Note"), 5, 5000, required=False, initial=conduct.note)
        self.fields["tells"] = forms.BooleanField(
            label=_("Mail everybody who is in"),
            required=False,
            initial=True,
            help_text=_("It stands in the change log in any case."),
        )

    def clean(self) -> dict[str, Any]:
        """Refuse a text without a language."""
        said = super().clean() or {}
        for number in range(len(self.rows)):
            if said.get(f"text_{number}") and not said.get(f"language_{number}"):
                self.add_error(f"language_{number}", _("Say which language this is."))
        return said

    @property
    def methods(self) -> list[forms.BoundField]:
        """The choices, one for each method."""
        return [self[f"method_{way}"] for way in Method.values]

    @property
    def disclosures(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The texts, each with its language."""
        return [(self[f"language_{n}"], self[f"text_{n}"]) for n in range(len(self.rows))]

    @property
    def draft(self) -> ConductDraft:
        """What was said, of a valid form."""
        said = self.cleaned_data
        numbers = range(len(self.rows))
        methods = {way: said[f"method_{way}"] for way in Method.values if said[f"method_{way}"]}
        return ConductDraft(
            methods=methods,
            keywords=said["keywords"],
            note=said["note"],
            disclosures={said[f"language_{n}"]: said[f"text_{n}"] for n in numbers},
        )


class NewsForm(forms.Form):
    """Something that affiliates are told."""

    title = forms.CharField(label=_("In one line"), max_length=200)
    body = _text(_("Text"), 6, 5000, required=False)
    tells = forms.BooleanField(label=_("Mail everybody who is in"), required=False, initial=True)


class TargetForm(forms.Form):
    """How much a program shall bring between two days."""

    metric = forms.ChoiceField(label=_("What counts"), choices=TargetMetric.choices)
    first_on = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_on = forms.DateField(
        label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, program: Program, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["amount"] = forms.CharField(
            label=_("How much"),
            max_length=20,
            help_text=_("A number; of revenue, an amount in %(currency)s.")
            % {"currency": program.currency},
        )
        self.order_fields(["metric", "amount", "first_on", "last_on"])
        self.program = program

    def clean(self) -> dict[str, Any]:
        """Read the amount as what counts asks for."""
        said = super().clean() or {}
        if "amount" in said and "metric" in said:
            is_money = said["metric"] == TargetMetric.REVENUE
            field = MoneyField(currency=self.program.currency) if is_money else forms.IntegerField()
            try:
                said["amount"] = field.clean(said["amount"])
            except forms.ValidationError as error:
                self.add_error("amount", error)
        return said


class CustomersForm(forms.Form):
    """Whom affiliates should bring."""

    summary = _text(_("Who buys"), 4, 2000, required=False)
    industries = forms.CharField(label=_("Industries"), max_length=300, required=False)
    company_size = forms.CharField(label=_("Size"), max_length=120, required=False)
    roles = forms.CharField(label=_("Who decides"), max_length=300, required=False)
    countries = many(_("Countries"), country_choices, PickMany)
    needs = _text(_("What they need"), 3, 2000, required=False)
    not_for = _text(_("For whom it is not"), 3, 2000, required=False)


class ListingForm(forms.Form):
    """Whether, and where, a program stands in the directory."""

    is_listed = forms.BooleanField(
        label=_("Show this program in the directory"),
        required=False,
        help_text=_("Every affiliate of this installation finds it there, with its rates."),
    )
    category = forms.ChoiceField(label=_("Category"), choices=Category.choices)
    countries = many(_("Countries, none for all"), country_choices, PickMany)


class PolicyForm(forms.Form):
    """A policy with its owner and its next review."""

    category = forms.ChoiceField(label=_("Category"), choices=PolicyCategory.choices)
    title = forms.CharField(label=_("Rule"), max_length=120)
    body = _text(_("What it says"), 6, 5000)
    rationale = _text(
        _("Why it is there"), 3, 2000, required=False, help_text=_("Affiliates read it as well.")
    )
    owner = forms.ChoiceField(label=_("Who answers for it"))
    review_on = forms.DateField(
        label=_("Look at it again on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("On that day its owner gets a task."),
    )

    def __init__(self, *args: Any, program: Program, **options: Any) -> None:
        super().__init__(*args, **options)
        members = members_of(program.merchant_id).filter(disabled_at=None)
        self.members: Mapping[str, Member] = {str(row.id): row for row in members}
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(id, row.user.get_full_name()) for id, row in self.members.items()]

    @property
    def draft(self) -> PolicyDraft:
        """What was said, of a valid form."""
        said = self.cleaned_data
        return PolicyDraft(**{**said, "owner": self.members[said["owner"]]})


def policy_initial(policy: Policy) -> dict[str, Any]:
    """Return what the form of a policy shows."""
    names = ("category", "title", "body", "rationale", "review_on")
    return {name: getattr(policy, name) for name in names} | {"owner": str(policy.owner_id)}


class ReviewedForm(forms.Form):
    """When a policy that was looked at is due again."""

    review_on = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))


class WaiverForm(forms.Form):
    """For whom a policy does not hold, until when, and why."""

    affiliate = AffiliateField(label=_("Affiliate"))
    last_on = forms.DateField(
        label=_("Until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The last day. From the next on the policy holds again."),
    )
    reason = forms.CharField(
        label=pgettext_lazy("of an exception", "Why"),
        max_length=300,
        help_text=_("The affiliate reads it in the portal."),
    )

    def __init__(self, *args: Any, program: Program, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["affiliate"]
        assert isinstance(field, AffiliateField)
        field.choose_from(program.merchant_id, program_id=program.id)


class AnswerForm(forms.Form):
    """What an affiliate is answered."""

    answer = _text(_("Answer"), 3, 1000)
