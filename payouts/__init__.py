"""Money leaving: payout methods, batches, payouts and what was handed to the bank."""
