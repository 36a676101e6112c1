"""Real transmissions: facts read from them independently, and what the parser made of them when it was last reviewed.

The files themselves are read where WIREFEED_CORPORA points and are never copied. ``tests/golden/parse`` was recorded from the
parser and reviewed against the files; ``fixtures.tsv`` was read from the files by other means.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.messages import Dispatch
from pipeline.stages.parse.stage import Parsed
from pipeline.stages.parse.times import parse_time

GOLDEN = Path(__file__).parents[2] / "golden" / "parse"
CORPORA = os.environ.get("WIREFEED_CORPORA")
FACTS = {
    f"{path.stem}/{name}": facts
    for path in sorted(GOLDEN.glob("*.json"))
    for name, facts in json.loads(path.read_text("utf-8")).items()
}


def facts_of(dispatch: Dispatch, asked: dict[str, Any]) -> dict[str, Any]:
    """The fields that a golden file states, in its form."""
    fields = dispatch.model_dump(mode="json")
    counted = {
        "subjects": len(dispatch.subjects),
        "keywords": len(dispatch.keywords),
        "paragraphs": len([block for block in dispatch.text.split("\n\n") if block]),
        "words": len(dispatch.text.split()),
        "links": [{name: value for name, value in link.items() if value} for link in fields["links"]],
    }
    return {name: counted.get(name, fields.get(name)) for name in asked}


needs_corpora = pytest.mark.skipif(CORPORA is None, reason="set WIREFEED_CORPORA to the folder that holds fixtures/")


@needs_corpora
@pytest.mark.parametrize("name", FACTS)
def test_a_real_transmission_is_read_as_reviewed(read: Callable[..., Parsed], name: str) -> None:
    parsed = read((Path(CORPORA or "") / "fixtures" / name).read_bytes())
    expected = FACTS[name]
    assert [
        facts_of(each.dispatch, facts) for each, facts in zip(parsed.dispatches, expected["dispatches"], strict=True)
    ] == expected["dispatches"]
    assert [letter.reason for letter in parsed.dead_letters] == ([expected["reason"]] if "reason" in expected else [])


#: Names of facts in fixtures.tsv and the dispatch's field that must say the same.
SAME = {
    "headline": "headline",
    "slugline": "slugline",
    "byline": "byline",
    "dateline": "dateline",
    "version": "revision",
    "itemid": "item_id",
    "uri": "item_id",
    "guid": "item_id",
    "etag": "revision",
    "urgency": "urgency",
    "language": "language",
    "versioncreated": "published_at",
    "versionCreated": "published_at",
    "date_issue": "published_at",
    "embargoed": "embargoed_until",
    "pubstatus": "status",
    "pubStatus": "status",
    "management_status": "status",
}
#: Facts that state something else than an identity, a time with a zone or a place on the scale.
EXCEPTIONS = {
    ("newsml_1_2/sdbelga__belga_newsml_1_2.xml", "guid"),  # names the agency, not the item
    ("newsml_1_2/sdbelga__belga_newsml_1_2.xml", "versioncreated"),  # in Brussels' time
    ("newsml_1_2/sdbelga__tass_belga.xml", "versioncreated"),  # in Moscow's time
    ("newsml_g2/sdcore__stt1.xml", "versioncreated"),  # in Helsinki's time
    ("nitf/iptcnj__NTB_nitf_sample.xml", "date_issue"),  # in Oslo's time
    ("newsml_1_2/sdbelga__kyodo_newsml_1_2_belga.xml", "urgency"),  # 9 is no place on the scale
    ("ninjs/guardian__PA_API.json", "uri"),  # carries the version; the item's own number stands in usn
    ("ap_media_api/sdcore__ap_media_text_item.json", "version"),  # the etag is the revision
    ("ap_media_api/sdcp__ap-table.json", "version"),
}


def independent_facts() -> list[tuple[str, dict[str, Any]]]:
    if CORPORA is None:
        return []
    with (Path(CORPORA) / "fixtures.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return [(row[0], json.loads(row[3])) for row in rows if row[0] in FACTS and FACTS[row[0]]["dispatches"]]


def agrees(field: str, fact: object, value: object) -> bool:
    said = str(fact).strip()
    if field in ("published_at", "embargoed_until"):
        return value == parse_time(said)
    if field == "item_id":  # NewsML 1's public identifier ends in the revision
        return said == value or said.rpartition(":")[0] == value
    if field == "status":
        return said.lower().removeprefix("stat:") == value
    if field == "language":
        return str(value).partition("-")[0] == said.partition("-")[0]
    return "".join(said.split()) == "".join(str(value).split())


@needs_corpora
@pytest.mark.parametrize(("name", "facts"), independent_facts())
def test_facts_that_others_read_from_the_file_are_found(read: Callable[..., Parsed], name: str, facts: dict[str, Any]) -> None:
    dispatch = read((Path(CORPORA or "") / "fixtures" / name).read_bytes()).dispatches[0].dispatch
    compared = {fact: field for fact, field in SAME.items() if fact in facts and (name, fact) not in EXCEPTIONS}
    wrong = {
        fact: (facts[fact], getattr(dispatch, field))
        for fact, field in compared.items()
        if not agrees(field, facts[fact], getattr(dispatch, field))
    }
    assert not wrong
