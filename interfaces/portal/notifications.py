"""Which mails a user of an affiliate's account gets."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from interfaces.notifications import ChoicesForm, always_told
from interfaces.portal.door import Visit, own_page
from mailing.choices import choose
from mailing.readers import Reader, standing_of


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def notifications(visit: Visit) -> HttpResponse:
    """Choose what one hears of, and when: of oneself alone, for all programs of the account."""
    reader = Reader(visit.user.id, affiliate_id=visit.affiliate.id)
    standing = standing_of(reader)
    assert standing is not None, "the door let in a user of the account"
    form = ChoicesForm(visit.request.POST or None, reader=reader, standing=standing)
    if form.is_valid():
        choose(reader, form.wanted)
        messages.success(visit.request, _("Saved."))
        return redirect("portal:notifications")
    context = {
        "form": form,
        # What cannot be switched off goes to the contact address alone.
        "always": always_told(standing) if standing.is_first else [],
        "address": standing.address,
    }
    status = 422 if form.is_bound else 200
    return visit.show("portal/notifications.html", context, nav="profile", status=status)
