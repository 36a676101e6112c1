"""Which matches of an event a subscriber wants to hear of."""

from __future__ import annotations

from pipeline.messages import Event, RuleMatch
from pipeline.notify.subscribers import Filter


def selected(wanted: Filter, event: Event) -> list[RuleMatch]:
    """Pick the rule matches that pass a filter, most severe first; empty where the event as a whole does not pass.

    Fails open: a condition on entities or language holds where that stage failed on the event.
    """
    if event.story is None or not event.alerts or not _passes(wanted, event):
        return []
    matches = [match for match in event.alerts if _wanted(wanted, match)]
    return sorted(matches, key=lambda match: -match.severity)


def _passes(wanted: Filter, event: Event) -> bool:
    assert event.story is not None  # noqa: S101 - the caller has checked
    if len(event.story.providers) < wanted.min_providers:
        return False
    if wanted.providers and event.dispatch.provider not in wanted.providers:
        return False
    tag = event.language.tag if event.language else event.dispatch.language
    if wanted.languages and tag is not None and not any(_speaks(tag, language) for language in wanted.languages):
        return False
    if event.entities is None:
        return True
    if wanted.countries and not any(entity.country in wanted.countries for entity in event.entities):
        return False
    names = {name.casefold() for name in wanted.entities}
    return not names or any(entity.name.casefold() in names for entity in event.entities)


def _speaks(tag: str, language: str) -> bool:
    tag, language = tag.lower(), language.lower()
    return tag == language or tag.startswith(f"{language}-")


def _wanted(wanted: Filter, match: RuleMatch) -> bool:
    if match.severity < wanted.min_severity or (match.unconfirmed and not wanted.unconfirmed):
        return False
    if wanted.kinds and match.kind not in wanted.kinds:
        return False
    if wanted.rules and match.rule not in wanted.rules and match.title not in wanted.rules:
        return False
    return not wanted.tags or any(_tagged(tag, pattern) for tag in match.tags for pattern in wanted.tags)


def _tagged(tag: str, pattern: str) -> bool:
    return tag.startswith(pattern[:-1]) if pattern.endswith("*") else tag == pattern
