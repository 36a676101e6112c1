"""How an agency names a dispatch of its own without an id: by headline or by slug.

“KILL KILL KILL - <headline>”, “please kill the story slugged X”, “prière d'annuler la dépêche intitulée « … »”.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.messages import Dispatch, LinkRelation
from pipeline.stages.deduplicate.lexicon import LEXICON, NUMBER, is_mark, number_hash
from pipeline.stages.deduplicate.normalise import plain, words
from pipeline.stages.deduplicate.shingles import Array32

UNKNOWN = "unknown"
"""Provider of dispatches whose agency is not known."""
NO_SLUG = 0xFFFFFFFF
"""What no slug's hash is."""
_READ = 3000
"""Characters of notes and text in which a name is looked for; an order is short."""
_MOST_TITLES, _MOST_WORDS = 24, 64
_LONGEST_LINE = 300
_LEAST_WORDS = 2
"""Words that make a headline: one word is a mark or a place."""

#: What desks put before the headline of what they take back or put right.
_ORDER = (
    r"mandatory|bulletin|advisory|story|urgent|flash|alert|kill(?:ed)?|withdraw(?:n|al|ing)?|withhold|withheld|hold|elimination|"
    r"disregard|delete|retract(?:ed|ion|ing)?|do not use|please|attention|editors?|eds|note|to|of|this|is|"
    r"correct(?:ed|ion|ions|s|ing)?|update(?:\s?\d+)?|refile[ds]?|rpt|clarification|"
    r"eliminar|eliminado|anular|anulad[ao]|anulación|anulacion|no usar|retirad[ao]|corrección|corregid[ao]|rectificación|"
    r"annulation|annulée?|annuler|dépêche|depeche|retirée?|ne pas utiliser|rectificatif|corrigée?|et|mise à jour|"
    r"stornierung|storno|storniert|zur(?:ü|ue)ckgezogen|rückzug|rueckzug|meldung|achtung|redaktionen|bitte|nicht verwenden|"
    r"gesperrt|sperrung|berichtigung|berichtigt|korrektur|korrigiert|eil|"
    r"annullat[ao]|annullamento|ritirat[ao]|rettifica|correzione|cancelad[ao]|cancelamento|retificação|correção|"
    r"anulowan[ea]|anulacja|wycofan[ea]|korekta|sprostowanie|intrekken|ingetrokken|intrekking|correctie|"
    r"annullert|annullering|trekkes|trukket|tillbakadragen|dras tillbaka|rättelse|rettelse|mitätöity|korjaus|"
    r"аннулирование|аннулировано|аннулируется|отмена|снято|поправка|коррекция|исправление|анульовано|виправлення|"
    r"iptal|düzeltme|حظر|إلغاء|سحب|تصحيح|撤稿|撤销|撤稿通知|取消|訂正|更正"
)
_LEADING_ORDER = re.compile(rf"^[\W_]*(?:(?:{_ORDER})(?![^\W_])[\W_]*)+", re.IGNORECASE)
_TRAILING_ORDER = re.compile(rf"(?:[(\[/]|[-–—]\s*|,\s)\s*(?:(?:{_ORDER})[\s-]*)+[)\]]?\s*$", re.IGNORECASE)
_QUOTED = re.compile(
    r'"([^"\n]{6,300})"|“([^”“\n]{6,300})[”“]|«\s*([^»\n]{6,300}?)\s*»|„([^“”"\n]{6,300})[“”"]|「([^」\n]{4,300})」|《([^》\n]{4,300})》'
)
_ENTITLED = re.compile(
    r"\b(?:headlined|titled|entitled|headline|intitulée?s?|titulad[ao]s?|intitulad[ao]s?|intitolat[ao]|dal titolo|mit dem titel|"
    r"unter dem titel|mit der (?:überschrift|schlagzeile)|под заголовком|озаглавленн\w+|под названием|met als titel|getiteld|"
    r"med rubriken|z tytułem|zatytułowan\w+)\b[\s:,–—-]*([^\n]{6,300})",
    re.IGNORECASE,
)
#: Where an unquoted headline inside a sentence ends.
_AFTER_TITLE = re.compile(
    r"[,;.]?\s+(?:which|that|sent|moved|issued|transmitted|filed|released|published|dated|from|diffusée?|envoyée?|transmise?|"
    r"enviad[ao]|difundid[ao]|emitid[ao]|vom|von|gesendet|inviat[ao]|переданн\w+|отправленн\w+)\b.*$|\.\s.*$|[.;]\s*$",
    re.IGNORECASE,
)
_SLUGGED = re.compile(
    r"\b(?:slugged|slugline|slug|keyworded|mot-clé|stichwort|under the keyword|with the keyword)\b"
    r"[\s:=]*[\"'“«„]?\s*([\w&'./+-]{3,60}(?:/[\w&'. +-]{2,40}){0,4})",
    re.IGNORECASE,
)
#: A mark that a hyphen joins to the headline's first word.
_JOINED_MARK = re.compile(
    r"^\W*(?:(?:UPDATE ?\d{0,2}|WRAPUP ?\d{0,2}|CORRECTED|CORRECTION|REFILE|RPT|RECAST|CLARIFICATION|KILL)-)+"
)
_CYCLE = re.compile(r"^(?:am|pm|bc|ap|bn|as|sn)[-_]+")
_SLUG_MARK = re.compile(
    r"(?:\d+(?:st|nd|rd|th)?-?)?(?:ld|lead|writethr\w*|update\d*|urgent|bulletin|flash|alert|adv|kill|killed|hold|withhold|withdrawn|advisory|"
    r"correction|correctn|corrective|corrected|cor|rpt|refile|add|sub|insert|take|hfr|wrapup\d*|story|mandatory)\d*|\d{1,2}(?:st|nd|rd|th)?"
)


class Names(NamedTuple):
    """What a notice calls the dispatch that it is about."""

    titles: tuple[Array32, ...]
    """Headlines that it gives, each as sorted hashes of its words, as in ``Record.headline``."""
    headline: bool
    """Whether its own headline gives one."""
    slugs: tuple[str, ...]
    """Slugs that its words give."""
    own_slug: str
    """The slug that it carries itself; empty where it has none."""


def names(dispatch: Dispatch) -> Names:
    """Find what a notice of withdrawal or correction calls the dispatch that it is about.

    The titles include what is none, such as short lines of its text: what matters is which of them was a headline.
    """
    own = bare(dispatch.headline or "")
    told = "\n".join(filter(None, (dispatch.headline, dispatch.notes, dispatch.text)))[:_READ]
    found: dict[bytes, Array32] = {}
    for line in (own, *_titles(told)):
        hashes = title(line)
        if len(hashes) >= _LEAST_WORDS:
            found.setdefault(hashes.tobytes(), hashes)
    slugs = dict.fromkeys(filter(None, (slug_key(match[1]) for match in _SLUGGED.finditer(told))))
    return Names(
        titles=tuple(found.values())[:_MOST_TITLES],
        headline=len(title(own)) >= _LEAST_WORDS,
        slugs=tuple(slugs)[:_MOST_TITLES],
        own_slug=slug_key(dispatch.slugline or ""),
    )


def is_notice(dispatch: Dispatch) -> bool:
    """Whether a dispatch takes back another one by its words or number, and is not itself the item that was canceled."""
    headline = dispatch.headline or ""
    told = "\n".join(filter(None, (dispatch.notes, dispatch.text)))[:_READ]
    named = _SLUGGED.search(told) or _ENTITLED.search(told) or any(link.rel is LinkRelation.WITHDRAWS for link in dispatch.links)
    return bool(named) or bare(headline) != headline[:_LONGEST_LINE]


def title(line: str) -> Array32:
    """Hashes of a headline's words, sorted, once each: what ``fingerprint`` keeps of it.

    >>> bool((title("UPDATE 2-Talks fail") == title("Talks fail")).all())
    True
    """
    return headline_hashes(headline_words(line))


def headline_words(line: str) -> list[str]:
    """Words of a headline but those that say what the dispatch is.

    >>> headline_words("CORRECTED-UPDATE 2-Talks fail")
    ['Talks', 'fail']
    """
    return [word for word in words(_JOINED_MARK.sub(" ", plain(line))).words if not is_mark(word)]


def headline_hashes(found: Sequence[str]) -> Array32:
    """Hashes of words, sorted, once each; the lowest bit tells numbers."""
    codes = {code & (0xFFFFFFF8 | NUMBER) for code in map(LEXICON.__getitem__, found)}
    return np.array(sorted(codes)[:_MOST_WORDS], np.uint32)


def slug_key(slug: str) -> str:
    """Write a slug without cycle, version and typography.

    >>> slug_key("BC-Norland--Talks, 1st Ld-Writethru"), slug_key("NORLAND-TALKS/KILL")
    ('norland talks', 'norland talks')
    """
    parts = re.split(r"[\W_]+", _CYCLE.sub("", plain(slug).casefold().strip()))
    return " ".join(part for part in parts if part and not _SLUG_MARK.fullmatch(part))[:120]


def sender(dispatch: Dispatch) -> int:
    """32-bit hash of the agency; where it is unknown, of the feed that the dispatch came from."""
    return number_hash("\0".join((dispatch.provider, dispatch.source.feed if dispatch.provider == UNKNOWN else ""))) or 1


def slug_hash(key: str) -> int:
    """32-bit hash of a slug's key; 0 where there is none."""
    return number_hash(key) % (NO_SLUG - 1) + 1 if key else 0


def bare(headline: str) -> str:
    """Headline without the words that say what is asked.

    >>> bare("KILL KILL KILL - Talks fail"), bare("Zurückgezogen: Hafen offen"), bare("Talks fail (STORY WITHDRAWN)").strip()
    ('Talks fail', 'Hafen offen', 'Talks fail')
    """
    return _TRAILING_ORDER.sub("", _LEADING_ORDER.sub("", headline[:_LONGEST_LINE]))


def _titles(told: str) -> Iterator[str]:
    """Yield quotations, what follows “headlined”, and lines that stand alone."""
    for match in _QUOTED.finditer(told):
        yield next(filter(None, match.groups()))
    for match in _ENTITLED.finditer(told):
        yield match[1]
        yield _AFTER_TITLE.sub("", match[1])
    for line in told.split("\n")[:12]:
        if len(line) <= _LONGEST_LINE:
            yield bare(line)
