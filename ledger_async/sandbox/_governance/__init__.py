"""Requests for approval: how they are made, signed and answered."""
