"""Words that say who sent a text and what may be done with it: datelines, by-lines, notices to subscribers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.stages.deduplicate.tokens import Token

DATELINE_WORDS = 10
_NEWSROOM_WORDS, _MANY_CUES = 12, 3
_STRONG = frozenset({
    "editors", "subscribers", "licence", "license", "licensed", "copyright", "redistributed", "redistribution", "rewritten",
    "newsroom", "click", "queries", "editing", "desk", "rights",
})  # fmt: skip
_CUES = _STRONG | {
    "agency", "agency's", "standards", "service", "material", "editor", "reporting", "writing", "pictures", "photo", "subscriber",
    "reserved", "published", "broadcast", "consent", "permission", "links", "related", "page", "see", "email", "e-mail",
    "telephone", "tel", "phone", "fax", "bureau", "story", "stories", "news", "updates", "items", "compiled", "supplied",
    "newsletter", "sign", "web", "site", "website", "social", "media", "follow", "receive", "read",
    "available", "call", "help", "terms", "below", "latest", "contact", "written", "prior",
}  # fmt: skip
_CREDIT = re.compile(
    r"(?:additional )?(?:reporting|writing|editing|compiled|translated|redaktion|reportage|rédigé|redacción)(?: and \w+)? "
    r"(?:by|in|par|por)\b"
)
_LINKING = frozenset({"by", "and", "in", "at", "of", "de", "la", "el", "von", "for", "the", "der"})


def is_dateline(run: Sequence[Token]) -> bool:
    """Whether words at the start of a text are a place, a date and an agency."""
    if len(run) > DATELINE_WORDS:
        return False
    months = any(number.startswith("m:") for token in run for number in token.numbers)
    return all(
        (token.capital and not token.denies) or token.normal in _LINKING or (months and token.text.isdigit()) for token in run
    )


def is_credit(run: Sequence[Token]) -> bool:
    """Whether words are a by-line or a list of names."""
    if _CREDIT.match(" ".join(token.normal for token in run[:6])):
        return True
    named = all(token.capital or token.normal in _LINKING for token in run) and not any(token.numbers for token in run)
    return named and len(run) <= DATELINE_WORDS


def is_service(run: Sequence[Token], after_service: bool) -> bool:
    """Whether a sentence is the agency's notice to its subscribers."""
    found = {token.normal for token in run} & _CUES
    if (after_service and found) or ("newsroom" in found and len(run) <= _NEWSROOM_WORDS):
        return True
    return (len(found) > 1 and bool(found & _STRONG)) or (len(found) > _MANY_CUES and len(found) * 5 > len(run))
