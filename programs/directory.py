"""Programs by their public address: asked before the tenant is known, so as ops; reads only."""

from merchants.tenancy import OPS
from programs.models import Program, Status


def find_program(*, merchant_slug: str, program_slug: str) -> Program | None:
    """Return the program of a public page with its merchant; drafts have no public page."""
    programs = Program.objects.using(OPS).exclude(status=Status.DRAFT).select_related("merchant")
    return programs.filter(merchant__slug=merchant_slug, slug=program_slug).first()
