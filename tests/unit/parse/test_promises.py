"""The promises about dispatches that parse has to keep, one test each; their numbers are those of the domain rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pipeline.messages import Dispatch, RawItem, Signal, Status
from pipeline.stages.parse.stage import Parsed, ParseStage
from tests.unit.parse import samples, text_samples
from tests.unit.parse.conftest import RECEIVED

Read = Callable[..., Parsed]


def first(parsed: Parsed) -> Dispatch:
    return parsed.dispatches[0].dispatch


def g2(meta: str = "", content: str = "", body: str = "", guid: str = "tag:reuters.com,2026:newsml_L1", version: str = "3") -> str:
    return f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}" version="{version}"><itemMeta>
    <itemClass qcode="icls:text"/><provider literal="reuters.com"/><versionCreated>2026-03-01T12:00:00Z</versionCreated>{meta}</itemMeta>
    <contentMeta>{content}</contentMeta><contentSet><inlineXML><html><body>{body}</body></html></inlineXML></contentSet></newsItem>"""


def newsml(management: str, lines: str = "<HeadLine>Port</HeadLine>", body: str = "<p>Text.</p>") -> str:
    return f"""<NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>afp.com</ProviderId><DateId>20260301</DateId>
    <NewsItemId>TX1</NewsItemId><RevisionId PreviousRevision="0" Update="N">1</RevisionId></NewsIdentifier></Identification>
    <NewsManagement><ThisRevisionCreated>20260301T120000Z</ThisRevisionCreated>{management}</NewsManagement><NewsComponent>
    <NewsLines>{lines}</NewsLines><ContentItem><MediaType FormalName="Text"/><DataContent>{body}</DataContent></ContentItem>
    </NewsComponent></NewsItem></NewsML>"""


@pytest.mark.parametrize(
    "kill",
    [
        g2(meta='<pubStatus qcode="stat:canceled"/>'),
        g2(meta='<pubStatus qcode="stat:usable"/><signal qcode="edStat:D"/>'),
        g2(content="<headline>KILL KILL KILL</headline>"),
        g2(content="<headline>STORY WITHDRAWN</headline>"),
        newsml('<Status FormalName="Canceled"/>', lines="", body=""),
        newsml('<Status FormalName="Usable"/>', lines="<HeadLine>ANNULATION - Le port est fermé</HeadLine>"),
        '<nitf><head><docdata management-status="canceled"><doc-id id-string="X1"/></docdata></head><body/></nitf>',
        json.dumps({"uri": "urn:x", "pubstatus": "canceled", "version": "2"}),
        json.dumps({"uri": "urn:x", "versionCreated": "2026-03-01T12:00:00Z", "pubStatus": "canceled", "headlines": []}),
        json.dumps({"altids": {"itemid": "i", "etag": "i_2"}, "type": "text", "pubstatus": "canceled"}),
        json.dumps({"urn": "u", "article_html": None, "pubstatus": "canceled"}),
        "KILL KILL KILL\n\nPORTMOUTH (AFP) - Please do not use the story on the harbour.\n",
        "حظر حظر حظر\n\nنص الخبر عن الميناء.\n",
    ],
)
def test_1_a_kill_arrives_even_without_a_body_or_a_headline(read: Read, kill: str) -> None:
    dispatch = first(read(kill))
    assert (dispatch.status, dispatch.signal) == (Status.CANCELED, Signal.KILL)


@pytest.mark.parametrize(
    "hold",
    [
        g2(meta='<pubStatus qcode="stat:withheld"/>'),
        newsml('<Status FormalName="Withheld"/>'),
        json.dumps({"uri": "urn:x", "pubstatus": "withheld", "headline": "Port"}),
        "HOLD HOLD HOLD\n\nPlease hold the story on the harbour.\n",
    ],
)
def test_1_a_hold_arrives_as_one(read: Read, hold: str) -> None:
    dispatch = first(read(hold))
    assert (dispatch.status, dispatch.signal) == (Status.WITHHELD, Signal.HOLD)


def test_1_a_kill_advisory_names_the_item_that_it_kills(read: Read) -> None:
    text = "Advisory to editors\n\nMUSTERHAFEN (dpa) - Please kill item dpa 157. The harbour is open.\n"
    dispatch = first(read(text))
    assert dispatch.signal is Signal.KILL
    assert [(link.rel.value, link.sequence) for link in dispatch.links] == [("withdraws", "157")]


def test_2_the_item_id_stays_and_the_revision_changes(read: Read) -> None:
    one, two = first(read(g2(version="3"))), first(read(g2(version="4")))
    assert one.item_id == two.item_id
    assert (one.revision, two.revision) == ("3", "4")
    assert one.id != two.id


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (g2(version="3"), g2(version="4").replace("12:00:00Z", "12:10:00Z")),
        (newsml(""), newsml("").replace('Update="N">1<', 'Update="U">2<').replace("T120000Z", "T121000Z")),
        *(
            (json.dumps({"uri": "urn:x", "headline": "Port", "version": "1", created: "2026-03-01T12:00:00Z"}),
             json.dumps({"uri": "urn:x", "headline": "Port", "version": "2", created: "2026-03-01T12:10:00Z"}))
            for created in ("versioncreated", "versionCreated")
        ),
        (json.dumps({"altids": {"itemid": "i", "etag": "i_1"}, "headline": "Port", "versioncreated": "2026-03-01T12:00:00Z"}),
         json.dumps({"altids": {"itemid": "i", "etag": "i_2"}, "headline": "Port", "versioncreated": "2026-03-01T12:10:00Z"})),
    ],
)  # fmt: skip
def test_3_a_revision_says_its_place_whenever_it_arrives(stage: ParseStage, older: str, newer: str) -> None:
    late = datetime(2026, 3, 9, tzinfo=UTC)  # what arrived when must not matter
    old, new = (
        first(stage.parse(RawItem(payload=each.encode(), feed="f", name="n", position="p", received_at=at)))
        for each, at in ((older, late), (newer, RECEIVED))
    )
    assert old.item_id == new.item_id and old.revision != new.revision
    assert old.published_at is not None and new.published_at is not None and old.published_at < new.published_at


def test_4_the_same_record_has_the_same_receipt_and_the_same_bytes_the_same_id(read: Read) -> None:
    one, again = read(samples.NEWSML_1), read(samples.NEWSML_1)
    assert [each.receipt for each in one.dispatches] == [each.receipt for each in again.dispatches]
    assert [each.dispatch.id for each in one.dispatches] == [each.dispatch.id for each in again.dispatches]
    assert len({each.receipt for each in one.dispatches}) == len(one.dispatches) == 2


def nitf(docdata: str, status: str = "") -> str:
    return f"""<nitf><head><docdata management-status="{status}">{docdata}</docdata></head><body><body.content><p>Text.</p></body.content>
    </body></nitf>"""


CHANGE = "<StatusWillChange><FutureStatus FormalName='Usable'/><DateAndTime>20260302T050000Z</DateAndTime></StatusWillChange>"
NOTE = "Embargo jusqu'au 2 mars 2026 à 05h00 GMT"
ADVISORY = f"<NewsLine><NewsLineType FormalName='AdvisoryLine'/><NewsLineText>{NOTE}</NewsLineText></NewsLine>"
UNTIL = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "embargoed",
    [
        g2(meta="<embargoed>2026-03-02T05:00:00Z</embargoed>"),
        g2(meta="<edNote>EMBARGOED until 0500 GMT March 2, 2026</edNote>"),
        g2(meta="<edNote>Bitte beachten: Sperrfrist 2. März 2026, 05.00 Uhr GMT</edNote>"),
        newsml(f'<Status FormalName="Embargoed"/>{CHANGE}'),
        newsml('<Status FormalName="Usable"/>', lines=f"<HeadLine>Port</HeadLine>{ADVISORY}"),
        nitf('<date.issue norm="20260301T120000Z"/><date.release norm="20260302T060000+0100"/>', status="embargoed"),
        nitf('<date.issue norm="20260301T120000Z"/><ed-msg info="NOT FOR RELEASE BEFORE 0500 GMT, MARCH 2, 2026"/>'),
        json.dumps({"uri": "u", "headline": "h", "embargoed": "2026-03-02T05:00:00+00:00"}),
        json.dumps({"uri": "u", "headlines": [{"value": "h"}], "pubStatus": "usable", "embargoedUntil": "2026-03-02T05:00:00Z"}),
        json.dumps({"altids": {"itemid": "i"}, "headline": "h", "embargoed": "2026-03-02T05:00:00Z"}),
        "EMBARGOED UNTIL 0500 GMT, MARCH 2, 2026\n\nHarbour closes\n\nPORTMOUTH (AFP) - The harbour closed.\n",
    ],
)
def test_5_an_embargo_survives_wherever_it_stands(read: Read, embargoed: str) -> None:
    assert first(read(embargoed)).embargoed_until == UNTIL


def test_5_an_embargo_without_a_time_is_withheld_rather_than_forgotten(read: Read) -> None:
    assert first(read(newsml('<Status FormalName="Embargoed"/>'))).status is Status.WITHHELD


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59-05:00"])
def test_a_date_that_stands_for_none_neither_loses_the_dispatch_nor_ages_it(read: Read, written: str) -> None:
    """Systems write their first or last moment where they know no time: no reason to page nobody, or to take all else for older."""
    dispatch = first(read(json.dumps({"uri": "urn:x", "headline": "Port", "versioncreated": written, "body_text": "Port closed."})))
    assert dispatch.published_at is None


def test_5_an_embargo_until_the_last_moment_of_the_calendar_is_one(read: Read) -> None:
    embargoed = {"uri": "urn:x", "headline": "Port", "embargoed": "9999-12-31T23:59:59-05:00", "body_text": "Port closed."}
    until = first(read(json.dumps(embargoed))).embargoed_until
    assert until is not None
    assert until.year == 9999


@pytest.mark.parametrize(
    "news",
    [
        "Embargo on Valdoran oil lifted on 3 March",
        "Minister says arms embargo until 2030 is possible",
        "EU keeps arms embargo until 5 March",
        "EU tightens oil embargo from 5 March",
        "Sin embargo, el puerto abre el 5 de marzo",
    ],
)
def test_5_news_about_an_embargo_puts_none(read: Read, news: str) -> None:
    dispatch = first(read(f"{news}\n\nPORTMOUTH (AFP) - {news}. More of it follows here.\n"))
    assert (dispatch.embargoed_until, dispatch.status) == (None, Status.USABLE)


def test_6_leads_of_a_story_carry_its_keyword_and_say_that_they_replace(read: Read) -> None:
    lead = first(read(text_samples.ANPA))
    later = first(read(text_samples.ANPA.replace(b"W0417", b"W0421").replace(b"2ndLd", b"3rdLd").replace(b"2nd Ld", b"3rd Ld")))
    assert lead.item_id != later.item_id
    assert lead.links == later.links
    assert (later.signal, later.links[0].rel.value, later.links[0].key) == (Signal.UPDATE, "replaces", "elysia-harbor")


@pytest.mark.parametrize(("headline", "signal"), [
    ("UPDATE 2-Harbour closed", Signal.UPDATE), ("WRAPUP 3-Harbour closed", Signal.UPDATE), ("REFILE-Harbour closed", Signal.REPEAT),
    ("RPT-UPDATE 1-Harbour closed", Signal.REPEAT), ("CORRECTED-UPDATE 1-Harbour closed", Signal.CORRECTION),
    ("CORRECTION ET MISE À JOUR - Port fermé", Signal.CORRECTION), ("Berichtigung: Hafen geschlossen", Signal.CORRECTION),
    ("VERSIÓN CORREGIDA: Puerto cerrado", Signal.CORRECTION), ("ПОВТОР: Порт закрыт", Signal.REPEAT), ("Harbour closed", Signal.NEW),
])  # fmt: skip
def test_6_what_a_version_is_can_be_read_from_its_headline(read: Read, headline: str, signal: Signal) -> None:
    assert first(read(g2(content=f"<headline>{headline}</headline>"))).signal is signal


def test_6_the_agency_is_known_whatever_format_a_copy_comes_in(read: Read) -> None:
    copies = (
        newsml(""),
        json.dumps({"uri": "urn:x", "headline": "Port", "source": "AFP"}),
        "<nitf><head><docdata><doc-id regsrc='AFP' id-string='x'/></docdata></head><body><body.content><p>T.</p></body.content></body></nitf>",
        "Harbour closed\n\nPORTMOUTH (AFP) - The harbour closed.\n",
        "Harbour closed\n\nThe harbour closed on Sunday.\n\nThe schools stay open.\n\n© 2026 AFP\n",
    )
    assert {first(read(copy)).provider for copy in copies} == {"afp"}


def test_7_the_priority_alone_changes_neither_signal_nor_status(read: Read) -> None:
    dispatch = first(read(g2(content="<urgency>1</urgency><headline>Ten recipes for autumn</headline>")))
    assert (dispatch.urgency, dispatch.signal, dispatch.status) == (1, Signal.NEW, Status.USABLE)


@pytest.mark.parametrize(("written", "urgency"), [("9", None), ("0", None), ("x", None), ("-1", None), ("1", 1), ("8", 8)])
def test_urgencies_off_the_scale_are_not_stated(read: Read, written: str, urgency: int | None) -> None:
    assert first(read(g2(content=f"<urgency>{written}</urgency><headline>Port</headline>"))).urgency == urgency


def test_8_private_notes_and_sign_offs_leave_the_text_and_stay_as_metadata(read: Read) -> None:
    text = "Harbour closes\n\nPORTMOUTH (dpa) - The harbour closed.\n\n* * * *\n\nThe following is not for publication\n\nCall the desk: 123\n"
    dispatch = first(read(text))
    assert dispatch.text == "The harbour closed."
    assert "Call the desk" in (dispatch.notes or "")
    afp = first(read(samples.AFP_TEXT))
    assert afp.signoff == "abc-def / gh / ij" and "abc-def" not in afp.text


@pytest.mark.parametrize(
    ("data", "service", "sequence"),
    [
        (text_samples.ANPA, "W", "0417"),
        (text_samples.DPA, "abc", "0417"),
        (text_samples.TELEX_PLAIN, "ELY", "0417"),
        (newsml("").replace("<NewsML>", "<NewsML><NewsEnvelope><TransmissionId>0417</TransmissionId><NewsService FormalName='DGTE'/></NewsEnvelope>"),
         "DGTE", "0417"),
        (json.dumps({"altids": {"itemid": "i", "transref": "s0417"}, "headline": "Port"}), None, "s0417"),
    ],
)  # fmt: skip
def test_9_a_numbered_feed_keeps_its_numbers(read: Read, data: str | bytes, service: str | None, sequence: str) -> None:
    dispatch = first(read(data))
    assert (dispatch.service, dispatch.sequence) == (service, sequence)


def test_10_nothing_is_read_twice_or_lost_between_what_can_and_what_cannot_be_read(read: Read) -> None:
    good = json.dumps({"uri": "a", "headline": "One", "version": "1"})
    parsed = read(f"{good}\n{{broken\n{good.replace('One', 'Two')}\n")
    assert [each.dispatch.headline for each in parsed.dispatches] == ["One", "Two"]
    assert [letter.reason.partition(" is")[0] for letter in parsed.dead_letters] == ["no object: line 2"]


def test_10_what_cannot_be_read_keeps_its_bytes_and_says_why(read: Read) -> None:
    letter = read(b"<NewsML><NewsItem>").dead_letters[0]
    assert letter.payload == b"<NewsML><NewsItem>"
    assert letter.reason.startswith("not well-formed XML")


def test_names_of_an_agency_that_no_profile_knows_are_slugged(read: Read) -> None:
    document = json.dumps({"uri": "u", "headline": "h", "provider": "Example Press Agency"})
    assert first(read(document)).provider == "example-press-agency"


def test_a_time_without_a_zone_is_in_the_providers(read: Read) -> None:
    document = newsml("").replace("afp.com", "anp.nl").replace("20260301T120000Z", "20260701T120000")
    assert first(read(document)).published_at == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_explain_says_where_each_field_was_read(stage: ParseStage) -> None:
    item = RawItem(payload=samples.NITF, feed="f", name="n", position="p", received_at=UNTIL)
    explained, letters = stage.explain(item)
    assert not letters
    assert explained[0].where["headline"] == "body/body.head/hedline/hl1"
    assert explained[0].where["embargoed_until"] == "head/docdata/date.release@norm"
    assert explained[0].dispatch == first(stage.parse(item))


def test_a_dateline_that_stands_only_in_marked_up_text_is_noted_and_stays_there(read: Read) -> None:
    located = "<headline>Port</headline><located literal='Bangalore'/>"
    dispatch = first(read(g2(content=located, body="<p>PORTMOUTH, March 1 (Reuters) - The harbour closed.</p>")))
    assert dispatch.dateline == "PORTMOUTH, March 1 (Reuters)"
    assert dispatch.text.startswith("PORTMOUTH")
