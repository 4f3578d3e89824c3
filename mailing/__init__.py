"""Mails to people: which kinds there are, who hears of what and when, and the daily digest."""
