"""The store in PostgreSQL: `COPY` into a temporary table, then one merge for all accounts."""
