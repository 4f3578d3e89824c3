"""The forms of the join page: for who is signed in, and for who makes an account with it."""

from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from affiliates.services import ApplicationDraft
from interfaces.portal.offer import Offer
from interfaces.portal.questions import add_questions, read_questions
from programs.answers import asked
from programs.models import FormField, JoinMode
from users.models import User


def add_join_fields(form: forms.Form, offer: Offer, *, with_name: bool, asks: bool) -> None:
    """Add to a form what the offer asks of an affiliate: a name, the application, the terms."""
    if with_name:
        form.fields["name"] = forms.CharField(
            label=_("Name"),
            max_length=120,
            help_text=_("Yours or your company's."),
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
        )
    if asks:
        add_questions(form, offer.questions)
    if offer.terms is not None:
        form.fields["terms"] = forms.BooleanField(
            label=_("I accept the terms of this program"),
            error_messages={"required": _("Accept the terms to join.")},
        )


def posted(data: Any, offer: Offer, form: forms.Form) -> QueryDict:
    """Return what was posted, without an acceptance of terms that have changed meanwhile."""
    typed: QueryDict = data.copy()
    if offer.terms is None or typed.get("terms_version") == str(offer.terms.version):
        return typed
    if typed.pop("terms", None):
        form.fields["terms"].error_messages["required"] = _(
            "The terms changed while you were reading. Look at version %(version)s and accept it."
        ) % {"version": offer.terms.version}
    return typed


class JoinForm(forms.Form):
    """What somebody who is signed in still has to say to join."""

    application = ApplicationDraft()  # What was written, once the form is valid.

    def __init__(
        self, *args: Any, offer: Offer, with_name: bool, asks: bool, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        add_join_fields(self, offer, with_name=with_name, asks=asks)
        self.questions: tuple[FormField, ...] = offer.questions if asks else ()
        if self.is_bound:
            self.data = posted(self.data, offer, self)

    def clean(self) -> dict[str, Any]:
        """Read the answers, together: some are asked because of others."""
        said = super().clean() or self.cleaned_data
        reading = read_questions(self, self.questions)
        self.application = ApplicationDraft(reading.answers, asked(self.questions))
        return said


class JoinSignupForm(SignupForm):
    """An account and the wish to join, in one form. allauth checks and makes the account."""

    def __init__(self, *args: Any, offer: Offer, **options: Any) -> None:
        super().__init__(*args, **options)
        asks = offer.program.join_mode == JoinMode.APPLICATION
        self.questions: tuple[FormField, ...] = offer.questions if asks else ()
        add_join_fields(self, offer, with_name=True, asks=asks)
        for name in ("email", "password1"):
            self.fields[name].widget.attrs.pop("placeholder", None)
        self.fields["email"].help_text = _("We send a code there, to make sure that it is yours.")
        self.fields["password1"].help_text = _("At least 8 characters, not easy to guess.")
        codes = [row.code for row in self.questions]
        self.order_fields(["name", "email", "password1", *codes, "terms"])
        if self.is_bound:
            self.data = posted(self.data, offer, self)  # type: ignore[has-type]

    def clean(self) -> dict[str, Any]:
        """Check the answers as well: nobody should come back to them after verifying an address."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        read_questions(self, self.questions)
        return said

    def signup(self, request: HttpRequest, user: User) -> None:
        """Give the new user the name that was typed; allauth calls this when it makes one."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
