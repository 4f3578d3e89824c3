"""Stand-ins for PayPal, Wise and Stripe: real HTTP servers that keep a book of what they "paid".

They speak as the providers' documents say, and can be told to fail in every way that hurts. Tests
and the demo use them; nothing of the product imports them.
"""
