"""A dispatch as one text to tag, and the way back from its places to those of the fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.messages import Dispatch

_FIELDS = ("headline", "dateline", "text")
_DASHES = " -–—_"


class Document:
    """Headline, dateline and text on lines of their own. A name never crosses a line, so never a field."""

    def __init__(self, dispatch: Dispatch) -> None:
        self._starts: list[tuple[int, str]] = []
        parts: list[str] = []
        position = 0
        for field in _FIELDS:
            content = getattr(dispatch, field)
            if content:
                self._starts.append((position, field))
                parts.append(content)
                position += len(content) + 1
        self.text = "\n".join(parts)
        # A text keeps the dateline that opens it.
        dateline = (dispatch.dateline or "").rstrip(_DASHES)
        self._dateline_end = len(dateline) if dateline and dispatch.text.startswith(dateline) else 0
        headed = bool(dispatch.headline)
        first_line = self.text.find("\n")
        self.headline_end = len(dispatch.headline or "") if headed else max(0, first_line)

    def in_dateline(self, mention: Mapping[str, Any]) -> bool:
        """Whether a mention stands in the dateline, or where the text repeats it."""
        field, end = mention["field"], int(mention["end"])
        return field == "dateline" or (field == "text" and end <= self._dateline_end)

    def mention(self, start: int, end: int) -> dict[str, Any]:
        """Give the place of a name in its own field: the fields of a ``Mention``."""
        begin, field = self._starts[0]
        for later, name in self._starts[1:]:
            if later <= start:
                begin, field = later, name
        return {"field": field, "start": start - begin, "end": end - begin}
