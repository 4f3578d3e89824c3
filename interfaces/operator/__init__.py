"""For the installation's own staff: Django's admin, reading. Never for merchants."""
