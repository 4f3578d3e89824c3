"""Prospects as tests need them."""

import re
from datetime import datetime
from typing import Any

from django.core import mail

from merchants.models import SYSTEM
from merchants.tenancy import merchant_context
from recruiting.importing import begin_import
from recruiting.letters import mail_letters, save_template, write_letters
from recruiting.models import LetterTemplate, Prospect, ProspectImport
from recruiting.selectors import prospects_of
from recruiting.services import ProspectDraft, add_prospect
from tests.cast import NOON, Company

BODY = "Hello {name},\n\nwill you join {program}? {link}\n"


def store_prospect(company: Company, name: str = "Petra Pier", **said: Any) -> Prospect:
    """Store somebody who might become an affiliate of the company's program."""
    facts = {"email": f"{name.split()[0].lower()}@pier.example", **said}
    with merchant_context(company.id):
        draft = ProspectDraft(name=name, **facts)
        return add_prospect(program=company.program, draft=draft, by=SYSTEM, at=NOON)


def store_file(
    company: Company, content: str = "Name,Mail\nQuin Quay,quin@quay.example\n"
) -> ProspectImport:
    """Store a file of prospects that nobody has taken in yet."""
    with merchant_context(company.id):
        return begin_import(
            program=company.program,
            file_name="list.csv",
            content=content.encode(),
            source="SEARCH",
            member=company.owner,
        )


def again(company: Company, prospect: Prospect) -> Any:
    """Return the prospect as it is now, with its stage."""
    with merchant_context(company.id):
        return prospects_of(company.id).get(id=prospect.id)


def store_template(company: Company) -> LetterTemplate:
    """Store a letter to write with."""
    with merchant_context(company.id):
        return save_template(merchant_id=company.id, name="First", subject="Hello", body=BODY)


def write(company: Company, *prospects: Prospect, body: str = BODY, at: datetime = NOON) -> int:
    """Write to the prospects; return how many letters that makes."""
    with merchant_context(company.id):
        letters = write_letters(
            prospects=Prospect.objects.filter(id__in=[row.id for row in prospects]),
            subject="Sell with us, {name}",
            body=body,
            template=None,
            member=company.owner,
            by=SYSTEM,
            at=at,
        )
    return len(letters)


def mail_letter(company: Company, prospect: Prospect, *, at: datetime = NOON) -> str:
    """Write to a prospect and let the worker mail it; return the key in the mail."""
    write(company, prospect, at=at)
    mail_letters(merchant_id=company.id, at=at)
    found = re.search(r"/invitation/([\w-]+)/", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]
