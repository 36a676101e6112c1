"""Explained, every field of a text format names the bytes of the file that it was read from."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from pipeline.messages import RawItem
from pipeline.stages.parse.stage import ParseStage
from tests.unit.parse import samples, text_samples

RECEIVED = datetime(2026, 3, 1, 13, tzinfo=UTC)
PLAIN = b"Harbour closed\n\nBy Ada Example\n\nPORTMOUTH (AFP) - The harbour of Port\xe9a was closed\non Sunday.\n\nabc/def\n"


def explained(stage: ParseStage, data: bytes) -> list[tuple[dict[str, bytes], dict[str, str]]]:
    """For each item: field by field the bytes that it names, and all that is said."""
    items, letters = stage.explain(RawItem(payload=data, feed="f", name="n", position="p", received_at=RECEIVED))
    assert not letters
    ranges = [
        {
            name: data[int(match[1]) : int(match[2])]
            for name, told in each.where.items()
            if (match := re.search(r"bytes (\d+)-(\d+)", told))
        }
        for each in items
    ]
    return list(zip(ranges, (each.where for each in items), strict=True))


def test_each_field_of_an_anpa_dispatch_names_its_bytes(stage: ParseStage) -> None:
    ((bytes_of, where),) = explained(stage, text_samples.ANPA)
    assert bytes_of["headline"] == b"Storm closes harbor"
    assert (bytes_of["service"], bytes_of["sequence"], bytes_of["subjects"]) == (b"W", b"0417", b"i")
    assert bytes_of["urgency"].startswith(b"u i")
    assert bytes_of["dateline"] == b"PORTMOUTH, Elysia (AP)"
    assert bytes_of["text"].startswith(b"The harbor closed") and bytes_of["text"].endswith(b"said `no.'")
    assert bytes_of["published_at"].startswith(b"\x03AP-WF-03-01-26 1205GMT")
    assert set(where) == set(bytes_of)


def test_each_field_of_an_iptc_dispatch_names_its_bytes_across_wrapped_lines(stage: ParseStage) -> None:
    ((bytes_of, where),) = explained(stage, text_samples.DPA)
    assert bytes_of["headline"] == b"Sturm schlie\xdft Hafen\r\nvon Portmund"
    assert bytes_of["text"].startswith(b"Der Sturm hat") and bytes_of["text"].endswith(b"\r\ngeschlossen.")
    assert bytes_of["signoff"] == b"dpa abc yydd n1 xyz"
    assert "lines up to the equals sign" in where["headline"]


def test_items_of_one_file_name_bytes_of_the_file(stage: ParseStage) -> None:
    data = text_samples.ANPA + text_samples.ANPA_KILL
    (_, (second, _)) = explained(stage, data)
    assert second["sequence"] == b"0420"
    assert second["text"] == b"Kill BC-Elysia-Harbor. The harbor is open."


def test_plain_text_and_e_mail_name_bytes(stage: ParseStage) -> None:
    ((bytes_of, _),) = explained(stage, PLAIN)
    assert (bytes_of["headline"], bytes_of["byline"]) == (b"Harbour closed", b"By Ada Example")
    assert bytes_of["dateline"] == b"PORTMOUTH (AFP)"
    assert bytes_of["text"] == b"The harbour of Port\xe9a was closed\non Sunday."
    assert bytes_of["signoff"] == b"abc/def"
    ((mail, _),) = explained(stage, text_samples.EMAIL)
    assert mail["headline"].startswith(b"Subject: =?utf-8?Q?Storm") and mail["headline"].endswith(b"?=")
    assert mail["published_at"] == b"Date: Sun, 1 Mar 2026 13:05:00 +0100"


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_every_field_that_is_set_says_from_where(stage: ParseStage, name: str) -> None:
    items, _ = stage.explain(RawItem(payload=samples.SAMPLES[name], feed="f", name="n", position="p", received_at=RECEIVED))
    for each in items:
        told = each.dispatch.model_dump(mode="json", exclude_none=True)
        stated = {
            field
            for field in ("headline", "slugline", "byline", "dateline", "urgency", "published_at", "text", "revision")
            if told.get(field)
        }
        assert each.dispatch.format == "wirefeed_jsonl" or not each.where or stated <= set(each.where)
        assert all(each.where.values())
