"""The forms of who acts for an affiliate."""

from django import forms
from django.utils.translation import gettext_lazy as _

from affiliates.models import AccountRole

ROLE_WORDS = {
    AccountRole.OWNER: _("Owner: everything, with people, payout method and tax"),
    AccountRole.MANAGER: _("Manager: everything but people, payout method and tax"),
    AccountRole.VIEWER: _("Viewer: looks at everything and changes nothing"),
}


class InviteForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, words) for role, words in ROLE_WORDS.items()],
        initial=AccountRole.VIEWER,
        widget=forms.RadioSelect,
    )


class RoleForm(forms.Form):
    """Another role for somebody."""

    role = forms.ChoiceField(choices=AccountRole.choices)
