"""Programs by their public address: asked before the tenant is known, so as ops; reads only."""

from uuid import UUID

from common.secrets import hash_key
from merchants.tenancy import OPS
from programs.models import Program, Status


def find_program(*, merchant_slug: str, program_slug: str) -> Program | None:
    """Return the program of a public page with its merchant; drafts have no public page."""
    programs = Program.objects.using(OPS).exclude(status=Status.DRAFT).select_related("merchant")
    return programs.filter(merchant__slug=merchant_slug, slug=program_slug).first()


def program_of_token(presented: str) -> Program | None:
    """Return the program whose postback token was presented.

    The comparison is on a hash of 256 random bits, so its time tells nothing.
    """
    programs = Program.objects.using(OPS)
    return programs.filter(postback_token_hash=hash_key(presented)).first()


def program_by_id(program_id: UUID) -> Program | None:
    """Return the program of a pixel, which names it by its id."""
    return Program.objects.using(OPS).filter(id=program_id).first()


def program_by_slug(*, merchant_id: UUID, slug: str) -> Program | None:
    """Return the merchant's program of this address."""
    return Program.objects.using(OPS).filter(merchant_id=merchant_id, slug=slug).first()
