"""Which affiliate is asking."""

from typing import Any

from rest_framework import serializers

from affiliates.models import AffiliateKey
from interfaces.api.endpoints import PartnerCall, PartnerView, endpoint
from interfaces.api.fields import Id, Maybe


class PartnerAffiliateSerializer(serializers.Serializer[Any]):
    """The affiliate that a key belongs to."""

    id = Id()
    name = serializers.CharField()
    email = serializers.CharField()
    website = Maybe()
    country = Maybe()


class PartnerKeySerializer(serializers.Serializer[Any]):
    """An affiliate's key, as far as it may be shown."""

    id = Id()
    name = serializers.CharField()
    last_four = serializers.CharField()


class PartnerMeSerializer(serializers.Serializer[Any]):
    """Affiliate and key."""

    affiliate = PartnerAffiliateSerializer()
    key = PartnerKeySerializer(source="*")


class PartnerMe(PartnerView):
    """The key and its affiliate."""

    @endpoint("Read which affiliate is asking", gives=PartnerMeSerializer, scope=None)
    def get(self, call: PartnerCall) -> AffiliateKey:
        return call.key
