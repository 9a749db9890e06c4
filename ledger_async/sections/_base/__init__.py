"""What every section of the API is made of."""
