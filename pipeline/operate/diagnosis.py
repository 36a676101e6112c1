"""What can be wrong with an installation, checked one by one."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pipeline import __version__
from pipeline.settings import Settings


@dataclass(frozen=True)
class Check:
    """One finding."""

    name: str
    good: bool
    detail: str


def checks(settings: Settings) -> Iterator[Check]:
    """Yield the findings about this installation; none stops the next."""
    yield Check("program", good=True, detail=f"wirefeed {__version__}, Python {platform.python_version()}")
    examined: list[tuple[str, Callable[[Settings], str]]] = [
        ("store", _store),
        ("rules", _rules),
        ("provider profiles", _profiles),
        ("language and entities", _models),
        ("subscribers", _subscribers),
    ]
    for name, examine_part in examined:
        try:
            yield Check(name, good=True, detail=examine_part(settings))
        except Exception as error:
            yield Check(name, good=False, detail=str(error) or type(error).__name__)


def _store(settings: Settings) -> str:
    from pathlib import Path

    from sqlalchemy import func, select
    from sqlalchemy.engine import make_url

    from pipeline.store import schema
    from pipeline.store.database import Store

    url = make_url(settings.store.url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        return f"{url.database} does not exist yet: the first run makes it"
    store = Store.open(settings.store)
    with store.reading() as connection:
        number = connection.execute(select(func.count()).select_from(schema.dispatches)).scalar()
    store.close()
    return f"{store.name}, {number} dispatches"


def _rules(settings: Settings) -> str:
    from pipeline.engines.chain import load_rules

    return f"{len(load_rules(settings).rules)} rules"


def _profiles(settings: Settings) -> str:
    from pipeline.stages.parse.profile import load_profiles

    load_profiles(settings.parse.profiles)
    return f"shipped profiles{' and ' + str(settings.parse.profiles) if settings.parse.profiles else ''}"


def _models(settings: Settings) -> str:
    from pipeline.engines.chain import enriching_stages

    enriching_stages(settings, ("language", "entities"))
    return "loaded"


def _subscribers(settings: Settings) -> str:
    if settings.subscribers.file is None:
        return "none configured: nobody is told (subscribers.file)"
    from pipeline.notify.subscribers import load_subscribers

    load_subscribers(settings.subscribers.file)
    return str(settings.subscribers.file)


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
