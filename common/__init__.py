"""What every app builds on: base record, ids, money, clock, logs, encrypted fields."""
