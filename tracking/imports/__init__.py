"""Imports: CSV files of conversions, refunds, coupons and used codes."""

from tracking.imports.columns import COLUMNS, NOTE_PREFIX, Column
from tracking.imports.file import FILE_BYTES_MAX, LINES_MAX, Unreadable, read_file
from tracking.imports.services import BATCH, REFUSALS_KEPT, run_imports, start_import

__all__ = [
    "BATCH",
    "COLUMNS",
    "FILE_BYTES_MAX",
    "LINES_MAX",
    "NOTE_PREFIX",
    "REFUSALS_KEPT",
    "Column",
    "Unreadable",
    "read_file",
    "run_imports",
    "start_import",
]
