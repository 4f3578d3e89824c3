"""When something is so with an affiliate, something is done: declared, once, and logged."""
