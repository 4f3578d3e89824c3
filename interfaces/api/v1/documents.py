"""Papers about payouts: statements, self-billing invoices and what takes them back."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, SignedMinor, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.rights import Right, Scope
from merchants.services import require
from payouts.documents.selectors import documents_of_merchant
from payouts.models import Document, DocumentKind


class DocumentSerializer(serializers.Serializer[Any]):
    """A paper about one payout; its bytes are made once."""

    id = Id()
    kind = Word(DocumentKind)
    number = serializers.CharField()
    affiliate = Id(source="affiliate_id")
    payout = Id(source="payout_id")
    issued_on = serializers.DateField()
    currency = serializers.CharField()
    net_minor = SignedMinor()
    vat_minor = SignedMinor()
    sha256 = serializers.CharField(help_text="Of the PDF file.")
    created_at = Moment()


class DocumentQuery(ListQuery):
    """Filters of the papers."""

    kind = Word(DocumentKind, required=False)
    number = Text(required=False, max_length=40)
    affiliate = Id(required=False, source="affiliate_id")
    payout = Id(required=False, source="payout_id")


class DocumentFileSerializer(serializers.Serializer[Any]):
    """A PDF file."""


class Documents(MerchantView):
    """The merchant's papers."""

    @endpoint("List documents", gives=DocumentSerializer, query=DocumentQuery)
    def get(self, call: Call) -> QuerySet[Document]:
        return documents_of_merchant(call.merchant_id)


class OneDocument(MerchantView):
    """One paper."""

    @endpoint("Read a document", gives=DocumentSerializer)
    def get(self, call: Call, id: UUID) -> Document:
        return one(documents_of_merchant(call.merchant_id), id)


class DownloadDocument(MerchantView):
    """The file: it names where people live, so reading alone does not open it."""

    @endpoint(
        "Download a document",
        gives=DocumentFileSerializer,
        scope=Scope.PAYOUTS,
        file="application/pdf",
        description="A PDF, the same bytes every time.",
    )
    def get(self, call: Call, id: UUID) -> HttpResponse:
        require(call.member, Right.PREPARE_PAYOUTS)
        return pdf_of(one(documents_of_merchant(call.merchant_id).defer("facts"), id))


def pdf_of(paper: Document) -> HttpResponse:
    """Return a paper's bytes as a download."""
    return HttpResponse(
        paper.reveal(),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{paper.filename}"'},
    )
