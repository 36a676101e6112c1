"""The words by which desks mark kills, holds, corrections, repeats, updates and advisories, in the languages of the wires.

Words are marks only where desks put them: first in a headline or slugline, in parentheses or after a dash at its end, alone on a
line before the text, or three times over. In running prose they are ordinary words. Kills and holds are dangerous when they are
guessed, so their words must stand in capitals, or thrice; in scripts without capitals alone on their line, or thrice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.messages import Link, LinkRelation, Signal
from pipeline.stages.remembering import remembered

_STRONG: dict[Signal, str] = {
    Signal.KILL: (
        "KILL|MANDATORY KILL|STORY KILL|STORY KILLED|BULLETIN KILL|STORY WITHDRAWN|WITHDRAWN|ELIMINATION|ELIMINAR|ELIMINADO|ANULAR|ANULADA|ANULADO|"
        "ANULACIÓN|ANNULATION|ANNULÉ|ANNULÉE|DÉPÊCHE ANNULÉE|STORNIERUNG|STORNO|ZURÜCKGEZOGEN|MELDUNG ZURÜCKGEZOGEN|RÜCKZUG|ANNULLATA|ANNULLAMENTO|ANNULLARE|"
        "ANULOWANE|ANULACJA|ΑΚΥΡΩΣΗ|ΑΚΥΡΩΝΕΤΑΙ|ZRUŠENO|WYCOFANE|CANCELADA|INTREKKEN|INGETROKKEN|ANNULERING|TREKKES|TILLBAKADRAGEN|MITÄTÖITY|АННУЛИРОВАНИЕ|АННУЛИРОВАНО|"
        "АНУЛЬОВАНО|İPTAL|حظر|إلغاء|撤稿|撤销|取消"
    ),
    Signal.HOLD: "HOLD|WITHHOLD|WITHHELD|HOLD FOR RELEASE|RETENER|RETENIDO|SUSPENDRE|À RETENIR|ZURÜCKHALTEN|NICHT VERWENDEN|ЗАДЕРЖАТЬ",
}  # fmt: skip
_WEAK: dict[Signal, str] = {
    Signal.CORRECTION: (
        "CORRECTED|CORRECTION|CORRECTIONS|CORRECTS|CORRECTIVE|CORRECTED REPEAT|CORRECTING|COR|CORR|BERICHTIGUNG|BERICHTIGT|KORREKTUR|KORRIGIERT|"
        "KOREKTA|SPROSTOWANIE|КОРРЕКЦИЯ|ИСПРАВЛЕНИЕ|ИСПРАВЛЕНО|УТОЧНЕНИЕ|ВИПРАВЛЕННЯ|УТОЧНЕННЯ|تصحيح|VERSIÓN CORREGIDA|VERSION CORREGIDA|"
        "CORRECCIÓN|CORRECCION|CORREGIDO|CORREGIDA|CORRIGE|CORRIGÉ|CORRIGÉE|RECTIFICATIF|RECTIFICATION|RECTIFICACIÓN|ERRATA|ERRATUM|CORREÇÃO|"
        "CORRECAO|CORRIGIDO|CORRIGIDA|RETIFICAÇÃO|CORREZIONE|RETTIFICA|RECTIFICATIE|CORRECTIE|GECORRIGEERD|VERBETERING|RETTELSE|KORRIGERT|RÄTTELSE|"
        "KORRIGERING|KORJAUS|KORJATTU|OIKAISU|ΔΙΟΡΘΩΣΗ|ΔΙΌΡΘΩΣΗ|ΟΡΘΗ ΕΠΑΝΑΛΗΨΗ|OPRAVA|HELYESBÍTÉS|ISPRAVAK|RECTIFICARE|CORECTIE|DÜZELTME|CLARIFICATION|KORRIGERAD|訂正|更正"
    ),
    Signal.REPEAT: (
        "REFILE|REFILED|REFILES|REFILING|RPT|REPEAT|REPEATS|REPEATING|WIEDERHOLUNG|RETRANSMISSION|RÉPÉTITION|REPETITION|REPETICIÓN|REPETICION|RESEND|"
        "RESENDING|RESENT|ПОВТОР|POWTÓRZENIE|RIPETIZIONE|HERHALING|OMSÄNDNING|GJENTAKELSE|ΕΠΑΝΑΛΗΨΗ|ΕΠΑΝΆΛΗΨΗ|ISMÉTLÉS|إعادة|再送"
    ),
    Signal.UPDATE: (
        "UPDATE|UPDATED|UPDATES|WRAPUP|WRITETHRU|WRITETHROUGH|URGENT LEAD|LEAD ALL|MISE À JOUR|MISE A JOUR|ACTUALIZACIÓN|ACTUALIZA|ACTUALIZADO|"
        "ACTUALISATION|AKTUALISIERUNG|AKTUALISIERT|AKTUALIZACJA|ОБНОВЛЕНИЕ|ОБНОВЛЕНО|ATUALIZAÇÃO|ATUALIZA|AGGIORNAMENTO|AGGIORNA|UPPDATERING|"
        "OPPDATERING|PÄIVITYS|PÄIVITETTY|TÄYDENNETTY|ZUSAMMENFASSUNG|تحديث"
    ),
    Signal.ADVISORY: (
        "ADVISORY|MEDIA ADVISORY|ATTENTION EDITORS|ATTENTION USERS|NOTE TO EDITORS|EDITORS NOTE|EDITORS' NOTE|EDITOR'S NOTE|ADVISORY TO EDITORS|EDS|"
        "AVIS AUX REDACTIONS|AVIS AUX RÉDACTIONS|REDAKTIONSHINWEIS|ACHTUNG REDAKTIONEN|AVISO A LOS SERVICIOS|NEWS DIGEST"
    ),
}  # fmt: skip
#: Words of urgency on the scale of design.md: flash 1, bulletin 2, urgent 3; dpa's Eil is sent with priority 2.
_URGENCY: dict[int, str] = {
    1: "FLASH|BLITZ|BLITZMELDUNG|МОЛНИЯ|خبر عاجل جدا",
    2: "BULLETIN|EIL|EILMELDUNG|NEWSALERT|APNEWSALERT|NEWS ALERT|ALERT|ALERTE|SNAP|BREAKING|BREAKING NEWS|SON DAKİKA|快讯|速報",
    3: "URGENT|URGENTE|PILNE|D'URGENCE|D’URGENCE|СРОЧНО|ТЕРМІНОВО|عاجل|急电|EXTRA|DRINGEND|HASTER|BRÅDSKANDE|ΕΚΤΑΚΤΟ|ΈΚΤΑΚΤΟ|HITNO",
}
_WORDS: dict[str, tuple[Signal | int, bool]] = {
    word: (signal, strong)
    for table, strong in ((_WEAK, False), (_URGENCY, False), (_STRONG, True))
    for signal, words in table.items()
    for word in words.split("|")
}
_LONGEST = max(map(len, _WORDS))
_FIRST = re.compile("|".join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True)))
_NUMBERED_UPDATE = re.compile(
    r"(?:UPDATE\s*\d{1,2}\b|WRAPUP\s*\d{1,2}\b|\d{1,2}(?:ST|ND|RD|TH)\s?L(?:EA)?D\b(?:-WRITETHRU)?|"
    r"(?:FIRST|SECOND|THIRD|FOURTH|FIFTH)\s+LEAD\b|\d\.?\s?(?:LEAD|ZUSAMMENFASSUNG)\b|NEW\s?LEAD\b|\d(?:ER|E|ÈME)\s+LEAD\b)"
)
_UPDATE_IN_SLUG = re.compile(r"\b(?:UPDATE\s\d{1,2}|\d{1,2}(?:st|nd|rd|th)\s?Ld\b|Writethru|WRAPUP\s?\d)", re.IGNORECASE)
_AFTER = re.compile(r"\s*[:–—(*/\])】」）]|\s+-|-(?![a-zß-ÿ])|[.,!]?\s*$|\s*=")
_DIGIT = re.compile(r"\s*\d")
_THRICE = re.compile(r"(?<!\w)([^\W\d_]{3,20})\W{1,3}\1\W{1,3}\1(?!\w)")
_AND = re.compile(r"^(?:ET|AND|UND|Y|E|EN|OG|OCH|И)\s+", re.IGNORECASE)
_AT_END = re.compile(
    r"[(\[](?P<inside>[^()\[\]]{2,40})[)\]]\W*$|\s[-–—]\s*(?P<dashed>[^\W\d_a-zß-ÿ]{3,20}(?:\s[^\W\d_a-zß-ÿ]{2,20}){0,2})\W*$"
)
_SLUG_END = re.compile(r"(?:,\s*(?P<word>[A-Za-z][A-Za-z ]{2,20})|(?<=[a-zß-ÿ])-(?P<last>[^\W\d_a-zß-ÿ]{4,20}))$")
#: A note of the desk in the slugline's place, as STT writes it: its first word is a mark though all of it stands in capitals.
_SLASHED = re.compile(r"/{2,}\s*(\w[^/]*)/{2,}")
_CORRECTS = re.compile(r"[(\[]\s*(?:corrects?|correcting|corrected|corrige|rectifie|berichtigt|korrigiert)\b", re.IGNORECASE)
_MANDATORY = re.compile(r"\b(?:MANDATORY KILL|STORY WITHDRAWN|BULLETIN KILL|KILL ADVISORY|ADVISORY KILL|is hereby killed)\b")
#: In small letters, too, where they stand alone before a colon, a dash or the line's end.
_HEADED = re.compile(
    r"\W*(?:(?:mandatory|bulletin|story|advisory) kill|kill advisory|story withdrawn|(?:bitte )?nicht verwenden|"
    r"(?:meldung )?zur(?:ü|ue)ckgezogen|dépêche annulée|nota anulada|notizia annullata)\s*(?:[:–—!-]|\.?\s*$)",
    re.IGNORECASE,
)
_NUMBER = r"[^\d\n]{0,24}?(?P<sequence>\d{2,5})\b"
_PLEASE = r"\bplease\s+(?P<what>kill|withdraw|withhold|hold|disregard|delete|eliminate)\s+(?:our\s+|the\s+)?(?:item|story|dispatch|report|message|text)s?\b"
_BITTE = r"\bbitte\s+(?:streichen|löschen|vernichten|ignorieren)\s+sie\s+(?:unsere\s+|die\s+)?(?:meldung|dpa)"
_PRIERE = r"\b(?:prière|merci|veuillez)\s+(?:d['’]|de\s+)?(?:annuler|supprimer|ne\s+pas\s+utiliser)\s+(?:notre\s+|la\s+)?(?:dépêche|article)"
_FAVOR = (
    r"\b(?:por\s+favor|se\s+ruega|rogamos),?\s+(?:elimin|anul)(?:ar|en)\s+(?:nuestr[ao]\s+|el\s+|la\s+)?(?:despacho|nota|noticia)"
)
_PREGA = (
    r"\bsi prega di\s+(?:annullare|eliminare|cancellare|non (?:utilizzare|pubblicare))\s+"
    r"(?:l[ao]\s+|il\s+|l['’])?(?:notizia|lancio|servizio|articolo)"
)
_DUTCH = re.compile(
    r"\bgelieve\s+(?:(?:het|ons|dit)\s+)?(?:bericht|artikel)\b[^\n]{0,120}?\bniet\s+te\s+(?:gebruiken|publiceren)", re.IGNORECASE
)
_AGAIN = r"[^\n]{0,60}?(?:\b(?:slugged|headlined|titled|entitled|headline|intitulée?s?|titulad[ao]s?|überschrift|titel)\b|[\"“«„])"
#: What a note to editors begins with.
_NOTED = {
    "corrects": Signal.CORRECTION, "berichtigt": Signal.CORRECTION, "korrigiert": Signal.CORRECTION, "corrige": Signal.CORRECTION,
    "refiles": Signal.REPEAT, "repeats": Signal.REPEAT, "resends": Signal.REPEAT, "wiederholt": Signal.REPEAT,
    "updates": Signal.UPDATE, "recasts": Signal.UPDATE, "aktualisiert": Signal.UPDATE, "actualiza": Signal.UPDATE,
}  # fmt: skip
_FIRST_WORD = re.compile(r"\W*([^\W\d_]+)")
#: An advisory that says so, rather than asks for it.
_TOLD = re.compile(
    r"\b(?:story|item|dispatch|report|alert|article)\b[^.\n]{0,160}?\b(?:has|have|is|was|are) (?:been )?(?:withdrawn|killed)\b"
    r"|\b(?:the ap|ap|the associated press|afp|reuters|dpa|we) (?:is|are|has|have) withdraw(?:ing|n)\b",
    re.IGNORECASE,
)
_NO_SUBSTITUTE = re.compile(r"\bno substitute (?:story|version|item)\b", re.IGNORECASE)
#: How every order below begins.
_ASKED = re.compile(
    r"\b(?:please|bitte|prière|merci|veuillez|favor|ruega|rogamos|prega di|gelieve),?\s+(?:d['’]|de\s+)?"
    r"(?:kill|with|hold|disregard|delet|elimin|streich|lösch|vernicht|ignor|annul|supprim|ne\s|anul|cancel|non\s"
    r"|(?:het |ons |dit )?(?:bericht|artikel)\b)"
)
_ASKING = tuple(
    map(str.encode, ("please", "bitte", "prière", "priÈre", "merci", "veuillez", "favor", "ruega", "rogamos", "prega", "gelieve"))
)
_WITHDRAWALS = [re.compile(pattern + _NUMBER, re.IGNORECASE) for pattern in (_PLEASE, _BITTE, _PRIERE, _FAVOR, _PREGA)]

_ORDERS = [re.compile(pattern + _AGAIN, re.IGNORECASE) for pattern in (_PLEASE, _BITTE, _PRIERE, _FAVOR, _PREGA)]


#: A note to editors in parentheses of its own, that says what this version changes.
OPENING_NOTE = re.compile(
    r"\((?:Adds?|Updates?|Recasts?|Corrects?|Refiles?|Repeats?|Rewrites?|"
    r"Fixes|Changes|Removes|Clarifies|Deletes|Inserts|Edits|Writes through|Eds:|"
    r"Ajoute|Actualise|Corrige|Précise|Rectifie|Berichtigt|Aktualisiert|Neu:|Añade|Actualiza|Aggiorna)\b[^()]{0,300}\)",
    re.IGNORECASE,
)


def marks(line: str | None) -> tuple[Signal, ...]:
    """Signals that a headline, a slugline or a first line carries, in the order of ``Signal``.

    >>> [each.value for each in marks("CORRECTED-UPDATE 2-Oil falls")]
    ['update', 'correction']
    >>> marks("Kill switch found in inverters")
    ()
    """
    return _read(line)[0]


def urgency(line: str | None) -> int | None:
    """Urgency that a headline's first words state: 1 flash, 2 bulletin, 3 urgent; None where they state none.

    >>> urgency("EIL: Hafen gesperrt"), urgency("Urgent appeal for blood")
    (2, None)
    """
    return _read(line)[1]


@remembered(4096)
def _read(line: str | None) -> tuple[tuple[Signal, ...], int | None]:
    """Signals and urgency of a line: both are asked for."""
    found = _marks(line or "")
    if not found:
        return (), None
    signals = {signal for signal, _ in found if isinstance(signal, Signal)}
    level = min((level for level, _ in found if not isinstance(level, Signal)), default=None)
    return tuple(signal for signal in Signal if signal in signals), level


def _marks(line: str) -> list[tuple[Signal | int, str]]:
    """Words that are marks where they stand in a line."""
    text = line[:400].strip()
    found: list[tuple[Signal | int, str]] = []
    for word in _THRICE.findall(text):
        known = _WORDS.get(word.upper())
        if known and (word.isupper() or not _cased(word)):
            found.append((known[0], word))
    found += _leading(text)
    end = _AT_END.search(text)
    if end:
        found += _leading((end["inside"] or end["dashed"]).strip())
    if _MANDATORY.search(text) or _HEADED.match(text):
        found.append((Signal.KILL, "mandatory kill"))
    if _CORRECTS.search(text):
        found.append((Signal.CORRECTION, "(corrects"))
    return found


def _leading(text: str) -> list[tuple[Signal | int, str]]:
    """Marks at the start of a line, one after the other, as in CORRECTED-UPDATE 2-RPT-…."""
    found: list[tuple[Signal | int, str]] = []
    while len(found) < 5:  # more marks than any desk puts
        text = re.sub(r"^[\W_]+", "", text)
        folded = text[: _LONGEST + 8].upper()
        numbered = _NUMBERED_UPDATE.match(folded)
        word = _FIRST.match(folded)
        if numbered:
            found.append((Signal.UPDATE, numbered.group()))
            text = text[numbered.end() :]
        elif word and (known := _known(text, word.group())):
            found.append(known)
            text = _AND.sub("", text[len(word.group()) :].lstrip(), count=1)
        else:
            break
    return found


def _known(text: str, word: str) -> tuple[Signal | int, str] | None:
    """The mark that a word is where it stands; a shorter word is tried where the longest is none."""
    while word:
        entry = _WORDS.get(word)
        if entry and _stands_alone(text, word, strong=entry[1]):
            return entry[0], word
        word = word.rpartition(" ")[0]
    return None


def _stands_alone(text: str, word: str, *, strong: bool) -> bool:
    written, after = text[: len(word)], text[len(word) :]
    if after[:1].isalnum() or after[:1] in ("'", "’", "_"):
        return False
    if strong and _cased(written):
        # "KILL - …", "KILL 157", "STORY WITHDRAWN Oil falls"; never "KILL Bill".
        again = re.match(rf"\s{re.escape(written)}\b", after)
        return written.isupper() and bool(_AFTER.match(after) or _DIGIT.match(after) or again or (" " in word and _small(after)))
    if strong:
        return not after.strip(" .!:")
    if _AFTER.match(after):
        # "Cor" and "Eds" are names too, unless a colon stands behind them.
        return len(word) > 3 or written.isupper() or not _cased(written) or after.lstrip().startswith(":")
    # In capitals amid small letters: "CORRECTED Oil falls"; a headline wholly in capitals is no evidence.
    return written.isupper() and _cased(written) and (bool(_DIGIT.match(after)) or _small(after))


def _cased(text: str) -> bool:
    return text.lower() != text.upper()


def _small(text: str) -> bool:
    return any(letter.islower() for letter in text)


def note_marks(line: str) -> tuple[Signal, ...]:
    """Signals that a line of a note to editors carries, which may also begin with what this version does.

    >>> [each.value for each in note_marks("Refiles to fix typo in headline")], note_marks("Updates follow")
    (['repeat'], ())
    """
    found = tuple(signal for signal in marks(line) if signal is not Signal.ADVISORY)
    first = _FIRST_WORD.match(line)
    known = _NOTED.get(first[1].lower()) if first else None
    if known is None or first is None or known in found or line[first.end() :].lstrip().startswith("follow"):
        return found
    return (*found, known)


@remembered(4096)
def slug_marks(slugline: str | None) -> tuple[Signal, ...]:
    """Signals of a slugline, where desks also put UPDATE n, Writethru or Correction at the end.

    >>> [each.value for each in slug_marks("BC-US--Fire, 1st Ld-Writethru")]
    ['update']
    """
    found = set(marks(slugline))
    if slugline and _UPDATE_IN_SLUG.search(slugline):
        found.add(Signal.UPDATE)
    end = _SLUG_END.search(slugline or "")
    if end:
        known = _WORDS.get((end["word"] or end["last"]).upper().strip())
        if known and isinstance(known[0], Signal):
            found.add(known[0])
    noted = _SLASHED.fullmatch(slugline or "")
    word = _FIRST.match(noted[1].upper()) if noted else None
    known = _WORDS.get(word.group()) if word and noted and not noted[1][word.end() : word.end() + 1].isalnum() else None
    if known and not known[1] and isinstance(known[0], Signal):
        found.add(known[0])
    return tuple(signal for signal in Signal if signal in found)


def asks(text: str) -> bool:
    """Whether a text asks to kill, hold or delete anything, as every order to kill another item does; quick to tell."""
    quick = text.encode("utf-8", "surrogatepass").lower()  # capitals of ASCII alone, in no time
    return any(word in quick for word in _ASKING) and _ASKED.search(text.lower()) is not None


def withdrawals(text: str) -> Iterator[Link]:
    """Yield links to items that an advisory asks to kill by number.

    >>> [link.sequence for link in withdrawals("Editors: Please kill item dpa 157, sent at 1200.")]
    ['157']
    """
    if not asks(text):
        return
    for pattern in _WITHDRAWALS:
        for match in pattern.finditer(text):
            yield Link(rel=LinkRelation.WITHDRAWS, sequence=match["sequence"])


def asks_to_kill(text: str) -> bool:
    """Whether an advisory asks to kill a story that it names by headline or slug.

    >>> asks_to_kill("Editors: please kill the story slugged NORLAND-TALKS sent at 1205.")
    True
    """
    return asks(text) and any(order.search(text) for order in (*_ORDERS, _DUTCH))


def tells_of_withdrawal(text: str, *, advisory: bool) -> bool:
    """Whether an advisory says that a story is withdrawn; a text that is not marked as one must say that none replaces it.

    >>> tells_of_withdrawal('The story headlined "Port closed" has been withdrawn. There will be no substitute story.', advisory=False)
    True
    >>> tells_of_withdrawal("The report on the harbour was withdrawn by the ministry.", advisory=False)
    False
    """
    if not advisory and not ("substitute" in text and _NO_SUBSTITUTE.search(text)):
        return False
    return _TOLD.search(text) is not None


def asks_to_hold(text: str) -> bool:
    """Whether an advisory asks to withhold rather than to kill."""
    match = _WITHDRAWALS[0].search(text) or _ORDERS[0].search(text)
    return match is not None and match["what"].lower() in ("hold", "withhold")
