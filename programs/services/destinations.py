"""Destinations: the pages that a program's links share visitors among."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from common.refusals import BadValue, cleaned
from merchants.models import Actor
from programs.models import Destination, Program
from programs.services.history import record
from programs.services.hosts import require_allowed_host
from programs.services.targeting import columns_of
from programs.targeting import Targeting

DESTINATIONS_MAX = 100


class DestinationNameTaken(Exception):
    """The program has a destination in use with this name."""


@dataclass(frozen=True, slots=True)
class DestinationDraft:
    """A page, and for whom it is."""

    name: str
    url: str
    targeting: Targeting = field(default_factory=Targeting)


def create_destination(
    *, program: Program, draft: DestinationDraft, by: Actor, at: datetime
) -> Destination:
    """Add a destination; return it.

    :raises BadValue: if name, address or targeting cannot be, or there are too many.
    :raises HostNotAllowed: if its host is not on the program's list.
    :raises DestinationNameTaken: if another one in use has the name.
    """
    columns = _columns(program, draft)
    in_use = Destination.objects.filter(
        merchant_id=program.merchant_id, program=program, archived_at=None
    )
    if in_use.count() >= DESTINATIONS_MAX:
        message = _("%d destinations at the most.") % DESTINATIONS_MAX
        raise BadValue("", "too_many", message)
    try:
        with transaction.atomic():
            destination = Destination.objects.create(
                merchant_id=program.merchant_id, program=program, **columns
            )
    except IntegrityError as error:
        raise DestinationNameTaken(draft.name) from error
    facts = {"destination": str(destination.id), "name": draft.name, "url": draft.url}
    record(program, "program.destination_added", by, at, facts)
    return destination


def update_destination(
    *, destination: Destination, draft: DestinationDraft, by: Actor, at: datetime
) -> Destination:
    """Make a destination what the draft says, all of it; return it.

    :raises BadValue: if name, address or targeting cannot be.
    :raises HostNotAllowed: if its host is not on the program's list.
    :raises DestinationNameTaken: if another one in use has the name.
    """
    columns = _columns(destination.program, draft)
    changed = [name for name, value in columns.items() if getattr(destination, name) != value]
    if not changed:
        return destination
    before = {"name": destination.name, "url": destination.url}
    for name in changed:
        setattr(destination, name, columns[name])
    try:
        with transaction.atomic():
            destination.save(update_fields=changed)
    except IntegrityError as error:
        raise DestinationNameTaken(draft.name) from error
    facts = {
        "destination": str(destination.id),
        "changed": changed,
        "before": before,
        "after": {"name": draft.name, "url": draft.url},
    }
    record(destination.program, "program.destination_updated", by, at, facts)
    return destination


def archive_destination(*, destination: Destination, by: Actor, at: datetime) -> None:
    """Send no more visitors there; what came of those before stays told apart. Safe to repeat."""
    in_use = Destination.objects.filter(id=destination.id, archived_at=None)
    if in_use.update(archived_at=at):
        destination.archived_at = at
        facts = {"destination": str(destination.id), "name": destination.name}
        record(destination.program, "program.destination_archived", by, at, facts)


def _columns(program: Program, draft: DestinationDraft) -> dict[str, Any]:
    columns = {
        "name": cleaned(Destination, "name", draft.name),
        "url": cleaned(Destination, "url", draft.url),
        **columns_of(draft.targeting),
    }
    require_allowed_host(program=program, url=draft.url, field="url")
    return columns
