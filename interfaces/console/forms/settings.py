"""The forms of the settings."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from interfaces.console.forms.setup import WebAddressField
from merchants.models import KeyKind, Merchant
from merchants.rights import Role, Scope


class ProfileForm(forms.ModelForm):
    """What the public sees of the merchant."""

    website = WebAddressField(label=_("Website"), required=False, max_length=500)

    logo_url = WebAddressField(
        label=_("Logo"),
        required=False,
        max_length=500,
        help_text=_("Address of a picture, with https://; it is shown 32 pixels high."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("The visitor's own")), *settings.LANGUAGES],
        help_text=_("Of your programs' pages, and of the portal on your own host."),
    )

    class Meta:
        model = Merchant
        fields = ["name", "website", "accent", "logo_url", "language"]
        labels = {"name": _("Company name")}
        help_texts = {
            "accent": _(
                "The colour of buttons and links on your program's pages; too pale a one is"
                " darkened there so that it stays readable."
            ),
        }
        widgets = {"accent": forms.TextInput(attrs={"type": "color"})}


class InvitationForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        initial=Role.VIEWER,
        widget=forms.RadioSelect,
        help_text=_("The table on the members' page says what each may do."),
    )


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Where it is used, as in “Shop”.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"), choices=KeyKind.choices, widget=forms.RadioSelect, initial=KeyKind.SECRET
    )
    is_test = forms.BooleanField(
        label=_("A test key"),
        required=False,
        help_text=_(
            "What it reports is marked as a test: you see whom it would credit and what it would"
            " pay, but no figure counts it and no money follows."
        ),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Scope.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Give it no more than it needs. A publishable key needs none."),
    )

    def clean(self) -> dict[str, object]:
        """Refuse a secret key that may do nothing."""
        cleaned = super().clean() or {}
        if cleaned.get("kind") == KeyKind.SECRET and not cleaned.get("scopes"):
            self.add_error("scopes", _("Choose at least one: this key could do nothing."))
        if cleaned.get("kind") == KeyKind.PUBLISHABLE:
            cleaned["scopes"] = []
        return cleaned
