"""What a word means to deduplication: house style, numbers, negations, marks of a correction or an update."""

from __future__ import annotations

import hashlib
import re

from pipeline.stages.remembering import remembered

#: House styles of agencies, to one spelling.
_STYLE = {
    "pct": "percent", "mln": "million", "bln": "billion", "dlrs": "dollars", "dlr": "dollar", "cts": "cents", "stg": "sterling",
    "u.s": "us", "u.k": "uk", "qtly": "quarterly", "qtrly": "quarterly", "labour": "labor", "centre": "center",
    "organisation": "organization", "defence": "defense", "programme": "program", "towards": "toward",
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10",
}  # fmt: skip
_ORDINALS = {
    "first": "1th", "second": "2th", "third": "3th", "fourth": "4th", "fifth": "5th", "sixth": "6th", "seventh": "7th",
    "eighth": "8th", "ninth": "9th", "tenth": "10th", "1st": "1th", "2nd": "2th", "3rd": "3th",
}  # fmt: skip
_MONTHS = frozenset({
    "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
    "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec",
})  # fmt: skip
#: Words that deny, in the languages of the wires; none that is another common word of a large language ("be", "ei", "en").
NEGATIONS = frozenset({
    "not", "no", "never", "nor", "n't", "cannot", "without", "neither", "none", "nobody", "nothing", "nicht", "kein",
    "keine", "keinen", "keiner", "keinem", "keines", "nie", "niemals", "niemand", "ohne", "weder", "niet", "geen",
    "nooit", "zonder", "ne", "pas", "non", "jamais", "sans", "aucun", "aucune", "nunca", "jamás", "ni", "sin",
    "ningún", "ninguno", "ninguna", "tampoco", "nem", "não", "nao", "sem", "nenhum", "nenhuma", "mai", "né", "senza",
    "nessun", "nessuno", "nessuna", "nu", "fără", "niciodată", "ikke", "ikkje", "inte", "icke", "ej", "aldrig",
    "aldri", "ingen", "uden", "uten", "utan", "eivät", "emme", "ette", "eikä", "älä", "ilman", "mitte", "ilma",
    "nincs", "soha", "nélkül", "bez", "nigdy", "żaden", "není", "nejsou", "nikdy", "nije", "nisu", "neće", "nema",
    "nikad", "niso", "brez", "nav", "nekad", "nėra", "niekada", "nuk", "değil", "yok", "hayır", "tidak", "bukan",
    "belum", "tanpa", "jangan", "không", "chưa", "chẳng", "đừng", "не", "нет", "ни", "нельзя", "без", "никогда",
    "немає", "ні", "ніколи", "няма", "никога", "није", "нису", "неће", "нема", "δεν", "δε", "μη", "μην", "όχι",
    "ούτε", "χωρίς", "κανείς", "ποτέ", "لا", "لم", "لن", "ليس", "ليست", "ليسوا", "غير", "بدون", "دون", "نه", "نیست",
    "نہیں", "نا", "לא", "אין", "אינו", "אינה", "בלי", "नहीं", "न", "ना", "मत", "बिना", "না", "নয়", "নেই", "নি",
    "নাই", "ਨਹੀਂ", "નથી", "નહીં", "இல்லை", "அல்ல", "లేదు", "కాదు", "ಇಲ್ಲ", "ಅಲ್ಲ", "ഇല്ല", "അല്ല", "නැත", "නොවේ", "不",
    "没", "沒", "未", "無", "无", "非", "勿", "არ", "არა", "ვერ", "ոչ", "չէ", "የለም", "አይደለም",
})  # fmt: skip
#: Syllables that deny inside a Korean word.
_DENYING_SYLLABLES = ("않", "없", "아니", "못")
#: What makes a word its opposite, put before it or, in Turkish, into it.
_DENYING_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non", "ne", "nie", "не", "ни", "α", "αν", "ن", "نمی")
_DENYING_INFIXES = ("me", "ma", "mi", "mı", "mu", "mü")
_LEAST_DENIED = 3
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
#: Marks of a later version, in a headline or slug.
_HEADLINE_MARK = re.compile(
    r"\bCORRECT(?:ED|ION|S)?\b|\bUPDATE\s*\d*\b|\bREFIL\w*|\d(?:ST|ND|RD|TH)LD|WRITETHR\w*|\bADDS\b|\bRECAST\w*|\bCLARIF\w*"
    r"|\bBERICHTIGUNG\b|\bKOREKTA\b|\bКОРРЕКЦИЯ\b|\bCORRECCIÓN\b|\bCORREGIDA\b|\bRECTIFICATIF\b"
)
#: One of these stands in every such mark: finding none of them is ten times as fast as the pattern.
_HEADLINE_STEMS = (
    "CORRE", "UPDATE", "REFIL", "LD", "WRITETHR", "ADDS", "RECAST", "CLARIF", "BERICHTIGUNG", "KOREKTA", "КОРРЕКЦИЯ",
    "RECTIFICATIF",
)  # fmt: skip
_BODY_MARK = re.compile(
    r"\(\s*correct(?:s|ing|ed)\b[^)]{0,300}\)|(?:^|\n|\. |-- ?)\s*(?:company )?corrects\b[^.\n]{0,300}", re.IGNORECASE
)
_MARK_WORD = re.compile(
    r"(?:corrected|correction|corrects|update|rpt|adds|details|refile|writethru|lead|news|report|\d)", re.IGNORECASE
)

_LONGEST = 64
"""Letters from which on a word is not remembered."""
NUMBER, NAME, NEGATION = 1, 2, 4
CLASS_BITS = 3


class _Lexicon(dict[str, int]):
    """Codes of words, a 29-bit hash above the class bits, for those looked up so far: a wire uses few words often."""

    _LIMIT = 300_000

    def __missing__(self, word: str) -> int:
        found = _code(word)
        if len(self) < self._LIMIT and len(word) < _LONGEST:
            self[word] = found
        return found


def canonical(word: str) -> str:
    """Write a word in one case, house style and way to write numbers.

    >>> canonical("Dlrs"), canonical("1,200"), canonical("Seven"), canonical("January"), canonical("1st")
    ('dollars', '1200', '7', 'jan', '1th')
    """
    word = word.casefold()
    if _GROUPED.fullmatch(word):
        return word.replace(",", "")
    if word in _MONTHS:
        return word[:3]
    return _ORDINALS.get(word) or _STYLE.get(word, word)


def numbers_in(word: str) -> tuple[str, ...]:
    """Numbers that a canonical word holds: digits, ordinals, months.

    >>> numbers_in("3-1"), numbers_in("third"), numbers_in("march")
    (('3', '1'), ('3',), ('m:mar',))
    """
    if word.isalpha() and word not in _ORDINALS:
        return ("m:" + word[:3],) if word in _MONTHS else ()
    return tuple(number.replace(",", "") for number in _NUMBER.findall(_ORDINALS.get(word, word)))


def is_negation(word: str) -> bool:
    """Whether a word in one case denies: a version that gains or loses it says something else."""
    return word in NEGATIONS or word.endswith("n't") or (word[0] >= "\uac00" and any(map(word.__contains__, _DENYING_SYLLABLES)))


def are_opposite(one: str, other: str) -> bool:
    """Whether one word is the other with a syllable that denies.

    >>> are_opposite("lawful", "unlawful"), are_opposite("byl", "nebyl"), are_opposite("geldi", "gelmedi"), are_opposite("in", "on")
    (True, True, True, False)
    """
    short, long = sorted((one, other), key=len)
    return short in affirmed(long)


def affirmed(word: str) -> set[str]:
    """Every word that this one may deny by a syllable.

    >>> affirmed("unlawful"), affirmed("harbour")
    ({'lawful'}, set())
    """
    found = {word[len(prefix) :] for prefix in _DENYING_PREFIXES if word.startswith(prefix)}
    inside = (at for at in range(2, len(word) - 2) if word[at : at + 2] in _DENYING_INFIXES)
    inside = (at for at in inside if word[at : at + 2] not in (word[at - 2 : at], word[at + 2 : at + 4]))  # a slip of the hand
    found |= {word[:at] + word[at + 2 :] for at in inside}
    return {each for each in found if len(each) >= _LEAST_DENIED}


@remembered(65_536, letters=_LONGEST)
def number_hashes(word: str) -> tuple[int, ...]:
    """Hashes of the numbers in a word as it is written."""
    return tuple(map(number_hash, numbers_in(canonical(word))))


def number_hash(number: str) -> int:
    """32-bit hash of a number."""
    return _hash(number) & 0xFFFFFFFF


def headline_marks(headline: str) -> set[str]:
    """Find the marks of a later version in a headline or slug.

    >>> headline_marks("UPDATE 2-Talks collapse")
    {'UPDATE 2'}
    """
    headline = headline.upper()
    if not any(map(headline.__contains__, _HEADLINE_STEMS)):
        return set()
    marks = {" ".join(mark.split()) for mark in _HEADLINE_MARK.findall(headline)}
    if any(mark.startswith("UPDATE ") for mark in marks):
        marks.discard("UPDATE")
    return marks


def body_marks(text: str) -> set[str]:
    """Find the marks of a correction in a text, such as “(corrects figure in third paragraph)”."""
    return {mark.casefold() for mark in _BODY_MARK.findall(text)} if "orrect" in text or "ORRECT" in text else set()


def is_mark(word: str) -> bool:
    """Whether a headline's word says what the dispatch is, not what it is about."""
    return _MARK_WORD.fullmatch(word) is not None


def _code(word: str) -> int:
    normal = canonical(word)
    bits = (NUMBER if numbers_in(normal) else 0) | (NEGATION if is_negation(normal) else 0)
    return ((_hash(normal) << CLASS_BITS) & 0xFFFFFFF8) | bits


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


LEXICON = _Lexicon()
