"""Tiers: groups of affiliates in a program."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.models import Enrollment
from affiliates.services import set_recruiter
from commissions.services import archive_tier, move_to_tier
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Minor, Moment, Name, Strict, Text, Whole, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.affiliates import EnrollmentSerializer, enrollments
from interfaces.api.v1.programs import programs
from merchants.rights import Scope
from programs.models import HOLD_DAYS_MAX, Metric, Tier
from programs.services import create_tier, update_tier

POSITION_MAX = 32_000


class TargetSerializer(serializers.Serializer[Any]):
    """What a tier asks for: a count, or minor units of the program's currency."""

    metric = Word(Metric)
    minimum = serializers.IntegerField()


class NewTargetSerializer(Strict):
    """A target; all of a tier's must be reached."""

    metric = Word(Metric)
    minimum = Minor(min_value=1)


class TierSerializer(serializers.Serializer[Any]):
    """A group of affiliates, with rates and a hold of its own."""

    id = Id()
    program = Id(source="program_id")
    name = serializers.CharField()
    position = serializers.IntegerField(help_text="The lowest comes first.")
    hold_days = serializers.IntegerField(allow_null=True, help_text="null: the program's.")
    benefits = serializers.CharField(allow_blank=True, help_text="Affiliates read it.")
    targets = TargetSerializer(many=True, source="targets.all")
    archived_at = Moment(allow_null=True)
    created_at = Moment()


class TierChangesSerializer(Strict):
    """What of a tier may change: everything."""

    name = Name(max_length=80, required=False)
    position = Whole(min_value=0, max_value=POSITION_MAX, required=False)
    hold_days = Whole(min_value=0, max_value=HOLD_DAYS_MAX, required=False, allow_null=True)
    benefits = Text(max_length=2_000, required=False, allow_blank=True)
    targets = NewTargetSerializer(many=True, required=False)


class NewTierSerializer(TierChangesSerializer):
    """A tier; nobody is in it yet."""

    name = Name(max_length=80)


class TierMoveSerializer(Strict):
    """Into which tier of the program; null: into none."""

    tier = Id(allow_null=True)


class RecruiterSerializer(Strict):
    """Which enrollment of the program brought this one; null: none."""

    recruiter = Id(allow_null=True)


def tiers(call: Call, program_id: UUID) -> QuerySet[Tier]:
    """Return the tiers of one of the merchant's programs."""
    program = one(programs(call), program_id)
    rows = Tier.objects.filter(merchant_id=call.merchant_id, program=program)
    return rows.select_related("program").prefetch_related("targets")


def _facts(call: Call) -> dict[str, Any]:
    """Return what was sent, with the targets by their metric."""
    facts = dict(call.body)
    if "targets" in facts:
        facts["targets"] = {row["metric"].value: row["minimum"] for row in facts["targets"]}
    return facts


class Tiers(MerchantView):
    """The tiers of a program."""

    @endpoint("List tiers of a program", gives=TierSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Tier]:
        return tiers(call, id)

    @endpoint(
        "Create a tier",
        gives=TierSerializer,
        takes=NewTierSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={"name": "Gold", "hold_days": 14},
    )
    def post(self, call: Call, id: UUID) -> Tier:
        program = one(programs(call), id)
        return create_tier(program=program, **_facts(call), by=call.by, at=call.at)


class OneTier(MerchantView):
    """One tier."""

    @endpoint("Read a tier", gives=TierSerializer)
    def get(self, call: Call, id: UUID, tier_id: UUID) -> Tier:
        return one(tiers(call, id), tier_id)

    @endpoint(
        "Change a tier", gives=TierSerializer, takes=TierChangesSerializer, scope=Scope.PROGRAMS
    )
    def patch(self, call: Call, id: UUID, tier_id: UUID) -> Tier:
        tier = one(tiers(call, id), tier_id)
        names = ("name", "position", "hold_days")
        facts = {name: getattr(tier, name) for name in names} | _facts(call)
        return update_tier(tier=tier, **facts, by=call.by, at=call.at)


class ArchiveTier(MerchantView):
    """Take nobody in any more, and pay by its rules no more."""

    @endpoint("Archive a tier", gives=TierSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, tier_id: UUID) -> Tier:
        return archive_tier(tier=one(tiers(call, id), tier_id), by=call.by, at=call.at)


class MoveEnrollment(MerchantView):
    """Put an affiliate into a tier."""

    @endpoint(
        "Move an enrollment into a tier",
        gives=EnrollmentSerializer,
        takes=TierMoveSerializer,
        scope=Scope.AFFILIATES,
        description="It earns by the tier's rates from then on, and is told so.",
    )
    def post(self, call: Call, id: UUID) -> Enrollment:
        enrollment = one(enrollments(call), id)
        tier_id = call.body["tier"]
        mine = Tier.objects.filter(merchant_id=call.merchant_id)
        tier = one(mine, tier_id, named_by="tier") if tier_id else None
        return move_to_tier(enrollment=enrollment, tier=tier, by=call.by, at=call.at)


class SetRecruiter(MerchantView):
    """State who brought an affiliate in."""

    @endpoint(
        "Set the recruiter of an enrollment",
        gives=EnrollmentSerializer,
        takes=RecruiterSerializer,
        scope=Scope.AFFILIATES,
        description="Override rules pay the recruiter a share of what it earns.",
    )
    def post(self, call: Call, id: UUID) -> Enrollment:
        enrollment = one(enrollments(call), id)
        recruiter_id = call.body["recruiter"]
        recruiter = (
            one(enrollments(call), recruiter_id, named_by="recruiter") if recruiter_id else None
        )
        return set_recruiter(enrollment=enrollment, recruiter=recruiter, by=call.by, at=call.at)
