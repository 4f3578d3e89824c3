"""Pages and flyers of a merchant that carry an affiliate's name, logo, words and link."""
