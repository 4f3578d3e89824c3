"""Statements of banks: read, matched with payouts, and booked once."""
