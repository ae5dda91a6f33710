"""The one exception whose message is written for the person at the keyboard."""


class SixRoundsError(Exception):
    """Bad input. The message is one line: what is wrong, where, and what to do next."""
