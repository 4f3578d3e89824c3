"""Lists: newest first, a page at a time, by a cursor that later rows cannot shift."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from interfaces.api.fields import Digits, Moment, Strict, Text

LIMIT_MAX = 200
LIMIT_DEFAULT = 50
Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


class Page(NamedTuple, Generic[Item]):
    """Some rows of a list, and where the next page begins."""

    rows: Sequence[Item]
    next_cursor: str | None


class Cursor(Text):
    """The id of the row before the page, opaque to outsiders: 16 bytes in base64url."""

    pattern = r"^[A-Za-z0-9_-]{21}[AQgw]$"
    default_error_messages = {"bad_cursor": _("This is no cursor of ours.")}

    def to_internal_value(self, data: Any) -> Any:
        if not re.fullmatch(self.pattern, data, re.ASCII):
            self.fail("bad_cursor")
        return UUID(bytes=urlsafe_b64decode(data + "=="))


class PageQuery(Strict):
    """What every list may be asked; a subclass adds filters, whose `source` is a lookup."""

    limit = Digits(min_value=1, max_value=LIMIT_MAX, default=LIMIT_DEFAULT)
    cursor = Cursor(required=False, help_text="The next_cursor of the page before.")


class ListQuery(PageQuery):
    """What a list of things with a time may be asked."""

    created_from = Moment(
        required=False, source="created_at__gte", help_text="Created at this time or later."
    )
    created_to = Moment(
        required=False, source="created_at__lt", help_text="Created before this time."
    )


def page_of(rows: QuerySet[Row], query: dict[str, Any]) -> Page[Row]:
    """Return the page of the rows that the validated query asks for.

    Ids are UUIDv7, so by id is by time, and every list has an index that begins with its owner.
    """
    lookups = {name: value for name, value in query.items() if name not in ("limit", "cursor")}
    rows = rows.filter(**lookups).order_by("-id")
    if "cursor" in query:
        rows = rows.filter(id__lt=query["cursor"])
    limit = query["limit"]
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    return Page(found[:limit], write_cursor(found[limit - 1].id))


def write_cursor(id: UUID) -> str:
    """Return the cursor of the page after this row."""
    return urlsafe_b64encode(id.bytes).rstrip(b"=").decode()
