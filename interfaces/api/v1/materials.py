"""Materials of a program, and the files that some of them are made of (docs/materials.md)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from common.uploads import PDF_BYTES_MAX, Upload
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, Name, Strict, Text, WebAddress, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery, Page, page_of
from interfaces.api.v1.programs import programs
from materials.addresses import file_address
from materials.models import Material, MaterialKind, StoredFile
from materials.selectors import UNUSED, materials_of, usage_of
from materials.services import (
    MaterialDraft,
    add_material,
    archive_material,
    store_file,
    update_material,
)
from merchants.rights import Scope
from programs.models import Tier

BODY_MAX = PDF_BYTES_MAX + 20_000  # The file, and what a form puts around it.
EXAMPLE = {
    "kind": "email",
    "title": "Newsletter for spring",
    "subject": "Ropes for the new season",
    "body": "Have a look at {link}\n\n{name}",
}
KEPT = (
    "kind",
    "title",
    "description",
    "category",
    "language",
    "subject",
    "body",
    "allowed",
    "negative",
    "protected",
    "video_url",
    "target_url",
    "visible_from",
    "visible_until",
)


class Words(serializers.ListField):
    """Words of a list, each once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=Name(max_length=80), **options)


class StoredFileSerializer(serializers.Serializer[Any]):
    """An uploaded file. Pictures were written anew: what was sent beside the pixels is gone."""

    id = Id()
    name = serializers.CharField()
    content_type = serializers.CharField()
    sha256 = serializers.CharField()
    size_bytes = serializers.IntegerField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    url = serializers.SerializerMethodField(help_text="What is there never changes.")

    def get_url(self, file: StoredFile) -> str:
        """Return where it is."""
        return file_address(file)


class UsageSerializer(serializers.Serializer[Any]):
    """How much a material was used so far."""

    affiliates = serializers.IntegerField()
    views = serializers.IntegerField(help_text="Of a banner, on affiliates' pages.")
    copies = serializers.IntegerField()
    downloads = serializers.IntegerField()


class MaterialSerializer(serializers.Serializer[Any]):
    """Something that affiliates may use. What its kind has not is empty."""

    id = Id()
    program = Id(source="program_id")
    kind = Word(MaterialKind)
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True, help_text="ISO 639; empty: any.")
    subject = serializers.CharField(allow_blank=True)
    body = serializers.CharField(allow_blank=True)
    allowed = serializers.ListField(child=serializers.CharField())
    negative = serializers.ListField(child=serializers.CharField())
    protected = serializers.ListField(child=serializers.CharField())
    video_url = serializers.CharField(allow_blank=True)
    target_url = serializers.CharField(allow_blank=True)
    file = StoredFileSerializer(allow_null=True)
    tiers = serializers.SerializerMethodField(help_text="For whom; empty: everybody.")
    banners = serializers.SerializerMethodField(help_text="Of rotating ones: which rotate.")
    visible_from = serializers.DateField(allow_null=True)
    visible_until = serializers.DateField(allow_null=True)
    used = UsageSerializer()
    archived_at = Moment(allow_null=True)
    created_at = Moment()

    def get_banners(self, material: Material) -> list[UUID]:
        """Return the ids of the banners."""
        return [row.banner_id for row in material.parts.all()]

    def get_tiers(self, material: Material) -> list[UUID]:
        """Return the ids of the tiers."""
        return [row.tier_id for row in material.audience.all()]


class MaterialChangesSerializer(Strict):
    """What of a material may change: all but its kind."""

    title = Name(max_length=120, required=False)
    description = Name(max_length=1000, required=False, allow_blank=True)
    category = Name(max_length=60, required=False, allow_blank=True)
    language = Text(max_length=8, required=False, allow_blank=True)
    subject = Name(max_length=200, required=False, allow_blank=True)
    body = Name(
        max_length=20_000,
        required=False,
        allow_blank=True,
        help_text="May hold {name}, {link}, {program}, {merchant} and {coupon}.",
    )
    allowed = Words(required=False)
    negative = Words(required=False)
    protected = Words(required=False)
    video_url = WebAddress(required=False, allow_blank=True)
    target_url = WebAddress(
        required=False, allow_blank=True, help_text="Empty: where the link leads anyway."
    )
    file = Id(required=False, help_text="Of a banner or PDF: what POST …/files gave.")
    tiers = serializers.ListField(child=Id(), required=False, max_length=100)
    banners = serializers.ListField(
        child=Id(), required=False, max_length=100, help_text="Of a rotation: banners of one size."
    )
    visible_from = serializers.DateField(required=False, allow_null=True)
    visible_until = serializers.DateField(required=False, allow_null=True)


class NewMaterialSerializer(MaterialChangesSerializer):
    """A material."""

    kind = Word(MaterialKind)
    title = Name(max_length=120)


class MaterialQuery(ListQuery):
    """Filters of materials."""

    kind = Word(MaterialKind, required=False)
    category = Text(required=False, max_length=60)


class NewFileSerializer(Strict):
    """A file for a material of a kind."""

    kind = Word(MaterialKind, help_text="banner or file")
    file = serializers.FileField(max_length=300, allow_empty_file=True)


def materials(call: Call, program_id: UUID) -> QuerySet[Material]:
    """Return the materials of one of the merchant's programs."""
    return materials_of(one(programs(call), program_id))


def counted(rows: Sequence[Material]) -> Sequence[Material]:
    """Return the materials, each with its use so far as `used`."""
    usage = usage_of(rows)
    for row in rows:
        row.used = usage.get(row.id, UNUSED)  # type: ignore[attr-defined]
    return rows


def _whole(call: Call, material: Material) -> Material:
    """Return the material as it is stored, with its file, tiers and use."""
    found = one(materials(call, material.program_id), material.id)
    return counted([found])[0]


def _draft(call: Call, current: Material | None = None) -> MaterialDraft:
    """Return what the material shall be: what the body says, else what it is."""
    body = call.body
    facts = {name: getattr(current, name) for name in KEPT} if current else {}
    facts |= {name: body[name] for name in KEPT if name in body}
    tiers = [row.tier for row in current.audience.all()] if current else []
    if "tiers" in body:
        mine = Tier.objects.filter(merchant_id=call.merchant_id, archived_at=None)
        tiers = [one(mine, id, named_by="tiers") for id in body["tiers"]]
    files = StoredFile.objects.filter(merchant_id=call.merchant_id).defer("content")
    file = one(files, body["file"], named_by="file") if "file" in body else None
    banners = [row.banner for row in current.parts.all()] if current else []
    if "banners" in body:
        known = Material.objects.filter(merchant_id=call.merchant_id, archived_at=None)
        with_files = known.select_related("file").defer("file__content")
        banners = [one(with_files, id, named_by="banners") for id in body["banners"]]
    return MaterialDraft(**facts, tiers=tiers, file=file, banners=banners)


class Materials(MerchantView):
    """The materials of a program."""

    @endpoint("List materials of a program", gives=MaterialSerializer, query=MaterialQuery)
    def get(self, call: Call, id: UUID) -> Page[Material]:
        page = page_of(materials(call, id), call.query)
        return Page(counted(page.rows), page.next_cursor)

    @endpoint(
        "Create a material",
        gives=MaterialSerializer,
        takes=NewMaterialSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example=EXAMPLE,
    )
    def post(self, call: Call, id: UUID) -> Material:
        program = one(programs(call), id)
        made = add_material(program=program, draft=_draft(call), by=call.by, at=call.at)
        return _whole(call, made)


class OneMaterial(MerchantView):
    """One material."""

    @endpoint("Read a material", gives=MaterialSerializer)
    def get(self, call: Call, id: UUID, material_id: UUID) -> Material:
        return counted([one(materials(call, id), material_id)])[0]

    @endpoint(
        "Change a material",
        gives=MaterialSerializer,
        takes=MaterialChangesSerializer,
        scope=Scope.PROGRAMS,
    )
    def patch(self, call: Call, id: UUID, material_id: UUID) -> Material:
        material = one(materials(call, id), material_id)
        draft = _draft(call, material)
        update_material(material=material, draft=draft, by=call.by, at=call.at)
        return _whole(call, material)


class ArchiveMaterial(MerchantView):
    """Take a material away from affiliates."""

    @endpoint("Archive a material", gives=MaterialSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, material_id: UUID) -> Material:
        material = one(materials(call, id), material_id)
        return counted([archive_material(material=material, by=call.by, at=call.at)])[0]


class MaterialFiles(MerchantView):
    """Files that materials are made of."""

    parser_classes = (MultiPartParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Read a file that may be larger than other bodies, from those alone who may send one."""
        super().initial(request, *args, **kwargs)
        body = request._request.read(BODY_MAX + 1)
        if len(body) > BODY_MAX:
            raise RequestDataTooBig
        request._request._body = body

    @endpoint(
        "Upload a file for a material",
        gives=StoredFileSerializer,
        takes=NewFileSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        description=(
            "multipart/form-data: for a banner a PNG, JPEG or WebP picture of at most 5 MB, 10,000"
            " pixels a side and 20 million in all, which is written anew without its metadata; for"
            " the kind file a PDF of at most 20 MB. Name its id as `file` of a material. The same"
            " content again gives the same file."
        ),
    )
    def post(self, call: Call, id: UUID) -> StoredFile:
        program, file = one(programs(call), id), call.body["file"]
        return store_file(
            merchant=program.merchant,
            upload=Upload(file.name, file.read()),
            kind=call.body["kind"],
        )
