"""Tell a named event from the other names that are neither person, place nor body."""

from __future__ import annotations

from pipeline.stages.entities.reading import Reading
from pipeline.stages.entities.vocabulary import words

_EVENT_WORDS = frozenset(
    words(
        "Cup Championship Championships Games Olympics Open Prix Masters Marathon Tour War Wars Summit Festival Forum "
        "Conference Congress Convention Election Elections Accord Accords Agreement "
        "Protocol Treaty Intifada Revolution Uprising Masacre Copa Mundial "
        "Juegos Guerra Cumbre Pokal Weltmeisterschaft Olympiade Spiele Krieg Gipfel Coupe Guerre Sommet Biennale Derby "
        "Series Bowl Trophy League Holocaust Ramadan Christmas Easter Passover Eid Spring"
    )
)


def is_event(surface: str, reading: Reading) -> bool:
    """Whether a name is that of an event: a listed one, or one that ends or begins with a word for it."""
    words = surface.split()
    return surface in reading.events or words[-1] in _EVENT_WORDS or words[0] in _EVENT_WORDS
