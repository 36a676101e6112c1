"""What a wire adds to a text that says nothing about its language."""

from __future__ import annotations

import re
import unicodedata

# CLD2 refuses C0 controls, lone surrogates and noncharacters; directional marks are layout. ZWNJ and ZWJ are spelling.
_UNSPOKEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\uffff]"
)
_URGENCY = re.compile(
    r"^\W*(?:(?:URGENT|FLASH|BREAKING(?: NEWS)?|NEWS ?ALERT|ALERT|BULLETIN|UPDATE \d+|WRAPUP \d+|(?:\d(?:ST|ND|RD|TH) )?LEAD"
    r"|SNAP|CORRECTION|CORRECTED|REFILE|RPT|EXTRA|EILMELDUNG|EIL)\b(?!-)[\s:;.,\-–—*()=]*)+",
    re.IGNORECASE,
)
_CODES = re.compile(
    r"https?://\S+|www\.\S+|[\w.+-]{1,64}@\S+\.\S+|[@#]\w+"
    r"|\b(?=\w*\d)(?=\w*[A-Z])[A-Z0-9]{3,}(?:[./:-][A-Z0-9]+)*\b"  # item numbers, licence plates, 2026-03-01T12:00Z
    r"|\b[A-Z0-9]{2,6}(?:[|/][A-Z0-9]{2,6})+\b"  # lists of tickers
    r"|\([A-Z]{2,5}(?:[.:][A-Z]+)?\)"  # (AFP), (AAPL.O)
    r"|[+-]?\d[\d.,:/%+\-]*"
)
# Lines and words without any of these hold no code: most are spared the pattern above.
_CODE_SIGN = re.compile(r"[\d@#|/(]|www\.")
_TABLE_WORDS = re.compile(r"[^\W\d_]+")
_NUMBERS = re.compile(r"\d[\d.,:/%]*")
_LONGEST_CODE = 6

_BOILERPLATE = re.compile(
    r"all rights reserved|\bcopyright\b|\(c\)|©|unsubscribe|newsletter|terms of (?:use|service)|privacy policy"
    r"|for (?:further|more) information|please contact|press office|media contacts?\b|follow us|click here|read more|subscribe"
    r"|^\W*(?:editors?|eds)\b\W|for immediate release|not responsible for|prior written permission"
    r"|may not be (?:published|reproduced)"
    r"|end of story|this story has been (?:corrected|updated)|^\W*press release\b|^\W*source\s*:|for use by subscribers"
    r"|available to subscribers|breaking news alert|news ?wire|wire service|member agency|third party|reporting by|editing by"
    r"|\b\d(?:st|nd|rd|th) (?:lead|ld)\b|write-?thru|^\W*(?:BC|AM|PM|AP)-[A-Z]|^[A-Z0-9]+(?:-[A-Z0-9]+)+(?:[\s,]|$)"
    r"|\b\d{1,2}:\d{2} GMT\b|our standards:|trust principles|^\W*\(?more\)?\W*$|photo links|^\W*-0-",
    re.IGNORECASE,
)


def clean(line: str) -> tuple[str, bool]:
    """Drop codes, numbers, addresses and urgency tags; say also whether a tag was dropped.

    >>> clean("URGENT: Sismo de 7,1 sacude Lima (AFP)")
    ('Sismo de   sacude Lima  ', True)
    """
    text = unicodedata.normalize("NFC", _UNSPOKEN.sub("", line))
    if _is_table_row(text):
        return "", False
    words = text.split()
    if _CODE_SIGN.search(text):
        words = [_CODES.sub(" ", word) if _CODE_SIGN.search(word) else word for word in words]
    coded = " ".join(words)
    untagged = _URGENCY.sub("", coded)
    return untagged, untagged != coded


def is_boilerplate(line: str) -> bool:
    """Tell the lines that agencies and distributors put round a text, in English whatever the text.

    >>> is_boilerplate("Eds: Updates with details."), is_boilerplate("The editors resigned.")
    (True, False)
    """
    return _BOILERPLATE.search(line) is not None


def _is_table_row(text: str) -> bool:
    # "DAX 990.00 +6.29 1.63%": at least two numbers, no word but short codes in capitals, no more words than numbers
    numbers = len(_NUMBERS.findall(text))
    if numbers < 2:
        return False
    words = _TABLE_WORDS.findall(text)
    return len(words) <= numbers and all(len(word) <= _LONGEST_CODE and word.isascii() and word.isupper() for word in words)
