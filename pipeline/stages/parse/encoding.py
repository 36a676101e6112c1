"""From bytes to text, decided message by message: UTF-8, then declared, then by the letters, then the Latin family."""

from __future__ import annotations

import codecs
import re

from pipeline.stages.parse.charset import charset_of

# Read as ISO 8859-1, or where Windows-1252 has no character, a byte has become the control character of its number.
_BYTES = {chr(code): bytes([code]) for code in range(0x80, 0xA0)}
_TAIL = "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
_LEADS = ("Ã", "Â", "â", "Ð", "Ñ", "Ä", "Å")
_SEQUENCE = re.compile(f"[\u00c2-\u00df]{_TAIL}|[\u00e0-\u00ef]{_TAIL}{{2}}|[\u00f0-\u00f4]{_TAIL}{{3}}")
# Pairs that no language writes, unlike "Ñ–" or "ß»": they prove the case, then every sequence is undone.
_SUSPICIOUS = re.compile(f"[ÃÂ]{_TAIL}|â(?:€{_TAIL}|‚¬)|[ÐÑ]{_TAIL}[ÐÑ]{_TAIL}|Ä(?:[±Ÿ°])|Å(?:[‚›ºŸ])")


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode bytes to text; never fails.

    Windows-1252 is taken over ISO 8859-1 where bytes 0x80 to 0x9F are used, as HTML does.

    >>> decode("Zürich".encode("latin-1"))
    'Zürich'
    """
    if data.isascii():
        return data.decode("ascii")
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return data.decode(name, "replace")
    for encoding in ("utf-8", declared):
        if encoding:
            try:
                return data.decode(encoding)
            except (LookupError, UnicodeDecodeError, ValueError):
                continue
    for encoding in (charset_of(data), "cp1252"):
        if encoding:
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    return data.decode("latin-1")


def repair(text: str) -> str:
    """Undo UTF-8 that was read as Windows-1252, only where every suspicious sequence turns into one character.

    >>> repair("FranÃ§ois dâ€™Orsay → Łódź")
    'François d’Orsay → Łódź'
    >>> repair("Ã marks the spot")
    'Ã marks the spot'
    """
    if not is_suspicious(text):
        return text
    repaired = _SEQUENCE.sub(_decoded, text)
    return text if _SUSPICIOUS.search(repaired) else repaired


def is_suspicious(text: str) -> bool:
    """Whether a text holds what no language writes, as UTF-8 that was read as Windows-1252 does."""
    if text.isascii():
        return False
    for lead in _LEADS:
        if lead in text:
            return _SUSPICIOUS.search(text) is not None
    return False


def _decoded(match: re.Match[str]) -> str:
    data = b"".join(_BYTES.get(character, character.encode("cp1252", "replace")) for character in match.group())
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return match.group()
