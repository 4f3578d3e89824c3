"""Finding affiliates: prospects and how far they came, letters to them, and what came of it."""
