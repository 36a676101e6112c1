"""How many messages may be under way at once: to one endpoint, and in all."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping

from pipeline.notify.endpoints import Health
from pipeline.notify.outbox import Entry

#: Alerts, and as many retractions, under way to one endpoint that is well.
AT_ONE_ENDPOINT = 16
_ALERTS, _RETRACTIONS = 64, 32
# Seconds for which a message may stand behind another endpoint's queue.
_LOOK_BEHIND = 0.05
#: Most messages under way.
SENDERS = _ALERTS + _RETRACTIONS


class Lanes:
    """Room for attempts. Retractions have lanes of their own, so that no queue of alerts holds one up.

    An endpoint whose last attempt failed gets one alert at a time until it answers.
    """

    def __init__(self) -> None:
        self._taken: Counter[tuple[str, bool]] = Counter()
        self._looked = 0.0
        self.ailing: Mapping[str, Health] = {}

    def occupy(self, under_way: Iterable[Entry]) -> None:
        """Begin anew with what is under way."""
        self._taken = Counter((entry.endpoint, _urgent(entry)) for entry in under_way)

    def look_behind(self) -> bool:
        """Whether it is time to look behind the queue of an endpoint that has no lane left: it costs as much as it is long."""
        now = time.monotonic()
        if now - self._looked < _LOOK_BEHIND:
            return False
        self._looked = now
        return True

    @property
    def free(self) -> int:
        """Attempts that may still begin."""
        return SENDERS - self._taken.total()

    @property
    def alerts_free(self) -> bool:
        """Whether another alert may begin, to whatever endpoint."""
        return sum(count for (_, urgent), count in self._taken.items() if not urgent) < _ALERTS

    def take(self, entry: Entry) -> bool:
        """Take a lane for a message; False where there is none."""
        if not self.free or not (_urgent(entry) or self.alerts_free) or not self._open(entry.endpoint, urgent=_urgent(entry)):
            return False
        self._taken[entry.endpoint, _urgent(entry)] += 1
        return True

    def full(self, *, urgent: bool) -> list[str]:
        """Endpoints that take no further retraction, or no further alert."""
        return [endpoint for endpoint, kind in self._taken if kind == urgent and not self._open(endpoint, urgent=urgent)]

    def _open(self, endpoint: str, *, urgent: bool) -> bool:
        well = urgent or endpoint not in self.ailing or not self.ailing[endpoint].failures
        return self._taken[endpoint, urgent] < (AT_ONE_ENDPOINT if well else 1)


def _urgent(entry: Entry) -> bool:
    return entry.priority == 0
