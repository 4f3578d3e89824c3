"""The secret that a program's postbacks carry."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.find import one
from interfaces.api.v1.programs import programs
from merchants.rights import Scope
from programs.models import Program
from programs.services import rotate_postback_token


class PostbackTokenSerializer(serializers.Serializer[Any]):
    """A secret: whoever knows it can report conversions of the program."""

    postback_token = serializers.CharField()


class PostbackToken(MerchantView):
    """The postback token of a program."""

    @endpoint("Read the postback token", gives=PostbackTokenSerializer, scope=Scope.PROGRAMS)
    def get(self, call: Call, id: UUID) -> Program:
        return one(programs(call), id)


class RotatePostbackToken(MerchantView):
    """Replace the postback token."""

    @endpoint(
        "Rotate the postback token",
        gives=PostbackTokenSerializer,
        scope=Scope.PROGRAMS,
        description="The old one stops working at once.",
    )
    def post(self, call: Call, id: UUID) -> Program:
        return rotate_postback_token(program=one(programs(call), id), by=call.by, at=call.at)
