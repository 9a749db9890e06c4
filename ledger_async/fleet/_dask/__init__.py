"""A fleet's way to Dask: a cluster, what its workers have, and chunks that are sent to them."""
