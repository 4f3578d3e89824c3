"""Tax: in whose name papers are issued, what is asked of affiliates, and the forms they gave."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import (
    Country,
    Digits,
    Flag,
    Id,
    Moment,
    Name,
    Strict,
    Text,
    Whole,
    Word,
)
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.rights import Scope
from payouts.models import MerchantTax, PayoutPolicy, TaxFormKind, TaxProfile, VatStatus
from payouts.tax.exports import export_totals
from payouts.tax.payers import PayerFacts, TaxPolicy, set_payer, set_tax_policy
from payouts.tax.profiles import clear_fault, forms_of_merchant, note_fault, open_fault
from payouts.tax.standing import own_of, policy_of

BPS_MAX = 10_000


class TaxDetailsSerializer(serializers.Serializer[Any]):
    """In whose name papers are issued."""

    legal_name = serializers.CharField()
    street = serializers.CharField()
    postcode = serializers.CharField()
    town = serializers.CharField()
    country = serializers.CharField()
    vat_id = serializers.CharField()
    tax_id = serializers.CharField()
    vat_bps = serializers.IntegerField(help_text="What VAT is at home: 1900 is 19 %.")
    invoice_prefix = serializers.CharField()


class NewTaxDetailsSerializer(Strict):
    """All of it: what is left out is emptied. Papers issued before stay as they are."""

    legal_name = Name(max_length=120)
    street = Name(max_length=120)
    postcode = Text(max_length=20, required=False, allow_blank=True)
    town = Name(max_length=80)
    country = Country()
    vat_id = Text(max_length=20, required=False, allow_blank=True)
    tax_id = Text(max_length=30, required=False, allow_blank=True)
    vat_bps = Whole(min_value=0, max_value=BPS_MAX, required=False)
    invoice_prefix = Text(max_length=12, required=False, allow_blank=True)


class TaxPolicySerializer(serializers.Serializer[Any]):
    """What is asked of affiliates before they are paid."""

    requires_tax_form = serializers.BooleanField()
    withholding_bps = serializers.IntegerField(
        help_text="Kept of those who are paid without a valid form."
    )
    issues_invoices = serializers.BooleanField()
    adds_vat = serializers.BooleanField(help_text="On top of commissions, or contained in them.")


class NewTaxPolicySerializer(Strict):
    """All of it. It holds from the next batch on."""

    requires_tax_form = Flag()
    withholding_bps = Whole(min_value=0, max_value=BPS_MAX)
    issues_invoices = Flag()
    adds_vat = Flag()


class TaxFormSerializer(serializers.Serializer[Any]):
    """A form that an affiliate signed, as far as it may be shown."""

    id = Id()
    affiliate = Id(source="affiliate_id")
    kind = Word(TaxFormKind)
    country = serializers.CharField(help_text="Where they pay tax.")
    tax_id_last_four = serializers.CharField()
    is_small_business = serializers.BooleanField()
    vat_status = Word(VatStatus)
    vat_checked_at = Moment(allow_null=True)
    vat_consultation = serializers.CharField(help_text="The register's proof that it was asked.")
    signed_name = serializers.CharField()
    signed_at = Moment()
    expires_on = serializers.DateField(allow_null=True)
    doubt = serializers.CharField(
        help_text="What the tax office told you against it; empty: nothing."
    )


class TaxFormQuery(ListQuery):
    """Filters of the forms."""

    affiliate = Id(required=False, source="affiliate_id")
    kind = Word(TaxFormKind, required=False)


class DoubtSerializer(Strict):
    """What the tax office said."""

    reason = Name(max_length=500, help_text="The affiliate reads it.")


class TaxDetails(MerchantView):
    """In whose name papers are issued."""

    @endpoint(
        "Read the tax details",
        gives=TaxDetailsSerializer,
        description="Empty until they were set.",
    )
    def get(self, call: Call) -> MerchantTax:
        return own_of(call.merchant_id) or MerchantTax(merchant_id=call.merchant_id)

    @endpoint(
        "Set the tax details",
        gives=TaxDetailsSerializer,
        takes=NewTaxDetailsSerializer,
        scope=Scope.PAYOUTS,
        example={
            "legal_name": "Acme Chandlery GmbH",
            "street": "Hafenstraße 1",
            "postcode": "20457",
            "town": "Hamburg",
            "country": "DE",
            "vat_id": "DE129273398",
            "vat_bps": 1900,
        },
    )
    def put(self, call: Call) -> MerchantTax:
        call.require_real()
        return set_payer(member=call.member, facts=PayerFacts(**call.body), at=call.at)


class TaxPolicies(MerchantView):
    """What is asked of affiliates."""

    @endpoint("Read the tax policy", gives=TaxPolicySerializer)
    def get(self, call: Call) -> PayoutPolicy:
        return policy_of(call.merchant_id)

    @endpoint(
        "Set the tax policy",
        gives=TaxPolicySerializer,
        takes=NewTaxPolicySerializer,
        scope=Scope.PAYOUTS,
        example={
            "requires_tax_form": True,
            "withholding_bps": 0,
            "issues_invoices": True,
            "adds_vat": True,
        },
    )
    def put(self, call: Call) -> PayoutPolicy:
        call.require_real()
        return set_tax_policy(member=call.member, policy=TaxPolicy(**call.body), at=call.at)


class TaxForms(MerchantView):
    """The forms in force of the merchant's affiliates."""

    @endpoint("List tax forms", gives=TaxFormSerializer, query=TaxFormQuery)
    def get(self, call: Call) -> QuerySet[TaxProfile]:
        return forms_of_merchant(call.merchant_id)


class OneTaxForm(MerchantView):
    """One form."""

    @endpoint("Read a tax form", gives=TaxFormSerializer)
    def get(self, call: Call, id: UUID) -> TaxProfile:
        return one(forms_of_merchant(call.merchant_id), id)


class DoubtTaxForm(MerchantView):
    """What the tax office says against a form."""

    @endpoint(
        "Note that the tax office doubts a form",
        gives=TaxFormSerializer,
        takes=DoubtSerializer,
        scope=Scope.PAYOUTS,
        description="It counts for nothing with you until you clear it or a new one is signed.",
    )
    def post(self, call: Call, id: UUID) -> TaxProfile:
        call.require_real()
        form = one(forms_of_merchant(call.merchant_id), id)
        note_fault(member=call.member, profile=form, reason=call.body["reason"], at=call.at)
        return one(forms_of_merchant(call.merchant_id), id)


class ClearTaxForm(MerchantView):
    """The doubt is over."""

    @endpoint("Clear the doubt of a tax form", gives=TaxFormSerializer, scope=Scope.PAYOUTS)
    def post(self, call: Call, id: UUID) -> TaxProfile:
        call.require_real()
        form = one(forms_of_merchant(call.merchant_id), id)
        fault = open_fault(call.merchant_id, form)
        if fault is not None:
            clear_fault(member=call.member, fault=fault, at=call.at)
        return one(forms_of_merchant(call.merchant_id), id)


class YearQuery(Strict):
    """Which year."""

    year = Digits(min_value=2000, max_value=2199)


class TotalsFileSerializer(serializers.Serializer[Any]):
    """A CSV file."""


class AnnualTotals(MerchantView):
    """What affiliates were paid in a year."""

    @endpoint(
        "Download the totals of a year",
        gives=TotalsFileSerializer,
        query=YearQuery,
        file=True,
        description="A CSV file with a line per affiliate and currency; no tax numbers.",
    )
    def get(self, call: Call) -> HttpResponse:
        content = export_totals(call.merchant_id, call.query["year"])
        return HttpResponse(content, content_type="text/csv; charset=utf-8")
