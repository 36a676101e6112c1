"""Invented dispatches in ten languages and six scripts, with places to change silently.

``[n|14]`` is a number, ``[p|Berg]`` a name, ``[x|said|did not say]`` a statement and its denial.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import NamedTuple

from tests.unit.deduplicate.edits import redatelined, repunctuated

_SLOT = re.compile(r"\[([npx])\|([^|\]]*)(?:\|([^\]]*))?\]")
_SPACELESS = ("zh", "ja", "th")
_OTHER_NAMES = {
    "": ("Wolmarin", "Hekkert", "Quodsey", "Tervan"),
    "ru": ("Вольмарин", "Хеккерт", "Терван"),
    "el": ("Βολμάριν", "Χέκερτ", "Τερβάν"),
    "ar": ("فولمارين", "هيكرت", "تيرفان"),
    "hi": ("वोल्मारिन", "हेकर्ट", "तेरवान"),
    "zh": ("沃尔马", "赫克特", "特尔万"),
    "ja": ("ヴォルマリン", "ヘッカート", "テルヴァン"),
}
TEXTS = {
    "en": (
        "The foreign minister of Norland, Aldon [p|Berg], said on Sunday that talks over the Kelder strait had failed after [n|9] days.\n\n"
        "Envoys left the hotel before dawn. A spokeswoman for the mediators, Ines [p|Lund], said the parties [x|would|would not] meet "
        "again in spring, and [n|14] vessels turned back before noon, the port authority reported.\n\n"
        "Norland closed the strait in January after a patrol boat was shot at. Sudria's navy [x|was|was not] involved, according to "
        "the regional council, which [x|has|has not] opened an inquiry. Insurers raised premiums by [n|3.5] percent on Friday."
    ),
    "de": (
        "Die Gespräche über die Meerenge von Kelder sind nach [n|9] Tagen gescheitert, teilte Außenminister Aldon [p|Berg] am Sonntag mit.\n\n"
        "Die Unterhändler verließen das Hotel noch vor der Dämmerung. Nach Angaben der Sprecherin Ines [p|Lund] [x|wollen|wollen nicht] "
        "beide Seiten im Frühjahr wieder zusammenkommen. Bis zum Mittag kehrten [n|14] Schiffe um, berichtete die Hafenbehörde.\n\n"
        "Norland hatte die Meerenge im Januar gesperrt, nachdem ein Patrouillenboot beschossen worden war. Die Marine Sudrias "
        "[x|war|war nicht] beteiligt, erklärte der Regionalrat. Die Versicherer erhöhten ihre Prämien um [n|3,5] Prozent."
    ),
    "fr": (
        "Les pourparlers sur le détroit de Kelder ont échoué au bout de [n|9] jours, a annoncé dimanche le ministre Aldon [p|Berg].\n\n"
        "Les émissaires ont quitté l'hôtel avant l'aube. Selon la porte-parole Ines [p|Lund], les deux parties [x|veulent|ne veulent pas] "
        "se revoir au printemps. Avant midi, [n|14] navires avaient fait demi-tour, a indiqué la capitainerie.\n\n"
        "Le Norland avait fermé le détroit en janvier après des tirs sur une vedette. La marine de Sudrie [x|était|n'était pas] "
        "impliquée, selon le conseil régional. Les assureurs ont relevé leurs primes de [n|3,5] pour cent vendredi."
    ),
    "es": (
        "Las conversaciones sobre el estrecho de Kelder fracasaron tras [n|9] días, informó el domingo el ministro Aldon [p|Berg].\n\n"
        "Los enviados abandonaron el hotel antes del amanecer. Según la portavoz Ines [p|Lund], las partes [x|volverán|no volverán] a "
        "reunirse en primavera. Antes del mediodía [n|14] barcos dieron media vuelta, indicó la autoridad portuaria.\n\n"
        "Norlandia cerró el estrecho en enero después de disparos contra una patrullera. La marina de Sudria [x|estuvo|no estuvo] "
        "implicada, según el consejo regional. Las aseguradoras subieron sus primas un [n|3,5] por ciento."
    ),
    "ru": (
        "Переговоры о проливе Келдер завершились без результата через [n|9] дней, сообщил в воскресенье министр Альдон [p|Берг].\n\n"
        "Посланники покинули гостиницу ещё до рассвета. По словам представительницы посредников Инес [p|Лунд], стороны "
        "[x|намерены|не намерены] встретиться весной. До полудня [n|14] судов повернули назад, сообщила администрация порта.\n\n"
        "Норландия закрыла пролив в январе после обстрела патрульного катера. Флот Судрии [x|был|не был] причастен, заявил "
        "региональный совет. Страховщики повысили тарифы на [n|3,5] процента."
    ),
    "el": (
        "Οι συνομιλίες για το στενό του Κέλντερ απέτυχαν ύστερα από [n|9] ημέρες, ανακοίνωσε την Κυριακή ο υπουργός Άλντον [p|Μπεργκ].\n\n"
        "Οι απεσταλμένοι έφυγαν από το ξενοδοχείο πριν από την αυγή. Σύμφωνα με την εκπρόσωπο Ίνες [p|Λουντ], οι δύο πλευρές "
        "[x|θέλουν|δεν θέλουν] να συναντηθούν ξανά την άνοιξη. Πριν από το μεσημέρι [n|14] πλοία γύρισαν πίσω, ανέφερε το λιμεναρχείο.\n\n"
        "Η Νορλανδία είχε κλείσει το στενό τον Ιανουάριο μετά από πυροβολισμούς σε περιπολικό. Το ναυτικό της Σουδρίας [x|είχε|δεν είχε] "
        "ανάμειξη, δήλωσε το περιφερειακό συμβούλιο. Οι ασφαλιστές αύξησαν τα ασφάλιστρα κατά [n|3,5] τοις εκατό."
    ),
    "ar": (
        "أعلن وزير الخارجية ألدون [p|بيرغ] يوم الأحد فشل المحادثات بشأن مضيق كلدر بعد [n|9] أيام.\n\n"
        "وغادر المبعوثون الفندق قبل الفجر. وقالت المتحدثة باسم الوسطاء إينيس [p|لوند] إن الطرفين [x|سوف يجتمعان|لن يجتمعا] مجددا في الربيع. "
        "وقالت سلطة الميناء إن [n|14] سفينة عادت أدراجها قبل الظهر.\n\n"
        "وأغلقت نورلاند المضيق في يناير بعد إطلاق النار على زورق دورية. وقال المجلس الإقليمي إن أسطول سودريا [x|كان|لم يكن] متورطا في "
        "الحادث. ورفعت شركات التأمين أقساطها بنسبة [n|٣٫٥] في المئة."
    ),
    "hi": (
        "विदेश मंत्री आल्डन [p|बर्ग] ने रविवार को कहा कि केल्डर जलडमरूमध्य पर बातचीत [n|9] दिन बाद विफल हो गई।\n\n"
        "दूत भोर से पहले होटल से चले गए। मध्यस्थों की प्रवक्ता इनेस [p|लुंड] के अनुसार दोनों पक्ष वसंत में फिर [x|मिलेंगे|नहीं मिलेंगे]। "
        "बंदरगाह प्राधिकरण ने बताया कि दोपहर से पहले [n|14] जहाज़ लौट गए।\n\n"
        "नॉरलैंड ने जनवरी में एक गश्ती नौका पर गोलीबारी के बाद जलडमरूमध्य बंद कर दिया था। क्षेत्रीय परिषद ने कहा कि सुद्रिया की नौसेना इसमें शामिल "
        "[x|थी|नहीं थी]। बीमा कंपनियों ने शुक्रवार को प्रीमियम [n|3.5] प्रतिशत बढ़ा दिया।"
    ),
    "zh": (
        "北地国外交部长阿尔东·[p|伯格]星期日说,就凯尔德海峡举行的会谈历时[n|9]天后破裂。\n\n"
        "特使们在黎明前离开了湖畔酒店。调停方发言人[p|隆德]表示,双方[x|将会|不会]在春天再次会晤。港务局说,中午前有[n|14]艘船只返航。\n\n"
        "一月份一艘巡逻艇遭到枪击后,北地国关闭了海峡。地区理事会说,南地国海军[x|参与了|没有参与]此事,并要求进行调查。保险公司星期五把保费提高了百分之[n|3.5]。"
    ),
    "ja": (
        "北国のアルドン・[p|ベルグ]外相は日曜日、ケルダー海峡をめぐる協議が[n|9]日間の末に決裂したと述べた。\n\n"
        "特使らは夜明け前に湖畔のホテルを後にした。仲介者側の[p|ルンド]報道官によると、双方は春に再び[x|会談する|会談しない]見通しだ。"
        "港湾当局によれば、正午までに船舶[n|14]隻が引き返した。\n\n"
        "北国は一月、巡視船が銃撃を受けたため海峡を封鎖した。地域評議会は、南国の海軍が関与[x|していた|していなかった]と説明した。"
        "保険会社は金曜日に保険料を[n|3.5]パーセント引き上げた。"
    ),
}  # fmt: skip


class Slot(NamedTuple):
    """A place of a text that can be changed silently."""

    kind: str
    start: int
    end: int
    other: str


def render(language: str, denied: bool = False) -> tuple[str, list[Slot]]:
    """Text of a language and its places; ``denied`` says the opposite throughout."""
    text, slots, at = "", [], 0
    source = TEXTS[language]
    for match in _SLOT.finditer(source):
        text += source[at : match.start()]
        kind, one, other = match[1], match[2], match[3] or ""
        if kind == "x" and denied:
            one, other = other, one
        slots.append(Slot(kind, len(text), len(text) + len(one), other))
        text += one
        at = match.end()
    return text + source[at:], slots


def changed(language: str, kind: str, chance: random.Random) -> tuple[str, str]:
    """A text and the same with one number, one name or one negation changed."""
    text, slots = render(language, denied=chance.random() < 0.5)
    slot = chance.choice([slot for slot in slots if slot.kind == kind])
    other = slot.other
    if kind == "n":
        other = _renumbered(text[slot.start : slot.end], chance)
    if kind == "p":
        other = chance.choice(_OTHER_NAMES.get(language, _OTHER_NAMES[""]))
    return text, text[: slot.start] + other + text[slot.end :]


def _renumbered(number: str, chance: random.Random) -> str:
    places = [place for place, sign in enumerate(number) if sign.isdigit()]
    place = chance.choice(places)
    zero = ord(number[place]) - int(number[place])
    digit = (int(number[place]) + chance.randint(1, 8)) % 10
    return number[:place] + chr(zero + digit) + number[place + 1 :]


def _rewrapped(language: str, text: str, chance: random.Random) -> str:
    if language not in _SPACELESS:
        return re.sub(r" ", lambda _: "\n" if chance.random() < 0.15 else " ", text)
    width = chance.randint(18, 40)
    return re.sub(rf"([^\n]{{{width}}}[\d.]*)(?=[^\n])", r"\1\n", text)  # no line ends inside a number


def _repunctuated(language: str, text: str, chance: random.Random) -> str:
    text = repunctuated(text, chance) or text
    if language in _SPACELESS:
        return text.replace(",", "，") if chance.random() < 0.5 else text.replace("。", "．")
    if chance.random() < 0.5:
        text = re.sub(r"(?<=[^\W\d]),(?= )", " –", text)
    return re.sub(r"\.(?=\s)", chance.choice((".", " .", ". ")), text)


HARMLESS: dict[str, Callable[[str, str, random.Random], str]] = {
    "re-wrapped": _rewrapped,
    "re-punctuated": _repunctuated,
    "re-datelined": lambda _, text, chance: redatelined(text, chance) or text,
}
SILENT = {"number": "n", "name": "p", "negation": "x"}
