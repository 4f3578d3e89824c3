"""ACH credits in the United States: a NACHA file, for people (PPD) and companies (CCD)."""

import string
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from common.refusals import BadValue
from payouts.method_details import clean_routing
from payouts.models import AccountOwner, Batch, MethodKind, Payout, Rail
from payouts.providers.banking import weekday_from
from payouts.providers.base import Credential, File, FileProvider, NotWritable
from payouts.providers.nacha.records import Entry, Header, Section, ascii_upper, write_file

MODIFIERS = string.ascii_uppercase + string.digits  # A file of a day each.
AMOUNT_MAX = 10**10 - 1
TOTAL_MAX = 10**12 - 1
REFERENCE_MAX = 15


class NachaFile(FileProvider):
    """An entry for each payout, in a section for people and one for companies."""

    kinds = frozenset({MethodKind.US_BANK})
    currencies = frozenset({"USD"})
    credentials = (
        Credential(
            "routing",
            _("Routing number of your bank (ABA)"),
            is_secret=False,
            pattern=r"[0-9]{9}",
        ),
        Credential("bank", _("Name of your bank"), is_secret=False, pattern=r"[ -~]{1,23}"),
        Credential("company", _("Name of your company"), is_secret=False, pattern=r"[ -~]{1,23}"),
        Credential(
            "company_id",
            _("Company id"),
            is_secret=False,
            pattern=r"[0-9A-Za-z ]{1,10}",
            help=_("As your bank gave it: often a 1, then the EIN."),
        ),
        Credential(
            "origin",
            _("Immediate origin"),
            is_secret=False,
            is_required=False,
            pattern=r"[0-9A-Za-z ]{1,10}",
            help=_("Only if your bank gave you another one than the company id."),
        ),
    )

    def require_whole(self, credentials: Mapping[str, str]) -> None:
        """Check the bank's number.

        :raises BadValue: if its check digit is wrong.
        """
        try:
            clean_routing(credentials["routing"])
        except ValueError as error:
            raise BadValue("routing", "invalid", str(error)) from error

    def refuses(self, payout: Payout) -> str:
        """Return why ACH cannot pay it: elsewhere, too much, or a name that cannot be written."""
        if payout.method.kind not in self.kinds or payout.currency not in self.currencies:
            return "ACH pays dollars to accounts in the United States."
        if payout.amount_minor > AMOUNT_MAX:
            return "One ACH entry pays 99,999,999.99 at the most."
        if not ascii_upper(payout.method.reveal()["holder"]):
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
        """Return the file; of the 36 that a day can have, the one `of_day`.

        :raises NotWritable: if the day has no more, or what it pays is too much for one file.
        """
        if rail is None:
            raise NotWritable(str(_("Say first which account pays.")))
        if of_day > len(MODIFIERS):
            raise NotWritable(str(_("A bank tells 36 files a day apart. Send this one tomorrow.")))
        if sum(payout.amount_minor for payout in payouts) > TOTAL_MAX:
            raise NotWritable(str(_("One file pays 9,999,999,999.99 at the most.")))
        header = _header(rail.reveal(), at, MODIFIERS[of_day - 1])
        content = write_file(header, _sections(payouts))
        name = f"ach-{batch.number}-{at:%Y%m%d}-{header.modifier}.txt"
        return File(name, content, "text/plain")


def _header(bank: Mapping[str, str], at: datetime, modifier: str) -> Header:
    return Header(
        routing=bank["routing"],
        bank=bank["bank"],
        company=bank["company"],
        company_id=bank["company_id"],
        origin=bank.get("origin") or bank["company_id"],
        modifier=modifier,
        made_at=at,
        pays_on=weekday_from(at.date() + timedelta(days=1)),
    )


def _sections(payouts: Sequence[Payout]) -> list[Section]:
    """Return people before companies, each in the order of the batch; no section is empty."""
    entries: dict[str, list[Entry]] = {"PPD": [], "CCD": []}
    for payout in payouts:
        details = payout.method.reveal()
        is_company = details.get("owner") == AccountOwner.COMPANY
        entries["CCD" if is_company else "PPD"].append(
            Entry(
                routing=details["routing"],
                account=details["account"],
                account_type=details["account_type"],
                amount_minor=payout.amount_minor,
                reference=_short(payout.reference),
                name=details["holder"],
            )
        )
    return [Section(code, rows) for code, rows in entries.items() if rows]


def _short(reference: str) -> str:
    """Return the reference in the 15 characters there are; a longer one goes without its "FL-"."""
    return reference if len(reference) <= REFERENCE_MAX else reference.removeprefix("FL-")
