"""A CSV file that the merchant pays by hand (RFC 4180, UTF-8)."""

from collections.abc import Sequence

from common.money import major_of
from common.spreadsheet import write_csv
from payouts.models import Batch, Payout

COLUMNS = ("reference", "affiliate", "method", "holder", "account", "amount", "currency")


def make_file(batch: Batch, payouts: Sequence[Payout]) -> tuple[str, bytes]:
    """Return the file's name and its bytes: a line per payout, amounts in major units."""
    content = write_csv(COLUMNS, map(_line, payouts))
    return f"payouts-{batch.number}-{batch.currency}.csv", content


def _line(payout: Payout) -> list[object]:
    details = payout.method.reveal()
    return [
        payout.reference,
        payout.affiliate.name,
        payout.method.kind.lower(),
        details["holder"],
        details.get("iban") or details.get("email", ""),
        major_of(payout.amount_minor, currency=payout.currency),
        payout.currency,
    ]
