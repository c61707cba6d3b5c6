"""Adapters: one module a port and technology, ``<port>_<technology>``."""
