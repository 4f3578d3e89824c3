"""SEPA credit transfers: a pain.001.001.09 file, as European banks take it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files

from django.utils.translation import gettext_lazy as _
from lxml import etree
from sepaxml import SepaTransfer

from common.refusals import BadValue
from payouts.method_details import clean_bic, clean_country, clean_iban
from payouts.models import Batch, MethodKind, Payout, Rail
from payouts.providers.banking import latin, weekday_from
from payouts.providers.base import Credential, File, FileProvider, NotWritable

SCHEMA = "pain.001.001.09"
NAMESPACE = {"p": f"urn:iso:std:iso:20022:tech:xsd:{SCHEMA}"}
NAME_MAX, TOWN_MAX, TEXT_MAX = 70, 35, 140
# Whose accounts take part. Outside the EEA, banks ask for the payee's town as well.
EEA = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
    .split()
)  # fmt: skip
FURTHER = frozenset("AD AL CH GB GI MC MD ME MK RS SM VA".split())


class SepaFile(FileProvider):
    """One payment block with a transfer for each payout, booked one by one."""

    kinds = frozenset({MethodKind.BANK})
    currencies = frozenset({"EUR"})
    credentials = (
        Credential("name", _("Account holder"), is_secret=False, pattern=r"[^\x00-\x1f]{1,70}"),
        Credential("iban", _("IBAN"), is_secret=False, pattern=r"[A-Za-z0-9 ]{15,42}"),
        Credential("bic", _("BIC"), is_secret=False, pattern=r"[A-Za-z0-9]{8}([A-Za-z0-9]{3})?"),
        Credential("town", _("Town"), is_secret=False, pattern=r"[^\x00-\x1f]{1,70}"),
        Credential(
            "country",
            _("Country"),
            is_secret=False,
            pattern=r"[A-Za-z]{2}",
            help=_("Two letters, as in DE."),
        ),
    )

    def require_whole(self, credentials: Mapping[str, str]) -> None:
        """Check the numbers of the account that pays.

        :raises BadValue: naming the one that is wrong.
        """
        checks = {"iban": clean_iban, "bic": clean_bic, "country": clean_country}
        for name, check in checks.items():
            try:
                check(credentials[name])
            except ValueError as error:
                raise BadValue(name, "invalid", str(error)) from error
        if not latin(credentials["name"], longest=NAME_MAX):
            raise BadValue("name", "invalid", str(_("Write it in Latin letters.")))

    def masked(self, credentials: Mapping[str, str]) -> str:
        """Return whose account it is, and how its number begins and ends."""
        iban = clean_iban(credentials["iban"])
        return f"{credentials['name']} {iban[:4]} … {iban[-4:]}"[:120]

    def refuses(self, payout: Payout) -> str:
        """Return why SEPA cannot pay it: its bank is elsewhere, or its name cannot be written."""
        if payout.method.kind not in self.kinds or payout.currency not in self.currencies:
            return "SEPA pays euros to bank accounts."
        details = payout.method.reveal()
        country = details["iban"][:2]
        if country not in EEA | FURTHER:
            return f"An account in {country} takes no SEPA transfers."
        if country in FURTHER and not details.get("town"):
            return f"A transfer to {country} needs the town of the payee."
        if not latin(details["holder"], longest=NAME_MAX):
            return "The name of the account holder cannot be written in Latin letters."
        return ""

    def make_file(
        self,
        *,
        batch: Batch,
        payouts: Sequence[Payout],
        rail: Rail | None,
        at: datetime,
        of_day: int,
    ) -> File:
        """Return the file; it satisfies the schema, and its sums are those of the payouts.

        :raises NotWritable: if no account is connected, or the schema refuses a value.
        """
        if rail is None:
            raise NotWritable(str(_("Say first which account pays.")))
        debtor = rail.reveal()
        transfer = SepaTransfer(_config(debtor), schema=SCHEMA, clean=False)
        for payout in payouts:
            transfer.add_payment(_payment(payout, debtor, at))
        content = _finish(transfer.export(validate=False), batch, at)
        return File(f"sepa-{batch.number}-{at:%Y%m%d}-{of_day}.xml", content, "application/xml")


def message_id(batch: Batch) -> str:
    """Return what the bank calls the file: its number for people, and what makes it unique."""
    return f"FL-{batch.number}-{batch.id.hex[-12:]}"


def payment_block_id(batch: Batch) -> str:
    """Return what the bank calls the file's only block of payments."""
    return f"{message_id(batch)}-1"


def _config(debtor: Mapping[str, str]) -> dict[str, object]:
    return {
        "name": latin(debtor["name"], longest=NAME_MAX),
        "IBAN": clean_iban(debtor["iban"]),
        "BIC": clean_bic(debtor["bic"]),
        "batch": True,
        "currency": "EUR",
        "address": _address(debtor),
    }


def _address(details: Mapping[str, str]) -> dict[str, str]:
    town = latin(details.get("town", ""), longest=TOWN_MAX)
    country = details.get("country", "").upper()
    return {"town": town, "country": country} if town and country else {}


def _payment(payout: Payout, debtor: Mapping[str, str], at: datetime) -> dict[str, object]:
    details = payout.method.reveal()
    payment: dict[str, object] = {
        "name": latin(details["holder"], longest=NAME_MAX),
        "IBAN": details["iban"],
        "amount": payout.amount_minor,
        "execution_date": weekday_from(at.date()),
        "description": latin(f"{payout.reference} {debtor['name']}", longest=TEXT_MAX),
        "endtoend_id": payout.reference,
        "address": _address(details),
    }
    if details.get("bic"):
        payment["BIC"] = details["bic"]
    return payment


def _finish(made: bytes, batch: Batch, at: datetime) -> bytes:
    """Return the file with names of our own instead of the library's, which differ each time.

    Every transfer is booked by itself, so that the bank's statement names each one.

    :raises NotWritable: if the schema refuses it.
    """
    root = etree.fromstring(made)
    ours = {
        "p:GrpHdr/p:MsgId": message_id(batch),
        "p:GrpHdr/p:CreDtTm": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "p:PmtInf/p:PmtInfId": payment_block_id(batch),
        "p:PmtInf/p:BtchBookg": "false",
    }
    for path, text in ours.items():
        (element,) = root.findall(f"p:CstmrCdtTrfInitn/{path}", NAMESPACE)
        element.text = text
    schema = _schema()
    if not schema.validate(root):
        raise NotWritable(str(schema.error_log.last_error))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


@cache
def _schema() -> etree.XMLSchema:
    with as_file(files("sepaxml") / "schemas" / f"{SCHEMA}.xsd") as path:
        return etree.XMLSchema(etree.parse(path))
