"""The names that Wirefeed knows: places, countries, peoples, organisations, and the register ids of each.

Built by ``training/entities`` and shipped ready, so that a start costs a tenth of a second. Names are matched word by word and
as written: three quarters of what a substring search finds lies inside other words.
"""

from __future__ import annotations

import json
import zlib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_REMEMBERED_TOWNS = 20_000
#: Two letters mean many things, but for these.
_SURE_PAIRS = frozenset(("UN",))


class Place(NamedTuple):
    """A town of GeoNames."""

    geonames: int
    name: str
    country: str
    admin: str
    population: int


class Nation(NamedTuple):
    """A country or territory with an ISO 3166-1 code."""

    code: str
    geonames: int
    wikidata: str | None
    name: str
    capital: str
    population: int


class Organisation(NamedTuple):
    """A body, party, armed group or recurring event; ``kind`` is an entity type."""

    name: str
    kind: str
    wikidata: str | None
    country: str | None


class Metonym(NamedTuple):
    """A name that stands for a body: what it stands for, and that body's country and id."""

    kind: str
    country: str
    wikidata: str | None
    stands_for: str


class Gazetteer:
    """Lookups by name as written. Read-only; one is shared by the process."""

    def __init__(self, content: bytes) -> None:
        data = json.loads(zlib.decompress(content))
        self._kinds: dict[str, str] = {}
        self._rows: dict[str, str] = {}
        for line in data["surfaces"].split("\n"):
            name, kinds, rows = line.split("\t")
            self._kinds[name] = kinds
            if rows:
                self._rows[name] = rows
        self.longest: dict[str, int] = data["longest"]
        self.caseless: dict[str, str] = data["caseless"]
        self.countries: dict[str, str] = data["countries"]
        self.demonyms: dict[str, str] = data["demonyms"]
        self.peoples = frozenset(word for word in self.demonyms if " " not in word)
        self.states: dict[str, tuple[str, int]] = {name: (code, number) for name, (code, number) in data["states"].items()}
        self.regions: dict[str, str] = data["regions"]
        self.given = frozenset(data["given"].split(" "))
        self.family = frozenset(data["family"].split(" "))
        self.metonyms = {name: Metonym(k, c, w or None, s) for name, (k, c, w, s) in data["metonyms"].items()}
        self.nations = {
            code: Nation(code, number, wikidata or None, name, capital, population)
            for code, (number, wikidata, name, capital, population) in data["nations"].items()
        }
        self._organisations = [Organisation(name, kind, w or None, c or None) for name, kind, w, c, _ in data["organisations"]]
        self._organisation_rows = {form: row for row, entry in enumerate(data["organisations"]) for form in entry[4]}
        self.events = frozenset(form for entry in data["organisations"] if entry[1] == "event" for form in entry[4])
        self._brands: dict[str, str] = data["brands"]
        self._places: list[list[int | str]] = data["places"]
        self._found: dict[str, tuple[Place, ...]] = {}

    def kinds(self, name: str) -> str | None:
        """Kinds of a name, space-separated, None for an unknown one.

        CO country, C1/C2/C3 town of ≥ 500,000/100,000/15,000, CA its other names, ST state of the United States, RG region,
        IG organisation, EV event, CB club, CM company, BR brand.
        """
        return self._kinds.get(name)

    def places(self, name: str) -> tuple[Place, ...]:
        """Towns of that name, largest first."""
        found = self._found.get(name)
        if found is None:
            rows = self._rows.get(name)
            if rows is None:
                return ()
            if len(self._found) >= _REMEMBERED_TOWNS:
                self._found.clear()
            found = self._found[name] = tuple(self.place(int(row)) for row in rows.split(","))
        return found

    def place(self, row: int) -> Place:
        """Return the town in a row."""
        return Place(*self._places[row])  # type: ignore[arg-type]

    def nation(self, name: str) -> Nation | None:
        """Return the country of that name, in any of the languages of the wires."""
        return self.nations.get(self.countries.get(name, ""))

    def nation_of_people(self, name: str) -> Nation | None:
        """Return the country of a people or an adjective: "Ukrainian" is Ukraine's."""
        return self.nations.get(self.demonyms.get(name, ""))

    def organisation(self, name: str) -> Organisation | None:
        """Return the body of that name; brands of the name-suggestion-index have only an id."""
        row = self._organisation_rows.get(name)
        if row is not None:
            return self._organisations[row]
        brand = self._brands.get(name)
        return Organisation(name, "organisation", brand, None) if brand else None

    def is_certain_body(self, name: str) -> bool:
        """Whether a name is that of a body by an id, several words or as an acronym, and no person's or place's."""
        metonym = self.metonyms.get(name)
        if metonym is not None:
            return metonym.kind != "place" and name not in self.family
        row = self._organisation_rows.get(name)
        if row is None or name in self.family or name in self.given:
            return False
        found = self._organisations[row]
        long_enough = len(name) > 2 or name in _SURE_PAIRS
        return found.kind != "event" and long_enough and (found.wikidata is not None or name.isupper() or " " in name)

    def organisation_row(self, row: int) -> Organisation:
        """Return the body in a row."""
        return self._organisations[row]


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer that ships in the package, read once a process."""
    return Gazetteer((files("pipeline.stages.entities") / "data" / "gazetteer.bin").read_bytes())
