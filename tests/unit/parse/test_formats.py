"""What each wire format's fields become."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pipeline.messages import Dispatch, LinkRelation, Signal, Status
from pipeline.stages.parse.stage import Parsed
from tests.unit.parse import samples

Read = Callable[..., Parsed]


def only(parsed: Parsed) -> Dispatch:
    assert not parsed.dead_letters, parsed.dead_letters[0].reason
    assert len(parsed.dispatches) == 1
    return parsed.dispatches[0].dispatch


@pytest.mark.parametrize(("name", "sample"), samples.SAMPLES.items())
def test_each_sample_is_recognised_by_its_content(read: Read, name: str, sample: bytes) -> None:
    parsed = read(sample, declared_format="rss")
    assert parsed.dispatches
    assert {each.dispatch.format for each in parsed.dispatches} == {name}


def test_nitf_gives_identity_times_lines_and_subjects(read: Read) -> None:
    dispatch = only(read(samples.NITF))
    assert (dispatch.provider, dispatch.item_id, dispatch.revision) == ("example-agency", "EX.2", "2")
    assert (dispatch.headline, dispatch.slugline, dispatch.dateline) == ("Storm closes harbour", "Harbour", "PORTMOUTH")
    assert dispatch.byline == "By Ada Example Port Writer"
    assert (dispatch.subjects, dispatch.keywords, dispatch.genre) == (["03010000"], ["port", "storm"], "Current")
    assert (dispatch.language, dispatch.urgency, dispatch.sequence) == ("en-GB", 2, "0417")
    assert dispatch.published_at == datetime(2026, 3, 1, 11, tzinfo=UTC)


def test_nitf_embargo_stands_in_management_status_and_release_date(read: Read) -> None:
    dispatch = only(read(samples.NITF))
    assert (dispatch.status, dispatch.embargoed_until) == (Status.USABLE, datetime(2026, 3, 1, 17, tzinfo=UTC))


def test_nitf_names_the_documents_that_it_corrects_withdraws_and_follows(read: Read) -> None:
    links = {(link.rel, link.item_id or link.key) for link in only(read(samples.NITF)).links}
    assert links == {
        (LinkRelation.CORRECTS, "EX.1"),
        (LinkRelation.WITHDRAWS, "EX.1"),
        (LinkRelation.FOLLOWS, "harbour-2026"),
    }


def test_nitf_text_keeps_tables_and_subheads_but_neither_captions_nor_the_tagline(read: Read) -> None:
    dispatch = only(read(samples.NITF))
    assert dispatch.text == "The harbour closed on Sunday.\n\nMon\t5\nTue\t7\n\nWhat next"
    assert (dispatch.signoff, dispatch.notes) == ("Port desk", "Pictures follow\nFixes the day")


def test_nitf_without_its_namespace_reads_the_same(read: Read) -> None:
    bare = samples.NITF.replace(b' xmlns="http://iptc.org/std/NITF/2006-10-18/"', b"")
    assert only(read(bare)).text == only(read(samples.NITF)).text


def test_ap_items_are_read_from_a_feed_and_pictures_are_no_dispatches(read: Read) -> None:
    dispatch = only(read(samples.AP_MEDIA_API))
    assert (dispatch.provider, dispatch.item_id, dispatch.revision, dispatch.sequence) == ("ap", "abc123", "abc123_4a1", "w0042")
    assert (dispatch.signal, dispatch.urgency, dispatch.byline) == (Signal.CORRECTION, 2, "By ADA EXAMPLE")
    assert dispatch.text == "The harbour closed & stayed so.\n\nMore."
    assert dispatch.embargoed_until == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_an_ap_answer_of_pictures_alone_says_so(read: Read) -> None:
    document = json.dumps({"item": {"altids": {"itemid": "p"}, "type": "picture"}})
    assert "picture" in read(document).dead_letters[0].reason


def test_dpa_entries_give_a_kill_its_notes_and_its_sign_off(read: Read) -> None:
    dispatch = only(read(samples.DPA_DIGITALWIRES))
    assert (dispatch.provider, dispatch.item_id, dispatch.revision) == ("dpa", "urn:newsml:dpa.com:20090101:260301-930-1", "2")
    assert (dispatch.status, dispatch.signal) == (Status.CANCELED, Signal.KILL)
    assert (dispatch.dateline, dispatch.service, dispatch.signoff) == ("Musterhafen (dpa) -", "bdt", "dpa abc yydd n1 xyz")
    assert dispatch.text == "Der Hafen ist gesperrt.\n\nWeiter\n\nMehr später."


def test_a_dpa_entry_delivered_again_has_the_same_id(read: Read) -> None:
    again = samples.DPA_DIGITALWIRES.replace(b"12:00:05Z", b"12:09:00Z").replace(b'"x1"', b'"x2"')
    assert only(read(again)).id == only(read(samples.DPA_DIGITALWIRES)).id


def test_a_press_release_gives_number_company_headline_and_distributor(read: Read) -> None:
    dispatch = only(read(samples.PRESS_RELEASE))
    assert (dispatch.provider, dispatch.item_id, dispatch.byline) == ("prnewswire", "PR12345", "Harbour Works Ltd")
    assert dispatch.headline == "Harbour Works opens second quay for large ferries"
    assert dispatch.published_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert dispatch.text.startswith("Harbour Works Ltd opened") and dispatch.text.endswith("press@harbour.example")
