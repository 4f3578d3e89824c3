"""What the pages of joining need: a rule, a question's code."""

from typing import Any
from uuid import UUID

from affiliates.review_rules import RuleDraft, add_rule
from merchants.models import SYSTEM
from tests.cast import NOON, Company


def store_rule(company: Company, **facts: Any) -> UUID:
    """Store a review rule of the company's program; return its id."""
    draft = RuleDraft(
        **{"looks_at": "EMAIL_VERIFIED", "verdict": "REVIEW", "reason": "Look."} | facts
    )
    return add_rule(program=company.program, draft=draft, by=SYSTEM, at=NOON).id


def store_joining(company: Company) -> dict[str, UUID | str]:
    """Return what the routes of joining name."""
    return {"review_rule_id": store_rule(company), "question_code": "message"}
