"""The rules in force, how often each has matched, and a backtest of the files as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from threading import Lock
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.console.rows import RuleRow
from pipeline.messages import Event
from pipeline.settings import RulesSettings
from pipeline.stages.alerts.backtest import Backtest, backtest
from pipeline.stages.alerts.ruleset import RuleError, RuleSet
from pipeline.stages.alerts.stage import RuleDirectory
from pipeline.store import schema

_WEEK = timedelta(days=7)


class Rulebook:
    """Rules as they were when the console started, and as the files are."""

    def __init__(self, settings: RulesSettings) -> None:
        self._directory = RuleDirectory(settings.directory, shipped=settings.shipped)
        self._lock = Lock()
        self._first: RuleSet | None = None
        self._newest: RuleSet | None = None
        self._error: RuleError | None = None

    def rules(self) -> RuleSet:
        """The rules as the files are; raises RuleError where they cannot be used."""
        with self._lock:
            found = self._directory.poll()
            if isinstance(found, RuleError):
                self._error = found
            elif found is not None:
                self._newest, self._error = found, None
                self._first = self._first or found
            if self._error is not None:
                raise self._error
            assert self._newest is not None  # noqa: S101 - the first poll loads or fails
            return self._newest

    def backtest(self, events: Sequence[Event]) -> Backtest:
        """Try the files as they are on events, beside the rules of the console's start."""
        tried = self.rules()
        return backtest(events, tried, self._first or tried)


def read_rules(connection: Connection, rules: RuleSet, limits: Sequence[Any]) -> list[RuleRow]:
    """List rules with their alerts of a week, the most severe first."""
    table = schema.alerts
    end = connection.execute(select(func.max(table.c.received_at))).scalar()
    counts: dict[str, int] = {}
    if end is not None:
        query = select(table.c.rule, func.count()).where(table.c.received_at > end - _WEEK).group_by(table.c.rule)
        if limits:
            query = query.join(schema.dispatches, schema.dispatches.c.id == table.c.dispatch_id).where(*limits)
        counts = {row[0]: row[1] for row in connection.execute(query)}
    rows = [
        RuleRow(
            id=str(rule.id),
            title=rule.title,
            severity=rule.severity,
            kind=rule.kind.value,
            status=rule.status,
            languages=sorted(rule.match),
            alerts=counts.get(str(rule.id), 0),
        )
        for rule in rules.rules
    ]
    return sorted(rows, key=lambda row: (-row.severity, row.title))


def newest_events(connection: Connection, limits: Sequence[Any], number: int) -> list[Event]:
    """Read the newest dispatches that are no copies, the newest last."""
    table = schema.dispatches
    query = select(table.c.document).where(table.c.relation != "duplicate", *limits).order_by(table.c.seq.desc()).limit(number)
    return [Event.model_validate_json(document) for document in connection.execute(query).scalars()][::-1]
