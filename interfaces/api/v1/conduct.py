"""How a program may be promoted, and what its affiliates are told of changes."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.fields import Field

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Flag, Id, Maybe, Moment, Name, Strict, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.programs import programs
from interfaces.api.words import lower
from merchants.rights import Scope
from programs.models import ChangeKind, Conduct, Method, Permission, ProgramChange
from programs.services.changes import announce
from programs.services.conduct import (
    DISCLOSURE_LENGTH_MAX,
    KEYWORD_LENGTH_MAX,
    KEYWORDS_MAX,
    ConductDraft,
    conduct_row,
    set_conduct,
)

TELLS = "Mail everybody who is in. Default: true."


class MethodsSerializer(Strict):
    """What is said of each way to promote. Affiliates ask about what is left out."""

    def get_fields(self) -> dict[str, Field[Any, Any, Any, Any]]:
        """Return a field for each way."""
        return {
            lower(method.value): Word(
                Permission, source=method.value, required=False, help_text=str(method.label)
            )
            for method in Method
        }


class ConductSerializer(serializers.Serializer[Any]):
    """How a program may be promoted."""

    program = Id(source="program_id")
    methods = MethodsSerializer()
    keywords = serializers.ListField(
        child=serializers.CharField(), help_text="Words that nobody advertises on."
    )
    note = serializers.CharField(allow_blank=True)
    disclosures = serializers.DictField(
        child=serializers.CharField(),
        help_text='What affiliates have to say, by language: {"de": "Werbung"}.',
    )


class ConductChangesSerializer(Strict):
    """What of it may change; whatever is named is replaced whole."""

    methods = MethodsSerializer(required=False)
    keywords = serializers.ListField(
        child=Name(max_length=KEYWORD_LENGTH_MAX), required=False, max_length=KEYWORDS_MAX
    )
    note = Name(max_length=5_000, required=False, allow_blank=True)
    disclosures = serializers.DictField(
        child=Name(max_length=DISCLOSURE_LENGTH_MAX), required=False
    )
    tells = Flag(required=False, help_text=TELLS)


class OneConduct(MerchantView):
    """How a program may be promoted."""

    @endpoint("Read how a program may be promoted", gives=ConductSerializer)
    def get(self, call: Call, id: UUID) -> Conduct:
        return conduct_row(one(programs(call), id))

    @endpoint(
        "Say how a program may be promoted",
        gives=ConductSerializer,
        takes=ConductChangesSerializer,
        scope=Scope.PROGRAMS,
        example={
            "methods": {"content": "allowed", "brand_bidding": "forbidden"},
            "keywords": ["acme"],
            "disclosures": {"en": "Advertisement"},
        },
        description="It stands on the program's page and in the portal, the change in its log.",
    )
    def patch(self, call: Call, id: UUID) -> Conduct:
        program = one(programs(call), id)
        before = conduct_row(program)
        names = ("methods", "keywords", "note", "disclosures")
        draft = ConductDraft(**{name: call.body.get(name, getattr(before, name)) for name in names})
        tells = call.body.get("tells", True)
        return set_conduct(program=program, draft=draft, by=call.by, at=call.at, tells=tells)


class ChangeSerializer(serializers.Serializer[Any]):
    """Something that changed for everybody in a program."""

    id = Id()
    program = Id(source="program_id")
    kind = Word(ChangeKind)
    title = Maybe()
    body = Maybe()
    version = serializers.IntegerField(allow_null=True, help_text="Of terms: which version.")
    at = Moment()
    created_at = Moment()


class NewsSerializer(Strict):
    """What affiliates are told."""

    title = Name(max_length=200)
    body = Name(max_length=5_000, required=False, allow_blank=True, default="")
    tells = Flag(required=False, default=True, help_text=TELLS)


class ChangeQuery(ListQuery):
    """Filters of the change log."""

    kind = Word(ChangeKind, required=False)


class Changes(MerchantView):
    """The change log of a program."""

    @endpoint("List changes of a program", gives=ChangeSerializer, query=ChangeQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[ProgramChange]:
        program = one(programs(call), id)
        return ProgramChange.objects.filter(merchant_id=call.merchant_id, program=program)

    @endpoint(
        "Tell the affiliates of a program something",
        gives=ChangeSerializer,
        takes=NewsSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={"title": "New photographs", "body": "They are among the materials."},
    )
    def post(self, call: Call, id: UUID) -> ProgramChange:
        return announce(program=one(programs(call), id), **call.body, by=call.by, at=call.at)
