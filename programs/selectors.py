"""What is read of programs by more than one interface."""

from uuid import UUID

from programs.models import Program, Terms


def terms_in_force(program: Program) -> Terms | None:
    """Return the newest version of the program's terms, if it has any."""
    terms = Terms.objects.filter(merchant_id=program.merchant_id, program=program)
    return terms.order_by("-version").first()


def programs_of(merchant_id: UUID) -> list[Program]:
    """Return the merchant's programs, newest first."""
    return list(Program.objects.filter(merchant_id=merchant_id).order_by("-created_at"))
