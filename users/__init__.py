"""People who sign in: one account each, whatever they are a member or an affiliate of."""
