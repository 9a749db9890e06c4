"""Accounts, with their rules, addresses and balances."""
