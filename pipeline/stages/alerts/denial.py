"""Denied and negated matches: "no sign of an invasion", "denied that troops had crossed".

For each language ``denials.yaml`` lists cues before and after a match with their reach in words. A cue counts only in the
sentence of the match, not across a word that turns the sentence ("but"), and not where it is part of the match itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from pipeline.stages.alerts.query import parse_query
from pipeline.stages.alerts.tree import Node, Place, Scope
from pipeline.stages.alerts.words import Words

#: How much less a match counts that the text denies.
LOWERED_BY = 2
_SENTENCE_END = re.compile(r"(?<!\b\w)[.!?…;]+[\s\"'”»)]|[。！？؟；]|\n")


@dataclass(frozen=True)
class Cues:
    """Words of denial of one language, with their reach."""

    before: tuple[tuple[int, Node], ...]
    after: tuple[tuple[int, Node], ...]
    never: Node | None
    turns: Node | None

    def deny(self, place: Place, scope: Scope) -> bool:
        """Whether the text denies what stands at a place."""
        return any(self._before(place, reach, cue, scope) for reach, cue in self.before) or any(
            self._after(place, reach, cue, scope) for reach, cue in self.after
        )

    def _before(self, place: Place, reach: int, cue: Node, scope: Scope) -> bool:
        for found in self._found(cue, place, scope):
            if found.end <= place.start:
                if place.start - found.end < reach and self._together(found.end, place.start, scope):
                    return True
            elif found.end < place.end:
                following = [leaf for leaf in place.leaves if leaf[0] >= found.end]
                if following and following[0][0] - found.end < reach and self._together(found.end, following[0][0], scope):
                    return True
        return False

    def _after(self, place: Place, reach: int, cue: Node, scope: Scope) -> bool:
        return any(
            0 <= found.start - place.end < reach and self._together(place.end, found.start, scope)
            for found in self._found(cue, place, scope)
        )

    def _found(self, cue: Node, place: Place, scope: Scope) -> list[Place]:
        never = scope.shared(self.never) if self.never else []
        return [
            found
            for found in scope.shared(cue)
            if not any(found.start < end and start < found.end for start, end in place.leaves)
            and not any(found.start < other.end and other.start < found.end for other in never)
        ]

    def _together(self, start: int, end: int, scope: Scope) -> bool:
        if self.turns and any(start <= turn.start and turn.end <= end for turn in scope.shared(self.turns)):
            return False
        return not _ends_sentence(scope.words, start, end)


def _ends_sentence(words: Words, start: int, end: int) -> bool:
    return _SENTENCE_END.search(words.between(start, end)) is not None


@cache
def denials() -> dict[str, Cues]:
    """Read the cues of every language, once."""
    raw = yaml.safe_load(Path(__file__).with_name("denials.yaml").read_text(encoding="utf-8"))
    return {
        language: Cues(
            before=tuple((reach, parse_query(query)) for reach, query in cues.get("before", {}).items()),
            after=tuple((reach, parse_query(query)) for reach, query in cues.get("after", {}).items()),
            never=parse_query(cues["never"]) if "never" in cues else None,
            turns=parse_query(cues["turns"]) if "turns" in cues else None,
        )
        for language, cues in raw.items()
    }
