"""The form of a program's tracking."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.domains import LinesField
from programs.models import ConsentMode, PostbackProfile, Program


class TrackingForm(forms.Form):
    """What is kept of visitors, what is added to addresses, and who may report orders."""

    consent_mode = forms.ChoiceField(
        label=_("Visitor privacy"),
        choices=ConsentMode,
        widget=forms.RadioSelect,
        help_text=_("What the snippet may keep on a visitor's device."),
    )
    utm_template = forms.CharField(
        label=_("Campaign parameters"),
        max_length=500,
        required=False,
        help_text=_(
            "Added to every page that links lead to, for your analytics."
            " {via}, {link}, {source}, {sub1} and the like are filled in."
        ),
        widget=forms.TextInput(
            attrs={"placeholder": "utm_source={via}&utm_medium=affiliate", "spellcheck": "false"}
        ),
    )
    legacy_parameters = LinesField(
        label=_("Parameters of earlier systems"),
        placeholder="ref\nfpr",
        rows=2,
        help_text=_(
            "Links that were shared before go on working: on your own pages, the snippet reads"
            " these parameters as referral codes. One per line."
        ),
    )
    postback_profile = forms.ChoiceField(
        label=_("Postback format"),
        choices=PostbackProfile,
        help_text=_("Whose parameter names a postback to the plain address speaks."),
    )
    postback_networks = LinesField(
        label=_("Postbacks only from"),
        placeholder="203.0.113.0/24",
        rows=2,
        help_text=_(
            "Addresses or networks of the servers that send them, one per line."
            " Empty: from anywhere, with the token."
        ),
    )
    is_test = forms.BooleanField(
        label=_("A test program"),
        required=False,
        help_text=_(
            "Everything works, but no figure counts it and no money follows."
            " It can be changed until the first conversion."
        ),
    )

    def __init__(self, *args: Any, example_url: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["utm_template"].widget.attrs |= {
            "hx-get": example_url,
            "hx-trigger": "input changed delay:300ms",
            "hx-target": "#utm-example",
            "hx-swap": "outerHTML",
        }


def tracking_initial(program: Program) -> dict[str, Any]:
    """Return what the form shows of a program."""
    return {name: getattr(program, name) for name in TrackingForm.base_fields}
