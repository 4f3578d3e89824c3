"""Links: made, changed, archived."""

from datetime import datetime

from django.db import IntegrityError, transaction

from affiliates.models import Enrollment
from common.ids import new_code
from programs.services import require_allowed_host
from tracking.models import Link


class CodeTaken(Exception):
    """A link or coupon has this code already."""


class NotEnrolled(Exception):
    """The enrollment is not approved, so it gets no links or coupons."""


def ensure_first_link(*, enrollment: Enrollment) -> None:
    """Create the link that every approved enrollment starts with; safe to repeat."""
    links = Link.objects.filter(merchant_id=enrollment.merchant_id, enrollment=enrollment)
    if enrollment.is_active and not links.exists():
        _insert_link(enrollment, code=new_code(), name="", destination_url="")


def create_link(
    *, enrollment: Enrollment, code: str = "", name: str = "", destination_url: str = ""
) -> Link:
    """Create a link of an approved enrollment; without a code it gets a random one. Return it.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises HostNotAllowed: if the destination's host is not on the program's list.
    :raises CodeTaken: if any link of the installation has this code.
    """
    require_link_possible(enrollment=enrollment, destination_url=destination_url)
    return _insert_link(
        enrollment, code=code or new_code(), name=name, destination_url=destination_url
    )


def require_link_possible(*, enrollment: Enrollment, destination_url: str) -> None:
    """Return quietly when the enrollment may have a link that leads there.

    :raises NotEnrolled: if the enrollment is not approved.
    :raises HostNotAllowed: if the destination's host is not on the program's list.
    """
    if not enrollment.is_active:
        raise NotEnrolled(str(enrollment.id))
    if destination_url:
        require_allowed_host(program=enrollment.program, url=destination_url)


def _insert_link(enrollment: Enrollment, *, code: str, name: str, destination_url: str) -> Link:
    try:
        with transaction.atomic():
            return Link.objects.create(
                merchant_id=enrollment.merchant_id,
                program_id=enrollment.program_id,
                enrollment=enrollment,
                affiliate_id=enrollment.affiliate_id,
                code=code,
                name=name,
                destination_url=destination_url,
            )
    except IntegrityError as error:
        raise CodeTaken(code) from error


def update_link(*, link: Link, name: str, destination_url: str) -> Link:
    """Change where a link leads and how it is called; its code is for good. Return it.

    :raises HostNotAllowed: if the destination's host is not on the program's list.
    """
    if destination_url:
        require_allowed_host(program=link.program, url=destination_url)
    link.name, link.destination_url = name, destination_url
    link.save(update_fields=["name", "destination_url"])
    return link


def archive_link(*, link: Link, at: datetime) -> None:
    """Stop crediting a link's clicks; visitors are still led on. Safe to repeat."""
    Link.objects.filter(id=link.id, archived_at=None).update(archived_at=at)
