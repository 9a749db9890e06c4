"""Transactions, their fees, and what is particular to a chain."""
