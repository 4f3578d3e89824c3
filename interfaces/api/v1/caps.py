"""Caps: at most so many clicks or conversions."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.selectors import enrollments_of
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Country, Flag, Id, Maybe, Moment, Strict, Whole, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.destinations import destinations
from interfaces.api.v1.programs import programs
from merchants.rights import Scope
from tracking.models import Cap, CapAction, CapPeriod, CapScope, CapUnit
from tracking.selectors import with_use
from tracking.services import LIMIT_MAX, CapDraft, archive_cap, create_cap


class ProgramCapSerializer(serializers.Serializer[Any]):
    """A limit, and how much of it is used in the present period."""

    id = Id()
    program = Id(source="program_id")
    unit = Word(CapUnit)
    period = Word(CapPeriod)
    scope = Word(CapScope)
    destination = Id(source="destination_id", allow_null=True)
    enrollment = Id(source="enrollment_id", allow_null=True)
    country = Maybe()
    limit = serializers.IntegerField()
    is_hard = serializers.BooleanField()
    beyond = Word(CapAction)
    used = serializers.IntegerField(
        help_text="In the present period; where each is counted by itself, the most of any."
    )
    archived_at = Moment(allow_null=True)
    created_at = Moment()


class NewCapSerializer(Strict):
    """A limit. Without a named destination, enrollment or country each is counted by itself."""

    unit = Word(CapUnit)
    period = Word(CapPeriod)
    scope = Word(CapScope)
    destination = Id(required=False)
    enrollment = Id(required=False)
    country = Country(required=False)
    limit = Whole(min_value=1, max_value=LIMIT_MAX)
    is_hard = Flag(required=False, help_text="Exact to the last one. Default: false.")
    beyond = Word(CapAction, required=False)


def caps(call: Call, program_id: UUID) -> QuerySet[Cap]:
    """Return the caps of one of the merchant's programs, with what is used."""
    program = one(programs(call), program_id)
    own = Cap.objects.filter(merchant_id=call.merchant_id, program=program)
    return with_use(own, call.at)


def draft_of(call: Call, program_id: UUID) -> CapDraft:
    """Return what a validated body wants to limit."""
    facts = dict(call.body)
    if "destination" in facts:
        rows = destinations(call, program_id)
        facts["destination"] = one(rows, facts["destination"], named_by="destination")
    if "enrollment" in facts:
        own = enrollments_of(call.merchant_id).filter(program_id=program_id)
        facts["enrollment"] = one(own, facts["enrollment"], named_by="enrollment")
    return CapDraft(**facts)


class Caps(MerchantView):
    """The caps of a program."""

    @endpoint("List caps of a program", gives=ProgramCapSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Cap]:
        return caps(call, id)

    @endpoint(
        "Create a cap",
        gives=ProgramCapSerializer,
        takes=NewCapSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        description="What the present period has already, counts.",
        example={"unit": "clicks", "period": "day", "scope": "enrollment", "limit": 500},
    )
    def post(self, call: Call, id: UUID) -> Cap:
        program = one(programs(call), id)
        cap = create_cap(program=program, draft=draft_of(call, id), by=call.by, at=call.at)
        return one(caps(call, id), cap.id)


class OneCap(MerchantView):
    """One cap."""

    @endpoint("Read a cap", gives=ProgramCapSerializer)
    def get(self, call: Call, id: UUID, cap_id: UUID) -> Cap:
        return one(caps(call, id), cap_id)


class ArchiveCap(MerchantView):
    """Limit no more."""

    @endpoint("Archive a cap", gives=ProgramCapSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, cap_id: UUID) -> Cap:
        archive_cap(cap=one(caps(call, id), cap_id), by=call.by, at=call.at)
        return one(caps(call, id), cap_id)
