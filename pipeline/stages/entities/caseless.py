"""Names in scripts without capitals: countries, large cities and international bodies, found by the gazetteer."""

from __future__ import annotations

import re

from pipeline.stages.entities.gazetteer import Gazetteer
from pipeline.stages.entities.linking import Linker
from pipeline.stages.entities.name import Link, Name
from pipeline.stages.entities.substrings import Substrings

#: Hebrew to Thai, Georgian onwards, kana, CJK, Hangul and their extensions.
_CASELESS = re.compile("[\u0590-\u109f\u1100-\u13ff\u1780-\u17ff\u3040-\ud7ff\uf900-\ufaff\ufb1d-\ufefc]")
#: City names in Han characters of one character are mostly words.
_LEAST_LENGTH = 2
_CONFIDENCE = 0.8


class CaselessNames:
    """Searches a text for the gazetteer's names in scripts without capitals."""

    def __init__(self, gazetteer: Gazetteer, linker: Linker) -> None:
        self._gazetteer = gazetteer
        self._linker = linker
        self._substrings: Substrings | None = None

    def find(self, text: str) -> list[Name]:
        """Names with their links, in order; the index is built on the first text that needs it."""
        if not _CASELESS.search(text):
            return []
        if self._substrings is None:
            self._substrings = Substrings([name for name in self._gazetteer.caseless if len(name) >= _LEAST_LENGTH])
        found = []
        for surface, start, end in self._substrings.find(text):
            link = self._link(self._gazetteer.caseless[surface])
            if link is not None:
                found.append(Name(start, end, surface, link.type, _CONFIDENCE, link))
        return found

    def _link(self, reference: str) -> Link | None:
        kind, rest = reference[0], reference[1:]
        if kind == "c":
            return self._linker.nation(self._gazetteer.nations[rest])
        if kind == "p":
            return self._linker.town(self._gazetteer.place(int(rest)), _CONFIDENCE)
        return self._linker.body(self._gazetteer.organisation_row(int(rest)).name)
