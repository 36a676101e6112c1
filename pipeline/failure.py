"""Errors that are meant for an operator."""


class OperatorError(Exception):
    """What is wrong and what helps, in words for a person; commands show it without a traceback and exit with 2."""


#: What to do where the library of the archive is not installed.
NO_PARQUET = "Parquet needs pyarrow; install it with pip install 'wirefeed[archive]'"
