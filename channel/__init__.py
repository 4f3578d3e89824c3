"""Selling through affiliates: companies they register, and for how long these are theirs."""
