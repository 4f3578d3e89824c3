"""A statement that somebody is looking at."""

from merchants.tenancy import merchant_context
from payouts.models import Statement
from payouts.statements.importing import take_statement
from tests.cast import NOON, Company

CONTENT = b"date,amount,currency,reference\n2026-03-02,-700.00,EUR,RENT\n"


def store_statement(company: Company, content: bytes = CONTENT) -> Statement:
    """Take a file for the company's owner; nothing of it is applied."""
    with merchant_context(company.id):
        return take_statement(member=company.owner, name="march.csv", content=content, at=NOON)
