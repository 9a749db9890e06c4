"""Stakes and their rewards, by chain."""
