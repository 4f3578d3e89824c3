"""The blocks of a program's page: made, changed, put in order and taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from common.addresses import require_address
from common.refusals import BadValue, cleaned
from merchants.models import Actor
from programs.models import OF_PARTS, BlockKind, PageBlock, Program
from programs.services.history import record

BLOCKS_MAX: Final = 40
TITLED: Final = OF_PARTS  # Kinds that make no sense without a title.


@dataclass(frozen=True, slots=True)
class BlockDraft:
    """What a block is made from."""

    kind: str
    title: str = ""
    body: str = ""
    image_url: str = ""


def add_block(*, program: Program, draft: BlockDraft, by: Actor, at: datetime) -> PageBlock:
    """Put a block at the end of the program's page; return it.

    :raises BadValue: if it says nothing, its picture is not at an https address, or there are
        BLOCKS_MAX.
    """
    facts = _cleaned(draft)
    with transaction.atomic():
        rows = _locked(program)
        if len(rows) >= BLOCKS_MAX:
            raise BadValue("", "too_many", _("%d blocks at the most.") % BLOCKS_MAX)
        block = PageBlock.objects.create(
            merchant_id=program.merchant_id, program=program, position=len(rows), **facts
        )
        _record(block, "block_added", by, at)
    return block


def update_block(*, block: PageBlock, draft: BlockDraft, by: Actor, at: datetime) -> PageBlock:
    """Change a block, its kind stays; return it.

    :raises BadValue: as for a new one.
    """
    facts = _cleaned(draft)
    if facts["kind"] != block.kind:
        raise BadValue("kind", "for_good", _("The kind of a block stays."))
    with transaction.atomic():
        for name, value in facts.items():
            setattr(block, name, value)
        block.save(update_fields=list(facts))
        _record(block, "block_changed", by, at)
    return block


def move_block(*, block: PageBlock, step: int, by: Actor, at: datetime) -> None:
    """Put a block earlier (`step` -1) or later (1); at the ends nothing changes."""
    with transaction.atomic():
        rows = _locked(block.program)
        here = [row.id for row in rows].index(block.id)
        there = here + step
        if not 0 <= there < len(rows):
            return
        rows[here], rows[there] = rows[there], rows[here]
        _number(rows)
        _record(block, "block_moved", by, at)


def remove_block(*, block: PageBlock, by: Actor, at: datetime) -> None:
    """Take a block off the page."""
    with transaction.atomic():
        _record(block, "block_removed", by, at)
        PageBlock.objects.filter(merchant_id=block.merchant_id, id=block.id).delete()
        _number(_locked(block.program))


def blocks_of(program: Program) -> list[PageBlock]:
    """Return the blocks of the program's page in their order."""
    rows = PageBlock.objects.filter(merchant_id=program.merchant_id, program=program)
    return list(rows.order_by("position", "id"))


def find_block(program: Program, block_id: UUID) -> PageBlock | None:
    """Return one block of the program's page, if it is there."""
    rows = PageBlock.objects.filter(merchant_id=program.merchant_id, program=program, id=block_id)
    return rows.select_related("program").first()


def _locked(program: Program) -> list[PageBlock]:
    """Return the blocks; two people who edit the page at once do so one after another."""
    Program.objects.select_for_update(of=("self",), no_key=True).get(id=program.id)
    return blocks_of(program)


def _number(rows: Sequence[PageBlock]) -> None:
    for position, row in enumerate(rows):
        row.position = position
    PageBlock.objects.bulk_update(rows, ["position"])


def _cleaned(draft: BlockDraft) -> dict[str, Any]:
    kind = BlockKind(cleaned(PageBlock, "kind", draft.kind))
    title = cleaned(PageBlock, "title", " ".join(draft.title.split()))
    body = cleaned(PageBlock, "body", draft.body.strip())
    if kind in TITLED and not title:
        raise BadValue("title", "required", _("Give it a title."))
    if kind == BlockKind.IMAGE:
        if not title:
            raise BadValue("title", "required", _("Say what the picture shows."))
        return {"kind": kind, "title": title, "body": "", "image_url": picture(draft.image_url)}
    if not body:
        raise BadValue("body", "required", _("Write something."))
    return {"kind": kind, "title": title, "body": body, "image_url": ""}


def picture(address: str, field: str = "image_url") -> str:
    """Return the address of a picture.

    :raises BadValue: naming `field`, unless it is an https address of a plain host.
    """
    address = cleaned(PageBlock, "image_url", address.strip())
    if not address.startswith("https://"):
        raise BadValue(field, "bad_address", _("Write a whole address, with https://."))
    return require_address(address, field=field)


def _record(block: PageBlock, verb: str, by: Actor, at: datetime) -> None:
    data = {"kind": block.kind, "title": block.title}
    record(block.program, f"program.{verb}", by, at, data)
