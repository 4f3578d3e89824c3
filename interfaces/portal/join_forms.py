"""The forms of the join page: for who is signed in, and for who makes an account with it."""

from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from interfaces.portal.offer import Offer
from interfaces.portal.wish import TEXT_MAX
from programs.models import JoinMode
from users.models import User

ANSWERS = ("website", "channels", "message")
KEPT = ("name", "email", *ANSWERS)  # Of what was typed; a password is never kept.


def add_join_fields(form: forms.Form, offer: Offer, *, with_name: bool, asks: bool) -> None:
    """Add to a form what the offer asks of an affiliate: a name, the application, the terms."""
    merchant = {"merchant": offer.program.merchant.name}
    if with_name:
        form.fields["name"] = forms.CharField(
            label=_("Name"),
            max_length=120,
            help_text=_("Yours or your company's."),
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
        )
    if asks:
        form.fields["website"] = forms.URLField(
            label=_("Website or profile"),
            max_length=500,
            assume_scheme="https",
            widget=forms.URLInput(attrs={"autocomplete": "url", "inputmode": "url"}),
        )
        form.fields["channels"] = forms.CharField(
            label=_("How you will promote %(merchant)s") % merchant,
            max_length=TEXT_MAX,
            help_text=_("Where your readers, viewers or customers will meet it."),
            widget=forms.Textarea(attrs={"rows": 3, "class": "min-h-24"}),
        )
        form.fields["message"] = forms.CharField(
            label=_("Message"),
            max_length=TEXT_MAX,
            required=False,
            widget=forms.Textarea(attrs={"rows": 2, "class": "min-h-16"}),
        )
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

    def __init__(
        self, *args: Any, offer: Offer, with_name: bool, asks: bool, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        add_join_fields(self, offer, with_name=with_name, asks=asks)
        if self.is_bound:
            self.data = posted(self.data, offer, self)


class JoinSignupForm(SignupForm):
    """An account and the wish to join, in one form. allauth checks and makes the account."""

    def __init__(self, *args: Any, offer: Offer, **options: Any) -> None:
        super().__init__(*args, **options)
        asks = offer.program.join_mode == JoinMode.APPLICATION
        add_join_fields(self, offer, with_name=True, asks=asks)
        for name in ("email", "password1"):
            self.fields[name].widget.attrs.pop("placeholder", None)
        self.fields["email"].help_text = _("We send a code there, to make sure that it is yours.")
        self.fields["password1"].help_text = _("At least 8 characters, not easy to guess.")
        self.order_fields(["name", "email", "password1", *ANSWERS, "terms"])
        if self.is_bound:
            self.data = posted(self.data, offer, self)  # type: ignore[has-type]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Give the new user the name that was typed; allauth calls this when it makes one."""
        user.name = self.cleaned_data["name"]
        user.save(update_fields=["name"])
