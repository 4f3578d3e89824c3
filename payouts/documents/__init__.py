"""Papers about payouts: what they say, how they look, and that each is issued once."""
