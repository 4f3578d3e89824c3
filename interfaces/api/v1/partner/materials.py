"""What an affiliate may sell with, each with their own link filled in."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from affiliates.models import Enrollment
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Id, Maybe, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import Page, PageQuery, page_of
from interfaces.api.v1.links import LinkAddress
from interfaces.api.v1.materials import StoredFileSerializer
from materials.addresses import banner_address
from materials.filling import fill_material, filling_of
from materials.models import Material, MaterialKind
from materials.selectors import Means, means_of, visible_to
from tracking.models import Link


class PartnerMaterialSerializer(serializers.Serializer[Any]):
    """A material with the affiliate's link in it; what its kind has not is empty."""

    id = Id()
    program = Id(source="program_id")
    enrollment = Id()
    kind = Word(MaterialKind)
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    link = Maybe(help_text="Where it leads; null: the affiliate has no link in use.")
    html = serializers.CharField(allow_blank=True, help_text="Of banners and text links.")
    subject = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    allowed = serializers.ListField(child=serializers.CharField())
    negative = serializers.ListField(child=serializers.CharField())
    protected = serializers.ListField(child=serializers.CharField())
    video_url = serializers.CharField(allow_blank=True)
    file = StoredFileSerializer(allow_null=True)


class PartnerMaterialQuery(PageQuery):
    """Filters of materials, and the link that is filled in."""

    kind = Word(MaterialKind, required=False)
    category = Text(required=False, max_length=60)
    program_id = Id(required=False)
    link = Id(required=False, help_text="One of the affiliate's; else the first of each program.")


class PartnerMaterials(PartnerView):
    """What the affiliate may use now, of all programs."""

    @endpoint(
        "List the affiliate's materials",
        gives=PartnerMaterialSerializer,
        query=PartnerMaterialQuery,
    )
    def get(self, call: PartnerCall) -> Page[Any]:
        own = Enrollment.objects.filter(affiliate_id=call.affiliate_id)
        enrollments = list(own.select_related("program__merchant", "affiliate"))
        link = _asked(call)
        query = {name: value for name, value in call.query.items() if name != "link"}
        if link is not None:
            query["program_id"] = link.program_id
        page = page_of(visible_to(enrollments, on=call.at.date()), query)
        by_program = {row.program_id: row for row in enrollments}
        means = means_of(enrollments, at=call.at)
        rows = []
        for row in page.rows:
            enrollment = by_program[row.program_id]
            rows.append(_row(row, enrollment, means[enrollment.id], link))
        return Page(rows, page.next_cursor)


def _asked(call: PartnerCall) -> Link | None:
    """Return the link that shall be filled in, if one is named."""
    id: UUID | None = call.query.get("link")
    own = Link.objects.filter(affiliate_id=call.affiliate_id)
    return one(own, id, named_by="link") if id else None


def _row(
    material: Material, enrollment: Enrollment, means: Means, link: Link | None
) -> dict[str, Any]:
    link = link or (means.links[0] if means.links else None)
    code = link.code if link else ""
    address = LinkAddress().to_representation(code) if link else ""
    filling = filling_of(enrollment, link=address, coupon=means.coupon)
    filled = fill_material(material, filling, image_url=banner_address(material, code))
    names = ("id", "program_id", "kind", "title", "description", "category", "language")
    lists = ("allowed", "negative", "protected", "video_url", "file")
    return {name: getattr(material, name) for name in (*names, *lists)} | {
        "enrollment": enrollment.id,
        "link": filled.link if link else "",
        "html": filled.html if link else "",
        "subject": filled.subject,
        "text": filled.text,
    }
