"""One module or folder a kind of registry."""
