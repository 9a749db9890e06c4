"""The seeded workspace."""
