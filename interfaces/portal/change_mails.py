"""Mails about what changed in a program, to everybody who was in it."""

from datetime import datetime
from uuid import UUID

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from affiliates.models import Enrollment, Status
from interfaces.portal.changes import change_told
from mailing.delivery import Mail, deliver, in_each_language
from mailing.kinds import Kind
from merchants.tenancy import merchant_context
from programs.models import ProgramChange

log = structlog.get_logger()

MAILS_BATCH = 200


def mail_changes(*, merchant_id: UUID, at: datetime) -> int:
    """Mail the next of those who were in a program when it changed; return how many.

    Who was mailed is noted first and mailed after the commit; a mail server that is away takes the
    note back. Safe to run twice: a change that another worker holds is skipped.
    """
    with merchant_context(merchant_id):
        due = ProgramChange.objects.filter(merchant_id=merchant_id, mail_due_at__isnull=False)
        locked = due.select_for_update(of=("self",), skip_locked=True)
        change = locked.select_related("program__merchant").order_by("at", "id").first()
        if change is None:
            return 0
        before = change.mailed_until
        audience = _audience(change)
        mails = [_mail(change, enrollment) for enrollment in audience]
        _note(change, audience[-1].id if audience else before, is_done=len(audience) < MAILS_BATCH)
    try:
        deliver(mails, merchant_id=merchant_id, at=at)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("changes.mail_failed", merchant=str(merchant_id), error=str(error))
        with merchant_context(merchant_id):
            _note(change, before, is_done=False)
        return 0
    return max(len(mails), 1)


def _audience(change: ProgramChange) -> list[Enrollment]:
    rows = Enrollment.objects.filter(
        merchant_id=change.merchant_id,
        program_id=change.program_id,
        status=Status.APPROVED,
        status_changed_at__lte=change.at,
    )
    if change.mailed_until is not None:
        rows = rows.filter(id__gt=change.mailed_until)
    return list(rows.select_related("affiliate").order_by("id")[:MAILS_BATCH])


def _note(change: ProgramChange, until: UUID | None, *, is_done: bool) -> None:
    change.mailed_until = until
    change.mail_due_at = None if is_done else change.at
    change.save(update_fields=["mailed_until", "mail_due_at"])


@in_each_language
def _mail(change: ProgramChange, enrollment: Enrollment) -> Mail:
    program = change.program
    context = {
        "program": program,
        "merchant": program.merchant,
        "change": change_told(change),
        "url": settings.APP_URL + reverse("portal:program", args=[enrollment.id]),
    }
    text = render_to_string("portal/mail/program_changed.txt", context)
    subject = _("News of %(program)s") % {"program": program.name}
    return Mail(Kind.NEWS, subject, text, affiliate=enrollment.affiliate)
