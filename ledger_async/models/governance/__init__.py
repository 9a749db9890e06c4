"""Requests for approval, and what goes through them."""
