"""Collaborations: read, and pitched by the merchant (docs/collaborations.md)."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.selectors import enrollments_of
from collaborations.models import (
    Collaboration,
    CollaborationKind,
    CollaborationStatus,
    PageFinding,
)
from collaborations.selectors import collaborations_of_merchant
from collaborations.services import Pitch, pitch_collaboration
from commissions.models import Side
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, MaybeWord, Moment, Name, Strict, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from merchants.rights import Scope


class CollaborationSerializer(serializers.Serializer[Any]):
    """Something that a merchant and an affiliate publish together."""

    id = Id()
    program = Id(source="program_id")
    enrollment = Id(source="enrollment_id")
    affiliate = Id(source="affiliate_id")
    kind = Word(CollaborationKind)
    title = serializers.CharField()
    pitch = serializers.CharField()
    pitched_by = Word(Side)
    pitched_at = Moment()
    status = Word(CollaborationStatus)
    reason = serializers.CharField(allow_blank=True, help_text="Why it was declined.")
    draft = serializers.CharField(allow_blank=True)
    link = Id(source="link_id", allow_null=True, help_text="Its own, once it is accepted.")
    url = serializers.CharField(allow_blank=True, help_text="Where it was published.")
    published_at = Moment(allow_null=True)
    finding = MaybeWord(PageFinding, help_text="Whether the link is on the page; null: not yet.")
    created_at = Moment()


class NewCollaborationSerializer(Strict):
    """A pitch to the other side."""

    enrollment = Id()
    kind = Word(CollaborationKind)
    title = Name(max_length=120)
    pitch = Name(max_length=4_000)


class CollaborationQuery(ListQuery):
    """Filters of collaborations."""

    program = Id(required=False, source="program_id")
    enrollment = Id(required=False, source="enrollment_id")
    affiliate = Id(required=False, source="affiliate_id")
    kind = Word(CollaborationKind, required=False)
    status = Word(CollaborationStatus, required=False)


EXAMPLE = {
    "enrollment": "01920d5e-7f5c-7c31-a1b2-0c9d8e7f6a5b",
    "kind": "post_there",
    "title": "Ropes for beginners",
    "pitch": "Ten knots with pictures; we send the rope, you write until May.",
}


class Collaborations(MerchantView):
    """What the merchant makes with its affiliates."""

    @endpoint("List collaborations", gives=CollaborationSerializer, query=CollaborationQuery)
    def get(self, call: Call) -> QuerySet[Collaboration]:
        return collaborations_of_merchant(call.merchant_id)

    @endpoint(
        "Pitch a collaboration",
        gives=CollaborationSerializer,
        takes=NewCollaborationSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example=EXAMPLE,
        description="Both sides answer, draft and publish on their pages.",
    )
    def post(self, call: Call) -> Collaboration:
        body = dict(call.body)
        own = enrollments_of(call.merchant_id)
        enrollment = one(own, body.pop("enrollment"), named_by="enrollment")
        return pitch_collaboration(
            enrollment=enrollment, side=Side.MERCHANT, draft=Pitch(**body), by=call.by, at=call.at
        )
