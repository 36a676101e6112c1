"""Given and family names of the world's people: by locale from Faker (MIT), and of our own where Faker writes no Latin letters."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import faker.providers.person as providers

_GIVEN = re.compile(r"[A-ZÀ-Þ][a-zà-ÿ'’-]+(?:-[A-Z][a-zà-ÿ]+)?")
_FAMILY = re.compile(r"[A-ZÀ-Þ][A-Za-zÀ-ÿ'’-]+")
_LEAST_NAMES = 20
_LIST = Path(__file__).parent / "names" / "persons.tsv"
#: Shorter family names of East Asia are English words too often: "Long", "Ha", "An".
_LEAST_EASTERN = 4


class Names(NamedTuple):
    """Names of a people as the wires write them in Latin letters; ``family_first`` as in "Wang Junxia"."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    family_first: bool


@cache
def as_romanised() -> tuple[Names, ...]:
    """Names of peoples that Faker has in their own script only or not at all."""
    found = []
    for line in _LIST.read_text(encoding="utf-8").splitlines():
        _, order, *columns = line.split("\t")
        given, family = (tuple(name.replace("_", " ") for name in column.split(" ")) for column in columns)
        found.append(Names(given, family, order == "family first"))
    return tuple(found)


@cache
def by_locale() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Locale → given names and family names in Latin letters, each sorted; locales with few names are left out."""
    found = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(providers.__path__)):
        provider = importlib.import_module(f"faker.providers.person.{module}").Provider
        given = _collect(provider, "first_name", _GIVEN)
        family = _collect(provider, "last_name", _FAMILY)
        if len(given) > _LEAST_NAMES and len(family) > _LEAST_NAMES:
            found[module] = (given, family)
    return found


def names() -> tuple[list[str], list[str]]:
    """All given and all family names, sorted."""
    given = {name for locale in by_locale().values() for name in locale[0]}
    family = {name for locale in by_locale().values() for name in locale[1]}
    for people in as_romanised():
        given.update(name for name in people.given if not people.family_first and " " not in name)
        least = _LEAST_EASTERN if people.family_first else 0
        family.update(name for name in people.family if len(name) >= least and " " not in name)
    return sorted(given), sorted(family)


def _collect(provider: type, prefix: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
    found = set()
    for attribute in dir(provider):
        value = getattr(provider, attribute)
        if attribute.startswith(prefix) and isinstance(value, tuple | list | dict):
            for item in value:
                name = item[0] if isinstance(item, tuple) else item
                if isinstance(name, str) and pattern.fullmatch(name):
                    found.add(name)
    return tuple(sorted(found))
