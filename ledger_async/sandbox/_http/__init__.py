"""The way of any request to its handler and back, whatever it asks for."""
