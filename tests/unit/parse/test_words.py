"""Kill, hold, correction, repeat and update words, in every listed language, and the prose that must not set them off."""

from __future__ import annotations

import pytest

from pipeline.messages import Signal
from pipeline.stages.parse.words import asks_to_hold, asks_to_kill, marks, slug_marks, urgency, withdrawals

KILL, HOLD, COR, RPT, UPD, ADV = Signal.KILL, Signal.HOLD, Signal.CORRECTION, Signal.REPEAT, Signal.UPDATE, Signal.ADVISORY


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("KILL KILL KILL", {KILL}),
        ("kill kill kill", set()),
        ("HOLD HOLD HOLD", {HOLD}),
        ("Attention: HOLD-HOLD-HOLD", {HOLD}),
        ("حظر حظر حظر", {KILL}),
        ("ELIMINAR", {KILL}),
        ("ELIMINAR - Los bancos suben", {KILL}),
        ("АННУЛИРОВАНИЕ", {KILL}),
        ("АННУЛИРОВАНИЕ: сообщение о встрече", {KILL}),
        ("STORY WITHDRAWN", {KILL}),
        ("STORY WITHDRAWN Oil prices fall", {KILL}),
        ("BC-Oil (KILL)", {KILL}),
        ("MANDATORY KILL: Harbour story", {KILL}),
        ("KILL - Harbour closes", {KILL}),
        ("STORNO: Hafen gesperrt", {KILL}),
        ("ANNULATION - Le port est fermé", {KILL}),
        ("HOLD: Harbour closes", {HOLD}),
        ("CORRECTED-Oil falls", {COR}),
        ("CORRECTED-UPDATE 2-Oil falls", {COR, UPD}),
        ("CORRECTION ET MISE À JOUR - Le port", {COR, UPD}),
        ("Correction: Harbour-Storm story", {COR}),
        ("Berichtigung: Hafen", {COR}),
        ("Korekta: Port zamknięty", {COR}),
        ("Коррекция: порт закрыт", {COR}),
        ("تصحيح: إغلاق الميناء", {COR}),
        ("VERSIÓN CORREGIDA El puerto cierra", {COR}),
        ("Oil falls (corrects day in paragraph 3)", {COR}),
        ("Oil falls - CORRECTED", {COR}),
        ("Oil falls (CORRECTED)", {COR}),
        ("【訂正】港を閉鎖", {COR}),
        ("REFILE-Oil falls", {RPT}),
        ("RPT-UPDATE 1-Oil falls", {RPT, UPD}),
        ("Wiederholung: Hafen gesperrt", {RPT}),
        ("URGENT - CORRECTED-Oil falls", {COR}),
        ("UPDATE 3-Oil falls", {UPD}),
        ("WRAPUP 2-Oil falls", {UPD}),
        ("1ST LEAD Oil falls", {UPD}),
        ("2. Zusammenfassung - Hafen gesperrt", {UPD}),
        ("ADVISORY: no more copy today", {ADV}),
    ],
)
def test_marks_count_where_desks_put_them(line: str, expected: set[Signal]) -> None:
    assert set(marks(line)) == expected


@pytest.mark.parametrize(
    "line",
    [
        "Kill switch found in solar inverters",
        "KILL BILL RETURNS TO CINEMAS",
        "KILL Bill returns to cinemas",
        "Kill: the play that shocked Paris",
        "Hold on: what the ruling means",
        "HOLD YOUR HORSES, SAYS MINISTER",
        "Withdrawal: the last soldiers leave",
        "Cancelada, la gira de la banda",
        "Annulé: le concert n'aura pas lieu",
        "حظر التجول في العاصمة",
        "حظر 5 شركات",
        "إلغاء 10 رحلات جوية",
        "إعادة 20 لاجئا",
        "تحديث نظام السكك الحديدية",
        "取消10个航班",
        "Correction in stock markets deepens",
        "Corrections officer charged",
        "Repeat offender jailed",
        "Repeat-offender law passes",
        "Updated vaccine approved",
        "Update your phone, police say",
        "Actualizan cifras de muertos",
        "Budget 2026: what it means",
        "Lead 50 times over limit in water",
        "Leading figures meet",
        "Cor de Groot wins",
        "CORONER RULES ON DEATH",
        "Extra police sent to border",
        "EU leaders (hold) talks",
        "Snap election called",
        "",
        None,
    ],
)
def test_ordinary_prose_is_no_mark(line: str | None) -> None:
    assert marks(line) == ()


@pytest.mark.parametrize(
    ("slugline", "expected"),
    [
        ("BC-US--Fire, 1st Ld-Writethru", {UPD}),
        ("GLOBAL-OIL/ (UPDATE 1)", {UPD}),
        ("BC-US--Fire, Correction", {COR}),
        ("BC-US--Fire, Elimination", {KILL}),
        ("US-POLICE-KILL", set()),
        ("MIGRANTS-HOLD", set()),
    ],
)
def test_sluglines_carry_marks_at_their_end_too(slugline: str, expected: set[Signal]) -> None:
    assert set(slug_marks(slugline)) == expected


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("FLASH - Harbour closed", 1),
        ("МОЛНИЯ. Порт закрыт", 1),
        ("EIL: Hafen gesperrt", 2),
        ("URGENT: Port fermé", 3),
        ("PILNE: port zamknięty", 3),
        ("D'URGENCE - Le port est fermé", 3),
        ("عاجل: إغلاق الميناء", 3),
        ("Urgent appeal for blood donors", None),
        ("Flash floods hit town", None),
        ("Alert after leak", None),
    ],
)
def test_words_of_urgency_give_a_level_only_as_marks(line: str, level: int | None) -> None:
    assert urgency(line) == level


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Please kill item dpa 157, sent at 1200.", "157"),
        ("PLEASE WITHDRAW STORY NUMBER 0412", "0412"),
        ("Bitte streichen Sie die Meldung dpa 0221 von 12.00 Uhr.", "0221"),
        ("Prière d'annuler la dépêche 123", "123"),
        ("Por favor, eliminar el despacho 456", "456"),
    ],
)
def test_an_advisory_names_the_item_that_it_kills(text: str, number: str) -> None:
    assert [link.sequence for link in withdrawals(text)] == [number]


def test_please_hold_asks_for_no_kill() -> None:
    assert asks_to_hold("Please hold item dpa 157") and not asks_to_hold("Please kill item dpa 157")


@pytest.mark.parametrize(
    "order",
    [
        "Editors: please kill the story slugged NORLAND-TALKS sent at 1205 GMT.",
        "Please withdraw our item headlined “Talks fail”.",
        "Prière d'annuler notre dépêche intitulée « Échec des négociations » diffusée à 12h05.",
        "Bitte löschen Sie die Meldung mit der Überschrift „Gespräche gescheitert“.",
        "Por favor, anulen la nota titulada Fracasan las conversaciones.",
    ],
)
def test_orders_name_a_story_by_headline_or_slug(order: str) -> None:
    """An order to kill needs no number."""
    assert asks_to_kill(order) and not asks_to_hold(order)


def test_hold_by_slug() -> None:
    """An order to hold by slug is no kill."""
    assert asks_to_hold("Please hold the story slugged NORLAND-TALKS.")


@pytest.mark.parametrize("prose", ["Please kill the story, he begged the editor.", "Opposition asks leader to please withdraw"])
def test_prose_is_no_order(prose: str) -> None:
    """Who asks for something in a report asks nothing of editors."""
    assert not asks_to_kill(prose)


@pytest.mark.parametrize(
    "line", ["Mandatory kill", "Story withdrawn: Talks fail", "Zurückgezogen: Hafen offen", "Bitte nicht verwenden: Hafen"]
)
def test_headings_in_small_letters(line: str) -> None:
    """Desks that write small letters put these before a colon or alone."""
    assert marks(line) == (Signal.KILL,)


@pytest.mark.parametrize("line", ["Story withdrawn after protest", "Mandatory kill switch proposed", "Zurückgezogene Klage"])
def test_headlines_that_begin_alike(line: str) -> None:
    """The same words in a headline kill nothing."""
    assert marks(line) == ()
