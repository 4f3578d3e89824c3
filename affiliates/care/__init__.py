"""How a merchant's people keep their affiliates in order: search, tags, notes, tasks, jobs."""
