"""Conditions of a rule on the rest of the event: who, where, which agency, which subject, how urgent."""

from __future__ import annotations

from pipeline.messages import Event
from pipeline.stages.alerts.rule import Where


def holds(where: Where, event: Event) -> bool:
    """Whether every condition that is given is true; what is not known about the event never holds an alert back."""
    dispatch = event.dispatch
    return (
        _one_of(where.providers, {dispatch.provider})
        and _subject(where.subjects, dispatch.subjects)
        and (where.urgency is None or dispatch.urgency is None or dispatch.urgency <= where.urgency)
        and _entities(where, event)
    )


def _one_of(wanted: list[str], given: set[str]) -> bool:
    return not wanted or bool({value.casefold() for value in wanted} & {value.casefold() for value in given})


def _subject(wanted: list[str], given: list[str]) -> bool:
    return not wanted or any(code.casefold().startswith(start.casefold()) for code in given for start in wanted)


def _entities(where: Where, event: Event) -> bool:
    if event.entities is None:
        return True
    countries = {entity.country for entity in event.entities if entity.country}
    countries |= {entity.ids.iso3166[:2] for entity in event.entities if entity.ids.iso3166}
    return _one_of(where.countries, countries) and _one_of(where.entities, {entity.name for entity in event.entities})
