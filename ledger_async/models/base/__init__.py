"""The types that structs of every kind are made of, and the values that the contract knows."""
