"""One attempt: the only room that imports aiohttp."""
