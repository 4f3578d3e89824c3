"""What both sides show of partnerships: who looks, the forms, and the facts of each page."""
