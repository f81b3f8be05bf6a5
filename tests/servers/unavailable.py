"""Why a server cannot run here."""


class ServerUnavailableError(Exception):
    """The message is one line for whoever runs the tests: what is missing, and what would help."""
