"""The mails the console sends: written inside the transaction, sent once it has committed."""

from functools import partial
from typing import Any

from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string


def mail_when_committed(*, to: str, subject: str, template: str, facts: dict[str, Any]) -> None:
    """Send a mail after the commit; a mail server that is away fails no request."""
    text = render_to_string(f"console/mail/{template}.txt", facts)
    transaction.on_commit(partial(send_mail, subject, text, None, [to]), robust=True)
