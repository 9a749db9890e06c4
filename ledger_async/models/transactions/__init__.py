"""Transactions, their fees, and their fields by chain."""
