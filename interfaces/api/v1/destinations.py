"""Destinations: the pages that a program's links share visitors among."""

from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, Name, WebAddress
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.programs import programs
from interfaces.api.v1.targeting import (
    TargetingChangesSerializer,
    TargetingSerializer,
    targeting_from,
)
from merchants.rights import Scope
from programs.models import Destination
from programs.selectors import targeting_of
from programs.services import (
    DestinationDraft,
    archive_destination,
    create_destination,
    update_destination,
)

EXAMPLE = {
    "name": "Germany, evenings",
    "url": "https://shop.example/de/abend?campaign={via}",
    "countries": ["DE"],
    "hour_from": 18,
    "hour_until": 24,
    "time_zone": "Europe/Berlin",
    "priority": 1,
}


class DestinationSerializer(TargetingSerializer):
    """A page that links lead to, for some visitors."""

    id = Id()
    program = Id(source="program_id")
    name = serializers.CharField()
    url = serializers.CharField()
    archived_at = Moment(allow_null=True)
    created_at = Moment()


class DestinationChangesSerializer(TargetingChangesSerializer):
    """What of a destination may change: everything."""

    name = Name(max_length=80, required=False)
    url = WebAddress(required=False, help_text="On a host that the program allows.")


class NewDestinationSerializer(DestinationChangesSerializer):
    """A page; without conditions it is for everybody."""

    name = Name(max_length=80)
    url = WebAddress(help_text="On a host that the program allows.")


def destinations(call: Call, program_id: UUID) -> QuerySet[Destination]:
    """Return the destinations of one of the merchant's programs."""
    program = one(programs(call), program_id)
    found = Destination.objects.filter(merchant_id=call.merchant_id, program=program)
    return found.select_related("program")


class Destinations(MerchantView):
    """The destinations of a program."""

    @endpoint("List destinations of a program", gives=DestinationSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Destination]:
        return destinations(call, id)

    @endpoint(
        "Create a destination",
        gives=DestinationSerializer,
        takes=NewDestinationSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        description="Of those that match a visitor, the ones with the smallest priority share by"
        " weight. Without a match it is the program's landing page.",
        example=EXAMPLE,
    )
    def post(self, call: Call, id: UUID) -> Destination:
        draft = DestinationDraft(call.body["name"], call.body["url"], targeting_from(call.body))
        program = one(programs(call), id)
        return create_destination(program=program, draft=draft, by=call.by, at=call.at)


class OneDestination(MerchantView):
    """One destination."""

    @endpoint("Read a destination", gives=DestinationSerializer)
    def get(self, call: Call, id: UUID, destination_id: UUID) -> Destination:
        return one(destinations(call, id), destination_id)

    @endpoint(
        "Change a destination",
        gives=DestinationSerializer,
        takes=DestinationChangesSerializer,
        scope=Scope.PROGRAMS,
    )
    def patch(self, call: Call, id: UUID, destination_id: UUID) -> Destination:
        destination = one(destinations(call, id), destination_id)
        draft = DestinationDraft(
            call.body.get("name", destination.name),
            call.body.get("url", destination.url),
            targeting_from(call.body, targeting_of(destination)),
        )
        return update_destination(destination=destination, draft=draft, by=call.by, at=call.at)


class ArchiveDestination(MerchantView):
    """Send no more visitors there."""

    @endpoint("Archive a destination", gives=DestinationSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, destination_id: UUID) -> Destination:
        destination = one(destinations(call, id), destination_id)
        archive_destination(destination=destination, by=call.by, at=call.at)
        return one(destinations(call, id), destination_id)
