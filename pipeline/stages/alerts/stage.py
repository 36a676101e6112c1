"""The stage that raises alerts, and the folder of rules that it may be fed from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.messages import Event, RuleMatch
from pipeline.stages.alerts.ruleset import RuleError, RuleSet
from pipeline.stages.alerts.words import Words

_UNDETERMINED = {"und", "mul", "mis", ""}


def languages_of(event: Event) -> list[str] | None:
    """Languages whose rules are tried, None for all: detected, else declared; parts and close alternatives too.

    Declared languages are tried beside a detected one that the stage was not sure of.
    """
    detected = event.language
    tags = [event.dispatch.language or ""]
    if detected is not None:
        tags = [detected.tag, *(part.tag for part in detected.parts), *(other.tag for other in detected.alternatives)]
    codes = list(dict.fromkeys(tag.replace("_", "-").partition("-")[0].casefold() for tag in tags))
    return None if codes[0] in _UNDETERMINED else [code for code in codes if code not in _UNDETERMINED]


class AlertsStage:
    """Fills ``event.alerts`` with the rules that match headline and text."""

    name = "alerts"

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules

    @property
    def rules(self) -> RuleSet:
        """The set in force."""
        return self._rules

    def process(self, events: Sequence[Event]) -> list[Event]:
        """Match each event; an event that is not its item's current revision matches nothing."""
        rules = self._rules
        return [event.model_copy(update={"alerts": _match(rules, event)}) for event in events]


def _match(rules: RuleSet, event: Event) -> list[RuleMatch]:
    if event.story is not None and not event.story.current:
        return []
    languages = languages_of(event)
    words = Words(event.dispatch.headline, event.dispatch.text)
    return rules.matcher.match(event, words, rules.matcher.languages if languages is None else languages)


class RuleDirectory:
    """A folder of rules that is watched: a broken file keeps the last good set in force."""

    def __init__(self, directory: Path | None, *, shipped: bool = True) -> None:
        self._directory = directory
        self._shipped = shipped
        self._seen: object = None

    def poll(self) -> RuleSet | RuleError | None:
        """Return the rules after a change, the error where they cannot be used, None where nothing changed.

        The first call always loads. An error is reported once a change, not at every call.
        """
        state = self._state()
        if state == self._seen:
            return None
        self._seen = state
        try:
            return RuleSet.load(self._directory, shipped=self._shipped)
        except RuleError as error:
            return error

    def _state(self) -> object:
        if self._directory is None:
            return ()
        found = []
        for path in sorted(self._directory.rglob("*")):
            if path.suffix in {".yaml", ".yml"}:
                try:
                    status = path.stat()
                except OSError:  # gone between listing and looking
                    continue
                found.append((str(path), status.st_mtime_ns, status.st_size, status.st_ino))
        return (self._directory.is_dir(), *found)
