"""Who is asking: the first call of everybody who has just got a key."""

from typing import Any

from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Word
from merchants.models import ApiKey, KeyKind


class MerchantSerializer(serializers.Serializer[Any]):
    """The merchant that a key belongs to."""

    id = Id()
    name = serializers.CharField()
    slug = serializers.CharField()
    currency = serializers.CharField(help_text="Of new programs.")
    website = serializers.CharField(allow_blank=True)


class KeySerializer(serializers.Serializer[Any]):
    """A key, as far as it may be shown."""

    id = Id()
    kind = Word(KeyKind)
    name = serializers.CharField()
    last_four = serializers.CharField()


class MeSerializer(serializers.Serializer[Any]):
    """Merchant, key and scopes."""

    merchant = MerchantSerializer()
    key = KeySerializer(source="*")
    scopes = serializers.ListField(child=serializers.CharField())


class Me(MerchantView):
    """The key and its merchant."""

    @endpoint("Read who is asking", gives=MeSerializer, scope=None)
    def get(self, call: Call) -> ApiKey:
        return call.key
