"""How affiliates are kept in order: tags and notes on enrollments (docs/affiliates.md)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from affiliates.care.notes import delete_note, write_note
from affiliates.care.tags import tag_enrollment, untag_enrollment
from affiliates.models import Note, Tag
from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Moment, Name, Strict, Text
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.affiliates import enrollments
from merchants.rights import Scope


class TagSerializer(serializers.Serializer[Any]):
    """A word that members put on enrollments. Affiliates see none."""

    id = Id()
    name = serializers.CharField()
    created_at = Moment()


class NewTagSerializer(Strict):
    """What it is called; one that is called so already is used, whatever its capitals."""

    name = Name(max_length=40)


class TagQuery(ListQuery):
    """Filters of the tags."""

    name = Text(required=False, max_length=40, source="name__iexact")


class NoteSerializer(serializers.Serializer[Any]):
    """What members tell each other. The affiliate never sees it."""

    id = Id()
    enrollment = Id(source="enrollment_id")
    member = serializers.CharField(source="member.user.email")
    body = serializers.CharField()
    at = Moment()
    created_at = Moment()


class NewNoteSerializer(Strict):
    """A note, in the name of the key's member."""

    body = Name(max_length=5_000)


class Tags(MerchantView):
    """The tags of the merchant."""

    @endpoint("List tags", gives=TagSerializer, query=TagQuery)
    def get(self, call: Call) -> QuerySet[Tag]:
        return Tag.objects.filter(merchant_id=call.merchant_id)


class EnrollmentTags(MerchantView):
    """The tags on an enrollment."""

    @endpoint("List tags of an enrollment", gives=TagSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Tag]:
        enrollment = one(enrollments(call), id)
        return Tag.objects.filter(merchant_id=call.merchant_id, taggings__enrollment=enrollment)

    @endpoint(
        "Tag an enrollment",
        gives=TagSerializer,
        takes=NewTagSerializer,
        scope=Scope.AFFILIATES,
        example={"name": "Favourite"},
    )
    def post(self, call: Call, id: UUID) -> Tag:
        enrollment = one(enrollments(call), id)
        name = call.body["name"]
        return tag_enrollment(enrollment=enrollment, name=name, by=call.by, at=call.at)


class RemoveEnrollmentTag(MerchantView):
    """Take a tag off."""

    @endpoint("Untag an enrollment", gives=TagSerializer, scope=Scope.AFFILIATES)
    def post(self, call: Call, id: UUID, tag_id: UUID) -> Tag:
        enrollment = one(enrollments(call), id)
        tag = one(Tag.objects.filter(merchant_id=call.merchant_id), tag_id)
        untag_enrollment(enrollment=enrollment, tag=tag, by=call.by, at=call.at)
        return tag


def notes(call: Call, enrollment_id: UUID) -> QuerySet[Note]:
    """Return what was noted about an enrollment."""
    enrollment = one(enrollments(call), enrollment_id)
    rows = Note.objects.filter(merchant_id=call.merchant_id, enrollment=enrollment)
    return rows.select_related("member__user")


class EnrollmentNotes(MerchantView):
    """The notes about an enrollment."""

    @endpoint("List notes about an enrollment", gives=NoteSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Note]:
        return notes(call, id)

    @endpoint(
        "Write a note about an enrollment",
        gives=NoteSerializer,
        takes=NewNoteSerializer,
        status=201,
        scope=Scope.AFFILIATES,
        example={"body": "Met her at the fair."},
    )
    def post(self, call: Call, id: UUID) -> Note:
        enrollment = one(enrollments(call), id)
        return write_note(
            member=call.member, enrollment=enrollment, body=call.body["body"], at=call.at
        )


class RemoveNote(MerchantView):
    """Delete a note of one's own."""

    @endpoint("Delete a note", gives=NoteSerializer, scope=Scope.AFFILIATES)
    def post(self, call: Call, id: UUID, note_id: UUID) -> Note:
        note = one(notes(call, id), note_id)
        gone = Note.objects.select_related("member__user").get(id=note.id)
        delete_note(member=call.member, note=note)
        return gone
