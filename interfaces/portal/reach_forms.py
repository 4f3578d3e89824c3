"""The forms of channels, references and the phone number."""

from django import forms
from django.utils.translation import gettext_lazy as _

from affiliates.models import Network


class ChannelForm(forms.Form):
    """A place where the affiliate promotes."""

    network = forms.ChoiceField(label=_("Where"), choices=Network.choices)
    url = forms.URLField(
        label=_("Address"),
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"inputmode": "url"}),
    )
    followers = forms.IntegerField(
        label=_("Readers, viewers or followers"),
        required=False,
        min_value=0,
        max_value=2_000_000_000,
    )


class ReferenceForm(forms.Form):
    """Somebody who knows the affiliate's work."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("We ask them once whether they vouch for you.")
    )
    relation = forms.CharField(label=_("How you know each other"), max_length=200, required=False)


class PhoneForm(forms.Form):
    """A phone number with its country."""

    phone = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        required=False,
        help_text=_("With its country, as in +44 20 7946 0958."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
