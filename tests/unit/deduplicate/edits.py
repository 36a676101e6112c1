"""Edits that agencies make: some leave a copy, others a version."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

Edit = Callable[[str, random.Random], str | None]


def rewrapped(text: str, chance: random.Random) -> str | None:
    """Break lines at other places."""
    return re.sub(r" ", lambda _: "\n" if chance.random() < 0.15 else " ", text)


def repunctuated(text: str, chance: random.Random) -> str | None:
    """Write quotes, dashes and accents the other way."""
    del chance
    text = unicodedata.normalize("NFD", text) if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)
    return text.replace('"', "“").replace("'", "’").replace(" - ", " — ").replace("\u00a0", " ")


def redatelined(text: str, chance: random.Random) -> str | None:
    """Put another agency's dateline before it."""
    lines = ("LONDON, March 3 (AP) - ", "PARIS (AFP) — ", "Genève, 4 mars (ats) - ", "МОСКВА, 4 мар — ", "ROMA (ANSA) - ")
    return chance.choice(lines) + text


def credited(text: str, chance: random.Random) -> str | None:
    """Name who wrote it."""
    return text + chance.choice(("\n\n(Reporting by Ana Berg; editing by Jo Lund)", "\n\n(END)"))


def renumbered(text: str, chance: random.Random) -> str | None:
    """Change one digit, silently."""
    places = [place for place, sign in enumerate(text) if unicodedata.category(sign) == "Nd"]
    if not places:
        return None
    place = chance.choice(places)
    digit = unicodedata.digit(text[place])
    return text[:place] + chr(ord(text[place]) - digit + (digit + chance.randint(1, 8)) % 10) + text[place + 1 :]


def renamed(text: str, chance: random.Random) -> str | None:
    """Change one name, silently; in a script without capitals or spaces, one word."""
    names = list(re.finditer(r"(?<=[^\W\d_A-Z] )[^\W\d_]{4,}(?= )", text))
    capitals = [name for name in names if name[0][0].isupper()]
    if capitals:
        name = chance.choice(capitals)
        return text[: name.start()] + chance.choice(("Wolmarin", "Hekkert", "Quodsey")) + text[name.end() :]
    return None


def replaced(text: str, chance: random.Random) -> str | None:
    """Change one word of a script without capitals for another word of the text."""
    words = [
        match for match in re.finditer(r"[^\W\d_]{4,}", text) if not any(sign.isupper() or sign.islower() for sign in match[0])
    ]
    if len(words) < 20:
        return None
    old, new = chance.sample(words, 2)
    return None if old[0] == new[0] else text[: old.start()] + new[0] + text[old.end() :]


def shortened(text: str, chance: random.Random) -> str | None:
    """Leave the second half out."""
    del chance
    place = text.rfind(" ", 0, int(len(text) * 0.6))
    return text[: place if place > len(text) // 4 else int(len(text) * 0.6)]


COPIES: dict[str, Edit] = {
    "rewrapped": rewrapped, "repunctuated": repunctuated, "redatelined": redatelined, "credited": credited,
}  # fmt: skip
VERSIONS: dict[str, Edit] = {"renumbered": renumbered, "renamed": renamed, "replaced": replaced}
