"""Whatever arrives, parse neither raises nor hangs nor loses it: it gives dispatches, or a dead letter with a reason."""

from __future__ import annotations

import json
import random
import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.messages import RawItem
from pipeline.settings import ParseSettings
from pipeline.stages.parse.stage import Parsed, ParseStage
from tests.unit.parse import samples
from tests.unit.parse.conftest import RECEIVED

Read = Callable[..., Parsed]
STAGE = ParseStage(ParseSettings())


def survive(data: bytes) -> Parsed:
    parsed = STAGE.parse(RawItem(payload=data, feed="f", name="n", position="p", received_at=RECEIVED))
    assert parsed.dispatches or parsed.dead_letters
    assert not [letter.reason for letter in parsed.dead_letters if "the parser failed" in letter.reason]
    for message in (*parsed.dispatches, *parsed.dead_letters):
        assert message.to_json()  # what cannot be sent or stored must not get through
    return parsed


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_truncation_at_every_byte_is_survived(name: str) -> None:
    sample = samples.SAMPLES[name]
    for end in range(len(sample)):
        survive(sample[:end])


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_flipped_bytes_are_survived(name: str) -> None:
    dice = random.Random(name)
    for _ in range(200):
        damaged = bytearray(samples.SAMPLES[name])
        for _ in range(dice.randint(1, 8)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        survive(bytes(damaged))


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_made_up_bytes_are_survived(data: bytes) -> None:
    survive(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = [
    "uri",
    "guid",
    "version",
    "versioncreated",
    "versionCreated",
    "pubstatus",
    "urgency",
    "headline",
    "headlines",
    "body_text",
    "body_html",
    "bodies",
    "embargoed",
    "ednote",
    "language",
    "subject",
    "subjects",
    "keywords",
    "altids",
    "itemid",
    "etag",
    "type",
    "item",
    "data",
    "items",
    "urn",
    "format",
    "article_html",
    "categories",
    "ednotes",
    "signal",
    "notepad",
    "associations",
    "bylines",
    "editorialtypes",
    "usn",
    "by",
    "located",
    "slugline",
    "embargoedUntil",
]


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=12))
def test_json_of_any_types_under_the_known_keys_is_survived(document: dict[str, object]) -> None:
    survive(json.dumps(document).encode())
    survive(json.dumps({"headline": "h", "uri": "u", "version": "1", **document}).encode())
    survive(json.dumps({"urn": "u", "article_html": "<p>a</p>", **document}).encode())
    survive(json.dumps({"altids": {"itemid": "i", "etag": "e", **document}, **document}).encode())


NAMES = [
    "newsItem",
    "itemMeta",
    "itemClass",
    "provider",
    "versionCreated",
    "embargoed",
    "pubStatus",
    "contentMeta",
    "urgency",
    "headline",
    "contentSet",
    "inlineXML",
]
NAMES += [
    "NewsItem",
    "Identification",
    "NewsIdentifier",
    "NewsManagement",
    "Status",
    "NewsComponent",
    "NewsLines",
    "ContentItem",
    "DataContent",
    "Role",
    "nitf",
]
NAMES += [
    "head",
    "body",
    "docdata",
    "date.issue",
    "doc-id",
    "body.head",
    "hedline",
    "hl1",
    "body.content",
    "p",
    "table",
    "tr",
    "td",
    "br",
    "pre",
]
ATTRIBUTES = ("qcode", "guid", "version", "FormalName", "norm", "ed-urg", "id-string", "management-status")


@st.composite
def trees(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(st.sampled_from(NAMES))
    attributes = draw(
        st.dictionaries(st.sampled_from(ATTRIBUTES), st.sampled_from(("", "1", "x:y", "20260301T1200", "9" * 30)), max_size=2)
    )
    written = "".join(f' {key}="{value}"' for key, value in attributes.items())
    inner = (
        "".join(draw(st.lists(trees(depth=depth + 1), max_size=3))) if depth < 3 else draw(st.sampled_from(("", "text", "9" * 30)))
    )
    return f"<{name}{written}>{inner}</{name}>"


@settings(max_examples=150, deadline=None)
@given(trees(), st.sampled_from(("newsMessage", "newsItem", "NewsML", "nitf")))
def test_elements_of_the_formats_in_any_order_are_survived(tree: str, root: str) -> None:
    survive(f"<{root}>{tree}</{root}>".encode())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "aa"><!ENTITY y "&x;&x;&x;&x;">]><NewsML>&y;</NewsML>', "entities"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY x "aa">]><NewsML>&x;</NewsML>'.encode("utf-16"), "entities"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><NewsML>&x;</NewsML>', "entities"),
        (b"<!--" + b" " * 70_000 + b'--><!DOCTYPE a [<!ENTITY x "aa">]><NewsML>&x;</NewsML>', "entities"),
        (b"<NewsML>\x00</NewsML>", "NUL"),
        (b"plain text with \x00 in it", "NUL"),
        (b"[" * 1_000_000, "deeper than"),
        (b'{"uri":' * 200 + b"1" + b"}" * 200, "deeper than"),
        (b"<nitf>" * 1000, "depth"),
        (b"", "empty"),
        (b" \n", "white space"),
        (b"<html><body>404</body></html>", "no known wire format"),
        (b'{"error": "quota"}', "no known wire format"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "NUL"),
    ],
)
def test_refusals_say_clearly_why(read: Read, data: bytes, reason: str) -> None:
    parsed = read(data)
    assert not parsed.dispatches
    assert reason in parsed.dead_letters[0].reason


def test_a_hundred_megabytes_in_one_line_keep_their_size_their_hash_and_their_beginning(read: Read) -> None:
    letter = read(b"a" * 100_000_000).dead_letters[0]
    assert (letter.size, len(letter.payload)) == (100_000_000, 65536)
    assert "raise parse.max_item_bytes" in letter.reason


BOUNDED = {
    "entities that expand": b"<!DOCTYPE a [" + b"".join(b'<!ENTITY e%d "&e%d;&e%d;">' % (n + 1, n, n) for n in range(60)) + b"]><nitf>&e60;</nitf>",
    "an external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><nitf><body>&x;</body></nitf>',
    "a million brackets": b"[" * 1_000_000,
    "a million opened elements": b"<nitf>" * 1_000_000,
    "one attribute of eight megabytes": b'<nitf a="' + b"a" * 8_000_000 + b'"/>',
    "eight megabytes of NUL bytes": b"a\x00" * 4_000_000,
    "a line of eight megabytes": b"a" * 8_000_000,
    "a line of two megabytes of words": b"AFP abc/def " * 160_000,
    "a desk's mark without end": b"Text.\n\n" + b"AFP a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a!\n" * 2,
    "opened tags that one closes": b"Port <b>" * 100_000 + b"</i>",
    "shortcodes": b"<rss version='2.0'><channel><item><title>a</title><post_id>1</post_id><encoded>" + b"[ab] " * 200_000 + b"</encoded></item></channel></rss>",
    "blank lines in a telex": b"ZCZC AAP\n$a\n" + b"\n" * 300_000 + b"x",
    "a dateline without end": b"PARIS, 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 (" * 3 + b"AFP - ",
    "a line of signs": b"(((((((((- " * 600_000,
    "a hundred thousand blank lines": b"ZCZC a\n" + b"\n" * 100_000,
    "twenty thousand header lines": b"From: a\nSubject: b\n" + b"x: y\n" * 20_000,
    "a table of a hundred thousand cells": b"<nitf><body><body.content><table><tr>" + b"<td>1</td>" * 100_000 + b"</tr></table></body.content></body></nitf>",
    "eight megabytes of escaped markup": b"<rss version='2.0'><channel><item><title>a</title><description>" + b"&lt;b&gt;" * 800_000 + b"</description></item></channel></rss>",
}  # fmt: skip


@pytest.mark.parametrize("what", BOUNDED)
def test_time_and_memory_are_bounded_whatever_comes(what: str) -> None:
    data = BOUNDED[what]
    started = time.process_time()
    tracemalloc.start()
    try:
        survive(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < 20  # seconds, tracing included
    assert peak < 40 * len(data) + 64 * 1024 * 1024


@pytest.mark.parametrize(
    "name", ["entities that expand", "an external entity", "a million brackets", "eight megabytes of NUL bytes"]
)
def test_what_no_agency_sends_is_refused_with_a_clear_reason(name: str) -> None:
    parsed = survive(BOUNDED[name])
    assert not parsed.dispatches
    assert any(word in parsed.dead_letters[0].reason for word in ("entities", "deeper than", "NUL"))


SURROGATES = json.dumps(dict.fromkeys(("uri", "version", "provider", "headline", "slugline", "byline", "dateline", "ednote", "body_text", "language", "located", "evolvedfrom"), "� Port") | {"keyword": ["\udc00a"], "subject": [{"code": "\udfff1"}], "replacing": ["\ud800x"]})  # fmt: skip


def test_half_a_surrogate_pair_never_gets_through() -> None:
    for document in (
        SURROGATES,
        f'[{SURROGATES}, "\\ud800"]',
        SURROGATES.replace("uri", "urn").replace("body_text", "article_html"),
    ):
        parsed = survive(document.encode())
        assert parsed.dispatches
    link = survive(SURROGATES.encode()).dispatches[0].dispatch.links[0]
    assert link.item_id == "x"


def test_one_bad_item_of_a_file_does_not_lose_the_others(read: Read) -> None:
    parsed = read(json.dumps([{"uri": "a", "headline": "One", "version": "1"}, 7, {"uri": "b", "headline": "Two", "version": "1"}]))
    assert [each.dispatch.item_id for each in parsed.dispatches] == ["a", "b"]
    assert len(parsed.dead_letters) == 1


def test_html_named_characters_of_a_dtd_that_is_not_read_are_known(read: Read) -> None:
    text = b"<!DOCTYPE nitf SYSTEM 'nitf.dtd'><nitf><body><body.content><p>caf&eacute;&nbsp;au lait &amp; tea</p></body.content></body></nitf>"
    assert read(text).dispatches[0].dispatch.text == "café au lait & tea"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            '<?xml version="1.0" encoding="utf-8"?><nitf><body><body.content><p>Zürich – “ja”</p></body.content></body></nitf>'.encode(
                "cp1252"
            ),
            "Zürich – “ja”",
        ),
        (
            '<?xml version="1.0" encoding="x-unknown"?><nitf><body><body.content><p>Zürich</p></body.content></body></nitf>'.encode(),
            "Zürich",
        ),
        (
            '<?xml version="1.0" encoding="iso-8859-1"?><nitf><body><body.content><p>It’s “so” – François</p></body.content></body></nitf>'.encode(),
            "It’s “so” – François",
        ),
        (
            '<?xml version="1.0" encoding="iso-8859-1"?><nitf><body><body.content><p>It’s</p></body.content></body></nitf>'.encode(
                "cp1252"
            ),
            "It’s",
        ),
        (b"<nitf><body><body.content><p>Tom & Jerry &#x1f;&#65; &bogus</p></body.content></body></nitf>", "Tom & Jerry A &bogus"),
    ],
)
def test_wrong_declarations_and_lone_ampersands_are_mended_where_it_is_certain(read: Read, data: bytes, text: str) -> None:
    assert read(data).dispatches[0].dispatch.text == text


def test_json_lines_and_answers_that_list_items_are_read(read: Read) -> None:
    one, two = ({"uri": name, "headline": name, "version": "1"} for name in ("a", "b"))
    for data in (f"{json.dumps(one)}\n{json.dumps(two)}\n", json.dumps({"_items": [one, two]})):
        assert [each.dispatch.item_id for each in read(data).dispatches] == ["a", "b"]
