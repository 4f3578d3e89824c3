"""Who promotes: affiliates, their users, and their enrollments in programs."""
