"""Payout methods: checked, masked and encrypted. Pure checks first, then the one write."""

import re
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.models import Affiliate
from common.secrets import encrypt
from common.spreadsheet import plain
from merchants.tenancy import affiliate_context
from payouts.models import MethodKind, PayoutMethod

COOLING_OFF = timedelta(hours=72)

# ISO 13616 registry: how long an IBAN of each country is.
IBAN_LENGTHS = dict(
    pair.split(":")
    for pair in """AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22
    CY:28 CZ:24 DE:22 DK:18 DO:28 EE:20 EG:29 ES:24 FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27
    GT:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 LI:21 LT:20 LU:20
    LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MR:27 MT:31 MU:30 NL:18 NO:15 PK:24 PL:28 PS:29 PT:25 QA:29
    RO:24 RS:22 SA:24 SC:31 SE:24 SI:19 SK:24 SM:27 ST:25 SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24
    XK:20""".split()
)


class BadMethod(ValueError):
    """The details cannot be paid to; `field` says which of them, for the form and the API."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def normalise_iban(text: str) -> str:
    """Return the IBAN without spaces, in upper case.

    :raises BadMethod: if country, length or the mod-97 check digits (ISO 7064) are wrong.
    """
    iban = re.sub(r"\s", "", text).upper()
    length = IBAN_LENGTHS.get(iban[:2])
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", iban) or str(len(iban)) != length:
        raise BadMethod("iban", _("This is not an IBAN: check the country and the length."))
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    if int(digits) % 97 != 1:
        raise BadMethod("iban", _("The check digits of this IBAN are wrong: a typing mistake?"))
    return iban


def mask(kind: MethodKind, details: dict[str, str]) -> str:
    """Return what people recognise the method by, and thieves cannot use."""
    if kind is MethodKind.BANK:
        return f"{details['iban'][:4]} … {details['iban'][-4:]}"
    name, _at, host = details["email"].partition("@")
    return f"{name[:1]}…@{host}"


def clean_details(
    *, kind: MethodKind, holder: str, iban: str = "", email: str = ""
) -> dict[str, str]:
    """Return the details in the form that is stored.

    :raises BadMethod: if one of them is missing or wrong.
    """
    holder = holder.strip()
    if not holder or any(ord(character) < 32 for character in holder):
        raise BadMethod("holder", _("Write the name that the account is in."))
    if kind is MethodKind.BANK:
        return {"holder": holder, "iban": normalise_iban(iban)}
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise BadMethod("email", _("Write the e-mail address of the PayPal account.")) from error
    if plain(email) != email:  # The file would have to change it, and then pay nobody.
        raise BadMethod("email", _("This address cannot be paid to."))
    return {"holder": holder, "email": email}


def set_payout_method(
    *, affiliate: Affiliate, kind: MethodKind, details: dict[str, str], at: datetime
) -> PayoutMethod:
    """Store where the affiliate is paid from now on; return the method.

    A change cools off for 72 hours before money goes there; a first method may be used at once.
    Saying the same again changes nothing, so that it does not cool off anew.
    """
    with affiliate_context(affiliate.id), transaction.atomic():
        Affiliate.objects.select_for_update(of=("self",), no_key=True).get(id=affiliate.id)
        replaced = PayoutMethod.objects.filter(affiliate=affiliate, replaced_at=None)
        present = replaced.first()
        if present is not None and (present.kind, present.reveal()) == (kind, details):
            return present
        changed = replaced.update(replaced_at=at)
        return PayoutMethod.objects.create(
            affiliate=affiliate,
            kind=kind,
            details=encrypt(details),
            masked=mask(kind, details),
            usable_from=at + COOLING_OFF if changed else at,
        )


def method_in_force(affiliate_id: UUID) -> PayoutMethod | None:
    """Return where the affiliate is paid now, if they have said."""
    return PayoutMethod.objects.filter(affiliate_id=affiliate_id, replaced_at=None).first()
