"""Months and days of the week, as the wires' languages write them in a date."""

from __future__ import annotations

import re
import unicodedata

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero janeiro gennaio januari stycznia января січня ocak tammikuuta يناير",
            (
                "feb february februar février fevrier febrero fevereiro febbraio februari lutego "
                "февраля лютого şubat helmikuuta فبراير"
            ),
            "mar march märz maerz mars marzo março maart marca марта березня mart maaliskuuta مارس",
            "apr april avril abril aprile kwietnia апреля квітня nisan huhtikuuta أبريل",
            "may mai mayo maio maggio mei maj maja мая травня mayıs toukokuuta مايو",
            "jun june juni juin junio junho giugno czerwca июня червня haziran kesäkuuta يونيو",
            "jul july juli juillet julio julho luglio lipca июля липня temmuz heinäkuuta يوليو",
            "aug august août aout agosto augustus augusti sierpnia августа серпня ağustos elokuuta أغسطس",
            "sep sept september septembre septiembre setembro settembre września сентября вересня eylül syyskuuta سبتمبر",
            "oct okt october oktober octobre octubre outubro ottobre października октября жовтня ekim lokakuuta أكتوبر",
            "nov november novembre noviembre novembro listopada ноября листопада kasım marraskuuta نوفمبر",
            (
                "dec dez december dezember décembre decembre diciembre dezembro dicembre grudnia "
                "декабря грудня aralık joulukuuta ديسمبر"
            ),
        ),
        start=1,
    )
    for name in names.split()
}
#: By number, short and without accents, as teleprinters write them: among words of a sentence too many are words themselves.
_SHORT = {
    1: "jan januar january janvier ene enero gen gennaio januari janv jaen jaenner sty led ledna sij tammi янв ιαν січ oca",
    2: "feb februar february fevrier fev febrero febbraio februari fevr lut uno unora velj helmi фев φεβ лют sub febr",
    3: "mar marz maerz mrz mae mars march marzo maart mrt bre brezna ozu maalis мар μαρ бер marc",
    4: "apr april avr avril abr abril aprile kwi dub dubna tra huhti апр απρ кві nis",
    5: "may mai mayo mag maggio mei maj kve kvetna svi maio touko маи μαι",
    6: "jun juni june juin junio giu giugno cze cvn cervna kesa июн ιουν чер haz",
    7: "jul juli july juil juillet julio lug luglio lip cvc cervence heina июл ιουλ tem",
    8: "aug august aou aout ago agosto augustus sie srp srpna kol elo авг αυγ сер agu",
    9: "sep sept september septembre set settembre sep septiembre wrz zari ruj syys сен σεπ вер eyl zar szept",
    10: "oct okt october oktober octobre ott ottobre octubre paz rij rijna loka окт οκτ жов out outubro eki",
    11: "nov november novembre noviembre lis listopadu stu marras ноя νοε kas",
    12: "dec dez december dezember decembre dic diciembre dicembre gru pro prosince des desember joulu дек δεκ гру ara",
}  # fmt: skip
_BY_NAME = {name: number for number, names in _SHORT.items() for name in names.split()}
#: From Monday on; what inflects stands without its ending.
_WEEKDAYS = tuple(
    re.compile(rf"\b(?:{names})", re.IGNORECASE)
    for names in (
        r"mon(?:day)?\b|montag|lundi|lunes|lunedì|lunedi|segunda-feira|maandag|måndag|mandag|poniedzia|понедельник|понеділ|maanantai",
        r"tues?(?:day)?\b|dienstag|mardi|martes|martedì|martedi|terça-feira|dinsdag|tisdag|tirsdag|wtor|вторник|вівтор|tiistai",
        r"wed(?:nesday)?\b|mittwoch|mercredi|miércoles|mercoledì|mercoledi|quarta-feira|woensdag|onsdag|środ|сред[аыу]|серед|keskiviik",
        r"thu(?:rs(?:day)?)?\b|donnerstag|jeudi|jueves|giovedì|giovedi|quinta-feira|donderdag|torsdag|czwart|четверг|четвер|torstai",
        r"fri(?:day)?\b|freitag|vendredi|viernes|venerdì|venerdi|sexta-feira|vrijdag|fredag|piąt|пятниц|п[’']ятниц|perjantai",
        r"sat(?:urday)?\b|samstag|sonnabend|samedi|sábado|sabato|zaterdag|lördag|lørdag|sobot|суббот|субот|lauantai",
        r"sun(?:day)?\b|sonntag|dimanche|domingo|domenica|zondag|söndag|søndag|niedziel|воскресен|неділ|sunnuntai",
    )
)


def weekday_of(text: str) -> int | None:
    """First day of the week that a text names, Monday 0; None where it names none.

    >>> weekday_of("until 0600 Thursday"), weekday_of("jusqu'à 6h00 mercredi"), weekday_of("until 0600 GMT")
    (3, 2, None)
    """
    found = [(match.start(), number) for number, names in enumerate(_WEEKDAYS) if (match := names.search(text))]
    return min(found)[1] if found else None


def month_of(name: str) -> int | None:
    """Return the number of a month by its name in any of the wires' languages.

    >>> month_of("Okt"), month_of("déc."), month_of("января"), month_of("Smarch")
    (10, 12, 1, None)
    """
    name = name.strip(". ").casefold()
    plain = unicodedata.normalize("NFKD", name)
    return _BY_NAME.get("".join(char for char in plain if not unicodedata.combining(char))) or MONTHS.get(name)
