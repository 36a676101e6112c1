"""Join the names of one entity inside one dispatch: "Olaf Scholz" and "Scholz", "World Bank" and its acronym."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict

from pipeline.messages import EntityType
from pipeline.stages.entities.name import Name
from pipeline.stages.entities.vocabulary import words

_SUFFIXES = frozenset(("Jr.", "Sr.", "Jr", "Sr", "II", "III", "IV"))
_COMPANY_FORMS = frozenset(words("Inc Inc. Corp Corp. Co Co. Ltd Ltd. Plc PLC plc Group Holdings AG SA NV LLC GmbH the The &"))
_LEAST_HEAD = 4
_INITIAL = 2
_ABOVE_THREE = 3
#: Persons of one family name that are told apart; more is a list of names, and comparing all of them would take for ever.
_MOST_BEARERS = 50


class Cluster:
    """Names of one entity; ``canonical`` is the fullest of them."""

    __slots__ = ("canonical", "full_starts", "names", "short_count", "short_last", "type")

    def __init__(self, name: Name, surface: str) -> None:
        self.type = name.type
        self.canonical = surface
        self.names = [name]
        self.full_starts: list[int] = []
        self.short_count, self.short_last = 0, -1

    def named_before(self, place: int) -> tuple[int, int]:
        """How often, and where last, this person was named before a place that all short forms so far stand before."""
        fulls = bisect_left(self.full_starts, place)
        return fulls + self.short_count, max(self.full_starts[fulls - 1] if fulls else -1, self.short_last)


def join(names: list[Name], text: str) -> list[Cluster]:
    """Group names of a text, in order of their first mention: linked ones by what they are linked to, others by their words."""
    joined: dict[tuple[str, ...], Cluster] = {}
    clusters: list[Cluster] = []
    free: list[Name] = []
    for name in names:
        if name.link is None:
            free.append(name)
            continue
        cluster = joined.get(name.link.key)
        if cluster is None:
            cluster = joined[name.link.key] = Cluster(name, name.link.name)
            clusters.append(cluster)
        else:
            cluster.names.append(name)
    return sorted(clusters + _Joiner(free, text).clusters(), key=lambda cluster: min(name.start for name in cluster.names))


def _plain(surface: str) -> str:
    return " ".join(surface.replace("’", "'").split())


class _Joiner:
    """Full names first, in order; then each short name to the full name that it is short for."""

    def __init__(self, names: list[Name], text: str) -> None:
        self._line_ends = [line_end.start() for line_end in re.finditer("\n", text)]
        self._found: list[Cluster] = []
        self._exact: dict[tuple[EntityType, str], Cluster] = {}
        self._core: dict[str, Cluster] = {}
        self._acronym: dict[str, Cluster] = {}
        self._family: defaultdict[str, list[Cluster]] = defaultdict(list)
        self._given: defaultdict[str, list[Cluster]] = defaultdict(list)
        self._middle: defaultdict[str, list[Cluster]] = defaultdict(list)
        self._head: defaultdict[str, list[Cluster]] = defaultdict(list)
        surfaces = [(name, _plain(name.surface)) for name in names]
        for name, surface in surfaces:
            if " " in surface:
                self._add_full(name, surface)
        for name, surface in surfaces:
            if " " not in surface:
                self._add_short(name, surface)

    def clusters(self) -> list[Cluster]:
        return self._found

    def _add_full(self, name: Name, surface: str) -> None:
        cluster = self._exact.get((name.type, surface))
        if cluster is None and name.type == EntityType.PERSON:
            cluster = self._same_person(surface)
        elif cluster is None and name.type == EntityType.ORGANISATION:
            cluster = self._core.get(_core(surface))
        if cluster is None:
            cluster = self._open(name, surface)
        else:
            cluster.names.append(name)
            if name.type == EntityType.PERSON and len(surface) > len(cluster.canonical):
                cluster.canonical = surface
        self._exact[name.type, surface] = cluster
        if name.type == EntityType.PERSON:
            cluster.full_starts.append(name.start)
            parts = [part for part in surface.split() if part not in _SUFFIXES]
            _register(self._family[parts[-1].lower()] if parts else [], cluster)
            if len(parts) >= _ABOVE_THREE:
                _register(self._family[" ".join(parts[-2:]).lower()], cluster)
            if parts:
                _register(self._given[parts[0].lower()], cluster)
            for part in parts[1:-1]:
                _register(self._middle[part.lower()], cluster)
        elif name.type == EntityType.ORGANISATION:
            self._core.setdefault(_core(surface), cluster)
            acronym = "".join(part[0] for part in surface.split() if part[0].isupper())
            if len(acronym) > 1:
                self._acronym.setdefault(acronym, cluster)
            _register(self._head[surface.split(maxsplit=1)[0].lower()], cluster)

    def _same_person(self, surface: str) -> Cluster | None:
        """Know "George W. Bush" for "George Bush" and for "G. Bush"; another given name is another person."""
        parts = [part for part in surface.split() if part not in _SUFFIXES] or [surface]
        key = " ".join(parts).lower()
        for cluster in self._family.get(parts[-1].lower(), ()):
            first = cluster.canonical.split()[0]
            if first == parts[0] or _is_initial_of(parts[0], first) or _is_initial_of(first, parts[0]):
                return cluster
        found = self._family.get(key, [])
        return found[0] if len(found) == 1 else None

    def _add_short(self, name: Name, surface: str) -> None:
        cluster = self._exact.get((name.type, surface))
        if name.type == EntityType.PERSON:
            cluster = self._bearer(name, surface) or cluster
        elif cluster is None and name.type == EntityType.ORGANISATION:
            cluster = self._acronym.get(surface.replace(".", "")) or self._core.get(surface.lower())
            heads = self._head.get(surface.lower(), [])
            if cluster is None and len(heads) == 1 and len(surface) >= _LEAST_HEAD:
                cluster = heads[0]
        if cluster is None:
            cluster = self._exact[name.type, surface] = self._open(name, surface)
        else:
            cluster.names.append(name)
        cluster.short_count += 1
        cluster.short_last = name.start

    def _bearer(self, name: Name, surface: str) -> Cluster | None:
        """Find the person of that family name: of several, whom this paragraph names, else whom the text so far names most.

        A relative is mostly named in full once and never again; the family name alone goes on meaning the one whom it is about.
        """
        bearers = self._family.get(surface.lower(), [])
        before = [(cluster.named_before(name.start), cluster) for cluster in bearers]
        before = [(named, cluster) for named, cluster in before if named[0]]
        if len(before) > 1:
            line = bisect_left(self._line_ends, name.start)
            start = self._line_ends[line - 1] if line else -1
            before = [(named, cluster) for named, cluster in before if named[1] > start] or before
        if before:
            return max(before, key=lambda found: found[0])[1]
        if bearers:
            return bearers[0]
        given = self._given.get(surface.lower(), []) or self._middle.get(surface.lower(), [])  # Cárcamo of Lucía Cárcamo Núñez
        return given[0] if len(given) == 1 else None

    def _open(self, name: Name, surface: str) -> Cluster:
        cluster = Cluster(name, surface)
        self._found.append(cluster)
        return cluster


def _register(clusters: list[Cluster], cluster: Cluster) -> None:
    if len(clusters) < _MOST_BEARERS and cluster not in clusters:
        clusters.append(cluster)


def _core(surface: str) -> str:
    return " ".join(part for part in surface.split() if part not in _COMPANY_FORMS).lower()


def _is_initial_of(short: str, full: str) -> bool:
    return len(short) <= _INITIAL and short[:1] == full[:1]
