"""From credentials to the headers of a request.

They go to the configured origin only: `_transport` follows no redirect, and `_config` refuses
plain `http` beyond loopback unless it is allowed.
"""
