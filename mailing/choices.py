"""What somebody chose to hear of, and the link in a mail that switches it off."""

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from common.refusals import BadValue
from mailing.kinds import CATALOGUE, OPTIONAL, Kind, When
from mailing.models import HeldMail, MailChoice
from mailing.readers import Reader, Standing, standing_of

SALT = "mailing.unsubscribe"
DIGEST = ""  # Stands for all that is in a daily mail.


class BadToken(Exception):
    """This is no link of ours, or whom it names is gone."""


def choices_now(reader: Reader, standing: Standing) -> dict[Kind, When]:
    """Return when the reader hears of each kind they may choose about, in their context."""
    rows = MailChoice.objects.filter(**reader.own)
    chosen = {Kind(row.kind): When(row.when) for row in rows}
    return {
        kind: chosen.get(kind, default_of(kind, is_first=standing.is_first))
        for kind in standing.kinds
        if kind in OPTIONAL
    }


def default_of(kind: Kind, *, is_first: bool) -> When:
    """Return when somebody hears of a kind who has chosen nothing."""
    return CATALOGUE[kind].default if is_first else When.NEVER


def choose(reader: Reader, wanted: Mapping[Kind, When]) -> None:
    """Store when a reader hears of what, in their context; safe to repeat.

    What waits for their daily mail is forgotten where they want to hear nothing.

    :raises BadValue: if a kind cannot be chosen.
    """
    if any(kind not in OPTIONAL for kind in wanted):
        raise BadValue("kind", "not_optional", _("These mails cannot be switched off."))
    for kind, when in wanted.items():
        MailChoice.objects.update_or_create(**reader.own, kind=kind, defaults={"when": when})
    never = [kind for kind, when in wanted.items() if when == When.NEVER]
    HeldMail.objects.filter(**reader.held, kind__in=never).delete()


def unsubscribe_url(reader: Reader, kind: Kind | None) -> str:
    """Return the address that switches a kind off for the reader, or their daily mail.

    It works without signing in and does not end; it can do nothing else.
    """
    ids = ["" if one is None else str(one) for one in reader]
    said = [*ids, kind.value if kind else DIGEST]
    # In the query, because paths are logged and queries are not.
    return f"{settings.APP_URL}{reverse('unsubscribe')}?token={signing.dumps(said, salt=SALT)}"


def read_token(token: str) -> tuple[Reader, Kind | None]:
    """Return whom a link names, and of what it speaks; None is the daily mail.

    :raises BadToken: if we never made it.
    """
    try:
        user, merchant, affiliate, kind = signing.loads(token, salt=SALT)
        of = (UUID(one) if one else None for one in (merchant, affiliate))
        return Reader(UUID(user), *of), Kind(kind) if kind else None
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadToken from error


def switch_off(reader: Reader, kind: Kind | None) -> None:
    """Let a reader hear of a kind no more, or of nothing that comes once a day; safe to repeat.

    :raises BadToken: if they act for nobody any more, or the kind can no longer be chosen.
    """
    with reader.context():
        standing = standing_of(reader)
        if standing is None or (kind is not None and kind not in OPTIONAL):
            raise BadToken
        daily = [one for one, when in choices_now(reader, standing).items() if when == When.DIGEST]
        choose(reader, dict.fromkeys([kind] if kind else daily, When.NEVER))
