"""The organization, its labels, and its settings."""
