"""The policy register of a program, and what affiliates say stands in their way."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.friction import answer_friction, reports_of_program
from affiliates.models import FrictionReport, PolicyWaiver
from affiliates.waivers import end_waiver, grant_waiver
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Address, Day, Id, Maybe, Moment, Name, Strict, Switch, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.affiliates import enrollments
from interfaces.api.v1.programs import programs
from merchants.models import Member
from merchants.rights import Scope
from merchants.selectors import members_of
from programs.models import Policy, PolicyCategory
from programs.services.policies import (
    PolicyDraft,
    add_policy,
    archive_policy,
    review_policy,
    update_policy,
)

OWNER = "The e-mail address of the member who answers for it."


class ProgramPolicySerializer(serializers.Serializer[Any]):
    """A rule that somebody answers for, and looks at again on a day."""

    id = Id()
    program = Id(source="program_id")
    category = Word(PolicyCategory)
    title = serializers.CharField()
    body = serializers.CharField()
    rationale = Maybe(help_text="Why it is there. Affiliates read it as well.")
    owner = serializers.CharField(source="owner.user.email", help_text=OWNER)
    reviewed_on = serializers.DateField()
    review_on = serializers.DateField(help_text="On that day its owner gets a task.")
    archived_at = Moment(allow_null=True)
    created_at = Moment()


class ProgramPolicyChangesSerializer(Strict):
    """What of a policy may change: everything."""

    category = Word(PolicyCategory, required=False)
    title = Name(max_length=120, required=False)
    body = Name(max_length=5_000, required=False)
    rationale = Name(max_length=2_000, required=False, allow_blank=True)
    owner = Address(required=False, help_text=OWNER)
    review_on = Day(required=False)


class NewProgramPolicySerializer(ProgramPolicyChangesSerializer):
    """A policy, looked at today."""

    category = Word(PolicyCategory)
    title = Name(max_length=120)
    body = Name(max_length=5_000)
    owner = Address(required=False, help_text=f"{OWNER} Default: the key's.")
    review_on = Day()


class ReviewedSerializer(Strict):
    """When it is due again."""

    review_on = Day()


class PolicyQuery(ListQuery):
    """Filters of the policies."""

    category = Word(PolicyCategory, required=False)
    is_archived = Switch(
        required=False, source="archived_at__isnull", help_text="false: those in force."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Turn the question round: what is archived has a time."""
        if "archived_at__isnull" in attrs:
            attrs["archived_at__isnull"] = not attrs["archived_at__isnull"]
        return attrs


def policies(call: Call, program_id: UUID) -> QuerySet[Policy]:
    """Return the policies of one of the merchant's programs, those that have ended too."""
    program = one(programs(call), program_id)
    rows = Policy.objects.filter(merchant_id=call.merchant_id, program=program)
    return rows.select_related("owner__user", "program")


def owner_of(call: Call) -> Member:
    """Return the member whom the body names, else the key's."""
    if "owner" not in call.body:
        return call.member
    members = members_of(call.merchant_id).filter(disabled_at=None)
    return found(members.filter(user__email=call.body["owner"]).first(), named_by="owner")


class Policies(MerchantView):
    """The policy register of a program."""

    @endpoint("List policies of a program", gives=ProgramPolicySerializer, query=PolicyQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Policy]:
        return policies(call, id)

    @endpoint(
        "Enter a policy",
        gives=ProgramPolicySerializer,
        takes=NewProgramPolicySerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={
            "category": "brand",
            "title": "No bidding on our name",
            "body": "Nobody buys search advertisements on “Acme”.",
            "review_on": "2026-10-01",
        },
    )
    def post(self, call: Call, id: UUID) -> Policy:
        program = one(programs(call), id)
        draft = PolicyDraft(**{**call.body, "owner": owner_of(call)})
        return add_policy(program=program, draft=draft, by=call.by, at=call.at)


class OnePolicy(MerchantView):
    """One policy."""

    @endpoint("Read a policy", gives=ProgramPolicySerializer)
    def get(self, call: Call, id: UUID, policy_id: UUID) -> Policy:
        return one(policies(call, id), policy_id)

    @endpoint(
        "Change a policy",
        gives=ProgramPolicySerializer,
        takes=ProgramPolicyChangesSerializer,
        scope=Scope.PROGRAMS,
    )
    def patch(self, call: Call, id: UUID, policy_id: UUID) -> Policy:
        policy = one(policies(call, id), policy_id)
        names = ("category", "title", "body", "rationale", "owner", "review_on")
        facts = {name: getattr(policy, name) for name in names} | call.body
        if "owner" in call.body:
            facts["owner"] = owner_of(call)
        draft = PolicyDraft(**facts)
        return update_policy(policy=policy, draft=draft, by=call.by, at=call.at)


class ReviewPolicy(MerchantView):
    """Note that somebody looked at a policy."""

    @endpoint(
        "Note that a policy was looked at",
        gives=ProgramPolicySerializer,
        takes=ReviewedSerializer,
        scope=Scope.PROGRAMS,
    )
    def post(self, call: Call, id: UUID, policy_id: UUID) -> Policy:
        policy = one(policies(call, id), policy_id)
        return review_policy(policy=policy, **call.body, by=call.by, at=call.at)


class ArchivePolicy(MerchantView):
    """Let a policy hold no more."""

    @endpoint("Archive a policy", gives=ProgramPolicySerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, policy_id: UUID) -> Policy:
        policy = one(policies(call, id), policy_id)
        archive_policy(policy=policy, by=call.by, at=call.at)
        return policy


class WaiverSerializer(serializers.Serializer[Any]):
    """A policy that does not hold for one affiliate, until a day."""

    id = Id()
    policy = Id(source="policy_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    reason = serializers.CharField(help_text="The affiliate reads it.")
    last_on = serializers.DateField(help_text="The last day (UTC) on which it is so.")
    granted_at = Moment()
    ended_at = Moment(allow_null=True)
    created_at = Moment()


class NewWaiverSerializer(Strict):
    """For whom, until when and why; it ends one that the affiliate had before."""

    enrollment = Id()
    last_on = Day()
    reason = Name(max_length=300)


class WaiverQuery(ListQuery):
    """Filters of the waivers."""

    enrollment = Id(required=False, source="enrollment_id")


def waivers(call: Call, program_id: UUID, policy_id: UUID) -> QuerySet[PolicyWaiver]:
    """Return the waivers of one of the merchant's policies, those that have ended too."""
    policy = one(policies(call, program_id), policy_id)
    rows = PolicyWaiver.objects.filter(merchant_id=call.merchant_id, policy=policy)
    return rows.select_related("policy")


class Waivers(MerchantView):
    """For whom a policy does not hold."""

    @endpoint("List waivers of a policy", gives=WaiverSerializer, query=WaiverQuery)
    def get(self, call: Call, id: UUID, policy_id: UUID) -> QuerySet[PolicyWaiver]:
        return waivers(call, id, policy_id)

    @endpoint(
        "Let a policy not hold for an affiliate",
        gives=WaiverSerializer,
        takes=NewWaiverSerializer,
        status=201,
        scope=Scope.PROGRAMS,
    )
    def post(self, call: Call, id: UUID, policy_id: UUID) -> PolicyWaiver:
        policy = one(policies(call, id), policy_id)
        enrollment = one(enrollments(call), call.body["enrollment"], named_by="enrollment")
        facts = call.body | {"enrollment": enrollment}
        return grant_waiver(policy=policy, **facts, by=call.member, at=call.at)


class EndWaiver(MerchantView):
    """Let the policy hold again."""

    @endpoint("End a waiver", gives=WaiverSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, policy_id: UUID, waiver_id: UUID) -> PolicyWaiver:
        waiver = one(waivers(call, id, policy_id), waiver_id)
        end_waiver(waiver=waiver, by=call.member, at=call.at)
        waiver.refresh_from_db(fields=["ended_at"])
        return waiver


class FrictionSerializer(serializers.Serializer[Any]):
    """What an affiliate says of a policy that stands in its way."""

    id = Id()
    policy = Id(source="policy_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    body = serializers.CharField()
    at = Moment()
    answer = Maybe()
    answered_at = Moment(allow_null=True)
    created_at = Moment()


class AnswerSerializer(Strict):
    """What the affiliate reads in its portal."""

    answer = Name(max_length=1_000)


class FrictionQuery(ListQuery):
    """Filters of the reports."""

    policy = Id(required=False, source="policy_id")
    is_open = Switch(required=False, source="answered_at__isnull")


def reports(call: Call, program_id: UUID) -> QuerySet[FrictionReport]:
    """Return what affiliates reported of a program's policies."""
    program = one(programs(call), program_id)
    return reports_of_program(program.id).filter(merchant_id=call.merchant_id)


class FrictionReports(MerchantView):
    """What stands in affiliates' way."""

    @endpoint("List friction reports", gives=FrictionSerializer, query=FrictionQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[FrictionReport]:
        return reports(call, id)


class AnswerFriction(MerchantView):
    """Answer a report, once."""

    @endpoint(
        "Answer a friction report",
        gives=FrictionSerializer,
        takes=AnswerSerializer,
        scope=Scope.PROGRAMS,
    )
    def post(self, call: Call, id: UUID, report_id: UUID) -> FrictionReport:
        report = one(reports(call, id), report_id)
        answer_friction(report=report, **call.body, member=call.member, at=call.at)
        report.refresh_from_db(fields=["answer", "answered_at"])
        return report
