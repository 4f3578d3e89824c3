"""Many links in a handful of statements; a refused one stops no other."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from affiliates.models import Enrollment
from common.refusals import BadValue
from programs.services import HostNotAllowed
from tracking.models import Link
from tracking.services import CodeTaken, NotEnrolled, new_link


@dataclass(frozen=True, slots=True)
class LinkDraft:
    """A link to be made; without a code it gets a random one."""

    enrollment: Enrollment
    code: str = ""
    name: str = ""
    destination_url: str = ""
    fallback_url: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


LinkRefusal = NotEnrolled | HostNotAllowed | CodeTaken | BadValue


def create_links(*, merchant_id: UUID, drafts: Sequence[LinkDraft]) -> list[Link | LinkRefusal]:
    """Create the links; return each, or what refused it, in the order of the drafts.

    Enrollments come with their programs. Of two drafts with one code the first gets it.
    """
    outcomes: list[Link | LinkRefusal] = []
    by_code: dict[str, Link] = {}
    for draft in drafts:
        link = _link_of(draft, taken=by_code)
        outcomes.append(link)
        if isinstance(link, Link):
            by_code[link.code] = link
    in_order = [by_code[code] for code in sorted(by_code)]  # Two batches wait in one order.
    Link.objects.bulk_create(in_order, ignore_conflicts=True)
    made = Link.objects.filter(merchant_id=merchant_id, id__in=[link.id for link in in_order])
    ids = set(made.values_list("id", flat=True))
    return [
        CodeTaken(row.code) if isinstance(row, Link) and row.id not in ids else row
        for row in outcomes
    ]


def _link_of(draft: LinkDraft, *, taken: dict[str, Link]) -> Link | LinkRefusal:
    facts = {row.name: getattr(draft, row.name) for row in fields(draft)}
    try:
        link = new_link(facts.pop("enrollment"), facts)
    except (NotEnrolled, HostNotAllowed, BadValue) as refusal:
        return refusal
    return CodeTaken(link.code) if link.code in taken else link
