"""Replays: past conversions decided anew, beside what is booked (docs/replays.md)."""

from commissions.proposed_rules import book_of_replay, clean_proposed_rules
from commissions.replays.run import BATCH, run_replays
from commissions.replays.selectors import (
    differences_of,
    find_replay,
    most_of_replay,
    moving,
    replays_of,
    totals_of_replay,
)

__all__ = [
    "BATCH",
    "book_of_replay",
    "clean_proposed_rules",
    "differences_of",
    "find_replay",
    "most_of_replay",
    "moving",
    "replays_of",
    "run_replays",
    "totals_of_replay",
]
