"""Challenges that operators and LAMs sign, and addresses that the workspace has signed."""
