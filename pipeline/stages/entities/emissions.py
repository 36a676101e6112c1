"""How well each label suits each word before its neighbours' labels count: the summed weights of what is seen of it in its place.

A word's own features and those that it lends to its neighbours are summed once a word type; what depends on its place is looked up
for all words of a text at once. ``training/entities/features.py`` says what the features are.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np

from pipeline.stages.entities.lexicon import CANDIDATE, CLUES, LINE_END, Word
from pipeline.stages.entities.reading import Integers, Reading
from pipeline.stages.entities.weights import Floats, Weights

#: Yes-or-no features of a word in its place, in the order of their bits.
FLAGS = ("d=L", "ss", "ss!C", "caps", "d=low", "segB", "segE", "one")
#: Letters from which on capitals at the head of a line of prose look like a dateline.
LEAST_DATELINE = 4
_NEIGHBOURS = ("", "-1", "+1", "-2", "+2")
_LAYOUTS, _SPORTS = 3, 3
_NEVER = np.iinfo(np.int64).max
_Listing = tuple[tuple[str, ...], tuple[str, tuple[str, ...]] | None]


def layout_features(layout: int, sport: int, kinds: tuple[str, ...], name: tuple[str, tuple[str, ...]] | None) -> list[str]:
    """Features of the line that a word stands in and of the lists that it, or the name of several words around it, is on."""
    found = [f"sp{sport}"]
    if layout:
        found.append(f"ln{layout}")
    if name is not None:
        found += [f"gz={name[0]}{kind}" for kind in name[1]]
        kinds = tuple(dict.fromkeys((*kinds, *name[1])))
    if layout or sport:
        found += [f"ln{layout}|sp{sport}|{kind}" for kind in kinds or ("-",)]
    return found


class Emissions:
    """Sums weights. Keeps sums a word type, which change no result."""

    def __init__(self, weights: Weights) -> None:
        self._size = len(weights.labels)
        self._states = weights.states
        self._feature: dict[str, int] = {}
        self._shapes: dict[str, int] = {}
        self._lowers: dict[str, int] = {}
        self._attributes: dict[str, int] = {}
        self._index(weights)
        self._flags = self._combinations("b", (*FLAGS, *(f"d={clue}" for clue in CLUES)))
        self._opening = {name: self._sum([name]) for name in ("capB", "dateline?")}
        self._after_last, self._before_first = self._shape_id("$"), self._shape_id("^")
        self.forget()

    def _index(self, weights: Weights) -> None:
        """Part the features of a word from those of its place, which become numbers where they are of a shape and a word."""
        attributes: list[tuple[int, int, int]] = []
        places: list[tuple[int, int, int, int, int]] = []
        shape, lower = self._shape_id, self._lower_id
        for name, row in weights.features.items():
            kind, found, value = name.partition("=")
            if name[:2] in _NEIGHBOURS:
                attribute = self._attributes.setdefault(name[2:], len(self._attributes))
                attributes.append((attribute, _NEIGHBOURS.index(name[:2]), row))
            elif kind == "cw":  # "<word before>|<shape>"; a shape that stands between two others has no bar in it
                before, _, here = value.rpartition("|")
                places.append((1, 0, shape(here), lower(before), row))
            elif kind == "cn":
                here, _, after = value.partition("|")
                places.append((2, 0, shape(here), lower(after), row))
            elif kind == "c":
                first, rest = ("|", value[2:]) if value[0] == "|" else (value.partition("|")[0], value.partition("|")[2])
                here, _, after = rest.partition("|")
                places.append((0, shape(first), shape(here), shape(after), row))
            elif (found and kind not in ("d", "gz")) or name == "hy":
                attributes.append((self._attributes.setdefault(name, len(self._attributes)), 0, row))
            else:
                self._feature[name] = row
        # The last row is zero: it stands for a word that no feature speaks of.
        table = np.zeros((len(self._attributes) + 1, len(_NEIGHBOURS), self._size), np.float32)
        attribute, neighbour, row_of = np.array(attributes or [(0, 0, 0)], np.int64)[: len(attributes)].T
        table[attribute, neighbour] = weights.states[row_of]
        self._table = table.reshape(len(table), -1)
        kinds, first, here, other, rows = np.array(places or [(0, 0, 0, 0, 0)], np.int64)[: len(places)].T
        self._shape_count, self._lower_count = len(self._shapes) + 3, max(len(self._lowers), len(self._shapes)) + 3
        keys = self._keys(kinds, first, here, other)
        order = np.argsort(keys)
        self._place_keys = np.append(keys[order], _NEVER)
        self._place_sums = np.vstack([weights.states[rows[order]], np.zeros((1, self._size), np.float32)])

    def _keys(self, kinds: Integers | int, first: Integers | int, here: Integers, other: Integers) -> Integers:
        """Number a combination; 0 stands for what no feature speaks of."""
        return np.asarray(((kinds * self._shape_count + first) * self._shape_count + here) * self._lower_count + other, np.int64)

    def _shape_id(self, shape: str) -> int:
        return self._shapes.setdefault(shape, len(self._shapes) + 1)

    def _lower_id(self, lower: str) -> int:
        return self._lowers.setdefault(lower, len(self._lowers) + 1)

    def _combinations(self, always: str, names: tuple[str, ...]) -> Floats:
        """Sum for every number whose bits say which of the features hold: as many as there are, to gather them without a search."""
        sums = self._sum([always])[None]
        for name in names:
            sums = np.concatenate([sums, sums + self._sum([name])])
        return sums

    def _sum(self, features: list[str]) -> Floats:
        known = [self._feature[name] for name in features if name in self._feature]
        return np.asarray(self._states[known].sum(axis=0), np.float32)

    def forget(self) -> None:
        """Forget every word type; what was read before must not be tagged after."""
        self._sums = np.zeros((len(_NEIGHBOURS), 4096, self._size), np.float32)
        #: By word type: number of its shape, of its small letters and of the lists it is on.
        self._types = np.zeros((3, 4096), np.int64)
        self._count = 0
        self._listings: dict[_Listing, int] = {}
        self._listed = np.zeros((64, _LAYOUTS, _SPORTS, self._size), np.float32)
        self._before = self._new_row("-1BOS", self._before_first)
        self._after = self._new_row("+1EOS", self._after_last)

    def _new_row(self, edge: str, shape: int) -> int:
        row = self._count
        self._count += 1
        attribute = self._attributes.get(edge[2:])
        if attribute is not None:
            self._sums[:, row] = self._table[attribute].reshape(len(_NEIGHBOURS), -1)
        self._types[:, row] = shape, 0, 0
        return row

    def _learn(self, words: Iterable[Word]) -> None:
        """Sum the weights of word types that have no row."""
        first, attribute, nothing = self._count, self._attributes.get, len(self._table) - 1
        known: list[int] = []
        starts: list[int] = []
        types: list[tuple[int, int, int]] = []
        for word in words:
            if word.row < 0:
                word.row = self._count
                self._count += 1
                starts.append(len(known))
                known.append(nothing)
                known += [found for name in word.attributes if (found := attribute(name)) is not None]
                types.append((self._shapes.get(word.shape, 0), self._lowers.get(word.lower, 0), self._listing(word.kinds, None)))
                word.attributes, word.lists = (), []  # summed: a long run would hold millions of them
        while self._count > self._sums.shape[1]:
            self._sums = np.concatenate([self._sums, np.zeros_like(self._sums)], axis=1)
            self._types = np.concatenate([self._types, np.zeros_like(self._types)], axis=1)
        sums = np.add.reduceat(self._table[known], starts, axis=0).reshape(len(starts), len(_NEIGHBOURS), -1)
        self._sums[:, first : self._count] = sums.swapaxes(0, 1)
        self._types[:, first : self._count] = np.array(types).T

    def _listing(self, kinds: tuple[str, ...], name: tuple[str, tuple[str, ...]] | None) -> int:
        known = self._listings.get((kinds, name))
        if known is not None:
            return known
        number = self._listings[kinds, name] = len(self._listings)
        if number == len(self._listed):
            self._listed = np.concatenate([self._listed, np.zeros_like(self._listed)])
        for layout, sport in product(range(_LAYOUTS), range(_SPORTS)):
            self._listed[number, layout, sport] = self._sum(layout_features(layout, sport, kinds, name))
        return number

    def __call__(self, reading: Reading, lengths: Integers) -> Floats:
        """Give (words of all segments, labels); ``lengths`` are those of the segments."""
        firsts = np.array([start for start, _ in reading.segments])
        begins = np.cumsum(lengths) - lengths
        places = np.repeat(firsts - begins, lengths) + np.arange(lengths.sum())
        rows = [word.row for word in reading.words]
        if min(rows) < 0:
            self._learn(reading.words)
            rows = [word.row for word in reading.words]
        rows += [self._after, self._after, self._before, self._before]  # -1 and -2 wrap around to the start
        at = np.array(rows)
        here, left, right = at[places], at[places - 1], at[places + 1]
        own, before, after, far_before, far_after = self._sums
        emissions = own[here]
        emissions += before[left]
        emissions += after[right]
        emissions += far_before[at[places - 2]]
        emissions += far_after[at[places + 2]]
        shapes, lowers, listings = self._types
        shape = shapes[here]
        for keys in (
            self._keys(0, shapes[left], shape, shapes[right]),
            self._keys(1, 0, shape, lowers[left]),
            self._keys(2, 0, shape, lowers[right]),
        ):
            emissions += self._looked_up(keys)
        emissions += self._flags[self._flags_of(reading, places, begins, lengths)]
        listing = listings[here]
        if reading.names:
            self._put_names(reading, places, listing)
        emissions += self._listed[listing, reading.layouts[places], reading.sportiness]
        self._add_openings(reading, firsts, begins, emissions)
        return np.asarray(emissions, np.float32)

    def _looked_up(self, keys: Integers) -> Floats:
        found = np.searchsorted(self._place_keys, keys)
        found[self._place_keys[found] != keys] = len(self._place_keys) - 1
        return self._place_sums[found]

    @staticmethod
    def _flags_of(reading: Reading, places: Integers, begins: Integers, lengths: Integers) -> Integers:
        candidate = reading.bits[places] & CANDIDATE != 0
        opens = candidate & reading.opens_sentence[places]
        clues = reading.clues[places]
        flags = np.where(candidate, 0, 1) | opens << 1 | (opens & (clues & CLUES["C"] == 0)) << 2
        if reading.capitals is not None:
            flags |= np.array(reading.capitals)[places] << 3
        small = {word.text for word in reading.words}
        inside = [reading.words[place] for place in places.tolist()]
        flags |= np.array([word.lower in small and word.text != word.lower for word in inside]) << 4
        flags[begins] |= 1 << 5
        flags[begins + lengths - 1] |= 1 << 6
        flags[begins[lengths == 1]] |= 1 << 7
        return np.asarray(flags | clues << len(FLAGS), np.int64)

    def _put_names(self, reading: Reading, places: Integers, listing: Integers) -> None:
        """Let the words of a known name of several words be listed as what it is."""
        indices = list(reading.names)
        rows = np.minimum(np.searchsorted(places, indices), len(places) - 1)
        for index, row, place in zip(indices, rows.tolist(), places[rows].tolist(), strict=True):
            if index == place:
                listing[row] = self._listing(reading.words[index].kinds, reading.names[index])

    def _add_openings(self, reading: Reading, firsts: Integers, begins: Integers, emissions: Floats) -> None:
        """Add what is seen of a word that a segment and its line begin with."""
        opens_line = (firsts == 0) | (reading.bits[firsts - 1] & LINE_END != 0)
        layouts = reading.layouts
        for index, row in zip(firsts[opens_line].tolist(), begins[opens_line].tolist(), strict=True):
            written = reading.written[index]
            if written != reading.words[index].text:
                emissions[row] += self._opening["capB"]
            if len(written) >= LEAST_DATELINE and not layouts[index] and written.isupper():
                emissions[row] += self._opening["dateline?"]
