"""A CSV file that the merchant pays by hand (RFC 4180, UTF-8)."""

import csv
import io
from collections.abc import Sequence

from common.money import major_of
from payouts.models import Batch, Payout

COLUMNS = ("reference", "affiliate", "method", "holder", "account", "amount", "currency")
RISKY = tuple("=+-@\t\r\0")  # A spreadsheet would take such a cell for a formula.


def make_file(batch: Batch, payouts: Sequence[Payout]) -> tuple[str, bytes]:
    """Return the file's name and its bytes: a line per payout, amounts in major units."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for payout in payouts:
        details = payout.method.reveal()
        writer.writerow(
            [
                payout.reference,
                plain(payout.affiliate.name),
                payout.method.kind.lower(),
                plain(details["holder"]),
                plain(details.get("iban") or details.get("email", "")),
                major_of(payout.amount_minor, currency=payout.currency),
                payout.currency,
            ]
        )
    return f"payouts-{batch.number}-{batch.currency}.csv", text.getvalue().encode()


def plain(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(RISKY) else text
