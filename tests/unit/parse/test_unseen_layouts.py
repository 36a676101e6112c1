"""Layouts that were met in a further round of unseen files: each sample is made up in the layout of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pipeline.messages import LinkRelation, Signal, Status
from pipeline.stages.parse.stage import Parsed
from pipeline.stages.parse.times import parse_time
from pipeline.stages.parse.words import slug_marks
from tests.unit.parse.test_desks import first
from tests.unit.parse.test_layouts import content, feed, g2, newsml

Read = Callable[..., Parsed]
TEXT = "<nitf><body><body.content><p>The port is open.</p></body.content></body></nitf>"


def instruction(name: str, earlier: str) -> str:
    status = f'<RevisionStatus><Status FormalName="{earlier}"/></RevisionStatus>'
    return f'<Instruction FormalName="{name}">{status}</Instruction>'


def test_an_instruction_to_delete_kills_an_item_that_is_called_usable(read: Read) -> None:
    dispatch = first(read(newsml(content(TEXT), management=instruction("Delete", "Canceled"), update="A")))
    assert (dispatch.status, dispatch.signal, dispatch.text) == (Status.CANCELED, Signal.KILL, "The port is open.")


@pytest.mark.parametrize(("name", "signal"), [("Rectify", Signal.CORRECTION), ("Update", Signal.UPDATE)])
def test_an_instruction_that_cancels_earlier_revisions_alone_leaves_this_one_usable(read: Read, name: str, signal: Signal) -> None:
    dispatch = first(read(newsml(content(TEXT), management=instruction(name, "Canceled"))))
    assert (dispatch.status, dispatch.signal) == (Status.USABLE, signal)


@pytest.mark.parametrize("attribute", ["", ' FormalName="Editorial Note"'])
def test_a_comment_on_the_content_is_a_note_to_editors(read: Read, attribute: str) -> None:
    item = newsml(
        f"<ContentItem><Comment{attribute}>Second paragraph mended</Comment><DataContent>{TEXT}</DataContent></ContentItem>"
    )
    assert first(read(item)).notes == "Second paragraph mended"


def test_a_comment_for_machines_is_no_note(read: Read) -> None:
    item = newsml(
        f'<ContentItem><Comment FormalName="LayoutVersion">1.0.1</Comment><DataContent>{TEXT}</DataContent></ContentItem>'
    )
    assert first(read(item)).notes is None


@pytest.mark.parametrize(
    ("slugline", "signals"),
    [
        ("///KORJATTU LEHTIVERSIO PO. VALDORA, EI NORLAND///", (Signal.CORRECTION,)),
        ("///TÄYDENNETTY   -2///", (Signal.UPDATE,)),
        ("///PÄIVITETTY NETTIVERSIO///", (Signal.UPDATE,)),
        ("///LEHTIVERSIO KORJATTU KUVA///", ()),
        ("///HOLD THE DOOR///", ()),
        ("///CORRECTIONSHIP AT SEA///", ()),
        ("KORJATTU SILTA AUKI", ()),
    ],
)
def test_the_first_word_of_a_desks_note_between_slashes_is_a_mark(slugline: str, signals: tuple[Signal, ...]) -> None:
    assert slug_marks(slugline) == signals


@pytest.mark.parametrize("code", ["action:replace", "action:supplement", "action:update"])
def test_a_signal_that_names_what_the_version_does_to_the_one_before_is_an_update(read: Read, code: str) -> None:
    item = g2("<headline>Port open</headline>", "<p>The port is open.</p>").replace(
        "</itemMeta>", f'<signal qcode="{code}"/></itemMeta>'
    )
    assert first(read(item)).signal is Signal.UPDATE


def test_a_text_follows_the_one_that_it_is_derived_from(read: Read) -> None:
    link = '<link rel="irel:derivedFrom" residref="urn:example:416"/></itemMeta>'
    links = first(read(g2("", "<p>The port is open.</p>").replace("</itemMeta>", link))).links
    assert [(each.rel, each.item_id) for each in links] == [(LinkRelation.FOLLOWS, "urn:example:416")]


def test_the_code_of_a_subject_with_facets_is_its_main_concepts(read: Read) -> None:
    subject = (
        '<subject><mainConcept qcode="medtop:20001057"><name>skiing</name></mainConcept>'
        '<facetConcept qcode="facet:slalom"><name>slalom</name></facetConcept></subject>'
    )
    assert first(read(g2(subject, "<p>The slope is open.</p>"))).subjects == ["medtop:20001057"]


def test_a_row_of_cells_between_tabulators_stays_one(read: Read) -> None:
    rows = "<p>Valdora&#9;3&#9;  2&#9;&#9;6</p>\n\t<p>Read\n\t\tin one line.</p>"
    assert first(read(g2("<headline>Results</headline>", rows))).text == "Valdora\t3\t2\t6\n\nRead in one line."


def test_a_publisher_may_spell_headline_in_full_and_put_a_slugline_beside(read: Read) -> None:
    head = '<head><title>Page 4</title><meta name="keywords" content="port, storm"/></head>'
    top = "<body.head><headline><hl1>Port open</hl1><hl2>Ships sail</hl2></headline><slugline>NORLAND-PORT</slugline></body.head>"
    dispatch = first(read(f"<nitf>{head}<body>{top}<body.content><p>The port of Valdora is open.</p></body.content></body></nitf>"))
    assert (dispatch.headline, dispatch.slugline, dispatch.keywords) == ("Port open", "NORLAND-PORT", ["port", "storm"])


@pytest.mark.parametrize(
    ("written", "hour"),
    [("Tue, Mar 10 2026 02:02:33 PM", 14), ("Tue, 10 Mar 2026 12:02:33 a.m.", 0), ("2026-03-10 12:02:33 PM", 12)],
)
def test_a_time_before_or_after_noon_is_read(written: str, hour: int) -> None:
    moment = parse_time(written)
    assert moment is not None
    assert moment.replace(tzinfo=None) == datetime(2026, 3, 10, hour, 2, 33)  # noqa: DTZ001 - none is written


def test_prefixes_that_nobody_declared_do_not_lose_a_feed(read: Read) -> None:
    item = "<dc:creator>Ada Example</dc:creator><description>The port is open.</description>"
    channel = (
        f"<channel><atom:link href='https://news.example.org/'/><item><title>Port open</title><guid>4</guid>{item}</item></channel>"
    )
    document = f'<?xml version="1.0"?>\n<!-- <rss> of ours -->\n<rss version="2.0" xsi:schemaLocation="x">{channel}</rss>'
    dispatch = first(read(document))
    assert (dispatch.headline, dispatch.byline, dispatch.text) == ("Port open", "Ada Example", "The port is open.")


def test_a_caption_under_an_undeclared_prefix_is_no_text(read: Read) -> None:
    entry = "<description>The port is open.</description><media:description>Ships, seen from above.</media:description>"
    undeclared = feed(entry).replace(' xmlns:media="http://search.yahoo.com/mrss/"', "")
    assert first(read(undeclared)).text == "The port is open."


def test_an_article_in_hnews_is_its_content_alone(read: Read) -> None:
    article = (
        '<div class="hnews hentry item"><div class="hmedia"><div class="fn">Ships in port</div></div><h4>Port open</h4>'
        '<div class="entry-content"><p><abbr class="dateline geo">VALDORA, Norland</abbr> (AP) — The port is open.</p></div>'
        '<small>News Topics: <a rel="tag">Ports</a></small></div>'
    )
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://news.example.org/"/><entry><id>urn:uuid:4</id><title>Port open</title>'
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{article}</div></content></entry></feed>'
    )
    dispatch = first(read(atom))
    assert (dispatch.dateline, dispatch.text) == ("VALDORA, Norland (AP)", "The port is open.")


def test_a_body_that_only_repeats_the_headline_does_not_hide_the_text(read: Read) -> None:
    twice = '<description>It opened on Monday.</description><encoded xmlns="urn:x">&lt;b&gt;Port closed&lt;/b&gt;</encoded>'
    assert first(read(feed(twice))).text == "It opened on Monday."


@pytest.mark.parametrize("other", ["", '<encoded xmlns="urn:x"></encoded>', "<summary> </summary>"])
def test_a_headline_that_is_all_there_is_stays_the_text(read: Read, other: str) -> None:
    assert first(read(feed(f"<description>Port closed</description>{other}"))).text == "Port closed"


def test_the_language_of_an_rdf_documents_root_is_its_entries(read: Read) -> None:
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xml:lang="en">'
        "<channel><link>https://news.example.org/</link></channel><item><title>Port open</title>"
        "<link>https://news.example.org/4</link></item></rdf:RDF>"
    )
    assert first(read(rdf)).language == "en"


def test_a_day_of_release_in_an_agencys_own_zone_is_an_embargo(read: Read) -> None:
    change = (
        '<Status FormalName="Embargoed"/><StatusWillChange><FutureStatus FormalName="Usable"/>'
        "<DateAndTime>20260310T150000</DateAndTime></StatusWillChange>"
    )
    dispatch = first(read(newsml(content(TEXT), management=change), declared_provider="ats"))
    assert dispatch.embargoed_until == datetime(2026, 3, 10, 14, tzinfo=UTC)


def entries(*bodies: str, tail: str = "</channel></rss>") -> str:
    items = "".join(f"<item><title>Port {number}</title><guid>{number}</guid>{body}</item>" for number, body in enumerate(bodies))
    return f'<rss version="2.0"><channel><title>Example</title><language>en</language>{items}{tail}'


def test_an_entry_that_is_not_well_formed_does_not_lose_the_others(read: Read) -> None:
    parsed = read(entries("<description>Open.</description>", "<description>Closed.</wrong>", "<description>Busy.</description>"))
    assert [each.dispatch.text for each in parsed.dispatches] == ["Open.", "Busy."]
    assert {each.dispatch.language for each in parsed.dispatches} == {"en"}
    assert len(parsed.dead_letters) == 1


def test_a_feed_that_was_cut_off_yields_its_whole_entries_and_says_what_is_lost(read: Read) -> None:
    parsed = read(entries("<description>Open.</description>", tail="<item><title>Port 9</title><description>The sto"))
    assert [each.dispatch.text for each in parsed.dispatches] == ["Open."]
    assert len(parsed.dead_letters) == 1


def test_a_feed_whose_channel_is_not_opened_is_read(read: Read) -> None:
    whole = entries("<description>Open.</description>", "<description>Closed.</description>")
    parsed = read(whole.replace("<channel>", ' xmlns:atom="urn:x">'))
    assert [each.dispatch.text for each in parsed.dispatches] == ["Open.", "Closed."]


@pytest.mark.parametrize(
    "broken", ["<rss><channel><item", "<rss><channel><title>x</channel></rss>", "<rss><item></wrong></item></rss>"]
)
def test_a_feed_without_a_whole_entry_is_refused(read: Read, broken: str) -> None:
    parsed = read(broken)
    assert not parsed.dispatches
    assert parsed.dead_letters


def test_a_feed_that_declares_entities_stays_refused(read: Read) -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "b">]>' + entries("<description>&a;</description>")
    assert not read(bomb).dispatches


def test_a_feed_without_another_link_is_its_own_addresss_publishers(read: Read) -> None:
    own = '<title>556</title><link xmlns="http://www.w3.org/2005/Atom" rel="self" href="https://www.efe.com/feed"/>'
    whole = entries("<description>Open.</description>").replace("<title>Example</title>", own)
    assert first(read(whole)).provider == "efe"


def test_a_list_of_items_is_no_item(read: Read) -> None:
    items = "<item><title>Port open</title><link>https://news.example.org/4</link></item>"
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel>'
        f"<items><rdf:Seq/></items></channel>{items}<item><title>Cut o"
    )
    assert [each.dispatch.headline for each in read(rdf).dispatches] == ["Port open"]
