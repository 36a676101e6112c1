"""What can be wrong with an installation, checked one by one."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipeline import __version__
from pipeline.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pipeline.stages.alerts.ruleset import RuleError, RuleSet


@dataclass(frozen=True)
class Check:
    """One finding."""

    name: str
    good: bool
    detail: str


@dataclass(frozen=True)
class _Installation:
    """What is examined, read once for all who look at it."""

    settings: Settings

    @cached_property
    def rules(self) -> RuleSet | RuleError:
        """The rules in force, or what is wrong with them."""
        from pipeline.engines.enriching import load_rules
        from pipeline.stages.alerts.ruleset import RuleError

        try:
            return load_rules(self.settings)
        except RuleError as error:
            return error


def checks(settings: Settings) -> Iterator[Check]:
    """Yield the findings about this installation; none stops the next."""
    yield Check("program", good=True, detail=f"wirefeed {__version__}, Python {platform.python_version()}")
    yield from _examine(settings, {"store": _store, **_CONFIGURED})


def configuration_checks(settings: Settings) -> Iterator[Check]:
    """Yield the findings about what is configured, without asking a database, a broker or a feed."""
    yield from _examine(settings, {"store": _store_url, **_CONFIGURED})


def _examine(settings: Settings, parts: Mapping[str, Callable[[_Installation], str]]) -> Iterator[Check]:
    installation = _Installation(settings)
    for name, examine_part in parts.items():
        try:
            yield Check(name, good=True, detail=examine_part(installation))
        except Exception as error:
            yield Check(name, good=False, detail=str(error) or type(error).__name__)


def _store(installation: _Installation) -> str:
    from pathlib import Path

    from sqlalchemy import func, select

    from pipeline.store import schema
    from pipeline.store.database import Store, store_url

    url = store_url(installation.settings.store)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        return f"{url.database} does not exist yet: the first run makes it"
    store = Store.open(installation.settings.store)
    with store.reading() as connection:
        number = connection.execute(select(func.count()).select_from(schema.dispatches)).scalar()
    store.close()
    return f"{store.name}, {number} dispatches"


def _store_url(installation: _Installation) -> str:
    from pipeline.store.database import shown_url, store_url

    return shown_url(store_url(installation.settings.store))


def _sources(installation: _Installation) -> str:
    from pipeline.sources.open import check_source
    from pipeline.sources.source import SourceError

    problems = []
    for source in installation.settings.sources:
        try:
            check_source(source)
        except SourceError as error:
            problems.append(str(error))
    if problems:
        raise SourceError("\n".join(problems))
    return ", ".join(source.name for source in installation.settings.sources) or "none configured: name them on the command line"


def _rules(installation: _Installation) -> str:
    if isinstance(installation.rules, Exception):
        raise installation.rules
    return f"{len(installation.rules.rules)} rules"


def _profiles(installation: _Installation) -> str:
    from pipeline.stages.parse.profile import load_profiles

    folder = installation.settings.parse.profiles
    load_profiles(folder)
    return f"shipped profiles{f' and {folder}' if folder else ''}"


def _models(installation: _Installation) -> str:
    from pipeline.engines.enriching import enriching_stages

    enriching_stages(installation.settings, ("language", "entities"))
    return "loaded"


def _subscribers(installation: _Installation) -> str:
    file = installation.settings.subscribers.file
    if file is None:
        return "none configured: nobody is told (subscribers.file)"
    from pipeline.notify.subscribers import load_subscribers

    told = load_subscribers(file)
    if isinstance(installation.rules, Exception):
        return f"{file}; whether its filters name rules that exist can be said once the rules are read"
    rules = installation.rules.rules
    known = {str(rule.id) for rule in rules} | {rule.title for rule in rules}
    unknown = [f"{each.name} wants {name!r}" for each in told.all for name in each.filter.rules if name not in known]
    if unknown:
        raise SettingsError(
            f"subscribers file {file}: {', '.join(unknown)}: no rule in force has that id or title, so nobody "
            "is told by it; `wirefeed rules list` shows them"
        )
    return str(file)


_CONFIGURED: dict[str, Callable[[_Installation], str]] = {
    "sources": _sources,
    "rules": _rules,
    "provider profiles": _profiles,
    "language and entities": _models,
    "subscribers": _subscribers,
}


def language_table() -> list[dict[str, Any]]:
    """What each language gets: detection, entities, rules."""
    from pipeline.stages.alerts.ruleset import RuleSet
    from pipeline.stages.entities.taggers import language_support
    from pipeline.stages.language.tags import supported_languages

    entities = language_support()
    ruled = {language for rule in RuleSet.load(None).rules for language in rule.match}
    return [
        {"language": tag, "detected": True, "entities": entities.get(tag, "none"), "rules": tag in ruled}
        for tag in supported_languages()
    ]
