"""From bytes to text, decided message by message: declared, then UTF-8, then the Latin family by evidence."""

from __future__ import annotations

import codecs
import re

_MOJIBAKE = re.compile("[ÃÂâ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode bytes to text; never fails.

    Windows-1252 is taken over ISO 8859-1 where bytes 0x80 to 0x9F are used, as HTML does.

    >>> decode("Zürich".encode("latin-1"))
    'Zürich'
    """
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return data.decode(name, "replace")
    for encoding in ("utf-8", declared):
        if encoding:
            try:
                return data.decode(encoding)
            except (LookupError, UnicodeDecodeError, ValueError):
                continue
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def repair(text: str) -> str:
    """Undo UTF-8 that was read as Windows-1252, only where every suspicious sequence turns into a character.

    >>> repair("FranÃ§ois dâ€™Orsay")
    'François d’Orsay'
    >>> repair("Ã marks the spot")
    'Ã marks the spot'
    """
    if not _MOJIBAKE.search(text):
        return text
    try:
        repaired = text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text
    return repaired if not _MOJIBAKE.search(repaired) else text
