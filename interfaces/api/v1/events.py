"""Events: everything that happened to the merchant's things, and who did it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, Text, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.words import lower_words
from merchants.models import ActorKind, Event
from merchants.selectors import events_of


class ActorSerializer(serializers.Serializer[Any]):
    """Who did it: a user, an API key, or Fairlead itself."""

    kind = Word(ActorKind, source="actor_kind")
    id = Id(source="actor_id", allow_null=True)


class Details(serializers.DictField):
    """What an event says of itself; its names depend on the type."""

    def to_representation(self, value: Any) -> Any:
        """Return it in outsiders' words."""
        return lower_words(value)


class EventSerializer(serializers.Serializer[Any]):
    """One thing that happened."""

    id = Id()
    type = serializers.CharField(help_text="`noun.past_verb`: conversion.approved.")
    subject = Id(source="subject_id", help_text="What it happened to.")
    actor = ActorSerializer(source="*")
    data = Details()  # type: ignore[assignment]
    at = Moment()
    created_at = Moment()


class EventQuery(ListQuery):
    """Filters of the events."""

    type = Text(required=False, max_length=60)
    subject = Id(required=False, source="subject_id")


class Events(MerchantView):
    """The events of the merchant."""

    @endpoint("List events", gives=EventSerializer, query=EventQuery)
    def get(self, call: Call) -> QuerySet[Event]:
        return events_of(call.merchant_id)


class OneEvent(MerchantView):
    """One event."""

    @endpoint("Read an event", gives=EventSerializer)
    def get(self, call: Call, id: UUID) -> Event:
        return one(events_of(call.merchant_id), id)
