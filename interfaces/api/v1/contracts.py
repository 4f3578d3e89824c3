"""Which terms hold for an affiliate, its own contract, and who accepted what (docs/terms.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.models import Enrollment, TermsAcceptance
from affiliates.terms import contract_in_force, end_contract, set_contract
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, Strict, Text
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.affiliates import EnrollmentSerializer, enrollments
from interfaces.api.v1.programs import TermsSerializer
from merchants.rights import Scope
from programs.models import Terms


class ContractSerializer(TermsSerializer):
    """The terms that hold for one affiliate."""

    tier = Id(source="tier_id", allow_null=True, help_text="Whose terms: a tier's.")
    is_contract = serializers.BooleanField(help_text="Whether they are this affiliate's alone.")
    accept_by = Moment(allow_null=True)


class NewContractSerializer(Strict):
    """Terms for one affiliate alone."""

    body = Text(max_length=100_000)
    summary = Text(max_length=2_000, required=False, allow_blank=True, default="")
    accept_by = Moment(required=False, help_text="Until when they are asked to accept.")


class AcceptanceSerializer(serializers.Serializer[Any]):
    """The evidence: who accepted which version, when, and from where."""

    id = Id()
    program = Id(source="terms.program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    terms = Id(source="terms_id")
    version = serializers.IntegerField(source="terms.version")
    body_sha256 = serializers.CharField(source="terms.body_sha256")
    email = serializers.CharField(source="user.email")
    accepted_at = Moment()
    ip = serializers.CharField(allow_null=True)
    user_agent = Maybe()
    created_at = Moment()


class AcceptanceQuery(ListQuery):
    """Filters of the acceptances."""

    program = Id(required=False, source="terms__program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    terms = Id(required=False, source="terms_id")


class Acceptances(MerchantView):
    """Who accepted what."""

    @endpoint("List acceptances of terms", gives=AcceptanceSerializer, query=AcceptanceQuery)
    def get(self, call: Call) -> QuerySet[TermsAcceptance]:
        rows = TermsAcceptance.objects.filter(merchant_id=call.merchant_id)
        return rows.select_related("terms", "user")


class Contract(MerchantView):
    """The terms that hold for an enrollment."""

    @endpoint(
        "Read the terms of an enrollment",
        gives=ContractSerializer,
        description="Its own contract, else its tier's terms, else the program's; 404 if none.",
    )
    def get(self, call: Call, id: UUID) -> Terms:
        return found(contract_in_force(one(enrollments(call), id)))

    @endpoint(
        "Publish a contract for an enrollment",
        gives=ContractSerializer,
        takes=NewContractSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={"body": "We pay 12 % of every order.", "summary": "12 % of every order."},
        description="It holds at once, instead of the tier's and the program's terms.",
    )
    def post(self, call: Call, id: UUID) -> Terms:
        enrollment = one(enrollments(call), id)
        return set_contract(enrollment=enrollment, **call.body, by=call.by, at=call.at)


class EndContract(MerchantView):
    """Let the tier's or the program's terms hold again."""

    @endpoint("End the contract of an enrollment", gives=EnrollmentSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID) -> Enrollment:
        enrollment = one(enrollments(call), id)
        end_contract(enrollment=enrollment, by=call.by, at=call.at)
        return enrollment
