"""Several things in one transaction, none of which may stop the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from pipeline.store.database import StoreError

#: The store's troubles, not those of what is at hand: the whole transaction is tried again.
STORE_TROUBLE = (StoreError, OperationalError, InterfaceError, InternalError)

Item = TypeVar("Item")


def each_apart(
    connection: Connection, items: Sequence[Item], act: Callable[[Sequence[Item]], int], failed: Callable[[Item, Exception], int]
) -> int:
    """Do something with all items at once, or, where that fails, with each; return the sum of what ``act`` and ``failed`` give.

    What fails leaves nothing behind but what ``failed`` writes. Raises only what is the store's trouble.
    """
    try:
        with connection.begin_nested():
            return act(items)
    except STORE_TROUBLE:
        raise
    except Exception as error:
        if len(items) == 1:
            return failed(items[0], error)
    return sum(each_apart(connection, [item], act, failed) for item in items)
