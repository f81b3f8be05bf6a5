"""The engine of schemafed: desired state from Git, live state from registries, plans between them."""

__version__ = "0.1.0"
