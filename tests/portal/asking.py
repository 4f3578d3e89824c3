"""What affiliates ask for or are asked, as pages show it."""

from affiliates.models import Reference
from affiliates.reach import add_reference
from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from payouts.models import Withdrawal
from programs.services import QuestionDraft, add_question
from tests.cast import NOON, Company, Promoter


def store_withdrawal(company: Company, promoter: Promoter) -> Withdrawal:
    """Return a request of 10.00 that waits for review."""
    with merchant_context(company.id):
        return Withdrawal.objects.create(
            merchant_id=company.id,
            affiliate_id=promoter.affiliate.id,
            currency="EUR",
            expected_minor=10_00,
            status_changed_at=NOON,
            requested_at=NOON,
        )


def ask_more(company: Company) -> None:
    """Ask affiliates of the company's program one thing after their approval."""
    draft = QuestionDraft("How many people read you?", kind="NUMBER", stage="QUESTIONNAIRE")
    with merchant_context(company.id):
        add_question(program=company.program, draft=draft, by=SYSTEM, at=NOON)


def name_reference(promoter: Promoter) -> tuple[Reference, str]:
    """Return somebody whom the promoter names, and the key in their mail."""
    facts = {"name": "Rita", "email": "rita@example.com", "relation": "A customer"}
    return add_reference(affiliate=promoter.affiliate, at=NOON, **facts)
