"""What is read of how affiliates are kept in order. Callers stand in the merchant's context."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import F

from affiliates.models import Affiliate, Channel, Reference, Tag, Tagging
from programs.models import Tier


def tags_of(merchant_id: UUID) -> list[Tag]:
    """Return the merchant's tags by name."""
    return list(Tag.objects.filter(merchant_id=merchant_id).order_by("name"))


def tags_by_enrollment(merchant_id: UUID, ids: Sequence[UUID]) -> dict[UUID, list[Tag]]:
    """Return the tags of each of the enrollments, by name; one without any is missing."""
    taggings = Tagging.objects.filter(merchant_id=merchant_id, enrollment_id__in=ids)
    found: dict[UUID, list[Tag]] = defaultdict(list)
    for tagging in taggings.select_related("tag").order_by("tag__name"):
        found[tagging.enrollment_id].append(tagging.tag)
    return dict(found)


def tiers_by_program(merchant_id: UUID) -> list[tuple[UUID, str]]:
    """Return the tiers in use, those of the newest program first, the lowest first.

    Of several programs, the name of a tier has that of its program before it.
    """
    tiers = Tier.objects.filter(merchant_id=merchant_id, archived_at=None)
    rows = list(tiers.select_related("program").order_by("-program__created_at", "position"))
    if len({tier.program_id for tier in rows}) < 2:
        return [(tier.id, tier.name) for tier in rows]
    return [(tier.id, f"{tier.program.name}: {tier.name}") for tier in rows]


def channels_of(affiliate: Affiliate) -> list[Channel]:
    """Return where an affiliate promotes, the largest audience first."""
    channels = Channel.objects.filter(affiliate_id=affiliate.id)
    return list(channels.order_by(F("followers").desc(nulls_last=True), "id"))


def references_of(affiliate: Affiliate) -> list[Reference]:
    """Return who vouches for an affiliate, in the order of asking."""
    return list(Reference.objects.filter(affiliate_id=affiliate.id).order_by("id"))
