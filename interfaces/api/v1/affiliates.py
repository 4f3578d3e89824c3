"""Affiliates of the merchant, and their enrollments in its programs."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from affiliates.applications import read_application
from affiliates.models import Affiliate, Enrollment, Status
from affiliates.selectors import enrollments_of
from affiliates.services import invite_affiliate, move_enrollment
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Address, Id, Maybe, Moment, Name, Strict, Text, WebAddress, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.conversion_shapes import OptionalReasonSerializer
from interfaces.api.v1.programs import programs
from merchants.rights import Scope
from programs.models import Tier
from tracking.services import approve_enrollment, enroll_affiliate, reinstate_enrollment


class EnrollmentSerializer(serializers.Serializer[Any]):
    """One affiliate in one program."""

    id = Id()
    program = Id(source="program_id")
    affiliate = Id(source="affiliate_id")
    tier = Id(source="tier_id", allow_null=True)
    recruited_by = Id(
        source="recruited_by_id", allow_null=True, help_text="The enrollment that brought it in."
    )
    code = serializers.CharField()
    status = Word(Status)
    status_changed_at = Moment()
    reason = Maybe(source="status_reason")
    created_at = Moment()


class AffiliateSerializer(serializers.Serializer[Any]):
    """An affiliate with its enrollments in the merchant's programs."""

    id = Id()
    name = serializers.CharField()
    email = serializers.CharField()
    website = Maybe()
    country = Maybe()
    created_at = Moment()
    enrollments = EnrollmentSerializer(many=True)


class NewAffiliateSerializer(Strict):
    """Whom to invite into a program."""

    program = Id()
    email = Address(max_length=254)
    name = Name(max_length=120)
    website = WebAddress(required=False, allow_blank=True, max_length=500, default="")
    answers = serializers.JSONField(
        required=False,
        default=None,
        help_text="An object: what they answered to the questions of the program's form, by code.",
    )

    def validate_answers(self, value: Any) -> Any:
        """Take an object or nothing; what is in it, the program's form says."""
        if value is not None and not isinstance(value, dict):
            raise serializers.ValidationError("An object is expected.", code="invalid")
        return value


class NewEnrollmentSerializer(Strict):
    """Whom to take into which program."""

    program = Id()
    affiliate = Id()
    tier = Id(required=False, help_text="Of the program. Default: none.")


class AffiliateQuery(ListQuery):
    """Filters of the affiliates."""

    email = Address(required=False)
    program = Id(required=False, source="enrollments__program_id")
    status = Word(Status, required=False, source="enrollments__status")


class EnrollmentQuery(ListQuery):
    """Filters of the enrollments."""

    program = Id(required=False, source="program_id")
    affiliate = Id(required=False, source="affiliate_id")
    code = Text(required=False, max_length=40)
    status = Word(Status, required=False)


def affiliates(call: Call) -> QuerySet[Affiliate]:
    """Return the affiliates who have an enrollment of the merchant, with these enrollments."""
    own = Enrollment.objects.filter(merchant_id=call.merchant_id)
    mine = Affiliate.objects.filter(id__in=own.values("affiliate_id"))
    return mine.prefetch_related(Prefetch("enrollments", own.order_by("id")))


def enrollments(call: Call) -> QuerySet[Enrollment]:
    """Return the merchant's enrollments."""
    return enrollments_of(call.merchant_id)


class AffiliateList(MerchantView):
    """The affiliates of the merchant."""

    @endpoint("List affiliates", gives=AffiliateSerializer, query=AffiliateQuery)
    def get(self, call: Call) -> QuerySet[Affiliate]:
        return affiliates(call).distinct()

    @endpoint(
        "Invite an affiliate",
        gives=AffiliateSerializer,
        takes=NewAffiliateSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example={
            "program": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "email": "bob@example.com",
            "name": "Bob",
        },
        description=(
            "The enrollment waits for whoever signs in with that address and opens the program's"
            " page. With `answers` it holds an application that was made on a page of yours: each"
            " is read as the program's own form would, and a wrong one is named as"
            " `answers.<code>`."
        ),
    )
    def post(self, call: Call) -> Affiliate:
        program = one(programs(call), call.body["program"], named_by="program")
        answers = call.body["answers"]
        enrollment = invite_affiliate(
            program=program,
            application=None if answers is None else read_application(program=program, raw=answers),
            name=call.body["name"],
            email=call.body["email"],
            website=call.body["website"],
            by=call.by,
            at=call.at,
        )
        return enrollment.affiliate


class OneAffiliate(MerchantView):
    """One affiliate."""

    @endpoint("Read an affiliate", gives=AffiliateSerializer)
    def get(self, call: Call, id: UUID) -> Affiliate:
        return one(affiliates(call), id)


class Enrollments(MerchantView):
    """The enrollments in the merchant's programs."""

    @endpoint("List enrollments", gives=EnrollmentSerializer, query=EnrollmentQuery)
    def get(self, call: Call) -> QuerySet[Enrollment]:
        return enrollments(call)

    @endpoint(
        "Take an affiliate into a program",
        gives=EnrollmentSerializer,
        takes=NewEnrollmentSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example={
            "program": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "affiliate": "01920d5e-8a10-7d02-9c3d-1e2f3a4b5c6d",
        },
        description=(
            "Of somebody who is in another program of yours: approved at once, with a first link."
            " The portal asks them to accept the terms. Somebody new is invited instead."
        ),
    )
    def post(self, call: Call) -> Enrollment:
        tier = call.body.get("tier")
        tiers = Tier.objects.filter(merchant_id=call.merchant_id)
        return enroll_affiliate(
            program=one(programs(call), call.body["program"], named_by="program"),
            affiliate=one(affiliates(call), call.body["affiliate"], named_by="affiliate"),
            tier=one(tiers, tier, named_by="tier") if tier else None,
            by=call.by,
            at=call.at,
        )


class OneEnrollment(MerchantView):
    """One enrollment."""

    @endpoint("Read an enrollment", gives=EnrollmentSerializer)
    def get(self, call: Call, id: UUID) -> Enrollment:
        return one(enrollments(call), id)


class ApproveEnrollment(MerchantView):
    """Let an applicant in."""

    @endpoint(
        "Approve an enrollment",
        gives=EnrollmentSerializer,
        scope=Scope.AFFILIATES,
        description=(
            "Of who applied; its first link is made at once. An invitation is accepted by whoever"
            " was invited."
        ),
    )
    def post(self, call: Call, id: UUID) -> Enrollment:
        enrollment = one(enrollments(call), id)
        return approve_enrollment(enrollment=enrollment, by=call.by, at=call.at)


class RejectEnrollment(MerchantView):
    """Turn an applicant down."""

    @endpoint(
        "Reject an enrollment",
        gives=EnrollmentSerializer,
        takes=OptionalReasonSerializer,
        scope=Scope.AFFILIATES,
        description="The affiliate may apply again.",
    )
    def post(self, call: Call, id: UUID) -> Enrollment:
        return move_enrollment(
            enrollment=one(enrollments(call), id),
            to=Status.REJECTED,
            reason=call.body["reason"],
            by=call.by,
            at=call.at,
        )


class SuspendEnrollment(MerchantView):
    """Stop crediting an affiliate."""

    @endpoint(
        "Suspend an enrollment",
        gives=EnrollmentSerializer,
        takes=OptionalReasonSerializer,
        scope=Scope.AFFILIATES,
        description="Its links still lead on, but earn nothing.",
    )
    def post(self, call: Call, id: UUID) -> Enrollment:
        return move_enrollment(
            enrollment=one(enrollments(call), id),
            to=Status.SUSPENDED,
            reason=call.body["reason"],
            by=call.by,
            at=call.at,
        )


class ReinstateEnrollment(MerchantView):
    """Credit a suspended affiliate again."""

    @endpoint("Reinstate an enrollment", gives=EnrollmentSerializer, scope=Scope.AFFILIATES)
    def post(self, call: Call, id: UUID) -> Enrollment:
        enrollment = one(enrollments(call), id)
        return reinstate_enrollment(enrollment=enrollment, by=call.by, at=call.at)
