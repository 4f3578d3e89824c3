"""Prospects: who might become an affiliate, and what was said with them (docs/recruiting.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Address, Country, Flag, Id, Maybe, Moment, Name, Strict, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from merchants.models import Member
from merchants.rights import Scope
from merchants.selectors import members_of
from programs.models import Program
from recruiting.models import Contact, ContactKind, Prospect, ProspectSource, Stage
from recruiting.selectors import prospects_of
from recruiting.services import (
    ProspectDraft,
    add_prospect,
    forget_prospect,
    log_contact,
    move_prospect,
    update_prospect,
)


class ProspectSerializer(serializers.Serializer[Any]):
    """Somebody who might become an affiliate."""

    id = Id()
    program = Id(source="program_id")
    name = serializers.CharField()
    email = Maybe()
    website = Maybe()
    channels = serializers.CharField(help_text="Where they speak.")
    audience = serializers.CharField(help_text="Who listens.")
    country = Maybe()
    source = Word(ProspectSource)  # type: ignore[assignment]
    introduced_by = serializers.CharField(help_text="Of a warm introduction.")
    notes = serializers.CharField()
    owner = Id(source="owner_id", allow_null=True, help_text="The member who looks after them.")
    recruiter = Id(
        source="recruiter_id", allow_null=True, help_text="The enrollment whose link they followed."
    )
    stage = Word(Stage, source="stage_now")
    enrollment = Id(source="enrollment_id", allow_null=True, help_text="What they became.")
    unsubscribed_at = Moment(allow_null=True, help_text="Since then they get no letters.")
    found_at = Moment()
    created_at = Moment()


class ProspectQuery(ListQuery):
    """Filters of the prospects."""

    program = Id(required=False, source="program_id")
    stage = Word(Stage, required=False, source="stage_now")
    source = Word(ProspectSource, required=False)  # type: ignore[assignment]
    owner = Id(required=False, source="owner_id")
    email = Address(required=False)


class ProspectChangeSerializer(Strict):
    """What is known of somebody. What is left out stays."""

    name = Name(required=False, max_length=120)
    email = Address(required=False, allow_blank=True)
    website = Name(required=False, max_length=500, allow_blank=True)
    channels = Name(required=False, max_length=500, allow_blank=True)
    audience = Name(required=False, max_length=500, allow_blank=True)
    country = Country(required=False, allow_blank=True)
    source = Word(ProspectSource, required=False)  # type: ignore[assignment]
    introduced_by = Name(required=False, max_length=120, allow_blank=True)
    notes = Name(required=False, max_length=5_000, allow_blank=True)
    owner = Id(required=False, allow_null=True)


class NewProspectSerializer(ProspectChangeSerializer):
    """Somebody new."""

    program = Id()
    name = Name(max_length=120)
    despite_known = Flag(
        required=False, help_text="Add them although somebody known looks the same."
    )


class ContactSerializer(serializers.Serializer[Any]):
    """What was said, and when."""

    id = Id()
    kind = Word(ContactKind)
    text = serializers.CharField()
    member = Id(source="member_id", allow_null=True)
    at = Moment()


class NewContactSerializer(Strict):
    """An entry of the log."""

    kind = Word(ContactKind)
    text = Name(max_length=5_000)


class ProspectMoveSerializer(Strict):
    """How far somebody has come."""

    stage = Word(Stage)


def owner_of(call: Call) -> Member | None:
    """Return the member whom the body names.

    :raises NotFound: if the merchant has none such.
    """
    id = call.body.get("owner")
    return one(members_of(call.merchant_id), id, named_by="owner") if id else None


def prospect_of(call: Call, id: UUID) -> Prospect:
    """Return one of the merchant's prospects."""
    return one(prospects_of(call.merchant_id), id)


class Prospects(MerchantView):
    """The merchant's prospects."""

    @endpoint("List prospects", gives=ProspectSerializer, query=ProspectQuery)
    def get(self, call: Call) -> QuerySet[Prospect]:
        return prospects_of(call.merchant_id)

    @endpoint(
        "Add a prospect",
        gives=ProspectSerializer,
        takes=NewProspectSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example={
            "program": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
            "name": "Harbour Notes",
            "email": "hello@harbournotes.example",
            "website": "https://harbournotes.example",
            "source": "warm",
            "introduced_by": "Bob Bowline",
        },
        description="Refused with `looks_known` if somebody known has the address, site or name.",
    )
    def post(self, call: Call) -> Prospect:
        call.require_real()
        said = dict(call.body)
        programs = Program.objects.filter(merchant_id=call.merchant_id)
        program = found(programs.filter(id=said.pop("program")).first(), named_by="program")
        despite_known = said.pop("despite_known", False)
        draft = ProspectDraft(**(said | {"owner": owner_of(call)}))
        added = add_prospect(
            program=program, draft=draft, by=call.by, at=call.at, despite_known=despite_known
        )
        return prospect_of(call, added.id)


class OneProspect(MerchantView):
    """One prospect."""

    @endpoint("Read a prospect", gives=ProspectSerializer)
    def get(self, call: Call, id: UUID) -> Prospect:
        return prospect_of(call, id)

    @endpoint(
        "Change a prospect",
        gives=ProspectSerializer,
        takes=ProspectChangeSerializer,
        scope=Scope.AFFILIATES,
        example={"audience": "4,000 readers, most of them in Denmark"},
    )
    def patch(self, call: Call, id: UUID) -> Prospect:
        call.require_real()
        prospect = prospect_of(call, id)
        known = {name: getattr(prospect, name) for name in ProspectDraft.__dataclass_fields__}
        said = call.body | ({"owner": owner_of(call)} if "owner" in call.body else {})
        draft = ProspectDraft(**(known | said))
        update_prospect(prospect=prospect, draft=draft, by=call.by, at=call.at)
        return prospect_of(call, id)


class MoveProspect(MerchantView):
    """Say how far they have come."""

    @endpoint(
        "Move a prospect to a stage",
        gives=ProspectSerializer,
        takes=ProspectMoveSerializer,
        scope=Scope.AFFILIATES,
        example={"stage": "contacted"},
        description="`applied` and `joined` follow from what the prospect does.",
    )
    def post(self, call: Call, id: UUID) -> Prospect:
        call.require_real()
        to = Stage(call.body["stage"])
        move_prospect(prospect=prospect_of(call, id), to=to, by=call.by, at=call.at)
        return prospect_of(call, id)


class ForgetProspect(MerchantView):
    """Delete them."""

    @endpoint(
        "Forget a prospect",
        gives=ProspectSerializer,
        scope=Scope.AFFILIATES,
        description="With their log and letters; answers with what was there.",
    )
    def post(self, call: Call, id: UUID) -> Prospect:
        call.require_real()
        prospect, kept = prospect_of(call, id), prospect_of(call, id)
        forget_prospect(prospect=prospect, by=call.by, at=call.at)
        return kept


class ProspectContacts(MerchantView):
    """What was said with a prospect, the newest first."""

    @endpoint("List the contacts with a prospect", gives=ContactSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Contact]:
        return Contact.objects.filter(prospect=prospect_of(call, id))

    @endpoint(
        "Log a contact with a prospect",
        gives=ContactSerializer,
        takes=NewContactSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example={"kind": "call", "text": "Wants to see the product first."},
        description="A stage that is behind follows: `contacted`, or `answered`.",
    )
    def post(self, call: Call, id: UUID) -> Contact:
        call.require_real()
        return log_contact(
            prospect=prospect_of(call, id),
            kind=ContactKind(call.body["kind"]),
            text=call.body["text"],
            member=call.member,
            at=call.at,
        )
