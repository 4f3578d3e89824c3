"""What every view of the console relies on, and what every page is given."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from common.states import IllegalMove
from merchants.models import Actor, Member, Merchant
from merchants.rights import Right
from messaging.selectors import unread_of_member
from programs.selectors import count_programs
from reports.overview import waiting_of
from users.models import User


class ConsoleRequest(HttpRequest):
    """What a view may rely on: the door (access.py) sets these on Django's own request."""

    user: User
    htmx: HtmxDetails
    member: Member
    merchant: Merchant
    memberships: Sequence[Member]  # Of the user, with their merchants.
    actor: Actor
    at: datetime  # The one reading of the clock.


def show_page(
    request: ConsoleRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    nav: str,
    status: int = 200,
) -> HttpResponse:
    """Render a page inside the console's shell; `nav` is the key of its navigation item."""
    everything = {**_frame(request), "nav": nav, **(context or {})}
    return render(request, template, everything, status=status)


def _frame(request: ConsoleRequest) -> dict[str, Any]:
    waiting = waiting_of(request.merchant.id, at=request.at)
    return {
        "merchant": request.merchant,
        "member": request.member,
        "may": {right.value: request.member.may(right) for right in Right},
        "program_count": count_programs(request.merchant.id),
        "merchants": [
            {
                "id": member.merchant_id,
                "name": member.merchant.name,
                "current": member.merchant_id == request.merchant.id,
            }
            for member in request.memberships
        ],
        "waiting": {
            "affiliates": waiting.applications,
            "claims": waiting.claims,
            "messages": unread_of_member(request.merchant.id, request.user),
            "commissions": waiting.commissions_held + waiting.commissions_to_review,
            "payouts": waiting.batches_to_approve
            + waiting.payouts_to_mark
            + waiting.calls_to_decide,
        },
    }


@contextmanager
def refusal_told(request: ConsoleRequest) -> Iterator[None]:
    """Tell the person when the row had moved on before they decided; nothing was changed then."""
    try:
        yield
    except IllegalMove as error:
        messages.error(
            request,
            _("Nothing was changed: meanwhile it became “%(status)s”.")
            % {"status": error.status.replace("_", " ").lower()},
        )
