"""The blocks of a program's public page, in their order."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, Name, Strict, WebAddress, Word
from interfaces.api.find import one
from interfaces.api.pagination import ListQuery
from interfaces.api.v1.programs import programs
from interfaces.api.v1.questions import STEPS, PlaceSerializer
from merchants.rights import Scope
from programs.models import BlockKind, PageBlock
from programs.services.pages import BlockDraft, add_block, move_block, remove_block, update_block


class BlockSerializer(serializers.Serializer[Any]):
    """One block of a program's page: plain text, never markup."""

    id = Id()
    program = Id(source="program_id")
    kind = Word(BlockKind)
    title = Maybe(help_text="Of a quote who said it, of a picture what it shows.")
    body = Maybe(help_text="Of benefits, steps and answers an empty line ends each part.")
    image_url = Maybe(help_text="Of a picture, with https.")
    position = serializers.IntegerField(help_text="The lowest stands first.")
    created_at = Moment()


class BlockChangesSerializer(Strict):
    """What of a block may change: its kind stays."""

    title = Name(max_length=200, required=False, allow_blank=True)
    body = Name(max_length=5_000, required=False, allow_blank=True)
    image_url = WebAddress(max_length=500, required=False, allow_blank=True)


class NewBlockSerializer(BlockChangesSerializer):
    """A block, after the others."""

    kind = Word(BlockKind)


def blocks(call: Call, program_id: UUID) -> QuerySet[PageBlock]:
    """Return the blocks of one of the merchant's programs."""
    program = one(programs(call), program_id)
    rows = PageBlock.objects.filter(merchant_id=call.merchant_id, program=program)
    return rows.select_related("program")


class Blocks(MerchantView):
    """What a program's page says."""

    @endpoint("List blocks of a program's page", gives=BlockSerializer, query=ListQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[PageBlock]:
        return blocks(call, id)

    @endpoint(
        "Add a block to a program's page",
        gives=BlockSerializer,
        takes=NewBlockSerializer,
        status=201,
        scope=Scope.PROGRAMS,
        example={"kind": "faq", "title": "Asked often", "body": "When am I paid?\nMonthly."},
    )
    def post(self, call: Call, id: UUID) -> PageBlock:
        draft = BlockDraft(**call.body)
        return add_block(program=one(programs(call), id), draft=draft, by=call.by, at=call.at)


class OneBlock(MerchantView):
    """One block."""

    @endpoint("Read a block", gives=BlockSerializer)
    def get(self, call: Call, id: UUID, block_id: UUID) -> PageBlock:
        return one(blocks(call, id), block_id)

    @endpoint(
        "Change a block", gives=BlockSerializer, takes=BlockChangesSerializer, scope=Scope.PROGRAMS
    )
    def patch(self, call: Call, id: UUID, block_id: UUID) -> PageBlock:
        block = one(blocks(call, id), block_id)
        names = ("kind", "title", "body", "image_url")
        draft = BlockDraft(**{name: getattr(block, name) for name in names} | call.body)
        return update_block(block=block, draft=draft, by=call.by, at=call.at)


class MoveBlock(MerchantView):
    """Put a block earlier or later."""

    @endpoint("Move a block", gives=BlockSerializer, takes=PlaceSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, block_id: UUID) -> PageBlock:
        block = one(blocks(call, id), block_id)
        move_block(block=block, step=STEPS[call.body["to"]], by=call.by, at=call.at)
        block.refresh_from_db(fields=["position"])
        return block


class RemoveBlock(MerchantView):
    """Take a block off the page."""

    @endpoint("Remove a block", gives=BlockSerializer, scope=Scope.PROGRAMS)
    def post(self, call: Call, id: UUID, block_id: UUID) -> PageBlock:
        block = one(blocks(call, id), block_id)
        remove_block(block=block, by=call.by, at=call.at)
        return block
