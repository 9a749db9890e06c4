"""The released version, read by the build."""

__version__ = "0.9.0"
