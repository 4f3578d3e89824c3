"""Acme Chandlery, a small web shop that belongs to a merchant: a program of its own.

It uses the standard library and nothing of Fairlead but what any shop would: the snippet on its
pages and `POST /api/v1/conversions` with an API key. Start it by `python -m demo.shop`.
"""
