"""The mails to applicants: it arrived, you are in, or not this time; and to who decides that."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from affiliates.applications import reapply_at
from affiliates.models import Application, Status
from mailing.delivery import Mail, deliver, in_each_language
from mailing.kinds import Kind
from merchants.tenancy import merchant_context

log = structlog.get_logger()

BATCH = 200
SUBJECTS = {
    Status.APPLIED: _("Your application to %(program)s arrived"),
    Status.APPROVED: _("You are in: %(program)s"),
    Status.REJECTED: _("About your application to %(program)s"),
}


def mail_applications(*, merchant_id: UUID, at: datetime) -> int:
    """Mail the next applicants where they stand now; return how many applications.

    They are marked first and mailed after the commit; a mail server that is away takes the marks
    back. What an application went through meanwhile needs one mail only. Safe to run twice.
    """
    with merchant_context(merchant_id):
        due = Application.objects.filter(merchant_id=merchant_id, mail_due_at__isnull=False)
        locked = due.select_for_update(of=("self",), skip_locked=True)
        named = locked.select_related("enrollment__program__merchant", "affiliate")
        rows = list(named.order_by("mail_due_at", "id")[:BATCH])
        _mark(rows, None)
        mails = [_mail(row) for row in rows if row.enrollment.status in SUBJECTS]
        mails += [_to_review(row) for row in rows if row.enrollment.status == Status.APPLIED]
    if not rows:
        return 0
    try:
        deliver(mails, merchant_id=merchant_id, at=at)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("applications.mail_failed", merchant=str(merchant_id), error=str(error))
        with merchant_context(merchant_id):
            _mark(rows, at)
        return 0
    return len(rows)


def _mark(rows: Sequence[Application], due_at: datetime | None) -> None:
    Application.objects.filter(id__in=[row.id for row in rows]).update(mail_due_at=due_at)


@in_each_language
def _mail(application: Application) -> Mail:
    enrollment = application.enrollment
    program, status = enrollment.program, Status(enrollment.status)
    join_page = reverse("public:join", args=[program.merchant.slug, program.slug])
    context: dict[str, Any] = {
        "program": program,
        "merchant": program.merchant,
        "name": application.affiliate.name,
        "status": status.value,
        "reason": enrollment.status_reason,
        "message": application.message,
        "portal_url": settings.APP_URL + reverse("portal:home"),
        "join_url": settings.APP_URL + join_page,
    }
    if status == Status.REJECTED:
        context["again_at"] = reapply_at(enrollment)
    text = render_to_string("portal/mail/application.txt", context)
    subject = str(SUBJECTS[status]) % {"program": program.name}
    return Mail(Kind.APPLICATION, subject, text, affiliate=application.affiliate)


@in_each_language
def _to_review(application: Application) -> Mail:
    program, name = application.enrollment.program, application.affiliate.name
    facts = {
        "program": program,
        "name": name,
        "url": settings.APP_URL + reverse("console:application", args=[application.enrollment_id]),
    }
    text = render_to_string("portal/mail/application_waits.txt", facts)
    subject = _("%(name)s applied to %(program)s") % {"name": name, "program": program.name}
    return Mail(Kind.APPLICATIONS, subject, text)
