"""Tags and owners: who belongs together in the eyes of the members, and who looks after whom."""

from datetime import datetime

from django.utils.translation import gettext as _

from affiliates.models import Enrollment, Tag, Tagging
from common.refusals import BadValue, cleaned
from merchants.events import record_event
from merchants.models import Actor, Member, Merchant


def find_tag(*, merchant: Merchant, name: str) -> Tag | None:
    """Return the tag that is called so, whatever its capitals, if there is one."""
    return Tag.objects.filter(merchant=merchant, name__iexact=_plain(name)).first()


def ensure_tag(*, merchant: Merchant, name: str) -> Tag:
    """Return the tag that is called so, made if need be. Safe to repeat.

    :raises BadValue: if the name is empty or too long.
    """
    name = cleaned(Tag, "name", _plain(name))
    found = find_tag(merchant=merchant, name=name)
    return found or Tag.objects.get_or_create(merchant=merchant, name=name)[0]


def _plain(name: str) -> str:
    return " ".join(name.split())


def tag_enrollment(*, enrollment: Enrollment, name: str, by: Actor, at: datetime) -> Tag:
    """Put a tag on an enrollment; return it. Safe to repeat.

    :raises BadValue: if the name is empty or too long.
    """
    tag = ensure_tag(merchant=enrollment.merchant, name=name)
    _tagging, is_new = Tagging.objects.get_or_create(
        merchant_id=enrollment.merchant_id, tag=tag, enrollment=enrollment
    )
    if is_new:
        _record(enrollment, "enrollment.tagged", by, at, tag=tag.name)
    return tag


def untag_enrollment(*, enrollment: Enrollment, tag: Tag, by: Actor, at: datetime) -> None:
    """Take a tag off an enrollment. Safe to repeat."""
    taggings = Tagging.objects.filter(
        merchant_id=enrollment.merchant_id, tag=tag, enrollment=enrollment
    )
    if taggings.delete()[0]:
        _record(enrollment, "enrollment.untagged", by, at, tag=tag.name)


def assign_owner(
    *, enrollment: Enrollment, owner: Member | None, by: Actor, at: datetime
) -> Enrollment:
    """Let a member look after an enrollment, or nobody; return it. Safe to repeat.

    :raises BadValue: if the member is another merchant's, or disabled.
    """
    if owner is not None and (
        owner.merchant_id != enrollment.merchant_id or owner.disabled_at is not None
    ):
        raise BadValue("owner", "no_member", _("This is nobody of yours."))
    rows = Enrollment.objects.filter(merchant_id=enrollment.merchant_id, id=enrollment.id)
    row = rows.select_for_update(of=("self",), no_key=True).select_related("owner__user").get()
    if row.owner_id != (owner.id if owner else None):
        before = row.owner.user.get_full_name() if row.owner else None
        rows.update(owner=owner)
        after = owner.user.get_full_name() if owner else None
        _record(enrollment, "enrollment.owner_changed", by, at, before=before, after=after)
    enrollment.owner = owner
    return enrollment


def _record(
    enrollment: Enrollment, type: str, by: Actor, at: datetime, **facts: str | None
) -> None:
    record_event(
        merchant_id=enrollment.merchant_id,
        type=type,
        subject_id=enrollment.id,
        by=by,
        at=at,
        data={"program": str(enrollment.program_id), **facts},
    )
