"""Errors that are meant for an operator, and others in an operator's line."""


class OperatorError(Exception):
    """What is wrong and what helps, in words for a person; commands show it without a traceback and exit with 2."""


def problem(error: Exception) -> str:
    """Say in one line what went wrong: what follows in an error of the database are the values, which are wire text."""
    return f"{type(error).__name__}: {error}".splitlines()[0][:500]


#: What to do where the library of the archive is not installed.
NO_PARQUET = "Parquet needs pyarrow; install it with pip install 'wirefeed[archive]'"
