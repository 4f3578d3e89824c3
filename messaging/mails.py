"""The mails that tell of messages, as their readers chose to hear of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from mailing.delivery import Mail, deliver, in_each_language
from mailing.kinds import Kind
from merchants.tenancy import merchant_context
from messaging.models import Message, Side

log = structlog.get_logger()

# What a worker that is killed between the mark and the mail leaves without one, at the most; the
# messages themselves are in the inbox.
MAILS_BATCH = 20


def tell_of_messages(*, merchant_id: UUID, at: datetime) -> int:
    """Mail the next messages to the other side; return how many messages.

    They are marked first and mailed after the commit, so that nobody gets a mail twice; a mail
    server that is away takes the marks back. Safe to run twice: what another worker holds is
    skipped.
    """
    with merchant_context(merchant_id):
        due = Message.objects.filter(merchant_id=merchant_id, mail_due_at__isnull=False)
        locked = due.select_for_update(of=("self",), skip_locked=True)
        named = locked.select_related("thread__enrollment__program__merchant", "affiliate")
        messages = list(named.order_by("mail_due_at", "id")[:MAILS_BATCH])
        _mark(messages, None)
        mails = [_mail(message) for message in messages]
    try:
        deliver(mails, merchant_id=merchant_id, at=at)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("messages.mail_failed", merchant=str(merchant_id), error=str(error))
        with merchant_context(merchant_id):
            _mark(messages, at)
        return 0
    return len(messages)


def _mark(messages: Sequence[Message], due_at: datetime | None) -> None:
    ids = [message.id for message in messages]
    Message.objects.filter(id__in=ids).update(mail_due_at=due_at)


@in_each_language
def _mail(message: Message) -> Mail:
    thread = message.thread
    program = thread.enrollment.program
    to_members = message.side == Side.AFFILIATE
    page = "console:thread" if to_members else "portal:thread"
    facts = {
        "message": message,
        "thread": thread,
        "program": program,
        "merchant": program.merchant,
        "to_members": to_members,
        "url": settings.APP_URL + reverse(page, args=[thread.id]),
    }
    who = message.affiliate.name if to_members else program.merchant.name
    subject = _("%(who)s: %(subject)s") % {"who": who, "subject": thread.subject}
    text = render_to_string("messaging/mail/message.txt", facts)
    if to_members:
        return Mail(Kind.MESSAGES, subject, text)
    kind = Kind.BROADCASTS if message.is_broadcast else Kind.INBOX
    return Mail(kind, subject, text, affiliate=message.affiliate)
