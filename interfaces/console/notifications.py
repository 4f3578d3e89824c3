"""Which mails a member gets from this merchant."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from interfaces.console.access import acts, reads
from interfaces.console.pages import ConsoleRequest
from interfaces.console.settings import show_settings
from interfaces.notifications import ChoicesForm, always_told
from mailing.choices import choose
from mailing.readers import Reader, Standing, standing_of


@reads
def notifications(request: ConsoleRequest) -> HttpResponse:
    """Show what the member hears of, and when."""
    return _show(request, _form(request))


@acts(None)
def notifications_edit(request: ConsoleRequest) -> HttpResponse:
    """Change it; of oneself alone, so no right is needed."""
    form = _form(request)
    if not form.is_valid():
        return _show(request, form, status=422)
    choose(_reader(request), form.wanted)
    messages.success(request, _("Saved."))
    return redirect("console:notifications")


def _reader(request: ConsoleRequest) -> Reader:
    return Reader(request.user.id, merchant_id=request.merchant.id)


def _standing(request: ConsoleRequest) -> Standing:
    standing = standing_of(_reader(request))
    assert standing is not None, "the door let in a member in force"
    return standing


def _form(request: ConsoleRequest) -> ChoicesForm:
    data = request.POST if request.method == "POST" else None
    return ChoicesForm(data, reader=_reader(request), standing=_standing(request))


def _show(request: ConsoleRequest, form: ChoicesForm, *, status: int = 200) -> HttpResponse:
    standing = _standing(request)
    context = {"form": form, "always": always_told(standing), "address": standing.address}
    return show_settings(request, "notifications", "notifications", context, status=status)
