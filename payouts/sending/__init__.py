"""Sending: every call that moves money is a row first, and nothing is paid twice or forgotten.

submit      claims reserved payouts, writes attempts, makes the calls, notes what came of them
resolve     finds out what became of calls whose answer never came
poll        asks about payouts that are on their way
news        what any of these, or a notice, says of payouts
"""
