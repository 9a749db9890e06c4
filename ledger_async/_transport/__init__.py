"""One attempt: the only room that imports aiohttp.

A redirect is never followed: `_protocol.error_mapping` makes a `RedirectRefusedError` of it.
"""
