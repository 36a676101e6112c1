"""The words by which desks mark kills, holds, corrections, repeats, updates and advisories, in the languages of the wires.

Words are taken as marks only where desks put them: at the start of a headline or slugline, alone on a line before the text, or
tripled. In running prose they are ordinary words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.messages import Link, LinkRelation, Signal

_TRIPLED = {
    Signal.KILL: ("KILL", "ELIMINAR", "АННУЛИРОВАНИЕ", "حذف", "إلغاء", "حظر", "ANNULATION", "STORNO", "ANNULER"),
    Signal.HOLD: ("HOLD", "WITHHOLD"),
}
# A mark stands first and is followed by punctuation, a number or the end; in capitals it may also be followed by a space.
_LEADING: dict[Signal, tuple[str, ...]] = {
    Signal.KILL: (
        "KILL", "MANDATORY KILL", "STORY KILL", "STORY KILLED", "STORY WITHDRAWN", "WITHDRAWN", "WITHDRAWAL", "ELIMINAR", "ANULAR", "ANULADA",
        "ANNULATION", "ANNULÉ", "ANNULE", "DÉPÊCHE ANNULÉE", "STORNIERUNG", "STORNO", "ZURÜCKGEZOGEN", "MELDUNG ZURÜCKGEZOGEN",
        "RÜCKZUG", "АННУЛИРОВАНИЕ", "АННУЛИРОВАНО", "АНУЛЬОВАНО", "حظر", "إلغاء", "ANULOWANE", "ANULACJA", "ANNULLATA", "CANCELAR", "CANCELADA",
        "撤稿", "撤销",
    ),
    Signal.HOLD: ("HOLD", "WITHHOLD", "HOLD FOR RELEASE", "RETENER", "SUSPENDRE"),
    Signal.CORRECTION: (
        "CORRECTED", "CORRECTION", "CORRECTS", "CORRECTIVE", "CORRECTED REPEAT", "COR", "CORR", "BERICHTIGUNG", "BERICHTIGT", "KORREKTUR",
        "KORRIGIERT", "KOREKTA", "SPROSTOWANIE", "КОРРЕКЦИЯ", "ИСПРАВЛЕНИЕ", "ИСПРАВЛЕНО", "УТОЧНЕНИЕ", "ВИПРАВЛЕННЯ", "УТОЧНЕННЯ", "تصحيح",
        "VERSIÓN CORREGIDA", "VERSION CORREGIDA", "CORRECCIÓN", "CORRECCION", "CORREGIDO", "CORREGIDA", "CORRIGE", "CORRIGÉ", "RECTIFICATIF", "RECTIFICATION",
        "ERRATA", "ERRATUM", "CORREÇÃO", "CORRECAO", "CORRIGIDO", "CORRIGIDA", "RETIFICAÇÃO", "CORREZIONE", "RETTIFICA", "RECTIFICATIE", "CORRECTIE",
        "GECORRIGEERD", "RETTELSE", "KORRIGERT", "RÄTTELSE", "KORRIGERING", "KORJAUS", "KORJATTU", "OIKAISU", "DÜZELTME", "訂正", "更正",
    ),
    Signal.REPEAT: (
        "REFILE", "REFILED", "RPT", "REPEAT", "REPEATS", "REPEATING", "WIEDERHOLUNG", "RETRANSMISSION", "RÉPÉTITION", "REPETITION", "REPETICIÓN",
        "REPETICION", "RESEND", "RESENDING", "RESENT", "ПОВТОР", "POWTÓRZENIE", "RIPETIZIONE", "HERHALING", "إعادة", "再送",
    ),
    Signal.ADVISORY: (
        "ADVISORY", "MEDIA ADVISORY", "ATTENTION EDITORS", "ATTENTION USERS", "NOTE TO EDITORS", "EDITORS NOTE", "ADVISORY TO EDITORS", "EDS",
        "AVIS AUX REDACTIONS", "AVIS AUX RÉDACTIONS", "REDAKTIONSHINWEIS", "ACHTUNG REDAKTIONEN", "AVISO A LOS SERVICIOS", "BUDGET", "DAYBOOK",
    ),
}  # fmt: skip
_UPDATE = re.compile(
    r"^(?:UPDATE\s*\d{1,2}\b|\d{1,2}(?:ST|ND|RD|TH)\s?L(?:EA)?D\b|(?:FIRST|SECOND|THIRD|FOURTH|FIFTH)\s+LEAD\b|\d\.?\s?(?:LEAD|ZUSAMMENFASSUNG)\b"
    r"|(?:NEW)?LEAD\s?\d|WRAPUP\s*\d{0,2}\b|WRITETHRU\b|WRITETHROUGH\b|URGENT LEAD\b|LEAD ALL\b|MISE À JOUR\b|MISE A JOUR\b|ACTUALIZA\w*\b|ACTUALISATION\b"
    r"|AKTUALISIERUNG\b|AKTUALISIERT\b|AKTUALIZACJA\b|ОБНОВЛЕНИЕ\b|تحديث|ATUALIZA\w*\b|AGGIORNAMENTO\b|UPDATE\s?[-:–])",
    re.IGNORECASE,
)
_UPDATE_IN_SLUG = re.compile(r"\b(?:UPDATE\s\d{1,2}|\d{1,2}(?:st|nd|rd|th)\s?Ld\b|Writethru|WRAPUP\s?\d)", re.IGNORECASE)
_URGENCY_TAG = re.compile(
    r"^(?:\W*(?:FLASH|URGENT|BULLETIN|BREAKING|ALERT|SNAP|NEWSALERT|APNEWSALERT|EIL|BLITZ|PILNE|МОЛНИЯ|СРОЧНО|D'URGENCE|URGENTE|ALERTE|عاجل|EXTRA|快讯|急电)\b\W*)+",
    re.IGNORECASE,
)
_PLEASE_KILL = re.compile(
    r"\bplease\s+(?P<what>kill|withdraw|withhold|hold)\s+(?:our\s+)?(?:the\s+)?(?:item|story|dispatch|report|message)s?\s*"
    r"(?:(?:number|no\.?|nr\.?)\s*)?(?:(?P<agency>[a-z]{2,6})\s*[- ]?)?(?P<sequence>\d{2,5})\b",
    re.IGNORECASE,
)
_MANDATORY = re.compile(r"\b(?:MANDATORY KILL|STORY WITHDRAWN|BULLETIN KILL|KILL ADVISORY|ADVISORY KILL|is hereby killed)\b")
_CORRECTS = re.compile(
    r"[(\[]\s*(?:corrects|correcting|corrected|corrige|rectifie|berichtigt|korrigiert|corrects?\s)\b", re.IGNORECASE
)


def marks(line: str | None) -> Iterator[Signal]:
    """Yield the signals that a headline, slugline or first line carries.

    >>> [each.value for each in marks("CORRECTED-UPDATE 2-Oil falls")]
    ['update', 'correction']
    >>> list(marks("Kill switch found in inverters"))
    []
    """
    rest = _URGENCY_TAG.sub("", (line or "").strip())
    found: set[Signal] = set()
    for signal, words in _TRIPLED.items():
        if any(re.search(rf"{word}\W{{1,3}}{word}\W{{1,3}}{word}", rest) for word in words):
            found.add(signal)
    for _ in range(4):  # CORRECTED-UPDATE 2-RPT-… carries several
        leading, length = _leading(rest)
        if leading is None:
            break
        found.add(leading)
        rest = _URGENCY_TAG.sub("", rest[length:].lstrip(" -–—:/.,()*"))
    if _MANDATORY.search(rest):
        found.add(Signal.KILL)
    if _CORRECTS.search(rest):
        found.add(Signal.CORRECTION)
    yield from sorted(found, key=lambda each: list(Signal).index(each))


def slug_marks(slugline: str | None) -> Iterator[Signal]:
    """Yield the signals of a slugline, where desks also put UPDATE n and Writethru at the end."""
    yield from marks(slugline)
    if slugline and _UPDATE_IN_SLUG.search(slugline):
        yield Signal.UPDATE


def _leading(text: str) -> tuple[Signal | None, int]:
    update = _UPDATE.match(text)
    if update:
        return Signal.UPDATE, update.end()
    folded = text[:40].upper()
    best: tuple[Signal | None, int] = (None, 0)
    for signal, words in _LEADING.items():
        for word in words:
            if folded.startswith(word) and len(word) > best[1] and _stands_alone(text, word):
                best = (signal, len(word))
    return best


def _stands_alone(text: str, word: str) -> bool:
    after = text[len(word) :]
    if not after:
        return True
    if after[0].isalnum() or after[0] in "'’_":
        return False
    if re.match(r"\s*[-–—:/*(.,!]|\s*\d", after) and not re.match(r"-[a-z]", after):
        return True
    # In capitals amid a headline in small letters: "CORRECTED Oil falls"; a wholly capital headline is no evidence.
    written = text[: len(word)]
    return len(word) > 3 and written.isupper() and any(letter.islower() for letter in after)


def withdrawals(text: str) -> Iterator[Link]:
    """Yield links to items that an advisory asks to kill by number.

    >>> [link.sequence for link in withdrawals("Editors: Please kill item dpa 157, sent at 1200.")]
    ['157']
    """
    for match in _PLEASE_KILL.finditer(text):
        yield Link(rel=LinkRelation.WITHDRAWS, sequence=match["sequence"])


def asks_to_hold(text: str) -> bool:
    """Whether an advisory asks to withhold rather than to kill."""
    match = _PLEASE_KILL.search(text)
    return match is not None and match["what"].lower() in ("hold", "withhold")
