"""What a person reads, in an e-mail or on a terminal: always what it is about, and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.notify.channels.attempt import Outcome
from pipeline.notify.channels.lines import write_json_line
from pipeline.notify.wording import lines_of, title_of

GOLDEN = Path(__file__).parents[2] / "golden" / "webhook"


def golden(reason: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((GOLDEN / f"{reason}.json").read_text())
    return body


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_message_says_in_its_first_line_what_it_is_about(path: Path) -> None:
    assert "(no headline)" not in title_of(json.loads(path.read_text()))


def test_a_summary_lists_what_it_sums_up() -> None:
    lines = lines_of(golden("summary"))
    assert lines[0] == "[SUMMARY 4 high] 4 further alerts, above your limit"
    assert lines[1:] == ["  4 first: Sudria crosses the Kelder (afp)"] * 4


def test_a_long_summary_shows_the_most_severe_and_counts_the_rest() -> None:
    body = golden("summary")
    body["summary"] |= {"messages": body["summary"]["messages"] * 250, "count": 1234}
    lines = lines_of(body)
    assert len(lines) == 52
    assert lines[-1] == "  and 1,184 more, less severe"


def test_an_alarm_about_wirefeed_is_its_own_title() -> None:
    (line,) = lines_of(golden("operator"))
    assert line.startswith("[OPERATOR 5 critical] no canary has come through the chain since")


@pytest.mark.parametrize("reason", ["confirmed", "reminder", "retracted"])
def test_what_is_told_again_names_the_rules_of_what_was_told(reason: str) -> None:
    assert any(line.endswith(" Invasion") for line in lines_of(golden(reason)))


def test_a_reminder_says_how_to_end_it() -> None:
    body = golden("reminder")
    assert lines_of(body)[-1] == f"  to end the reminders: wirefeed acknowledge {body['story']['id']}"


def test_words_of_one_sentence_show_it_once() -> None:
    body = golden("first")
    rule = body["alert"]["rules"][0]
    rule["matches"] = rule["matches"] * 2
    (line,) = [line for line in lines_of(body) if line.startswith("  3 Invasion")]
    assert " | " not in line


def test_a_line_that_a_full_disk_cut_off_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(b'{"id":"1"}\n{"id":"2","he')
    assert write_json_line(str(path), b'{"id":"3"}').outcome is Outcome.DELIVERED
    assert path.read_bytes().splitlines() == [b'{"id":"1"}', b'{"id":"2","he', b'{"id":"3"}']
    assert write_json_line("/dev/full", b"{}").outcome is Outcome.RETRY
