"""Co-branded pages and flyers: templates of a program, and what affiliates made (cobranding.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from cobranding.models import CobrandPiece, CobrandTemplate, PieceStatus, TemplateKind
from cobranding.selectors import pieces_of, templates_of
from cobranding.services import (
    TemplateDraft,
    add_template,
    approve_piece,
    archive_template,
    refuse_piece,
)
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Flag, Id, Moment, Name, Strict, WebAddress, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.materials import StoredFileSerializer
from interfaces.api.v1.programs import programs
from interfaces.cobranded import own_link, page_address
from materials.models import StoredFile
from merchants.rights import Scope


class TemplateSerializer(serializers.Serializer[Any]):
    """A page or flyer that affiliates may put their name on."""

    id = Id()
    program = Id(source="program_id")
    kind = Word(TemplateKind)
    title = serializers.CharField()
    headline = serializers.CharField()
    body = serializers.CharField()
    button = serializers.CharField()
    picture = StoredFileSerializer(allow_null=True)
    target_url = serializers.CharField(allow_blank=True)
    needs_review = serializers.BooleanField()
    archived_at = Moment(allow_null=True)
    created_at = Moment()


class NewTemplateSerializer(Strict):
    """A template."""

    kind = Word(TemplateKind)
    title = Name(max_length=120)
    headline = Name(max_length=120)
    body = Name(max_length=2_000)
    button = Name(max_length=40, help_text="Of the button; on a flyer beside the code.")
    picture = Id(required=False, help_text="What POST …/files gave for the kind banner.")
    target_url = WebAddress(required=False, allow_blank=True)
    needs_review = Flag(required=False, default=True)


class TemplateQuery(ListQuery):
    """Filters of templates."""

    kind = Word(TemplateKind, required=False)


class PieceSerializer(serializers.Serializer[Any]):
    """A template with an affiliate's name, words, logo and link in it."""

    id = Id()
    template = Id(source="template_id")
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    kind = Word(TemplateKind, source="template.kind")
    name = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    logo = StoredFileSerializer(allow_null=True)
    status = Word(PieceStatus)
    reason = serializers.CharField(allow_blank=True, help_text="Why it was refused.")
    link = serializers.SerializerMethodField(help_text="Its own: where the button leads.")
    url = serializers.SerializerMethodField(help_text="Of a page in use; else empty.")
    saved_at = Moment()
    created_at = Moment()

    def get_link(self, piece: CobrandPiece) -> str:
        """Return the link's address."""
        return own_link(piece)

    def get_url(self, piece: CobrandPiece) -> str:
        """Return where anybody sees it."""
        is_page = piece.template.kind == TemplateKind.PAGE
        return page_address(piece) if is_page and piece.status == PieceStatus.LIVE else ""


class PieceQuery(ListQuery):
    """Filters of pieces."""

    program = Id(required=False, source="program_id")
    template = Id(required=False, source="template_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    status = Word(PieceStatus, required=False)


class PieceApprovalSerializer(Strict):
    """What was looked at."""

    saved_at = Moment(help_text="As the piece said it: an affiliate may have changed it since.")


class PieceRefusalSerializer(Strict):
    """Why not: the affiliate reads it."""

    reason = Name(max_length=500)


class Templates(MerchantView):
    """The templates of a program."""

    @endpoint("List co-branding templates", gives=TemplateSerializer, query=TemplateQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[CobrandTemplate]:
        return templates_of(one(programs(call), id))

    @endpoint(
        "Create a co-branding template",
        gives=TemplateSerializer,
        takes=NewTemplateSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={
            "kind": "page",
            "title": "Spring page",
            "headline": "Ropes that outlive the boat",
            "body": "Cut, spliced and whipped to measure since 1911.",
            "button": "Look around",
        },
    )
    def post(self, call: Call, id: UUID) -> CobrandTemplate:
        said = dict(call.body)
        files = StoredFile.objects.filter(
            merchant_id=call.merchant_id, content_type__startswith="image/"
        ).defer("content")
        named = said.pop("picture", None)
        picture = one(files, named, named_by="picture") if named else None
        draft = TemplateDraft(**said, picture=picture)
        return add_template(program=one(programs(call), id), draft=draft, by=call.by, at=call.at)


class ArchiveTemplate(MerchantView):
    """Take it away."""

    @endpoint(
        "Archive a co-branding template",
        gives=TemplateSerializer,
        scope=Scope.PROGRAMS,
        description="Visitors of pages made of it are led on.",
    )
    def post(self, call: Call, id: UUID, template_id: UUID) -> CobrandTemplate:
        template = one(templates_of(one(programs(call), id)), template_id)
        archive_template(template=template, by=call.by, at=call.at)
        return template


class Pieces(MerchantView):
    """What affiliates made; drafts are theirs alone."""

    @endpoint("List co-branded pieces", gives=PieceSerializer, query=PieceQuery)
    def get(self, call: Call) -> QuerySet[CobrandPiece]:
        return pieces_of(call.merchant_id)


class ApprovePiece(MerchantView):
    """Yes."""

    @endpoint(
        "Approve a co-branded piece",
        gives=PieceSerializer,
        takes=PieceApprovalSerializer,
        scope=Scope.AFFILIATES,
    )
    def post(self, call: Call, id: UUID) -> CobrandPiece:
        piece = one(pieces_of(call.merchant_id), id)
        return approve_piece(piece=piece, saved_at=call.body["saved_at"], by=call.by, at=call.at)


class RefusePiece(MerchantView):
    """No."""

    @endpoint(
        "Refuse a co-branded piece",
        gives=PieceSerializer,
        takes=PieceRefusalSerializer,
        scope=Scope.AFFILIATES,
        description="What is in use is taken down.",
        example={"reason": "Our logo is stretched."},
    )
    def post(self, call: Call, id: UUID) -> CobrandPiece:
        piece = one(pieces_of(call.merchant_id), id)
        return refuse_piece(piece=piece, reason=call.body["reason"], by=call.by, at=call.at)
