"""From credentials to the headers of a request."""
