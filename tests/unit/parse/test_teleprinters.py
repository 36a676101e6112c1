"""Teleprinter copy as desks vary it: tag lines, by-lines, sign-offs and charsets; each sample is made up in the layout of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pipeline.messages import Signal, Status
from pipeline.stages.parse.charset import charset_of
from pipeline.stages.parse.draft import Draft
from pipeline.stages.parse.encoding import decode
from pipeline.stages.parse.formats.dtg import date_time_group
from pipeline.stages.parse.profile import Profile, Profiles
from pipeline.stages.parse.signoff import split_signoff
from pipeline.stages.parse.stage import Parsed
from pipeline.stages.parse.words import marks, slug_marks
from tests.unit.parse.test_desks import anpa, first

Read = Callable[..., Parsed]


def iptc(head: str, text: str, *, first_line: str = "bdt0126 4 pl 20 dpa 0459", time: str = "101045 Mrz 26") -> str:
    body = f"{head}\n\n{text}\n".replace("\n", "\r\n")
    return f"\x01{first_line}\r\n\r\nHafen/\r\n\x02{body}\x03{time}\r\n\x04"


def telex(*lines: str) -> str:
    return "\r\n".join(["ZCZC", *lines, "NNNN", ""])


@pytest.mark.parametrize(
    ("line", "office"),
    [
        ("Por ADA EJEMPLO=", "Associated Press="),
        ("By ADA EXAMPLE<", "Associated Press Writer<"),
        ("By ADA EXAMPLE and BO SAMPLE<", "Associated Press Writers<"),
    ],
)
def test_a_by_line_may_end_as_other_header_lines_do_or_be_in_another_language(read: Read, line: str, office: str) -> None:
    dispatch = first(read(anpa("BC-Norland-Harbor", f"^Harbor closes<\r\n^{line}\r\n^{office}\r\n")))
    assert (dispatch.headline, dispatch.byline, dispatch.text) == ("Harbor closes", line.rstrip("=<"), "The harbor is open.")


def test_a_headline_that_begins_as_a_by_line_does_stays_one(read: Read) -> None:
    assert first(read(anpa("BC-Norland-Harbor", "^By noon, harbor was full<\r\n"))).headline == "By noon, harbor was full"


def test_the_line_that_closes_an_advance_leaves_the_text(read: Read) -> None:
    text = "VALDORA, Norland (AP) _ The harbor is open.\r\n^End Adv for Sunday, March 15<"
    assert first(read(anpa("BC-Norland-Harbor", "", text))).text == "The harbor is open."


def test_a_spanish_tag_line_is_no_headline(read: Read) -> None:
    dispatch = first(read(anpa("AMN-GEN NORLAND-PUERTO", "^URGENTE<\r\n^Cierran el puerto<\r\n")))
    assert (dispatch.headline, dispatch.notes) == ("Cierran el puerto", "URGENTE")


def test_a_trailer_may_lack_the_wire_and_name_a_western_zone(read: Read) -> None:
    message = anpa("BC-Norland-Harbor", "", "VALDORA _ The harbor is open.").replace(
        "AP-WF-03-10-26 1015GMT", "CP-03-10-26 1015MDT"
    )
    dispatch = first(read(message))
    assert (dispatch.provider, dispatch.published_at) == ("cp", datetime(2026, 3, 10, 16, 15, tzinfo=UTC))
    assert (dispatch.dateline, dispatch.text) == ("VALDORA", "The harbor is open.")


@pytest.mark.parametrize("remark", ["Sperrfrist: 1800", "REFILE - corrects day in para 1"])
def test_a_remark_that_ends_as_a_headline_does_is_none(read: Read, remark: str) -> None:
    dispatch = first(read(iptc(f"{remark} =\nHafen schließt =", "Valdora (dpa) - Der Hafen ist zu.")))
    assert (dispatch.headline, dispatch.text) == ("Hafen schließt", "Der Hafen ist zu.")
    assert remark in (dispatch.notes or "")


def test_a_remark_alone_is_the_headline(read: Read) -> None:
    assert first(read(iptc("Berichtigung Hafen =", "Valdora (dpa) - Der Hafen ist zu."))).headline == "Berichtigung Hafen"


def test_the_number_behind_a_slash_names_the_agency(read: Read) -> None:
    message = iptc("FLASH - Le port ferme", "Il ferme.", first_line="FRS0346 1 I 0012 NOR /AFP-XK13", time="101045 GMT MAR 26")
    assert first(read(message)).provider == "afp"


@pytest.mark.parametrize(
    ("dateline", "signed", "first_line"),
    [
        ("Berne (ats)", "(SDA-ATS\\ab/cd)", "bsf112 4 wi 88 etf 801"),
        ("VALDORA 10/03 (BELGA)", "(ABC/DEF)", "BFR012 3 POL 80"),
        ("Bern (sda)", "(SDA/ab/cd)", "bsd044 3 po 90 sda 044"),
    ],
)
def test_initials_in_parentheses_leave_the_text(read: Read, dateline: str, signed: str, first_line: str) -> None:
    dispatch = first(read(iptc("Port closed =", f"   {dateline} - It is closed.\n\n{signed}", first_line=first_line)))
    assert (dispatch.text, (dispatch.signoff or "").strip("()")) == ("It is closed.", signed.strip("()"))


def test_initials_above_the_agencys_name_are_the_sign_off_with_it(read: Read) -> None:
    text = "Valdora, 10 mar 2026 (Lusa) – O porto fechou.\n\nABC // DEF\nLusa/Fim"
    dispatch = first(read(iptc("Porto fechado", text, first_line="LUS0099 4 SOC 70")))
    assert (dispatch.text, dispatch.signoff) == ("O porto fechou.", "ABC // DEF Lusa/Fim")


def test_a_sign_off_behind_the_last_sentence_leaves_the_text(read: Read) -> None:
    text = "   Valdora (APA) - Der Hafen ist geschlossen. (Schluss) \nabc/de\n\nAPA0123    2026-03-10/10:15"
    dispatch = first(read(iptc("Hafen geschlossen =", text, first_line="APA0123 5 CI 0210")))
    assert (dispatch.text, dispatch.signoff) == ("Der Hafen ist geschlossen.", "(Schluss) abc/de")


def test_a_profiles_sign_off_is_found_behind_a_sentence_whatever_its_expression_holds() -> None:
    own = Profile(name="xyz", title="Xyz", names=["XYZ"], zone="UTC", signoff=r"(?i)([a-z])\1\1/xyz")
    draft = Draft("plain_text", b"")
    assert split_signoff(draft, ["It is closed. AAA/XYZ"], own, Profiles([own])) == ["It is closed."]
    assert draft.signoff == "AAA/XYZ"


def test_what_a_distributor_prints_below_a_release_leaves_the_text(read: Read) -> None:
    text = (
        "   Valdora (OTS) - Der Hafen ist geschlossen.\n\n   *** OTS-ORIGINALTEXT PRESSEAUSSENDUNG UNTER AUSSCHLIESSLICHER\n"
        "               INHALTLICHER VERANTWORTUNG DES AUSSENDERS ***\n\nOTS0123    2026-03-10/10:15"
    )
    dispatch = first(read(iptc("Hafen geschlossen =", text, first_line="OTS0123 5 CI 0210")))
    assert dispatch.text == "Der Hafen ist geschlossen."


def test_the_agency_and_initials_directly_behind_a_telex_leave_the_text(read: Read) -> None:
    message = telex(
        "AGI0099 3 POL 0 R01 /",
        "",
        "Porto: chiuso =",
        "(AGI) - Valdora, 10 mar. - Il porto e' chiuso.",
        "(AGI)Abc/Def",
        "101745 MAR 26",
    )
    dispatch = first(read(message))
    assert (dispatch.text, dispatch.signoff) == ("Il porto e' chiuso.", "(AGI)Abc/Def")


def test_a_word_of_urgency_and_a_slugline_above_a_telex_headline_are_none_of_it(read: Read) -> None:
    dispatch = first(read(telex("URGENT", "QUAKE-VALDORA", "QUAKE SHAKES VALDORA", "", "VALDORA, MARCH 10. /TASS/. NOTHING FELL.")))
    assert (dispatch.urgency, dispatch.slugline, dispatch.headline) == (3, "QUAKE-VALDORA", "QUAKE SHAKES VALDORA")


@pytest.mark.parametrize("header", ["PAP-0211 2 KRA 96", "KNA 0211 2 KRA 96"])
def test_service_and_number_of_a_telex_header_may_stand_apart(read: Read, header: str) -> None:
    dispatch = first(read(telex(header, "", "PORT CLOSED", "", "Valdora (KNA) - It is closed.")))
    assert (dispatch.sequence, dispatch.urgency, dispatch.headline) == ("0211", 2, "PORT CLOSED")


def test_an_italian_order_to_annul_kills(read: Read) -> None:
    head = first(
        read(telex("ASC0120 1 POL 0 R01 /", "", "ANNULLARE ANNULLARE - Porto chiuso", "", "Valdora, 10 mar. (askanews) - No."))
    )
    assert (head.signal, head.status) == (Signal.KILL, Status.CANCELED)
    order = first(read(telex("ASC0121 1 POL 0 R01 /", "", "Avviso", "", 'Si prega di annullare la notizia "Porto chiuso".')))
    assert order.signal is Signal.KILL


def test_greek_and_czech_desks_mark_corrections() -> None:
    assert [marks(line) for line in ("ΔΙΟΡΘΩΣΗ: Το λιμάνι", "Διόρθωση: Το λιμάνι", "OPRAVA: Přístav")] == [(Signal.CORRECTION,)] * 3


def test_polish_of_one_charset_is_not_taken_for_that_of_the_other() -> None:
    text = "Zamknięto most na Wiśle, są pęknięcia. Policja zamknęła go, objazdy wyznaczono."
    assert [decode(text.encode(charset)) for charset in ("iso8859_2", "cp1250")] == [text, text]


def test_the_code_page_of_dos_is_told_by_its_letters() -> None:
    text = "Böen über der Küste, Straßen glätter als am Abend für Fußgänger"
    assert decode(text.encode("cp850")) == text
    windows = "„Böen über der Küste“, Straßen glätter – der Wind’s Geschichte".encode("cp1252")
    assert charset_of(windows) is None


def test_what_ap_says_of_a_first_version_is_a_note(read: Read) -> None:
    dispatch = first(read(anpa("BC-Norland-Bear", "^APNewsNow. Will be led.<\r\n^Bear breaks into bakery<\r\n")))
    assert (dispatch.headline, dispatch.notes) == ("Bear breaks into bakery", "APNewsNow. Will be led.")


def test_a_word_of_urgency_alone_on_its_line_is_no_headline(read: Read) -> None:
    dispatch = first(
        read(iptc("Blitz\n(Blitz \x07\x07\x07)\nHafen geschlossen =", "dpa abc yydd n1 xy", first_line="bdt0222 1 pl 20 dpa 0222"))
    )
    assert dispatch.headline == "Hafen geschlossen"


def test_what_is_said_to_editors_above_the_text_is_a_note(read: Read) -> None:
    dispatch = first(
        read(iptc("Harbour closed =\nEds: Adds quote", "   Valdora (dpa) - It is closed.\n\n   More follows at noon."))
    )
    assert dispatch.text == "It is closed.\n\nMore follows at noon."
    assert "Eds: Adds quote" in (dispatch.notes or "")


@pytest.mark.parametrize(
    ("first_line", "head", "text"),
    [
        ("APA0310 2 AA 40", "APA-Meldung 0298 ist gegenstandslos =", "   Wien (APA) - Sie ist falsch."),
        ("APA0310 2 AA 40", "Achtung =", '   Wien (APA) - Bitte die APA0298 "Hafen" NICHT VERWENDEN.'),
        ("ANP0301 2 BIN 20", "Attentie =", "DEN HAAG (ANP) - Gelieve het bericht 'Haven' van 14.02 uur niet te gebruiken."),
    ],
)
def test_orders_to_withdraw_are_read_as_desks_word_them(read: Read, first_line: str, head: str, text: str) -> None:
    dispatch = first(read(iptc(head, text, first_line=first_line)))
    assert (dispatch.signal, dispatch.status) == (Signal.KILL, Status.CANCELED)


def test_initials_of_one_editor_set_apart_below_a_telex_leave_the_text(read: Read) -> None:
    message = telex("PORTO: CHIUSO", "(ANSA) - VALDORA, 10 MAR - Il porto e' chiuso. (ANSA).", "", "     XYZ", "10-MAR-26 12:34")
    assert first(read(message)).text == "Il porto e' chiuso."


def test_the_time_below_a_telex_may_be_written_with_points(read: Read) -> None:
    message = telex("Порт закрыт", "", "ВАЛЬДОРА, 10 марта. /ТАСС/. Порт закрыт.", "", "10.03.2026 12:10 МСК")
    dispatch = first(read(message.encode("cp1251")))
    assert (dispatch.text, dispatch.published_at) == ("Порт закрыт.", datetime(2026, 3, 10, 9, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("cp1250", "Vláda schválila rozpočet na příští rok, v září 40 miliard"),
        ("iso8859_2", "Sněmovna schválila rozpočet příští rok"),
        ("cp1250", "Ľudia čakali v utorok na vládu, späť šli"),
        ("cp1252", "Il perché della città è più là, però Orbán e Škoda e Sánchez"),
        ("cp1252", "Le port a été fermé à Sète, où Müller et São Paulo et Škoda"),
        ("cp1252", "El señor Müller dijo que habrá más. La canción de Camões y Škoda"),
    ],
)
def test_short_copy_of_eastern_languages_is_told_from_western_with_foreign_names(charset: str, text: str) -> None:
    assert decode(text.encode(charset)) == text


@pytest.mark.parametrize(
    ("time", "month"),
    [
        ("111740 des 26", 12),
        ("110710 tammi 26", 1),
        ("180920 янв 26", 1),
        ("181412 GMT Out 26", 10),
        ("180920 мая 26", 5),
        ("181200 Ιαν 26", 1),
    ],
)
def test_short_months_of_northern_russian_portuguese_and_greek_teleprinters_are_read(time: str, month: int) -> None:
    found = date_time_group(time)
    assert found is not None
    assert (found.year, found.month) == (2026, month)


def test_a_sign_before_an_italian_headline_is_none_of_it(read: Read) -> None:
    head = "ZCZC AGI0120 3 EST 0 R01 /\n\n= Norland: affonda traghetto =\n(AGI) - Valdora, 10 mar. - Affonda un traghetto. (AGI)\nXyz/Abc\n"
    dispatch = first(read(f"{head}101532 MAR 26\n\nNNNN\n"))
    assert (dispatch.headline, dispatch.text) == ("Norland: affonda traghetto", "Affonda un traghetto.")


def test_initials_of_one_editor_below_a_blank_line_leave_a_telex(read: Read) -> None:
    message = telex(
        "ASC0077 1 EST 0 R01 /",
        "",
        "Affonda traghetto",
        "",
        "Valdora, 10 mar. (askanews) - Affonda.",
        "",
        "MAZ",
        "",
        "101530 MAR 26",
    )
    assert first(read(message)).text == "Affonda."


def test_a_correction_may_stand_behind_a_hyphen_at_the_end_of_a_slugline() -> None:
    assert slug_marks("Norland-justice-RECTIFICATIF") == (Signal.CORRECTION,)
    assert slug_marks("FILM-TEST-CORRECTION-KILL") == slug_marks("Norland-justice") == ()


def test_an_agency_that_says_it_withdraws_a_story_kills_it(read: Read) -> None:
    text = "AP is withdrawing BC-Norland-Harbor, sent at 1010 GMT. The story was based on a hoax."
    dispatch = first(read(anpa("BC-Norland-Harbor, Advisory", "^EDITORS:<\r\n", text)))
    assert (dispatch.signal, dispatch.status) == (Signal.KILL, Status.CANCELED)
    news = anpa("BC-Norland-Army, Advisory", "^EDITORS:<\r\n", "Coverage plans: the army is withdrawing from Valdora.")
    assert first(read(news)).status is Status.USABLE


def test_who_interviewed_is_the_by_line(read: Read) -> None:
    dispatch = first(read(iptc("Admiral: «Neue Schiffe»\nInterview: Ada Beispiel, dpa =", "Valdora (dpa) - Der Admiral spricht.")))
    assert (dispatch.headline, dispatch.byline) == ("Admiral: «Neue Schiffe»", "Interview: Ada Beispiel, dpa")


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("KIEL (dpa-AFX) - Die Aktie fiel./ab/cde/fg", "ab/cde/fg"),
        ("KIEL (dpa-AFX) - Die Aktie fiel./he", "he"),
        ("Linz (APA) - Die Aktie fiel.\n\n(Forts. mögl.) abc/def", "(Forts. mögl.) abc/def"),
        ("Linz (EFE).- Die Aktie fiel.\nEFE\nab/cd\n(foto) (vídeo)", "EFE"),
    ],
)
def test_marks_at_the_end_leave_the_text(read: Read, text: str, signed: str) -> None:
    dispatch = first(read(iptc("Aktie fällt =", text, first_line="afx0100 4 wi 90")))
    assert dispatch.text == "Die Aktie fiel."
    assert signed in (dispatch.signoff or "")
