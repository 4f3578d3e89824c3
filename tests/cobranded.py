"""Co-branded pages: a template of a company, and what its affiliate made of it."""

from typing import Any
from uuid import UUID

from cobranding.models import CobrandPiece, CobrandTemplate
from cobranding.services import (
    PieceDraft,
    TemplateDraft,
    add_template,
    approve_piece,
    publish_piece,
    save_piece,
)
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from tests.cast import NOON, Company, Promoter

SAID: dict[str, Any] = {
    "kind": "PAGE",
    "title": "Spring page",
    "headline": "Ropes that last",
    "body": "Cut to measure.\n\nSince 1911.",
    "button": "Look around",
}


def store_template(company: Company, **facts: Any) -> CobrandTemplate:
    """Store a template of the company's program."""
    draft = TemplateDraft(**(SAID | facts))
    with merchant_context(company.id):
        return add_template(program=company.program, draft=draft, by=SYSTEM, at=NOON)


def store_piece(
    company: Company, promoter: Promoter, template: CobrandTemplate, **facts: Any
) -> CobrandPiece:
    """Store the draft that the promoter makes of a template."""
    draft = PieceDraft(**({"name": "Bob on boats", "text": "I sail with them."} | facts))
    with merchant_context(company.id):
        return save_piece(
            template=template, enrollment=promoter.enrollment, draft=draft, by=SYSTEM, at=NOON
        )


def publish(company: Company, piece: CobrandPiece) -> CobrandPiece:
    """Put a draft to use, whether or not somebody looks at it first."""
    with merchant_context(company.id):
        done = publish_piece(piece=piece, by=SYSTEM, at=NOON)
        if done.status == "WAITING":
            approve_piece(piece=done, saved_at=NOON, by=SYSTEM, at=NOON)
        return done


def store_cobranded(
    company: Company, promoter: Promoter, *, is_live: bool = False
) -> dict[str, UUID]:
    """Store a template and a piece that waits for review, or is in use; return their ids."""
    template = store_template(company, needs_review=not is_live)
    piece = store_piece(company, promoter, template)
    with merchant_context(company.id):
        publish_piece(piece=piece, by=SYSTEM, at=NOON)
    return {"template_id": template.id, "piece_id": piece.id}


def piece_code(company: Company, piece_id: UUID) -> str:
    """Return what stands in the page's address."""
    with merchant_context(company.id):
        return CobrandPiece.objects.get(id=piece_id).code
