"""Who looks at a partnership, from which side, and what every page of it shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from common.refusals import BadValue
from common.states import IllegalMove
from messaging.models import Side
from messaging.services import Writer
from partnerships.models import (
    Partnership,
    SheetKind,
)
from partnerships.services import NotPartner


@dataclass(frozen=True, slots=True)
class Desk:
    """Who looks at a partnership, from which side, and whether they may write."""

    space: str  # The namespace of the side's addresses.
    partnership: Partnership
    by: Writer
    at: datetime
    may_write: bool

    @property
    def side(self) -> Side:
        """The side that looks."""
        return self.by.side

    def side_name(self, side: str) -> str:
        """Return what a side is called."""
        is_merchant = side == Side.MERCHANT
        program = self.partnership.enrollment.program
        return str(program.merchant.name if is_merchant else self.partnership.affiliate.name)

    def url(self, page: str, *ids: object) -> str:
        """Return the address of one of its pages."""
        return reverse(f"{self.space}:{page}", args=[self.partnership.id, *ids])


@contextmanager
def told(request: HttpRequest) -> Iterator[None]:
    """Tell the person why nothing was changed, if so."""
    try:
        yield
    except BadValue as error:
        messages.error(request, str(error))
    except IllegalMove:
        messages.error(request, _("Nothing was changed: somebody was faster."))
    except NotPartner:
        messages.error(request, _("The partnership was ended, so nothing is written any more."))


@contextmanager
def shown(form: forms.Form) -> Iterator[None]:
    """Put what the service refused into the form."""
    try:
        yield
    except BadValue as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except (IllegalMove, NotPartner):
        form.add_error(None, _("The partnership or the review is over."))


def frame(desk: Desk, at_page: str) -> dict[str, Any]:
    """Return what every page of a partnership shows: its name and its tabs."""
    pages = [
        ("partnership", _("Overview"), ()),
        ("partner-plan", _("Plan"), ()),
        ("partner-reviews", _("Reviews"), ()),
        *[("partner-sheet", kind.label, (kind.value.lower(),)) for kind in SheetKind],
    ]
    tabs = [
        {
            "label": label,
            "url": desk.url(page, *ids),
            "current": at_page == "/".join((page, *ids)),
        }
        for page, label, ids in pages
    ]
    return {
        "desk": desk,
        "partnership": desk.partnership,
        "is_over": desk.partnership.ended_at is not None,
        "may_add": desk.may_write and desk.partnership.ended_at is None,
        "tabs": tabs,
        "today": desk.at.date(),
    }
