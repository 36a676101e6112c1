"""Link names to register ids: places by size, country in context and agreement within the dispatch; bodies by name."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

from pipeline.messages import EntityType
from pipeline.stages.entities.gazetteer import Gazetteer, Nation, Place
from pipeline.stages.entities.name import Link, Name, ids_of

#: Postal and press abbreviations of the United States.
STATES = {
    "Ala.": "AL", "Ariz.": "AZ", "Ark.": "AR", "Calif.": "CA", "Colo.": "CO", "Conn.": "CT", "Del.": "DE", "Fla.": "FL",
    "Ga.": "GA", "Ill.": "IL", "Ind.": "IN", "Kan.": "KS", "Ky.": "KY", "La.": "LA", "Md.": "MD", "Mass.": "MA", "Mich.": "MI",
    "Minn.": "MN",
    "Miss.": "MS", "Mo.": "MO", "Mont.": "MT", "Neb.": "NE", "Nev.": "NV", "N.H.": "NH", "N.J.": "NJ", "N.M.": "NM",
    "N.Y.": "NY",
    "N.C.": "NC", "N.D.": "ND", "Okla.": "OK", "Ore.": "OR", "Pa.": "PA", "R.I.": "RI", "S.C.": "SC", "S.D.": "SD", "Tenn.": "TN",
    "Tex.": "TX", "Vt.": "VT", "Va.": "VA", "Wash.": "WA", "W.Va.": "WV", "Wis.": "WI", "Wyo.": "WY", "D.C.": "DC",
}  # fmt: skip
#: Countries that share their name with a state of the United States or a town, and the neighbours that betray the state.
_STATES_LIKE_COUNTRIES = {"Georgia": ("GE", ("FL", "AL", "SC", "TN", "NC"))}
#: Names of one town that the press never means another one by, whatever the context: only a bracket or comma overrules.
_STATE_OR_TOWN = frozenset(("Washington", "New York"))
# Scores are decades of inhabitants: a capital counts as five times its size, a country named in the dispatch as up to sixty
# times, "Paris, Texas" as a hundred thousand times. Measured on TR-News-like text; see docs/entities.md.
_ALTERNATE_NAME, _CAPITAL, _NAMED_STATE, _NAMED_BESIDE = -1.0, 0.7, 1.5, 5.0
_COUNTRY_ONCE, _COUNTRY_MORE, _COUNTRY_MOST = 0.8, 0.3, 1.8
_LONE_LEAD = 2.0
_US = "US"


class Linker:
    """Links the names of one document at a time; keeps nothing between documents."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._nations: dict[str, Link] = {}

    def link(self, text: str, names: list[Name]) -> None:
        """Set ``link`` on every name that a register knows."""
        gazetteer = self._gazetteer
        countries, states = self._context(names)
        beside = _named_beside(text, names)
        chosen: dict[str, Link | None] = {}
        for name in sorted(names, key=lambda name: (name.start not in beside, name.start)):
            if name.link is not None:
                continue
            if name.type == EntityType.GROUP and (people := gazetteer.nation_of_people(name.surface)):
                key = ("people", people.code)
                name.link = Link(key, name.surface, ids_of(), people.code, 1.0, EntityType.GROUP)
            elif name.type == EntityType.PLACE:
                surface = name.surface.removeprefix("the ")
                if surface in gazetteer.metonyms and (surface not in gazetteer.family):
                    name.link = self.body(surface)
                    continue
                if (neighbour := beside.get(name.start)) is None and surface in chosen:
                    name.link = chosen[surface]
                    continue
                name.link = self._place(surface, neighbour, countries, states)
                if surface not in chosen or neighbour is not None:
                    chosen[surface] = name.link
            elif name.type in (EntityType.ORGANISATION, EntityType.GROUP, EntityType.EVENT):
                name.link = self.body(name.surface)

    def body(self, surface: str) -> Link | None:
        """Link an organisation, armed group, party or event by its name."""
        metonym = self._gazetteer.metonyms.get(surface)
        if metonym is not None:
            ids = ids_of(wikidata=metonym.wikidata)
            type_ = EntityType(metonym.kind)
            return Link(("body", metonym.stands_for), surface, ids, metonym.country, 1.0, type_, metonym=True)
        found = self._gazetteer.organisation(surface) or self._gazetteer.organisation(surface.removeprefix("the "))
        if found is None:
            return None
        ids = ids_of(wikidata=found.wikidata)
        return Link(("body", found.name), found.name, ids, found.country, 1.0, EntityType(found.kind))

    def nation(self, nation: Nation) -> Link:
        """Link to a country."""
        known = self._nations.get(nation.code)
        if known is not None:
            return known
        ids = ids_of(geonames=nation.geonames, iso3166=nation.code, wikidata=nation.wikidata)
        link = self._nations[nation.code] = Link(("country", nation.code), nation.name, ids, nation.code, 1.0, EntityType.PLACE)
        return link

    def town(self, place: Place, confidence: float) -> Link:
        """Link to a town."""
        ids = ids_of(geonames=place.geonames)
        return Link(("town", str(place.geonames)), place.name, ids, place.country, confidence, EntityType.PLACE)

    def _context(self, names: list[Name]) -> tuple[Counter[str], Counter[str]]:
        """How often each country and each state of the United States is named."""
        gazetteer = self._gazetteer
        countries: Counter[str] = Counter()
        states: Counter[str] = Counter()
        surfaces = Counter((name.surface, name.type == EntityType.PLACE) for name in names)
        for (surface, is_place), times in surfaces.items():
            nation = gazetteer.nation(surface) or gazetteer.nation_of_people(surface)
            state = gazetteer.states.get(surface, (STATES.get(surface),))[0]
            if nation is not None and surface not in _STATES_LIKE_COUNTRIES:
                countries[nation.code] += times
            elif state and surface not in _STATE_OR_TOWN and surface not in _STATES_LIKE_COUNTRIES:
                states[state] += times
            elif is_place and len(places := gazetteer.places(surface)) == 1:
                countries[places[0].country] += times
        if states:
            countries[_US] += 1
        return countries, states

    def _place(self, surface: str, neighbour: str | None, countries: Counter[str], states: Counter[str]) -> Link | None:
        gazetteer = self._gazetteer
        nation = gazetteer.nation(surface)
        if nation is not None and surface in _STATES_LIKE_COUNTRIES:
            code, bordering = _STATES_LIKE_COUNTRIES[surface]
            if not countries[code] and (neighbour == "U.S." or countries[_US] or any(states[state] for state in bordering)):
                nation = None
        if nation is not None and not (neighbour and self._is_town_beside(surface, neighbour)):
            return self.nation(nation)
        if surface in gazetteer.states and (surface not in _STATE_OR_TOWN or neighbour in gazetteer.countries):
            ids = ids_of(geonames=gazetteer.states[surface][1], iso3166=f"US-{gazetteer.states[surface][0]}")
            return Link(("state", gazetteer.states[surface][0]), surface, ids, _US, 0.9, EntityType.PLACE)
        if surface in STATES:
            ids = ids_of(iso3166=f"US-{STATES[surface]}")
            return Link(("state", STATES[surface]), surface, ids, _US, 0.9, EntityType.PLACE)
        if surface in gazetteer.regions:
            country = gazetteer.regions[surface] or None
            return Link(("region", surface), surface, ids_of(), country, 0.9, EntityType.PLACE)
        return self._best_town(surface, neighbour, countries, states)

    def _is_town_beside(self, surface: str, neighbour: str) -> bool:
        """Whether "Lebanon, Pa." names a town: the state has one of that name."""
        code = STATES.get(neighbour) or self._gazetteer.states.get(neighbour, (None,))[0]
        return any(place.country == _US and place.admin == code for place in self._gazetteer.places(surface))

    def _best_town(self, surface: str, neighbour: str | None, countries: Counter[str], states: Counter[str]) -> Link | None:
        places = self._gazetteer.places(surface) or self._gazetteer.places(f"{surface} City")
        if not places:
            return None
        scored = sorted(((self._score(place, surface, neighbour, countries, states), place) for place in places), reverse=True)
        lead = scored[0][0] - scored[1][0] if len(scored) > 1 else _LONE_LEAD
        return self.town(scored[0][1], 1 / (1 + 10**-lead))

    def _score(self, place: Place, surface: str, neighbour: str | None, countries: Counter[str], states: Counter[str]) -> float:
        score = math.log10(place.population + 1)
        if surface != place.name:
            score += _ALTERNATE_NAME
        nation = self._gazetteer.nations.get(place.country)
        if nation is not None and nation.capital == place.name:
            score += _CAPITAL
        if countries[place.country]:
            score += min(_COUNTRY_MOST, _COUNTRY_ONCE + _COUNTRY_MORE * countries[place.country])
        if place.country == _US and states[place.admin]:
            score += _NAMED_STATE
        if neighbour is not None:
            named = self._gazetteer.nation(neighbour) or self._gazetteer.nations.get(self._gazetteer.regions.get(neighbour, ""))
            state = self._gazetteer.states.get(neighbour, (STATES.get(neighbour),))[0]
            if (named is not None and named.code == place.country) or (state == place.admin and place.country == _US):
                score += _NAMED_BESIDE
        return score


def _named_beside(text: str, names: list[Name]) -> dict[int, str]:
    """Start of a name → the place written right behind it: "Paris, Texas" or "Tripoli (Lebanon)"."""
    ordered = sorted(names, key=lambda name: name.start)
    return {
        name.start: after.surface
        for name, after in pairwise(ordered)
        if after.start - name.end <= 2 and text[name.end : after.start].strip() in (",", "(")
    }
