"""Tags in a broadcast's text, and what stands in their place for each affiliate."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliates.models import Enrollment
from common.refusals import BadValue
from messaging.text import plain_line, plain_text
from tracking.models import Link

TAG = re.compile(r"\{([A-Za-z_]{1,30})\}")
Links = dict[UUID, str]  # The address of each enrollment's first link.


@dataclass(frozen=True, slots=True)
class Tag:
    """What a tag stands for, in words, and what takes its place."""

    label: Promise
    fill: Callable[[Enrollment, Links], str]


def _link(enrollment: Enrollment, links: Links) -> str:
    return links.get(enrollment.id) or settings.APP_URL + reverse("portal:links")


TAGS: Final[dict[str, Tag]] = {
    "name": Tag(gettext_lazy("the affiliate's name"), lambda row, _links: row.affiliate.name),
    "program": Tag(gettext_lazy("the program"), lambda row, _links: row.program.name),
    "merchant": Tag(gettext_lazy("your name"), lambda row, _links: row.program.merchant.name),
    "link": Tag(gettext_lazy("the address of their first link"), _link),
    "code": Tag(gettext_lazy("their referral code"), lambda row, _links: row.code),
    "tier": Tag(gettext_lazy("their tier"), lambda row, _links: row.tier.name if row.tier else "–"),
}


def require_known_tags(field: str, text: str) -> None:
    """Refuse a tag that nothing would stand in for: readers would see it as it is.

    :raises BadValue: naming the tag.
    """
    for name in TAG.findall(text):
        if name not in TAGS:
            known = ", ".join(f"{{{tag}}}" for tag in TAGS)
            message = _("There is no {%(name)s}. There are %(known)s.")
            raise BadValue(field, "unknown_tag", message % {"name": name, "known": known})


def links_of(enrollments: Sequence[Enrollment]) -> Links:
    """Return the address of the first link in use of each enrollment that has one."""
    rows = Link.objects.filter(
        merchant_id__in={row.merchant_id for row in enrollments},
        enrollment_id__in=[row.id for row in enrollments],
        archived_at=None,
    )
    first = rows.order_by("enrollment_id", "id").distinct("enrollment_id")
    codes = first.values_list("enrollment_id", "code")
    return {id: f"{settings.EDGE_URL}/c/{code}" for id, code in codes}


def filled(text: str, enrollment: Enrollment, links: Links) -> str:
    """Return the text for an affiliate. What stands in for a tag is not searched for tags."""

    def stand_in(found: re.Match[str]) -> str:
        tag = TAGS.get(found[1])
        return plain_line(tag.fill(enrollment, links)) if tag else found[0]

    return plain_text(TAG.sub(stand_in, text))
