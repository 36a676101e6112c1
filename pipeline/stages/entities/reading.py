"""Read a text once for every later step: words in natural letters, runs of capitalised words, and what repeats say of a word."""

from __future__ import annotations

from pipeline.stages.entities.casing import lines_of, true_case
from pipeline.stages.entities.lexicon import Lexicon, Word
from pipeline.stages.entities.tokens import tokenize
from pipeline.stages.entities.vocabulary import words

#: What stands beside a word, one bit each: capital inside a sentence; behind a title, a given name, a word for places, "the";
#: before a word of organisations, "said", "'s"; a given name before a capital.
CLUES = {"C": 1, "T": 2, "F": 4, "P": 8, "t": 16, "O": 32, "S": 64, "'": 128, "N": 256}
#: Small words that may stand between two parts of a name, at most this many.
_MOST_CONNECTORS = 2
_SPORT = words("soccer league cup match goal season game score team player")
#: A line with so few small words is a table row, with so many numbers a row of results.
_TABLE_SMALL_SHARE, _RESULTS_NUMBER_SHARE = 0.25, 0.15


class Reading:
    """A document as the taggers see it. Columns run parallel to ``words``."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        tokens = tokenize(text, elisions=lexicon.elisions)
        self.text = text
        self.elisions = lexicon.elisions
        self.written, self.starts, self.ends = tokens
        cased = true_case(tokens.words, lexicon.gazetteer, lexicon.casing.get)
        self.capitals = cased.capitals
        self.words: list[Word] = lexicon.words(cased.words)
        self.cased_text = text if cased.capitals is None else _write_over(text, self.starts, self.written, cased.words)
        self.candidates = [index for index, word in enumerate(self.words) if word.candidate]
        self.segments = self._find_segments()
        self.opens_sentence = {index: self._opens_sentence(index) for index in self.candidates}
        self.names = self._find_names(lexicon)
        self.clues = self._find_clues()
        self.peoples = lexicon.gazetteer.peoples
        self.events = lexicon.gazetteer.events

    def surface(self, first: int, end: int) -> str:
        """Return the words from first to before end, in natural letters."""
        return self.cased_text[self.starts[first] : self.ends[end - 1]]

    def _find_segments(self) -> list[tuple[int, int]]:
        """Find runs of capitalised words, joined over at most two connectors."""
        words, size = self.words, len(self.words)
        segments: list[tuple[int, int]] = []
        end = 0
        for start in self.candidates:
            if start < end:
                continue
            end = start + 1
            while end < size:
                if words[end].candidate:
                    end += 1
                    continue
                after = end
                while after < size and after - end < _MOST_CONNECTORS and words[after].connector and not self._is_dash(after):
                    after += 1
                if after == end or after >= size or not words[after].candidate:
                    break
                end = after + 1
            segments.append((start, end))
        return segments

    def _is_dash(self, index: int) -> bool:
        """Whether a hyphen stands alone, as behind a dateline or between two teams."""
        return self.written[index] == "-" and self.starts[index] > self.ends[index - 1]

    def _opens_sentence(self, index: int) -> bool:
        words = self.words
        before = index - 1
        while before >= 0 and words[before].is_mark and not words[before].ends_sentence and not words[before].is_line_end:
            before -= 1
        return before < 0 or words[before].is_line_end or words[before].ends_sentence

    def _find_names(self, lexicon: Lexicon) -> dict[int, tuple[str, tuple[str, ...]]]:
        """Word index → B or I and the kinds of a known name of several words that it stands in."""
        found: dict[int, tuple[str, tuple[str, ...]]] = {}
        size, free = len(self.words), 0
        for index in self.candidates:
            longest = self.words[index].longest
            if index < free or not longest:
                continue
            for length in range(min(longest, size - index), 1, -1):
                kinds = lexicon.gazetteer.kinds(self.surface(index, index + length))
                if kinds is not None:
                    listed = tuple(kinds.split())
                    found[index] = ("B", listed)
                    for inner in range(index + 1, index + length):
                        found[inner] = ("I", listed)
                    free = index + length
                    break
        return found

    def _find_clues(self) -> dict[str, int]:
        """Capitalised word → bits of ``CLUES`` for what stands beside any of its occurrences."""
        capitals, words, opens = self.capitals, self.words, self.opens_sentence
        clues: dict[str, int] = {}
        last = len(words) - 1
        for index in self.candidates:
            word = words[index]
            found = clues.get(word.text, 0)
            if not opens[index] and not (capitals and capitals[index]):
                found |= CLUES["C"]
            if index:
                found |= words[index - 1].clue_before
            if index < last:
                after = words[index + 1]
                found |= after.clue_after
                if word.given and after.candidate:
                    found |= CLUES["N"]
            clues[word.text] = found
        return clues

    def sportiness(self) -> int:
        """0 no sport, 1 perhaps, 2 surely: how many of ten telling words occur."""
        lower = self.text.lower()
        hits = sum(word in lower for word in _SPORT)
        return 0 if hits < 2 else 1 if hits < 4 else 2

    def lines(self) -> list[tuple[int, int, int]]:
        """Start, end and layout of each line: 0 prose, 1 row of results, 2 heading or row of names."""
        found = []
        for start, end in lines_of(self.written):
            size, layout = end - start, 0
            words = self.words[start:end]
            if size and sum([word.is_small for word in words]) <= _TABLE_SMALL_SHARE * size:
                layout = 1 if sum([word.is_number for word in words]) >= _RESULTS_NUMBER_SHARE * size else 2
            found.append((start, end, layout))
        return found


def _write_over(text: str, starts: list[int], written: list[str], words: list[str]) -> str:
    parts: list[str] = []
    position = 0
    for start, before, word in zip(starts, written, words, strict=True):
        if before is not word:
            parts += (text[position:start], word)
            position = start + len(word)
    return "".join([*parts, text[position:]])
