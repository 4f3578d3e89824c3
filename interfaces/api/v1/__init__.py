"""Version 1: a module per noun, with its shapes and its addresses' views."""
