"""The daily mail: what was held back for somebody, in one mail for all of it."""

from datetime import datetime, timedelta
from itertools import groupby

import structlog
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import ngettext, override

from mailing.delivery import message, send
from mailing.kinds import Kind
from mailing.models import HeldMail
from mailing.readers import Reader, Standing, standing_of

log = structlog.get_logger()

# Longer than a task may run: what is claimed for longer is a dead worker's, or was not taken.
LEASE = timedelta(minutes=15)
TOLD_MAX = 100  # What one mail tells in full; the rest it counts.


def send_digest(reader: Reader, *, at: datetime) -> bool:
    """Send a reader what waits for them, if anything is due; return False if that failed.

    It is claimed first, sent after that is committed, and then deleted. So two workers send it
    once, and what a worker leaves that dies is sent by the next when the lease is over.
    """
    with reader.context():
        standing = standing_of(reader)
        held = _claim(reader, at=at)
        heard = [row for row in held if standing and Kind(row.kind) in standing.kinds]
    try:
        if standing and heard:
            with override(standing.language):
                send([_digest(reader, standing, heard)])
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("digest.mail_failed", user=str(reader.user_id), error=str(error))
        return False
    with reader.context():
        HeldMail.objects.filter(id__in=[row.id for row in held]).delete()
    return True


def _claim(reader: Reader, *, at: datetime) -> list[HeldMail]:
    free = Q(claimed_at=None) | Q(claimed_at__lt=at - LEASE)
    due = HeldMail.objects.filter(free, **reader.held, due_at__lte=at)
    rows = list(due.select_for_update(skip_locked=True).order_by("kind", "created_at", "id"))
    HeldMail.objects.filter(id__in=[row.id for row in rows]).update(claimed_at=at)
    return rows


def _digest(reader: Reader, standing: Standing, held: list[HeldMail]) -> EmailMessage:
    told = held[:TOLD_MAX]
    in_order = sorted(told, key=lambda row: standing.kinds.index(Kind(row.kind)))
    groups = [
        {"label": Kind(kind).label, "mails": list(rows)}
        for kind, rows in groupby(in_order, key=lambda row: row.kind)
    ]
    facts = {"groups": groups, "more": len(held) - len(told)}
    subject = ngettext("Your day: %(count)s message", "Your day: %(count)s messages", len(held))
    found = message(
        subject=subject % {"count": len(held)},
        text=render_to_string("mailing/mail/digest.txt", facts),
        address=standing.address,
        reader=reader,
        kind=None,
    )
    # The same for a repeat after a crash, so that mail programs show one.
    of = reader.merchant_id or reader.affiliate_id
    found.extra_headers["Message-ID"] = f"<digest.{reader.user_id}.{of}.{held[0].id}@fairlead>"
    return found
