"""Links: made, changed, archived; smart ones with their branches in `branches`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from affiliates.models import Enrollment
from common.ids import new_code
from common.refusals import cleaned
from programs.models import Program
from programs.services import require_allowed_host, require_window
from tracking.models import Link

ADDRESSES: Final = ("destination_url", "fallback_url")


class Unchanged:
    """The type of KEEP."""


KEEP: Final = Unchanged()  # None is a value: no start, no end.


class CodeTaken(Exception):
    """A link or coupon has this code already."""


class NotEnrolled(Exception):
    """The enrollment is not approved, so it gets no links or coupons."""


def ensure_first_link(*, enrollment: Enrollment) -> None:
    """Create the link that every approved enrollment starts with; safe to repeat."""
    links = Link.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    if enrollment.is_active and not links.exists():
        _insert_link(new_link(enrollment, {"code": ""}))


def create_link(
    *,
    enrollment: Enrollment,
    code: str = "",
    name: str = "",
    destination_url: str = "",
    fallback_url: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Link:
    """Create a link of an approved enrollment; without a code it gets a random one. Return it.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises HostNotAllowed: if an address's host is not on the program's list.
    :raises BadValue: if a value cannot be.
    :raises CodeTaken: if any link of the installation has this code.
    """
    facts = {
        "code": code,
        "name": name,
        "destination_url": destination_url,
        "fallback_url": fallback_url,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    return _insert_link(new_link(enrollment, facts))


def new_link(enrollment: Enrollment, facts: Mapping[str, Any]) -> Link:
    """Return a link that may be stored, and is not yet.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises HostNotAllowed: if an address's host is not on the program's list.
    :raises BadValue: if a value cannot be.
    """
    if not enrollment.is_active:
        raise NotEnrolled(str(enrollment.id))
    link = Link(
        merchant_id=enrollment.merchant_id,
        program_id=enrollment.program_id,
        enrollment=enrollment,
        affiliate_id=enrollment.affiliate_id,
        code=cleaned(Link, "code", facts["code"] or new_code()),
    )
    _change(
        link, enrollment.program, {name: value for name, value in facts.items() if name != "code"}
    )
    return link


def _insert_link(link: Link) -> Link:
    try:
        with transaction.atomic():
            link.save(force_insert=True)
    except IntegrityError as error:
        raise CodeTaken(link.code) from error
    return link


def update_link(
    *,
    link: Link,
    name: str | Unchanged = KEEP,
    destination_url: str | Unchanged = KEEP,
    fallback_url: str | Unchanged = KEEP,
    starts_at: datetime | Unchanged | None = KEEP,
    ends_at: datetime | Unchanged | None = KEEP,
) -> Link:
    """Change what is given: where a link leads, when, how it is called. Its code is for good.

    :raises HostNotAllowed: if an address's host is not on the program's list.
    :raises BadValue: if a value cannot be.
    """
    given = {
        "name": name,
        "destination_url": destination_url,
        "fallback_url": fallback_url,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    changes = {field: value for field, value in given.items() if value is not KEEP}
    if changes:
        _change(link, link.program, changes)
        link.save(update_fields=list(changes))
    return link


def _change(link: Link, program: Program, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if name in ADDRESSES and value:
            cleaned(Link, name, value)
            require_allowed_host(program=program, url=value, field=name)
        setattr(link, name, cleaned(Link, name, value))
    require_window(link.starts_at, link.ends_at)


def archive_link(*, link: Link, at: datetime) -> None:
    """Stop crediting a link's clicks; visitors are still led on. Safe to repeat.

    Smart links pass it over from now on.
    """
    Link.objects.filter(id=link.id, archived_at=None).update(archived_at=at)
