"""The double-entry ledger: every money event of every merchant, kept for ever, edited never."""
