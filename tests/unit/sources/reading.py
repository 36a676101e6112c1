"""Read a source as an engine does."""

from pipeline.sources.source import Unreadable


def read(source, saved=None):
    """Read a source once and save every position, as an engine does."""
    saved = {} if saved is None else saved
    items, problems = [], []
    for reading in source.read(dict(saved)):
        if isinstance(reading, Unreadable):
            problems.append(reading)
        else:
            items.append(reading.item)
            saved[reading.position.unit] = reading.position.model_validate_json(reading.position.to_json())
    return items, problems, saved


def names(items):
    return [item.name for item in items]
