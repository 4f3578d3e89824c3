"""The mails the console sends: written inside the transaction, sent once it has committed."""

from typing import Any

from django.template.loader import render_to_string

from mailing.delivery import Mail, deliver_when_committed
from mailing.kinds import Kind


def mail_when_committed(
    kind: Kind, *, to: str, subject: str, template: str, facts: dict[str, Any]
) -> None:
    """Send a mail after the commit; a mail server that is away fails no request."""
    text = render_to_string(f"console/mail/{template}.txt", facts)
    deliver_when_committed([to], Mail(kind, subject, text))
