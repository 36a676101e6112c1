"""What desks write around a text, agency by agency: orders to withdraw, embargoes, notes, sign-offs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pipeline.messages import Dispatch, Signal, Status
from pipeline.stages.parse.embargo import embargo_time, puts_embargo
from pipeline.stages.parse.stage import Parsed
from tests.unit.parse.test_promises import g2, newsml

Read = Callable[..., Parsed]


def first(parsed: Parsed) -> Dispatch:
    assert not parsed.dead_letters
    return parsed.dispatches[0].dispatch


def iptc(head: str, text: str, options: str = "dpa 0459", day: str = "101045 Mrz 26") -> str:
    return (
        f"\x01bdt0126 4 pl 20 {options}\r\nHafen/Norland/\r\n\x02{head} =\r\n\r\n{text}\r\n dpa abc yyzz n1 xy\r\n\x03{day}\r\n\x04"
    )


def anpa(keyword: str, headers: str, text: str = "VALDORA, Norland (AP) _ The harbor is open.") -> str:
    return (
        f"\x16\x16\x01W0417\x1fasian\r\nb a \x13\x11 {keyword} 03-10 0080\r\n\x02^{keyword}<\r\n{headers}\t{text}\r\n"
        "\x03AP-WF-03-10-26 1015GMT<\r\n\x0c\x04"
    )


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("Achtung Redaktionen: Meldung dpa 0456 zurückgezogen", "Sie ist falsch."),
        ("Achtung Redaktionen", "Die Meldung dpa 0456 ist zu streichen. Sie ist falsch."),
        ("Achtung Redaktionen", "Bitte verwenden Sie die Meldung dpa 0456 nicht. Sie ist falsch."),
        ("Advisory to editors", "Item dpa 0456 has been withdrawn. It is wrong."),
    ],
)
def test_a_withdrawal_may_name_the_item_before_it_says_what_becomes_of_it(read: Read, head: str, text: str) -> None:
    dispatch = first(read(iptc(head, text)))
    assert (dispatch.signal, dispatch.status) == (Signal.KILL, Status.CANCELED)
    assert [(link.sequence, link.key) for link in dispatch.links if link.rel.value == "withdraws"] == [("0456", "dpa 456")]


@pytest.mark.parametrize(
    "text",
    ["Airline: Boeing 737 withdrawn from service.", "Das Modell Golf 2000 wird zurückgezogen.", "Delete Windows 11, he said."],
)
def test_what_is_withdrawn_in_the_news_is_no_item_of_an_agency(read: Read, text: str) -> None:
    dispatch = first(read(iptc("Rückruf", text)))
    assert (dispatch.signal, dispatch.status) == (Signal.NEW, Status.USABLE)


def test_an_advisory_may_tell_of_a_withdrawal_rather_than_ask_for_one(read: Read) -> None:
    body = '<p>The story headlined "Port closed" has been withdrawn. There will be no substitute story.</p>'
    assert first(read(g2(content="<headline>ADVISORY-Port story withdrawn</headline>", body=body))).signal is Signal.KILL
    news = "<p>The report on the harbour was withdrawn by the ministry.</p>"
    assert first(read(g2(content="<headline>Ministry withdraws harbour report</headline>", body=news))).signal is Signal.NEW


def test_a_kill_has_the_key_of_the_story_that_it_withdraws_whatever_commas_stand_behind_the_keyword(read: Read) -> None:
    story = first(read(anpa("BC-Norland-Harbor", "")))
    kill = first(read(anpa("BC-Norland-Harbor, KILL", "^BULLETIN KILL<\r\n")))
    assert [link.key for link in kill.links] == [link.key for link in story.links] == ["norland-harbor"]
    assert (kill.signal, kill.links[0].rel.value) == (Signal.KILL, "withdraws")


def test_a_kill_without_a_credit_is_its_services(read: Read) -> None:
    telex = (
        "ZCZC NOR0418\r\nPORT CLOSED\r\n\r\nVALDORA, MAR 10 (XINHUA) -- THE PORT IS CLOSED.\r\nNNNN\r\n"
        "ZCZC NOR0419\r\nKILL KILL KILL\r\n\r\nPLEASE KILL ITEM NOR0418. THE PORT IS OPEN.\r\nNNNN\r\n"
    )
    story, kill = (each.dispatch for each in read(telex).dispatches)
    assert kill.provider == story.provider == "xinhua"
    assert [(link.rel.value, link.sequence) for link in kill.links] == [("withdraws", "0418")]


@pytest.mark.parametrize(
    ("dispatch", "until"),
    [
        (anpa("BC-Norland-Film, Adv15", "^Adv15<\r\n^For release Sunday, March 15, and thereafter<\r\n^Film wins<\r\n"), "2026-03-15T04:00Z"),
        (newsml("", body="<p>(EMBARGADA hasta las 06.00 horas del 11 de marzo)</p><p>El puerto.</p>").replace("afp.com", "efe.es"), "2026-03-11T05:00Z"),
        (newsml("", body="<p>(EMBARGO até 06h00 de 11 de março)</p><p>O porto.</p>").replace("afp.com", "lusa.pt"), "2026-03-11T06:00Z"),
        (iptc("(Achtung: Sperrfrist Dienstag, 31. März, 11.00 Uhr)\r\nHafen öffnet", "Er öffnet.", day="300915 Mrz 26"), "2026-03-31T09:00Z"),
    ],
)  # fmt: skip
def test_embargoes_in_the_words_of_more_desks_survive(read: Read, dispatch: str, until: str) -> None:
    assert first(read(dispatch)).embargoed_until == datetime.fromisoformat(until)


def test_a_release_date_above_an_anpa_text_is_a_note_and_no_headline(read: Read) -> None:
    headers = "^Adv15<\r\n^For release Sunday, March 15, and thereafter<\r\n^Norland film wins<\r\n"
    dispatch = first(read(anpa("BC-Norland-Film, Adv15", headers)))
    assert dispatch.headline == "Norland film wins"
    assert dispatch.notes == "Adv15\nFor release Sunday, March 15, and thereafter"


def test_property_that_is_seized_is_no_embargo(read: Read) -> None:
    dispatch = first(read("Vivienda embargada en Valdora\n\nVALDORA (EFE) - La vivienda fue embargada el 11 de marzo.\n"))
    assert (dispatch.embargoed_until, dispatch.status) == (None, Status.USABLE)


@pytest.mark.parametrize(
    ("note", "signal"),
    [
        ("Refiles to fix typo in headline", Signal.REPEAT), ("Corrects spelling of name in paragraph 2", Signal.CORRECTION),
        ("Updates with quotes", Signal.UPDATE), ("Updates follow", Signal.NEW), ("With pictures", Signal.NEW),
    ],
)  # fmt: skip
def test_a_note_says_first_what_the_version_does(read: Read, note: str, signal: Signal) -> None:
    assert first(read(g2(meta=f"<edNote>{note}</edNote>", content="<headline>Port</headline>"))).signal is signal


def test_a_sign_off_directly_below_the_last_sentence_leaves_the_text(read: Read) -> None:
    dispatch = first(read(iptc("Hafen geschlossen", "Musterstadt (dpa) - Der Hafen ist seit Dienstag geschlossen.")))
    assert (dispatch.text, dispatch.signoff) == ("Der Hafen ist seit Dienstag geschlossen.", "dpa abc yyzz n1 xy")


@pytest.mark.parametrize(
    ("text", "signoff"),
    [
        ("UPDATE 3-Port closed\n\nPORTMOUTH, March 10 (Reuters) - The port closed.\n\n(Reporting by Ada Example)\n", "(Reporting by Ada Example)"),
        ("Porto fechado\n\nLisboa, 10 mar 2026 (Lusa) – O porto fechou.\n\nABC // DEF\nLusa/Fim\n", "ABC // DEF Lusa/Fim"),
        ("ZCZC ELY0417\r\nPORT CLOSED\r\n\r\nPORTMOUTH, MARCH 10 (REUTERS) - THE PORT CLOSED.\r\n\r\nREUTERS ABC/DE\r\n101015 GMT MAR 26\r\nNNNN", "REUTERS ABC/DE"),
    ],
)  # fmt: skip
def test_sign_offs_of_more_agencies_leave_the_text(read: Read, text: str, signoff: str) -> None:
    dispatch = first(read(text))
    assert dispatch.signoff == signoff
    assert len(dispatch.text.split("\n\n")) == 1


def test_lines_that_are_no_headline_stay_out_of_it(read: Read) -> None:
    apa = "APA0123 5 II 0120\n\nHafen geschlossen\n\nUtl.: Sturm - Details =\n\nWien (APA) - Der Hafen ist zu.\n(Schluss) abc/def\n"
    kyodo = (
        "\x01k0045\x1f----\r\nu i \x13\x11BC-Norland-Quake 1stLd 03-10 0210\r\n\x02BC-Norland-Quake, 1st Ld\r\nURGENT\r\nQuake jolts Norland\r\n"
        "\r\n   VALDORA, March 10 Kyodo - A quake hit Norland.\r\n\x03\r\nKWN-10:15-10-03-26\r\n\x04"
    )
    assert [first(read(each)).headline for each in (apa, kyodo)] == ["Hafen geschlossen", "Quake jolts Norland"]


def test_by_lines_of_ninjs_may_be_values(read: Read) -> None:
    document = {
        "uri": "urn:x",
        "versionCreated": "2026-03-10T10:15:00Z",
        "headlines": [{"value": "Port"}],
        "bylines": [{"value": "By Ada Example"}],
    }
    assert first(read(json.dumps(document))).byline == "By Ada Example"


def test_times_are_utc_whatever_the_zone(read: Read) -> None:
    naive = g2(meta="<embargoed>2026-03-29T03:30:00</embargoed>").replace("reuters.com", "apa.at")
    assert first(read(naive)).embargoed_until == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("note", "until"),
    [
        ("EMBARGO fino alle 12 dell'11 marzo", "2026-03-11T12:00Z"),
        ("EMBARGOED TO 0600 FRIDAY MARCH 13", "2026-03-13T06:00Z"),
        ("ЭМБАРГО до 12:00 15 марта", "2026-03-15T12:00Z"),
        ("EMBARGO do 12 marca, godz. 6.00", "2026-03-12T06:00Z"),
        ("حظر النشر حتى 11 مارس", "2026-03-11T00:00Z"),
        ("EMBARGOED UNTIL 06:00 THURSDAY", "2026-03-12T06:00Z"),
        ("Embargo until Wednesday 0600", "2026-03-11T06:00Z"),
        ("Sperrfrist Sonntag 18.00 Uhr", "2026-03-15T18:00Z"),
        ("EMBARGO jusqu'à vendredi 6h00", "2026-03-13T06:00Z"),
        ("EMBARGOED UNTIL 0600 EST", "2026-03-10T11:00Z"),
    ],
)
def test_an_embargo_lifts_no_earlier_than_its_note_says(note: str, until: str) -> None:
    """Months, days of the week and bare hours are read in every desk's words: what is passed over would lift it too soon."""
    assert puts_embargo(note)
    published = datetime(2026, 3, 10, 10, 15, tzinfo=UTC)
    assert embargo_time(note, published, UTC) == datetime.fromisoformat(until)


def test_a_clock_time_is_the_next_one_in_the_zone_that_is_named() -> None:
    published = datetime(2026, 3, 10, 10, 15, tzinfo=UTC)  # 05:15 in New York, where 06:00 is still to come
    until = embargo_time("EMBARGOED UNTIL 0600 GMT", published, ZoneInfo("America/New_York"))
    assert until == datetime(2026, 3, 11, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("naive", "until"), [("2026-10-25T02:30:00", "2026-10-25T01:30Z"), ("2026-03-29T02:30:00", "2026-03-29T01:30Z")]
)
def test_an_embargo_within_the_hour_of_a_change_of_clocks_lifts_at_the_later_of_both(read: Read, naive: str, until: str) -> None:
    dispatch = first(read(g2(meta=f"<embargoed>{naive}</embargoed>").replace("reuters.com", "apa.at")))
    assert dispatch.embargoed_until == datetime.fromisoformat(until)
