"""The tenant: merchants, their members, keys and events, and the walls between them."""
