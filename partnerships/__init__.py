"""How a merchant and an affiliate work together: goals, a plan, reviews, what they know."""
