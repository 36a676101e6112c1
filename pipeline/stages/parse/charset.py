"""The charset of bytes that are no UTF-8 and that nobody declares, told by the letters that its languages write.

Languages in one charset share most of its bytes with those in another, so each is known by two things: nearly all letters beyond
ASCII are its own, and some that no other language writes are among them. Scripts without ASCII letters are known by their most
frequent characters, which a wrong charset does not make.
"""

from __future__ import annotations

import codecs
import re
import string
from functools import partial

_ASCII = bytes(range(128))
_SEVEN_BIT_LETTERS = string.ascii_letters.encode()
#: Bytes that are enough to tell by, and characters beyond ASCII that are enough.
_SAMPLE, _LEAST = 8192, 6
#: Share of the letters beyond ASCII that must be the language's own.
_OWN = 0.96
#: Charset, its letters beyond ASCII in one language, and those of them of which no text of some length is without.
_LATIN = tuple(
    (name, letters, needed.encode(name))
    for name, letters, needed in (
        ("cp1250", "ąćęłńóśźż", "łę"),  # Polish
        ("iso8859_2", "ąćęłńóśźż", "łę"),
        ("cp1250", "áčďéěíňóřšťúůýž", "ěř"),  # Czech
        ("iso8859_2", "áčďéěíňóřšťúůýž", "ěř"),
        ("cp1250", "áäčďéíĺľňóôŕšťúýž", "ľč"),  # Slovak
        ("cp1250", "áéíóöőúüű", "őá"),  # Hungarian
        ("cp1250", "ăâîşţ", "ăţ"),  # Romanian
        ("cp1250", "čćđšž", "čšž"),  # Croatian, Slovenian
        ("cp1254", "çğıöşüâîû", "ış"),  # Turkish
    )
)
#: Letters beyond ASCII of Western languages, and the share of a text's that none of them reaches where it is in none.
_WESTERN = ("àâçéèêëîïôœùûüÿ", "äöüß", "áéíóúñüªº", "áâãàçéêíóôõúªº", "àèéìòùî", "åäöæøéü", "áéíóúýþæöð", "éëïöüèáóç")
_WESTERN_AT_MOST = 0.8
#: Charset, letters beyond ASCII in one language, those of them that Windows-1252 reads as others, and how many of these prove it.
_EASTERN = (
    ("cp1250", "áčďéěíňóřšťúůýž", "čďěňřťů", 2),  # Czech
    ("iso8859_2", "áčďéěíňóřšťúůýž", "čďěňřťůšž", 2),
    ("cp1250", "áäčďéíľňóôšťúýž", "čďľňť", 2),  # Slovak
    ("cp1250", "áéíóöőúüű", "őű", 1),  # Hungarian
    ("cp1250", "čćđšž", "čćđ", 2),  # Croatian, Slovenian
    ("cp1250", "ąćęłńóśźż", "ąćęłńśźż", 3),  # Polish
    ("iso8859_2", "ąćęłńóśźż", "ąćęłńśźż", 3),
)
#: Letters of DOS's code page between small letters, where Windows-1252 has quotation marks and signs that never stand there.
_OF_CODE_PAGE = re.compile(rb"(?<=[a-z])[\x81\x82\x84\x87\x88\x8a\x8c\x94\xa1-\xa4\xe1](?=[a-z])")
_LEAST_OF_CODE_PAGE = 3
#: Where Windows-1252 has most of its letters and the code page but one.
_OF_WINDOWS = frozenset(range(0xC0, 0x100)) - {0xE1}
#: Charset, its most frequent characters, and their least share of the characters beyond ASCII.
_OTHER = (
    ("cp1251", "оеаинтсрвлі", 0.5),
    ("koi8_r", "оеаинтсрвл", 0.5),
    ("iso8859_5", "оеаинтсрвл", 0.5),
    ("cp1253", "αοιτεσνηυρ", 0.5),
    ("cp1256", "اليمونرتبع", 0.5),
    ("cp1255", "יוהלארתבמש", 0.5),
)
_WIDE = (
    ("gb18030", "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动日月，。", 0.12),
    ("big5", "的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動日月，。", 0.12),
    ("cp932", "のにはをたがでてとしれさあるいなすかっ、。", 0.25),
    ("euc_jp", "のにはをたがでてとしれさあるいなすかっ、。", 0.25),
    ("cp949", "이다는의에을를가은한고하지로사도서기", 0.2),
)


def charset_of(data: bytes) -> str | None:
    """Name the charset; None for UTF-8 and where nothing tells, as in the Latin alphabet of Western Europe.

    >>> charset_of("Порт Вальдоры закрыт, сообщили власти".encode("cp1251")), charset_of("Él cerró".encode("latin-1"))
    ('cp1251', None)
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return None
    sample = data[:_SAMPLE]
    beyond = sample.translate(None, _ASCII)
    if len(beyond) < _LEAST:
        return None
    if len(beyond) < len(sample) - len(sample.translate(None, _SEVEN_BIT_LETTERS)):
        octets = set(beyond)
        scored = [
            (-_written(beyond, name, letters), at, name)
            for at, (name, letters, needed) in enumerate(_LATIN)
            if octets.issuperset(needed)
        ]
        least, _, name = min(scored, default=(0, 0, ""))
        if least:
            return name
        if (eastern := _of_short_copy(beyond)) is not None:
            return eastern
        return "cp850" if len(_OF_CODE_PAGE.findall(sample)) >= _LEAST_OF_CODE_PAGE and not octets & _OF_WINDOWS else None
    weighed = [
        (_share(text, frequent) / least, name)
        for table, octets in ((_OTHER, beyond), (_WIDE, sample))
        for name, frequent, least in table
        if (text := _decoded(octets, name)) is not None
    ]
    evidence, name = max(weighed, default=(0.0, ""))
    return name if evidence >= 1 else None


def _of_short_copy(octets: bytes) -> str | None:
    """Name the charset of copy too short to hold every letter of its language: an Eastern one writes it, no Western one."""
    letters = [character for character in octets.decode("cp1252", "ignore").lower() if character.isalpha()]
    if max(sum(map(alphabet.__contains__, letters)) for alphabet in _WESTERN) > len(letters) * _WESTERN_AT_MOST:
        return None
    for name, alphabet, proof, least in _EASTERN:
        written = [character for character in _decoded(octets, name) or "" if character.isalpha()]
        if written and all(map(alphabet.__contains__, written)) and len(set(written) & set(proof)) >= least:
            return name
    return None


def _decoded(octets: bytes, name: str) -> str | None:
    """The text, but for a character that the sample cuts; None where it cannot be in this charset."""
    try:
        return codecs.getincrementaldecoder(name)().decode(octets).lower()
    except UnicodeDecodeError:
        return None


def _written(octets: bytes, name: str, letters: str) -> int:
    """How many letters are the language's own; 0 where too many are not. Charsets of one language differ in what are no letters."""
    written = [character for character in _decoded(octets, name) or "" if character.isalpha()]
    own = sum(map(partial(str.__contains__, letters), written))
    return own if own >= max(1, len(written) * _OWN) else 0


def _share(text: str | None, frequent: str) -> float:
    beyond = [character for character in text or "" if not character.isascii()]
    return sum(map(partial(str.__contains__, frequent), beyond)) / max(1, len(beyond))
