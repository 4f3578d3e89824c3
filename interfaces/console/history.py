"""What happened, told to people: the story of one thing, and the audit log of all."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.directory import names_of_keys
from common.money import CURRENCIES
from common.spreadsheet import write_csv
from interfaces.console.access import reads_with
from interfaces.console.filters import EventFilter
from interfaces.console.lists import records, show_table
from interfaces.console.pages import ConsoleRequest
from interfaces.console.settings import show_settings
from interfaces.console.tables import EventTable
from interfaces.console.wording import event_title, money
from merchants.models import ActorKind, Event
from merchants.rights import Right
from merchants.selectors import actor_names, events_of, history_of, keys_of, members_of

PAGES = {  # The page of an event's subject, by the noun of its type.
    "program": "console:program",
    "enrollment": "console:affiliate",
    "bulk_job": "console:bulk-job",
    "conversion": "console:conversion",
    "customer": "console:customer",
    "claim": "console:claim",
    "thread": "console:thread",
    "partnership": "console:partnership",
    "broadcast": "console:broadcast",
    "prospect": "console:prospect",
    "deal": "console:deal",
    "payout": "console:payout",
    "payout_batch": "console:batch",
}
UNSAID = frozenset(
    {
        *("program", "affiliate", "enrollment", "enrollments", "conversion"),
        *("currency", "refund", "sha256", "number", "is_test"),
        *("order_id", "happened_on", "due_at", "original_minor", "original_currency"),
    }
)


@reads_with(Right.READ_AUDIT)
def audit(request: ConsoleRequest) -> HttpResponse:
    """List everything that happened, newest first."""
    filters = _filters(request)
    table = EventTable(filters.rows)
    context = show_table(request, table, filters=filters)
    table.names = names_of(records(table))
    context["export_url"] = f"{reverse('console:audit-export')}?{request.GET.urlencode()}"
    return show_settings(request, "audit", "audit", context)


def _filters(request: ConsoleRequest) -> EventFilter:
    people = [
        (f"{row.user_id}", row.user.get_full_name()) for row in members_of(request.merchant.id)
    ]
    keys = [
        (f"{key.id}", _("key “%(name)s”") % {"name": key.name})
        for key in keys_of(request.merchant.id)
    ]
    choices = [*people, *keys, (EventFilter.NOBODY, _("Fairlead"))]
    return EventFilter(request.GET, events_of(request.merchant.id), people=choices)


CSV_COLUMNS = ("at", "type", "subject", "who", "from", "details")
CSV_ROWS_MAX = 50_000


@reads_with(Right.READ_AUDIT)
def audit_export(request: ConsoleRequest) -> HttpResponse:
    """Give the filtered log as CSV, the newest CSV_ROWS_MAX of it."""
    events = list(_filters(request).rows[:CSV_ROWS_MAX])
    names = names_of(events)
    content = write_csv(
        CSV_COLUMNS,
        (
            [
                event.at.isoformat(),
                event.type,
                str(event.subject_id),
                who(event, names),
                event.ip or "",
                " · ".join(details(event)),
            ]
            for event in events
        ),
    )
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


def told_history(merchant_id: UUID, subject_id: UUID) -> list[dict[str, Any]]:
    """Return what happened to one thing, as components/timeline.html shows it, oldest first."""
    events = history_of(merchant_id=merchant_id, subject_id=subject_id)
    names = names_of(events)
    return [
        {
            "title": event_title(event.type),
            "at": event.at,
            "text": " · ".join([who(event, names), *details(event)]),
        }
        for event in events
    ]


def names_of(events: Sequence[Event]) -> dict[UUID, str]:
    """Return how people call the doers, affiliates' keys among them, by actor id."""
    names = actor_names(events)
    keys = {event.actor_id for event in events if event.actor_kind == ActorKind.KEY}
    return names | names_of_keys({id for id in keys if id and id not in names})


def who(event: Event, names: dict[UUID, str]) -> str:
    """Return who did it, as people call them."""
    if event.actor_kind == ActorKind.SYSTEM or event.actor_id is None:
        return _("Fairlead")
    name = names.get(event.actor_id, _("somebody who is gone"))
    return _("key “%(name)s”") % {"name": name} if event.actor_kind == ActorKind.KEY else name


def subject_url(event: Event) -> str:
    """Return the page of what the event is about, or nothing if it has none."""
    page = PAGES.get(event.type.partition(".")[0])
    return reverse(page, args=[event.subject_id]) if page else ""


def details(event: Event) -> list[str]:
    """Return what an event says beyond its type: what was there before and after, reasons, sums."""
    data = dict(event.data)
    before, after = data.pop("before", None), data.pop("after", None)
    said = _changes(before, after)
    amount, currency = data.pop("amount_minor", None), data.get("currency")
    if isinstance(amount, int) and currency in CURRENCIES:
        said.append(money(amount, str(currency)))
    named = {name: value for name, value in data.items() if name not in UNSAID and value}
    return [*said, *(f"{_words(name)}: {_plain(value)}" for name, value in named.items())]


def _changes(before: Any, after: Any) -> list[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            f"{_words(name)}: {_plain(before.get(name))} → {_plain(value)}"
            for name, value in after.items()
            if before.get(name) != value
        ]
    if before is None and after is None:
        return []
    return [f"{_plain(before)} → {_plain(after)}"]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _plain(value: Any) -> str:
    if value in (None, "", [], {}):
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
