"""Errors that are meant for an operator."""


class OperatorError(Exception):
    """What is wrong and what helps, in words for a person; commands show it without a traceback and exit with 2."""
