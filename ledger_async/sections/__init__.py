"""The sections of the API, each a module that reads like its page of the reference."""
