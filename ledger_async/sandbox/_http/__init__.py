"""What happens to any request, whatever it asks for."""
