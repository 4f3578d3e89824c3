"""A CSV file that the merchant pays by hand (RFC 4180, UTF-8). It can pay every method."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from common.money import major_of
from common.spreadsheet import write_csv
from payouts.models import Batch, MethodKind, Payout, Rail
from payouts.providers.base import File, FileProvider

COLUMNS = ("reference", "affiliate", "method", "holder", "account", "amount", "currency")
MORE_COLUMNS = ("bank", "town", "country", "note")  # After those that files always had.


class CsvFile(FileProvider):
    """A line for each payout, amounts in major units."""

    kinds = frozenset(MethodKind)

    def make_file(
        self,
        *,
        batch: Batch,
        payouts: Sequence[Payout],
        rail: Rail | None,
        at: datetime,
        of_day: int,
    ) -> File:
        """Return the file's name and its bytes."""
        content = write_csv(COLUMNS + MORE_COLUMNS, map(_line, payouts))
        return File(f"payouts-{batch.number}-{batch.currency}.csv", content, "text/csv")


def _line(payout: Payout) -> list[object]:
    details = payout.method.reveal()
    return [
        payout.reference,
        payout.affiliate.name,
        payout.method.kind.lower(),
        details["holder"],
        _account(details),
        major_of(payout.amount_minor, currency=payout.currency),
        payout.currency,
        details.get("bic") or details.get("routing", ""),
        details.get("town", ""),
        details.get("country", ""),
        details.get("instructions") or details.get("account_type", "").lower(),
    ]


def _account(details: dict[str, Any]) -> str:
    return str(details.get("iban") or details.get("account") or details.get("email") or "")
