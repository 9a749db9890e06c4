"""The parts that every section of the API is made of."""
