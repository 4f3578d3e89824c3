"""The rails: a module each that makes what is handed over, and its line in this dict."""

from collections.abc import Callable, Sequence

from payouts.models import Batch, Payout, Provider
from payouts.providers import csv_file

# Given a batch and its payouts in a fixed order, return the file's name and its exact bytes.
MakeFile = Callable[[Batch, Sequence[Payout]], tuple[str, bytes]]

PROVIDERS: dict[Provider, MakeFile] = {
    Provider.CSV: csv_file.make_file,
}
