"""How often an address may be wrong."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

#: Failures an address may have within the period.
LIMIT = 10
#: Seconds.
PERIOD = 60.0
# Addresses that are remembered; the one that failed longest ago is forgotten first.
_ADDRESSES = 10_000


class Failures:
    """Failed attempts by address, in the memory of this process.

    >>> failures = Failures(clock=lambda: 0.0)
    >>> for _ in range(LIMIT):
    ...     failures.note("192.0.2.1")
    >>> failures.wait("192.0.2.1"), failures.wait("192.0.2.2")
    (60, 0)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_address: OrderedDict[str, list[float]] = OrderedDict()

    def note(self, address: str) -> None:
        """Count a failure."""
        self._by_address[address] = [*self._recent(address), self._clock()]
        self._by_address.move_to_end(address)
        if len(self._by_address) > _ADDRESSES:
            self._by_address.popitem(last=False)

    def wait(self, address: str) -> int:
        """Seconds until the address may try again; 0 = now."""
        recent = self._recent(address)
        return max(1, round(recent[-LIMIT] + PERIOD - self._clock())) if len(recent) >= LIMIT else 0

    def _recent(self, address: str) -> list[float]:
        since = self._clock() - PERIOD
        return [moment for moment in self._by_address.get(address, []) if moment > since][-LIMIT:]
