"""The one place through which mails go: at once, held for the day's mail, or not at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import wraps
from hashlib import sha256
from typing import NamedTuple, ParamSpec
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from affiliates.models import Affiliate, AffiliateUser
from mailing import directory
from mailing.choices import default_of, unsubscribe_url
from mailing.kinds import CATALOGUE, OPTIONAL, Audience, Kind, When
from mailing.models import HeldMail
from mailing.readers import Reader, first_of
from merchants.tenancy import merchant_context
from users.languages import language_of

Said = ParamSpec("Said")
DIGEST_AT = time(8)  # UTC.
SUBJECT_MAX = 300


class Words(NamedTuple):
    """A mail in one language."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Mail:
    """What a merchant's program tells: its affiliate, or the members with the kind's right.

    `only` is the one member whom it is for, `but` one who knows it already. `translations` are by
    the code of the language.
    """

    kind: Kind
    subject: str
    text: str
    affiliate: Affiliate | None = None
    only: UUID | None = None
    but: UUID | None = None
    translations: Mapping[str, Words] = field(default_factory=dict)


def in_each_language(write: Callable[Said, Mail]) -> Callable[Said, Mail]:
    """Let what writes a mail write it in every language, so that each reader has it in theirs.

    It is called once for each of settings.LANGUAGES, with that language in force.
    """

    @wraps(write)
    def written(*arguments: Said.args, **named: Said.kwargs) -> Mail:
        mails = {}
        for code, _name in settings.LANGUAGES:
            with translation.override(code):
                mails[code] = write(*arguments, **named)
        words = {code: Words(mail.subject, mail.text) for code, mail in mails.items()}
        return replace(mails[settings.LANGUAGE_CODE], translations=words)

    return written


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one address; without a reader nobody there can choose."""

    mail: Mail
    address: str
    reader: Reader | None = None
    is_first: bool = True
    language: str = ""

    @property
    def words(self) -> Words:
        """Return it in the reader's language, if it was written in that; the subject in a line."""
        own = Words(self.mail.subject, self.mail.text)
        said = self.mail.translations.get(self.language, own)
        return said._replace(subject=" ".join(said.subject.split()))


def deliver(mails: Sequence[Mail], *, merchant_id: UUID, at: datetime) -> None:
    """Send mails, or hold them for the day's mail, or leave them, as each reader chose.

    Outside a transaction: a mail server is asked. What is held is stored first, and once however
    often this is called with the same mails.

    :raises OSError: if the mail server is away; then call again with the same mails.
    """
    if not mails:
        return
    affiliates = {mail.affiliate.id: mail.affiliate for mail in mails if mail.affiliate}
    kinds = {mail.kind for mail in mails}
    chosen = directory.choices_of(kinds, merchant_id=merchant_id, affiliate_ids=affiliates)
    sorted_out: dict[When, list[Letter]] = {when: [] for when in When}
    for letter in _letters(mails, merchant_id=merchant_id):
        kind, when = letter.mail.kind, When.NOW
        if letter.reader and kind in OPTIONAL:
            default = default_of(kind, is_first=letter.is_first)
            when = chosen.get((letter.reader, kind), default)
        sorted_out[when].append(letter)
    _hold(sorted_out[When.DIGEST], merchant_id=merchant_id, at=at)
    send([_message(letter) for letter in sorted_out[When.NOW]])


def deliver_to(addresses: Sequence[str], *mails: Mail, language: str = "") -> None:
    """Send what nobody can switch off to addresses, whoever reads them.

    :raises OSError: if the mail server is away.
    """
    assert not {mail.kind for mail in mails} & set(OPTIONAL), "readers may choose"
    letters = [Letter(mail, to, language=language) for mail in mails for to in addresses]
    send([_message(letter) for letter in letters])


def deliver_when_committed(addresses: Sequence[str], mail: Mail) -> None:
    """Send it once the present transaction is committed; a server that is away fails nothing."""
    transaction.on_commit(lambda: deliver_to(addresses, mail), robust=True)


def send(messages: Sequence[EmailMessage]) -> None:
    """Hand messages to the mail server, in one connection.

    :raises OSError: if it is away: of the network, and smtplib's own.
    """
    if messages:
        get_connection().send_messages(list(messages))


def message(
    *, subject: str, text: str, address: str, reader: Reader, kind: Kind | None
) -> EmailMessage:
    """Return a message that says, at its foot and to mail programs, how to switch it off."""
    url = unsubscribe_url(reader, kind)
    page = "console:notifications" if reader.merchant_id else "portal:notifications"
    foot = {"url": url, "page": settings.APP_URL + reverse(page), "kind": kind and kind.label}
    text = text.rstrip() + "\n\n" + render_to_string("mailing/mail/foot.txt", foot).lstrip()
    return unwanted_at(url, subject=subject, text=text, address=address)


def unwanted_at(url: str, *, subject: str, text: str, address: str) -> EmailMessage:
    """Return a message that tells mail programs where it is switched off (RFC 8058)."""
    headers = {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return EmailMessage(subject, text, to=[address], headers=headers)


def _message(letter: Letter) -> EmailMessage:
    words, kind = letter.words, letter.mail.kind
    if letter.reader is None or kind not in OPTIONAL:
        return EmailMessage(*words, to=[letter.address])
    with translation.override(letter.language or settings.LANGUAGE_CODE):
        return message(
            subject=words.subject,
            text=words.text,
            address=letter.address,
            reader=letter.reader,
            kind=kind,
        )


def _letters(mails: Sequence[Mail], *, merchant_id: UUID) -> Iterator[Letter]:
    users = directory.users_of({mail.affiliate.id for mail in mails if mail.affiliate})
    rights = {
        facts.right
        for facts in (CATALOGUE[mail.kind] for mail in mails)
        if facts.audience == Audience.MEMBER
    }
    members = {right: directory.members_with(right, merchant_id=merchant_id) for right in rights}
    theirs = directory.language_of_merchant(merchant_id)
    for mail in mails:
        facts = CATALOGUE[mail.kind]
        if facts.audience == Audience.MEMBER:
            assert facts.right or mail.only, "it is somebody's own"
            for member in members[facts.right]:
                if member.id != mail.but and mail.only in (None, member.id):
                    reader = Reader(member.user_id, merchant_id)
                    language = language_of(member.user, theirs)
                    yield Letter(mail, member.user.email, reader, language=language)
            continue
        assert mail.affiliate is not None
        yield from _to_account(mail, mail.affiliate, users.get(mail.affiliate.id, []), theirs)


def _to_account(
    mail: Mail, affiliate: Affiliate, users: list[AffiliateUser], language: str
) -> Iterator[Letter]:
    """Yield the letters to an account; who chose no language is spoken to in the given one."""
    first = first_of(affiliate, users)
    own = Reader(first.user_id, None, affiliate.id) if first else None
    spoken = language_of(first.user if first else None, language)
    yield Letter(mail, affiliate.email, own, language=spoken)
    if mail.kind in OPTIONAL:
        for row in users:
            if row != first:
                reader = Reader(row.user_id, None, affiliate.id)
                spoken = language_of(row.user, language)
                yield Letter(mail, row.user.email, reader, is_first=False, language=spoken)


def _hold(letters: Sequence[Letter], *, merchant_id: UUID, at: datetime) -> None:
    if not letters:
        return
    rows = [
        HeldMail(
            merchant_id=merchant_id,
            affiliate_id=letter.reader.affiliate_id,
            user_id=letter.reader.user_id,
            kind=letter.mail.kind,
            subject=letter.words.subject[:SUBJECT_MAX],
            text=letter.words.text,
            fingerprint=sha256(f"{letter.mail.subject}\n{letter.mail.text}".encode()).hexdigest(),
            due_at=next_digest_at(at),
        )
        for letter in letters
        if letter.reader
    ]
    with merchant_context(merchant_id):
        HeldMail.objects.bulk_create(rows, ignore_conflicts=True)


def next_digest_at(at: datetime) -> datetime:
    """Return the first moment after `at` at which daily mails go out."""
    today = datetime.combine(at.date(), DIGEST_AT, at.tzinfo)
    return today if at < today else today + timedelta(days=1)
