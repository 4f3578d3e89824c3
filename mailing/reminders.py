"""Mails to members about what is theirs to see to: tasks that fall due, hosts that fail.

Rows are marked first and mailed after the commit; a mail server that is away takes the marks back,
so that the next round tries again. Two rounds at once tell of nothing twice.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from affiliates.models import Task
from mailing.delivery import Mail, deliver, in_each_language
from mailing.kinds import Kind
from merchants.domains import Finding, dns_records, domains_to_tell_of, gives_up_at
from merchants.models import Domain, Purpose
from merchants.tenancy import merchant_context

log = structlog.get_logger()

BATCH = 200
NAMED_MAX = 20  # Tasks that a mail lists; the rest it counts.


def tell_of_tasks(*, merchant_id: UUID, at: datetime) -> int:
    """Tell members which of their tasks are due, each task once; return of how many."""
    with merchant_context(merchant_id):
        due = Task.objects.filter(
            merchant_id=merchant_id, done_at=None, reminded_at=None, due_on__lte=at.date()
        )
        locked = due.select_for_update(of=("self",), skip_locked=True)
        named = locked.select_related("assignee", "enrollment__affiliate")
        tasks = list(named.order_by("assignee_id", "due_on", "id")[:BATCH])
        mails = [_of_tasks(list(own)) for _who, own in groupby(tasks, attrgetter("assignee_id"))]
        rows = Task.objects.filter(id__in=[task.id for task in tasks])
        rows.update(reminded_at=at)
    if _went_out(mails, merchant_id=merchant_id, at=at):
        return len(tasks)
    with merchant_context(merchant_id):
        rows.update(reminded_at=None)
    return 0


@in_each_language
def _of_tasks(tasks: Sequence[Task]) -> Mail:
    facts = {
        "tasks": tasks[:NAMED_MAX],
        "more": max(len(tasks) - NAMED_MAX, 0),
        "url": settings.APP_URL + reverse("console:tasks"),
    }
    subject = ngettext("%(count)s task is due", "%(count)s tasks are due", len(tasks))
    text = render_to_string("mailing/mail/tasks_due.txt", facts)
    return Mail(Kind.TASKS, subject % {"count": len(tasks)}, text, only=tasks[0].assignee_id)


def tell_of_domains(*, merchant_id: UUID, at: datetime) -> int:
    """Tell members which of the merchant's hosts fail, or were given up; return of how many."""
    with merchant_context(merchant_id):
        domains = list(_untold(merchant_id).select_for_update(of=("self",), skip_locked=True))
        mails = [_of_domain(domain) for domain in domains]
        rows = Domain.objects.filter(id__in=[domain.id for domain in domains])
        rows.update(told_at=at)
    if _went_out(mails, merchant_id=merchant_id, at=at):
        return len(domains)
    with merchant_context(merchant_id):
        rows.update(told_at=None)
    return 0


def _untold(merchant_id: UUID) -> QuerySet[Domain]:
    return domains_to_tell_of(Domain.objects.filter(merchant_id=merchant_id)).order_by("host")


@in_each_language
def _of_domain(domain: Domain) -> Mail:
    since = domain.failing_since_at
    facts = {
        "domain": domain,
        "is_portal": domain.purpose == Purpose.PORTAL,
        "finding": Finding(domain.finding).label,
        "until": gives_up_at(since) if since and domain.given_up_at is None else None,
        "records": dns_records(domain),
        "url": settings.APP_URL + reverse("console:domains"),
    }
    said = _("%(host)s no longer works") if domain.given_up_at else _("%(host)s will stop working")
    text = render_to_string("mailing/mail/domain_failing.txt", facts)
    return Mail(Kind.DOMAINS, said % {"host": domain.host}, text)


def _went_out(mails: Sequence[Mail], *, merchant_id: UUID, at: datetime) -> bool:
    try:
        deliver(mails, merchant_id=merchant_id, at=at)
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("reminders.mail_failed", merchant=str(merchant_id), error=str(error))
        return False
    return True
