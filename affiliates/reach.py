"""Where affiliates speak, and who vouches for them: said by themselves, proven by others.

Callers stand in no context; each write enters the affiliate's own.
"""

from datetime import datetime, timedelta

from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from affiliates.models import Affiliate, AffiliateUser, Channel, Network, Reference
from affiliates.proofs import ProofFinding
from common.addresses import require_address
from common.phones import read_phone
from common.refusals import BadValue, cleaned
from common.secrets import hash_key, new_key
from merchants.tenancy import affiliate_context

CHANNELS_MAX = 20
REFERENCES_MAX = 5
ASK_AGAIN = timedelta(days=1)


class ChannelExists(Exception):
    """The affiliate has this address already."""


class ReferenceExists(Exception):
    """The affiliate has named this person already."""


class AskedLately(Exception):
    """The person was asked less than ASK_AGAIN ago, or has answered."""


def add_channel(
    *, affiliate: Affiliate, network: str, url: str, followers: int | None = None
) -> Channel:
    """Add a place where the affiliate promotes; return it.

    :raises BadValue: if that is none, or there are CHANNELS_MAX.
    :raises ChannelExists: if it is there already.
    """
    facts = {
        "network": cleaned(Channel, "network", network),
        "url": require_address(str(cleaned(Channel, "url", url)), field="url"),
        "followers": cleaned(Channel, "followers", followers),
    }
    try:
        with affiliate_context(affiliate.id):
            if Channel.objects.filter(affiliate=affiliate).count() >= CHANNELS_MAX:
                raise BadValue("", "too_many", _("%d channels at the most.") % CHANNELS_MAX)
            return Channel.objects.create(affiliate=affiliate, **facts)
    except IntegrityError as error:
        raise ChannelExists(url) from error


def remove_channel(channel: Channel) -> None:
    """Forget a place, with what was proven of it."""
    with affiliate_context(channel.affiliate_id):
        Channel.objects.filter(id=channel.id).delete()


def note_proof(*, channel: Channel, finding: ProofFinding, at: datetime) -> bool:
    """Store that a website was proven; return whether it was not before. Safe to repeat.

    What was proven stays so: a proof that is gone may be an accident of the site's next version.
    """
    if finding is not ProofFinding.FOUND or channel.network != Network.WEBSITE:
        return False
    with affiliate_context(channel.affiliate_id):
        unproven = Channel.objects.filter(id=channel.id, verified_at=None)
        return bool(unproven.update(verified_at=at))


def set_phone(*, affiliate: Affiliate, text: str) -> Affiliate:
    """Store a phone number, in E.164; empty: none. Return the affiliate.

    :raises BadValue: if it is no number with its country.
    """
    phone = read_phone(text) if text.strip() else ""
    if phone is None:
        message = _("Write the number with its country, as in +44 20 7946 0958.")
        raise BadValue("phone", "invalid", message)
    with affiliate_context(affiliate.id):
        affiliate.phone = phone
        affiliate.save(update_fields=["phone"])
    return affiliate


def add_reference(
    *, affiliate: Affiliate, name: str, email: str, relation: str, at: datetime
) -> tuple[Reference, str]:
    """Name somebody who vouches; return them with the key of the link that they are mailed.

    :raises BadValue: if a field cannot be, it is one of the affiliate's own addresses, or there
        are REFERENCES_MAX.
    :raises ReferenceExists: if they were named before.
    """
    facts = {
        "name": _one_line("name", name),
        "email": str(cleaned(Reference, "email", email.strip().lower())),
        "relation": _one_line("relation", relation),
    }
    validate_email(facts["email"])
    key = new_key("")
    try:
        with affiliate_context(affiliate.id):
            _require_another(affiliate, facts["email"])
            if Reference.objects.filter(affiliate=affiliate).count() >= REFERENCES_MAX:
                raise BadValue("", "too_many", _("%d references at the most.") % REFERENCES_MAX)
            reference = Reference.objects.create(
                affiliate=affiliate, key_hash=hash_key(key), asked_at=at, **facts
            )
    except IntegrityError as error:
        raise ReferenceExists(facts["email"]) from error
    return reference, key


def _one_line(name: str, text: str) -> str:
    """Return a text for a mail to somebody who did not ask for it: short, and without links."""
    plain = " ".join(text.split())
    if "://" in plain or "www." in plain.lower():
        raise BadValue(name, "invalid", _("No web addresses here, please."))
    return str(cleaned(Reference, name, plain))


def _require_another(affiliate: Affiliate, email: str) -> None:
    own = AffiliateUser.objects.filter(affiliate=affiliate)
    addresses = {affiliate.email, *own.values_list("user__email", flat=True)}
    if email in {address.lower() for address in addresses}:
        raise BadValue("email", "own_address", _("Name somebody else than yourself."))


def ask_again(*, reference: Reference, at: datetime) -> str:
    """Return a new key for a mail to somebody who has not answered; the old link works no more.

    :raises AskedLately: if they were asked within ASK_AGAIN, or have answered.
    """
    key = new_key("")
    with affiliate_context(reference.affiliate_id):
        silent = Reference.objects.filter(
            id=reference.id, verified_at=None, refused_at=None, asked_at__lte=at - ASK_AGAIN
        )
        if not silent.update(key_hash=hash_key(key), asked_at=at):
            raise AskedLately(reference.email)
    return key


def remove_reference(reference: Reference) -> None:
    """Forget somebody who was named; the link in their mail works no more."""
    with affiliate_context(reference.affiliate_id):
        Reference.objects.filter(id=reference.id).delete()


def answer_reference(*, reference: Reference, vouches: bool, at: datetime) -> bool:
    """Store whether somebody vouches; return False if they had answered already."""
    with transaction.atomic(), affiliate_context(reference.affiliate_id):
        silent = Reference.objects.filter(id=reference.id, verified_at=None, refused_at=None)
        answer = {"verified_at": at} if vouches else {"refused_at": at}
        return bool(silent.update(**answer))
