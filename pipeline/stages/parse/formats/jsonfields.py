"""Reading fields of foreign JSON, in which any value may be of any type."""

from __future__ import annotations

from typing import Any


def text(holder: Any, name: str) -> str | None:
    """A field as text: strings and numbers are, everything else is not there.

    >>> text({"version": 3}, "version"), text({"version": [3]}, "version"), text(None, "version")
    ('3', None, None)
    """
    value = holder.get(name) if isinstance(holder, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def number(holder: Any, name: str) -> int | None:
    """A field as a whole number, written as one or as text.

    >>> number({"urgency": "4"}, "urgency"), number({"urgency": 4.0}, "urgency"), number({"urgency": "high"}, "urgency")
    (4, 4, None)
    """
    value = text(holder, name)
    if value is None:
        return None
    try:
        return int(float(value[:32]))
    except (ValueError, OverflowError):
        return None


def items(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; a lone object counts as a list of one."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def names(value: Any) -> list[str]:
    """Names of a list of strings or of objects with a name; a lone one counts as a list of one.

    >>> names(["a", {"name": "b", "code": "x"}, {"literal": "c"}, 4])
    ['a', 'b', 'c', '4']
    """
    return [
        name for each in (value if isinstance(value, list) else [value]) if (name := _labelled(each, "name", "literal", "code"))
    ]


def codes(value: Any) -> list[str]:
    """Codes of a list of objects, names where no code is given.

    >>> codes([{"name": "Politics", "code": "11000000"}, {"name": "Odd"}])
    ['11000000', 'Odd']
    """
    return [
        code
        for each in (value if isinstance(value, list) else [value])
        if (code := _labelled(each, "code", "qcode", "uri", "literal", "name"))
    ]


def _labelled(each: Any, *fields: str) -> str | None:
    if isinstance(each, dict):
        return next((found for field in fields if (found := text(each, field))), None)
    return text({"": each}, "")
