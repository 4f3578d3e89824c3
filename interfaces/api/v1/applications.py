"""Applications: what applicants wrote, what the rules found, and what is decided."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.models import Application, Status
from affiliates.services import move_enrollment
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, Name, Strict, Switch, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.replay_shapes import PlainObject
from merchants.rights import Scope
from programs.models import Check, Stage, Verdict
from tracking.services import approve_enrollment

MESSAGE_MAX = 2_000


class AskedSerializer(serializers.Serializer[Any]):
    """A question as it was asked."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.SerializerMethodField()

    def get_kind(self, row: dict[str, str]) -> str:
        """Return what an answer looks like."""
        return row["kind"].lower()


class CheckedSerializer(serializers.Serializer[Any]):
    """A review rule as it was asked, and whether it held."""

    rule = Id()
    looks_at = Word(Check)
    is_negated = serializers.BooleanField()
    holds = serializers.BooleanField()
    verdict = Word(Verdict)
    reason = serializers.CharField()


class ApplicationSerializer(serializers.Serializer[Any]):
    """What an affiliate wrote; the enrollment says where it stands."""

    id = Id()
    program = Id(source="enrollment.program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    stage = Word(Stage)
    status = Word(Status, source="enrollment.status", help_text="Of the enrollment.")
    answers = PlainObject(help_text="By the codes of the questions.")
    questions = AskedSerializer(many=True, help_text="As they were asked, in their order.")
    checks = CheckedSerializer(many=True, help_text="What the review rules found.")
    submitted_at = Moment()
    decided_at = Moment(allow_null=True)
    message = Maybe(help_text="What the applicant was told beside the reason.")
    created_at = Moment()


class ApplicationQuery(ListQuery):
    """Filters of the applications."""

    program = Id(required=False, source="enrollment__program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    stage = Word(Stage, required=False)
    status = Word(Status, required=False, source="enrollment__status")
    is_open = Switch(
        required=False, source="decided_at__isnull", help_text="true: nobody has decided yet."
    )


class ApprovalSerializer(Strict):
    """A word to the applicant, sent with the mail that they are in."""

    message = Name(max_length=MESSAGE_MAX, required=False, allow_blank=True, default="")


class RejectionSerializer(ApprovalSerializer):
    """Why not, and a word beside it."""

    reason = Name(max_length=500)


def applications(call: Call) -> QuerySet[Application]:
    """Return what was written to the merchant's programs."""
    rows = Application.objects.filter(merchant_id=call.merchant_id)
    return rows.select_related("enrollment__program", "enrollment__affiliate")


def applying(call: Call, id: UUID) -> Application:
    """Return an application that a decision can be about: answers of who is in are none."""
    return one(applications(call).filter(stage=Stage.APPLICATION), id)


class Applications(MerchantView):
    """The applications to the merchant's programs."""

    @endpoint("List applications", gives=ApplicationSerializer, query=ApplicationQuery)
    def get(self, call: Call) -> QuerySet[Application]:
        return applications(call)


class OneApplication(MerchantView):
    """One application."""

    @endpoint("Read an application", gives=ApplicationSerializer)
    def get(self, call: Call, id: UUID) -> Application:
        return one(applications(call), id)


class ApproveApplication(MerchantView):
    """Let an applicant in."""

    @endpoint(
        "Approve an application",
        gives=ApplicationSerializer,
        takes=ApprovalSerializer,
        scope=Scope.AFFILIATES,
        description="The applicant is told by mail; the first link is made at once.",
    )
    def post(self, call: Call, id: UUID) -> Application:
        application = applying(call, id)
        approve_enrollment(
            enrollment=application.enrollment,
            message=call.body["message"],
            by=call.by,
            at=call.at,
        )
        return one(applications(call), id)


class RejectApplication(MerchantView):
    """Turn an applicant down."""

    @endpoint(
        "Reject an application",
        gives=ApplicationSerializer,
        takes=RejectionSerializer,
        scope=Scope.AFFILIATES,
        example={"reason": "No site that we could look at.", "message": "Come back with one."},
        description="The applicant reads the reason, and may apply again as the program says.",
    )
    def post(self, call: Call, id: UUID) -> Application:
        application = applying(call, id)
        move_enrollment(
            enrollment=application.enrollment,
            to=Status.REJECTED,
            reason=call.body["reason"],
            message=call.body["message"],
            by=call.by,
            at=call.at,
        )
        return one(applications(call), id)
