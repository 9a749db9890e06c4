"""What structs of every kind are made of."""
