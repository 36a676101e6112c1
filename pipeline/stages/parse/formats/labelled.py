"""Fields that stand as ``Name: value`` lines above a plain text."""

from __future__ import annotations

import re

from pipeline.stages.parse.draft import Draft
from pipeline.stages.parse.embargo import spelt_time
from pipeline.stages.parse.times import parse_time

_LINE = re.compile(r"\s*(?P<name>[^\W\d_][\w -]{1,18}?)\s*:\s+(?P<value>\S.*)")
#: Lines that make a head; one alone may be a headline with a colon in it.
_LEAST_LINES = 2
_FIELDS = {
    "headline": "headline", "title": "headline", "titre": "headline", "titel": "headline", "título": "headline",
    "titolo": "headline",
    "source": "provider", "agency": "provider", "provider": "provider", "quelle": "provider", "agence": "provider",
    "byline": "byline", "by": "byline", "author": "byline", "auteur": "byline", "autor": "byline",
    "dateline": "dateline", "place": "dateline", "location": "dateline", "slug": "slugline", "slugline": "slugline",
    "language": "language", "copyright": "rights", "genre": "genre", "category": "subjects", "subject": "subjects",
    "keyword": "keywords", "keywords": "keywords", "mots-clés": "keywords", "date": "published_at", "published": "published_at",
    "datum": "published_at", "urgency": "urgency", "priority": "urgency", "id": "item_id", "version": "revision",
    "embargo": "notes", "note": "notes", "ednote": "notes", "editor": "notes", "editors": "notes", "sperrfrist": "notes",
}  # fmt: skip


def take_labelled(text: str, draft: Draft) -> str:
    r"""Take a head of labelled lines from the top of a text; a text without one is returned as it is.

    >>> draft = Draft("plain_text", b"")
    >>> take_labelled("Headline: Port closed\nSource: AFP\n\nThe port closed.", draft), draft.headline, draft.provider
    ('The port closed.', 'Port closed', 'AFP')
    """
    lines = text.lstrip("\n").split("\n")
    found: list[tuple[str, str, str]] = []
    for line in lines:
        match = _LINE.fullmatch(line.rstrip())
        field = _FIELDS.get(match["name"].casefold()) if match else None
        if match is None or field is None:
            break
        found.append((field, match["name"], match["value"].strip()))
    if len(found) < _LEAST_LINES:
        return text
    for field, name, value in found:
        _put(draft, field, name, value)
    return "\n".join(lines[len(found) :]).lstrip("\n")


def _put(draft: Draft, field: str, name: str, value: str) -> None:
    where = f"{name}: line"
    if field == "notes":
        draft.note(f"{name}: {value}", where)
    elif field in ("keywords", "subjects"):
        draft.put(field, [word for each in re.split(r"[,;]", value) if (word := each.strip())], where)
    elif field == "published_at":
        draft.put(field, parse_time(value) or spelt_time(value), where)
    elif field == "urgency":
        draft.put(field, int(value) if value in "12345678" else None, where)
    else:
        draft.put(field, value, where)
