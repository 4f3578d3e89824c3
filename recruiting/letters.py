"""Letters to prospects: written from a template, mailed by the worker, and what came of them.

The key of a letter's link is made when it goes out and stored hashed. Nothing in the mail tells
whether it was read: counted is that somebody followed the link.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from affiliates.services import AlreadyEnrolled, invite_affiliate
from common.refusals import BadValue, cleaned
from common.secrets import hash_key, new_key
from mailing.delivery import send, unwanted_at
from merchants.models import SYSTEM, Actor, Member
from merchants.tenancy import merchant_context
from messaging.text import plain_line, plain_text
from programs.models import JoinMode, Program
from programs.models import Status as ProgramStatus
from recruiting import directory
from recruiting.models import Letter, LetterTemplate, Prospect, Stage
from recruiting.services import link_enrollment, record
from recruiting.tags import LINK, filled, require_known_tags

log = structlog.get_logger()

KEY_PREFIX: Final = "fl_pi_"
VALID: Final = timedelta(days=60)
PAUSE: Final = timedelta(days=7)  # Between two letters to one prospect.
AT_ONCE: Final = 200  # Prospects whom one text goes to.
TEMPLATES_MAX: Final = 100
MAILS_BATCH: Final = 20
SALT: Final = "recruiting.unsubscribe"


class NobodyToWriteTo(Exception):
    """None of the prospects can be written to now."""


class BadToken(Exception):
    """The link is none of ours, or what it was about is gone."""


def save_template(
    *,
    merchant_id: UUID,
    name: str,
    subject: str,
    body: str,
    template: LetterTemplate | None = None,
) -> LetterTemplate:
    """Store a text to write with, or change it; return it.

    :raises BadValue: if a value cannot be, or another template has the name.
    """
    subject, body = plain_line(subject), plain_text(body)
    require_known_tags(subject, body)
    row = template or LetterTemplate(merchant_id=merchant_id)
    row.name = cleaned(LetterTemplate, "name", plain_line(name))
    row.subject = cleaned(LetterTemplate, "subject", subject)
    row.body = cleaned(LetterTemplate, "body", body)
    used = LetterTemplate.objects.filter(merchant_id=merchant_id, archived_at=None)
    if template is None and used.count() >= TEMPLATES_MAX:
        raise BadValue("", "too_many", _("%d templates at the most.") % TEMPLATES_MAX)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise BadValue("name", "taken", _("Another template has this name.")) from error
    return row


def archive_template(*, template: LetterTemplate, at: datetime) -> None:
    """Put a template away; letters written with it stay. Safe to repeat."""
    rows = LetterTemplate.objects.filter(merchant_id=template.merchant_id, id=template.id)
    rows.filter(archived_at=None).update(archived_at=at)


def reachable(prospects: QuerySet[Prospect], *, at: datetime) -> QuerySet[Prospect]:
    """Return those who can be written to: an address, no word against it, not in, not just now."""
    lately = Letter.objects.filter(written_at__gt=at - PAUSE).values("prospect_id")
    free = prospects.filter(
        Q(enrollment=None) | Q(enrollment__status="INVITED"), unsubscribed_at=None
    )
    return free.exclude(email="").exclude(stage=Stage.DECLINED).exclude(id__in=lately)


def write_letters(
    *,
    prospects: QuerySet[Prospect],
    subject: str,
    body: str,
    template: LetterTemplate | None,
    member: Member,
    by: Actor,
    at: datetime,
) -> list[Letter]:
    """Write to those of the prospects who can be reached, AT_ONCE at the most; return the letters.

    They go out within seconds. Who is behind is `invited` from then on. A prospect of a program
    that takes nobody in without an invitation gets one of these as well.

    :raises BadValue: if the text cannot be.
    :raises NobodyToWriteTo: if there is nobody.
    """
    subject, body = plain_line(subject), plain_text(body)
    require_known_tags(subject, body)
    cleaned(LetterTemplate, "subject", subject)
    cleaned(LetterTemplate, "body", body)
    with transaction.atomic():
        chosen = reachable(prospects, at=at).order_by("id").values_list("id", flat=True)[:AT_ONCE]
        rows = Prospect.objects.filter(id__in=list(chosen)).select_related("program__merchant")
        locked = list(rows.select_for_update(of=("self",)).order_by("id"))
        if not locked:
            raise NobodyToWriteTo
        letters = [
            Letter(
                merchant_id=row.merchant_id,
                prospect=row,
                template=template,
                subject=filled(subject, row)[:150],
                body=filled(body, row),
                member=member,
                expires_at=at + VALID,
                written_at=at,
                mail_due_at=at,
            )
            for row in locked
        ]
        Letter.objects.bulk_create(letters)
        for row in locked:
            _invite(row, by, at)
    return letters


def _invite(prospect: Prospect, by: Actor, at: datetime) -> None:
    program = prospect.program
    rows = Prospect.objects.filter(merchant_id=prospect.merchant_id, id=prospect.id)
    if program.join_mode == JoinMode.INVITATION and program.status == ProgramStatus.ACTIVE:
        if prospect.enrollment_id is None:
            try:
                enrollment = invite_affiliate(
                    program=program,
                    name=prospect.name,
                    email=prospect.email,
                    website=prospect.website,
                    by=by,
                    at=at,
                )
                link_enrollment(prospect=prospect, enrollment=enrollment)
            except AlreadyEnrolled:
                log.info("letter.already_enrolled", prospect=str(prospect.id))
    else:
        rows.move(to=Stage.INVITED, at=at)
    record(prospect, "invited", by, at)


def mail_letters(*, merchant_id: UUID, at: datetime) -> int:
    """Mail the next letters; return how many went out.

    Marked first and mailed after the commit, so nobody gets one twice; a mail server that is away
    takes the marks back. Who asked for none meanwhile gets none.
    """
    with merchant_context(merchant_id):
        due = Letter.objects.filter(merchant_id=merchant_id, mail_due_at__isnull=False)
        locked = due.select_for_update(of=("self",), skip_locked=True)
        rows = locked.select_related("prospect__program__merchant")
        letters = list(rows.order_by("mail_due_at", "id")[:MAILS_BATCH])
        going = [row for row in letters if row.prospect.unsubscribed_at is None]
        keys = {letter.id: new_key(KEY_PREFIX) for letter in going}
        for letter in letters:
            letter.mail_due_at = None
            if letter.id in keys:
                letter.key_hash, letter.sent_at = hash_key(keys[letter.id]), at
        Letter.objects.bulk_update(letters, ["mail_due_at", "key_hash", "sent_at"])
    try:
        send([unwanted_at(**_written(letter, keys[letter.id])) for letter in going])
    except OSError as error:  # Of the network, and smtplib's own.
        log.warning("letters.mail_failed", merchant=str(merchant_id), error=str(error))
        with merchant_context(merchant_id):
            rows = Letter.objects.filter(id__in=[row.id for row in going], visits=0)
            rows.update(mail_due_at=at, sent_at=None)
        return 0
    return len(letters)


def _written(letter: Letter, key: str) -> dict[str, str]:
    prospect = letter.prospect
    merchant = prospect.program.merchant
    with override(merchant.language or settings.LANGUAGE_CODE):
        url = settings.APP_URL + reverse("public:prospect-invitation", args=[key])
        away = unsubscribe_url(prospect)
        facts = {"merchant": merchant.name, "url": away}
        foot = render_to_string("recruiting/mail/foot.txt", facts).strip()
    return {
        "url": away,
        "subject": " ".join(letter.subject.split()),
        "text": letter.body.replace(LINK, url) + "\n\n" + foot,
        "address": prospect.email,
    }


# What came of it ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Invited:
    """Who followed the link of a letter, and what is known of them for the form."""

    prospect_id: UUID
    merchant_id: UUID
    program: Program
    known: dict[str, str]


def follow(key: str, *, at: datetime, counts: bool) -> Invited | None:
    """Return who was invited by this key, counting the visit; None if it is none, or over."""
    found = directory.letter_of(hash_key(key))
    if found is None:
        return None
    with merchant_context(found.merchant_id):
        rows = Letter.objects.filter(merchant_id=found.merchant_id, id=found.id, expires_at__gt=at)
        letter = rows.select_related("prospect__program__merchant").first()
        if letter is None:
            return None
        if counts:
            rows.update(visits=F("visits") + 1)
            rows.filter(first_visited_at=None).update(first_visited_at=at)
    prospect = letter.prospect
    names = ("name", "email", "website", "channels", "audience", "country")
    known = {name: str(getattr(prospect, name)) for name in names}
    return Invited(prospect.id, prospect.merchant_id, prospect.program, known)


def unsubscribe_url(prospect: Prospect) -> str:
    """Return the address by which a prospect asks for no other letter. It does not end."""
    token = signing.dumps([str(prospect.merchant_id), str(prospect.id)], salt=SALT)
    return f"{settings.APP_URL}{reverse('public:no-letters')}?token={token}"


def unsubscribe(token: str, *, at: datetime) -> None:
    """Write to a prospect no more, at this address in none of the merchant's programs.

    Safe to repeat.

    :raises BadToken: if we never made it, or the prospect was forgotten.
    """
    try:
        merchant_id, prospect_id = (UUID(id) for id in signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadToken from error
    with merchant_context(merchant_id):
        rows = Prospect.objects.filter(merchant_id=merchant_id)
        prospect = rows.filter(id=prospect_id).first()
        if prospect is None:
            raise BadToken
        same = rows.filter(Q(id=prospect_id) | Q(email=prospect.email) & ~Q(email=""))
        if same.filter(unsubscribed_at=None).update(unsubscribed_at=at):
            record(prospect, "unsubscribed", SYSTEM, at)
