"""An affiliate's papers, and the tax forms it gave. Forms are signed in the portal alone."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Id, Moment, SignedMinor, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.documents import DocumentFileSerializer, pdf_of
from interfaces.api.v1.partner.programs import PartnerMerchantSerializer
from payouts.documents.selectors import documents_of_affiliate
from payouts.models import Document, DocumentKind, TaxFormKind, TaxProfile, VatStatus
from payouts.tax.profiles import forms_in_force


class PartnerDocumentSerializer(serializers.Serializer[Any]):
    """A paper about a payout of the affiliate."""

    id = Id()
    merchant = PartnerMerchantSerializer()
    kind = Word(DocumentKind)
    number = serializers.CharField()
    payout = Id(source="payout_id")
    issued_on = serializers.DateField()
    currency = serializers.CharField()
    net_minor = SignedMinor()
    vat_minor = SignedMinor()
    sha256 = serializers.CharField(help_text="Of the PDF file.")
    created_at = Moment()


class PartnerDocumentQuery(ListQuery):
    """Filters of the papers."""

    kind = Word(DocumentKind, required=False)
    payout = Id(required=False, source="payout_id")


class PartnerTaxFormSerializer(serializers.Serializer[Any]):
    """A form that the affiliate signed, as far as it may be shown."""

    id = Id()
    kind = Word(TaxFormKind)
    country = serializers.CharField()
    tax_id_last_four = serializers.CharField()
    vat_status = Word(VatStatus)
    signed_at = Moment()
    expires_on = serializers.DateField(allow_null=True)


class PartnerDocuments(PartnerView):
    """The affiliate's papers of all merchants."""

    @endpoint(
        "List the affiliate's documents",
        gives=PartnerDocumentSerializer,
        query=PartnerDocumentQuery,
    )
    def get(self, call: PartnerCall) -> QuerySet[Document]:
        return documents_of_affiliate(call.affiliate_id)


class OnePartnerDocument(PartnerView):
    """One paper."""

    @endpoint("Read a document of the affiliate", gives=PartnerDocumentSerializer)
    def get(self, call: PartnerCall, id: UUID) -> Document:
        return one(documents_of_affiliate(call.affiliate_id), id)


class DownloadPartnerDocument(PartnerView):
    """The file."""

    @endpoint(
        "Download a document of the affiliate",
        gives=DocumentFileSerializer,
        file="application/pdf",
        description="A PDF, the same bytes every time.",
    )
    def get(self, call: PartnerCall, id: UUID) -> HttpResponse:
        return pdf_of(one(documents_of_affiliate(call.affiliate_id).defer("facts"), id))


class PartnerTaxForms(PartnerView):
    """The forms in force."""

    @endpoint("List the affiliate's tax forms", gives=PartnerTaxFormSerializer, query=ListQuery)
    def get(self, call: PartnerCall) -> QuerySet[TaxProfile]:
        return forms_in_force(call.affiliate_id)
