"""The promises of the parse core, on texts written in the byte layouts of the wires."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.messages import RawItem, Signal, Status
from pipeline.settings import ParseSettings
from pipeline.stages.parse.stage import Parsed, ParseStage
from pipeline.stages.parse.words import marks

STAGE = ParseStage(ParseSettings())
AFP = """PARIS, 3 sept 2024 (AFP) - The foreign minister of Élysia warned on Tuesday of serious consequences.

A second paragraph tells the rest of it at some length.

abc-def / gh / ij
"""


def read(data: str | bytes, **declared: str) -> Parsed:
    payload = data.encode() if isinstance(data, str) else data
    item = RawItem(payload=payload, feed="f", name="n", position="p", received_at=datetime(2024, 9, 3, tzinfo=UTC), **declared)
    return STAGE.parse(item)


def g2(
    *,
    guid: str = "tag:example.org,2024:one",
    version: str = "1",
    meta: str = "",
    headline: str = "A headline",
    body: str = "<p>Text.</p>",
) -> str:
    return f"""<?xml version="1.0"?><n:newsMessage xmlns:n="http://iptc.org/std/nar/2006-10-01/"><n:itemSet>
    <n:newsItem guid="{guid}" version="{version}" xml:lang="en"><n:itemMeta><n:itemClass qcode="ninat:text"/>
    <n:provider literal="example.org"/><n:versionCreated>2024-09-03T10:00:00+02:00</n:versionCreated>{meta}</n:itemMeta>
    <n:contentMeta><n:urgency>3</n:urgency><n:headline>{headline}</n:headline></n:contentMeta>
    <n:contentSet><n:inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html></n:inlineXML></n:contentSet>
    </n:newsItem></n:itemSet></n:newsMessage>"""


def test_a_plain_text_dispatch_loses_its_date_line_and_its_sign_off_to_their_fields() -> None:
    dispatch = read("Minister warns neighbour\n\n" + AFP).dispatches[0].dispatch
    assert (dispatch.provider, dispatch.headline, dispatch.signoff) == ("afp", "Minister warns neighbour", "abc-def / gh / ij")
    assert dispatch.dateline == "PARIS, 3 sept 2024 (AFP)"
    assert dispatch.text.startswith("The foreign minister") and dispatch.text.endswith("some length.")


def test_the_sign_off_alone_names_the_agency() -> None:
    assert read("A headline\n\nOne paragraph of text.\n\nabc/de/fg\n").dispatches[0].dispatch.provider == "afp"


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"a\tb\nc\td\n", b"{}", b"<a/>", b"[1]", b"", b"  \n"])
def test_plain_text_claims_neither_control_bytes_nor_markup_nor_tables(data: bytes) -> None:
    parsed = read(data)
    assert not parsed.dispatches
    assert parsed.dead_letters[0].payload == data
    assert parsed.dead_letters[0].reason


def test_a_prefixed_namespace_is_read_like_the_default_one() -> None:
    dispatch = read(g2()).dispatches[0].dispatch
    assert (dispatch.format, dispatch.item_id, dispatch.revision, dispatch.urgency) == (
        "newsml_g2",
        "tag:example.org,2024:one",
        "1",
        3,
    )
    assert dispatch.published_at == datetime(2024, 9, 3, 8, tzinfo=UTC)
    assert dispatch.text == "Text."


def test_a_reuters_kill_with_an_empty_body_is_a_withdrawal() -> None:
    meta = '<n:pubStatus qcode="stat:canceled"/><n:signal qcode="edStat:D"/>'
    dispatch = read(g2(meta=meta, body="")).dispatches[0].dispatch
    assert (dispatch.status, dispatch.signal) == (Status.CANCELED, Signal.KILL)


def test_an_embargo_in_the_editors_note_survives() -> None:
    meta = "<n:edNote>Bitte beachten: Sperrfrist 4. September 2024 19.00 Uhr</n:edNote>"
    assert read(g2(meta=meta)).dispatches[0].dispatch.embargoed_until == datetime(2024, 9, 4, 19, tzinfo=UTC)


def test_the_id_depends_on_the_bytes_and_not_on_where_they_came_from() -> None:
    first, second = read(g2()), read(g2(), declared_format="newsml_g2")
    assert first.dispatches[0].dispatch.id == second.dispatches[0].dispatch.id
    assert read(g2(version="2")).dispatches[0].dispatch.id != first.dispatches[0].dispatch.id


def test_entities_of_the_documents_own_are_refused() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><NewsML>&x;</NewsML>'
    parsed = read(bomb)
    assert not parsed.dispatches
    assert "entities" in parsed.dead_letters[0].reason


def test_every_item_of_a_newsml_file_counts() -> None:
    item = """<NewsItem><Identification><NewsIdentifier><ProviderId>example.org</ProviderId><DateId>20240903</DateId>
    <NewsItemId>{0}</NewsItemId><RevisionId PreviousRevision="0" Update="N">1</RevisionId></NewsIdentifier></Identification>
    <NewsManagement><ThisRevisionCreated>20240903T100000Z</ThisRevisionCreated><Status FormalName="Canceled"/></NewsManagement>
    <NewsComponent><NewsLines><HeadLine>Headline {0}</HeadLine></NewsLines></NewsComponent></NewsItem>"""
    parsed = read(f"<NewsML>{item.format('one')}{item.format('two')}</NewsML>")
    assert [each.dispatch.item_id for each in parsed.dispatches] == ["one", "two"]
    assert {each.dispatch.status for each in parsed.dispatches} == {Status.CANCELED}
    assert len({each.receipt for each in parsed.dispatches}) == 2


def test_our_own_json_lines_come_back_unchanged() -> None:
    dispatch = read(g2()).dispatches[0].dispatch
    again = read(dispatch.to_json())
    assert again.dispatches[0].dispatch == dispatch


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("CORRECTED-UPDATE 2-Oil falls", {Signal.CORRECTION, Signal.UPDATE}),
        ("RPT-Oil falls", {Signal.REPEAT}),
        ("KILL KILL KILL", {Signal.KILL}),
        ("حظر حظر حظر", {Signal.KILL}),
        ("Berichtigung: Zahl im ersten Absatz", {Signal.CORRECTION}),
        ("URGENT - STORY WITHDRAWN", {Signal.KILL}),
        ("CORRECTION ET MISE À JOUR - Titre", {Signal.CORRECTION}),
        ("Kill switch found in inverters", set()),
        ("Repeat offender jailed", set()),
        ("Correction in stock markets deepens", set()),
        ("Hold the line, says minister", set()),
    ],
)
def test_marks_count_where_desks_put_them_and_prose_is_prose(headline: str, expected: set[Signal]) -> None:
    assert expected <= set(marks(headline))
    assert bool(expected) == bool(set(marks(headline)))


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_end_as_dispatches_or_as_a_dead_letter(data: bytes) -> None:
    parsed = read(data)
    assert parsed.dispatches or parsed.dead_letters


@pytest.mark.parametrize(
    "sample",
    [g2().encode(), AFP.encode(), b'{"uri": "a", "version": "1", "headline": "b", "body_text": "c", "pubstatus": "usable"}'],
)
def test_truncation_at_every_byte_is_survived(sample: bytes) -> None:
    for end in range(0, len(sample), 7):
        parsed = read(sample[:end])
        assert parsed.dispatches or parsed.dead_letters
        assert not any("the parser failed" in letter.reason for letter in parsed.dead_letters)


def test_a_kill_behind_a_bad_element_of_an_array_is_read() -> None:
    good = '{"uri": "a:1", "version": "1", "headline": "b", "body_text": "c", "pubstatus": "usable"}'
    kill = '{"uri": "a:2", "version": "2", "pubstatus": "canceled", "headline": "", "body_text": ""}'
    parsed = read(f'[{good}, {{"nonsense": 1}}, "text", {kill}]')
    assert [each.dispatch.item_id for each in parsed.dispatches] == ["a:1", "a:2"]
    assert parsed.dispatches[1].dispatch.status is Status.CANCELED
    assert len(parsed.dead_letters) == 2


def test_a_bad_line_of_json_lines_loses_no_other() -> None:
    line = '{"uri": "a:%d", "version": "1", "headline": "b", "body_text": "c", "pubstatus": "usable"}'
    parsed = read(f"{line % 1}\n{{broken\n{line % 2}\n")
    assert [each.dispatch.item_id for each in parsed.dispatches] == ["a:1", "a:2"]
    assert "line 2" in parsed.dead_letters[0].reason


@pytest.mark.parametrize(
    "opening", ["Łódź (Pologne), 24 nov 2026 (AFP) - ", "Kharkiv (Ukraine), Nov 24, 2026 (AFP) - ", "PARIS (AFP) - "]
)
def test_a_country_in_parentheses_does_not_hide_a_dateline(opening: str) -> None:
    dispatch = read(f"Minister warns neighbour\n\n{opening}The minister spoke.\n").dispatches[0].dispatch
    assert (dispatch.provider, dispatch.headline, dispatch.text) == ("afp", "Minister warns neighbour", "The minister spoke.")


def test_a_mark_of_urgency_above_the_headline_is_not_the_headline() -> None:
    dispatch = read("FLASH\n\nMinister warns neighbour\n\nParis, Nov 24, 2026 (AFP) - The minister spoke.\n").dispatches[0].dispatch
    assert (dispatch.headline, dispatch.text) == ("Minister warns neighbour", "The minister spoke.")
