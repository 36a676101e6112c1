"""The pages as the server renders them, and the API's cursors, ETags and refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from pipeline.console.charts import HEIGHT, stacked
from pipeline.console.difference import difference, highlighted
from pipeline.console.versions import in_order
from pipeline.messages import Event, Relation
from pipeline.stages.parse.profile import load_profiles
from pipeline.store import feeds_schema
from pipeline.store.feeds import FeedBook
from tests.unit.console.conftest import NOW, SCRIPT, Console, make_event, make_letter

PAGES = ("/", "/stories", "/alerts", "/charts", "/rules", "/feeds", "/dead-letters", "/audit", "/rules?backtest=10")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_markup_of_a_dispatch_or_a_script_of_its_own(console: Console, path: str) -> None:
    """Everything a dispatch says is text; the only script is ours, from a file."""
    answer = console.client("admin").get(path)
    assert answer.status_code == 200
    page = html.fromstring(answer.text)
    assert [script.get("src") for script in page.iter("script")] == ["/static/console.js"]
    assert not page.xpath("//img | //@onerror | //@onclick | //@style | //style")
    assert page.xpath("count(//h1)") == 1
    assert page.xpath("//main[@id='main']")


def test_the_wire_shows_the_newest_headlines_first(console: Console) -> None:
    page = html.fromstring(console.client("operator").get("/").text)
    shown = [link.text_content() for link in page.xpath("//ol[@id='rows']//a")]
    assert shown == ["Under embargo", SCRIPT, "Ministers meet again", "Ministers meet"]


def flags(page: html.HtmlElement) -> dict[str, list[str]]:
    """Marks of each row of a list, by its headline."""
    rows = page.xpath("//ol[@id='rows']/li")
    found = (
        (row.xpath(".//a")[0].text_content(), [flag.text for flag in row.xpath(".//*[contains(@class, 'flag')]")]) for row in rows
    )
    return {headline: texts for headline, texts in found if texts}


UNTIL = f"embargoed until {NOW + timedelta(hours=5):%d %b %H:%M} UTC"
GONE = {
    "Explosion at the harbour of Port Alma": ["withdrawn"],
    "Dockers vote to strike, 300 join": ["corrected since"],
    "CORRECTED: Dockers vote to strike, 30 join": ["correction"],
    "Central bank to cut its rate": ["held"],
}


def test_the_wire_marks_what_was_withdrawn_held_corrected_or_is_under_embargo(
    build: Callable[..., Console], newsroom: list[Event]
) -> None:
    client = build(newsroom, []).client("operator")
    notices = {"KILL: Explosion at the harbour": ["kill"], "HOLD the rate story": ["hold"]}
    embargoed = {"Talks end in agreement": [UNTIL], "Study finds water on a moon": ["embargo without a date"]}
    assert flags(html.fromstring(client.get("/").text)) == GONE | notices | embargoed
    found = html.fromstring(client.get("/?q=explosion").text)
    assert [flag.text for flag in found.xpath("//span[contains(@class, 'flag')]")] == [
        "kill",
        "copy of what is withdrawn",
        "withdrawn",
    ]
    # A row that may not be used is struck through as well, not only labelled.
    assert len(found.xpath("//li[contains(@class, 'gone')]")) == 2


def test_alerts_and_stories_mark_the_same(build: Callable[..., Console], newsroom: list[Event]) -> None:
    client = build(newsroom, []).client("operator")
    alerts = flags(html.fromstring(client.get("/alerts").text))
    assert alerts == {name: GONE[name] for name in list(GONE)} | {"Study finds water on a moon": ["embargo without a date"]}
    assert flags(html.fromstring(client.get("/stories").text)) == {
        "Explosion at the harbour of Port Alma": ["withdrawn by afp; not by ap"],
        "Central bank to cut its rate": ["held"],
        "Talks end in agreement": [f"holds copy {UNTIL}"],
        "Study finds water on a moon": ["embargo without a date"],
    }
    for event, marks in (
        (newsroom[0], ["withdrawn by afp; not by ap", "kill", "copy of what is withdrawn", "withdrawn"]),
        (newsroom[2], ["correction", "corrected since"]),
    ):
        assert event.story
        page = html.fromstring(client.get(f"/stories/{event.story.id}").text)
        assert [flag.text for flag in page.xpath("//span[contains(@class, 'flag')]")] == marks


def test_readers_see_what_was_withdrawn_and_nothing_under_embargo(build: Callable[..., Console], newsroom: list[Event]) -> None:
    """Nor what is under an embargo without a date; a kill is marked though its notice be under embargo itself."""
    kill = newsroom[6].dispatch.model_copy(update={"embargoed_until": NOW + timedelta(hours=1)})
    newsroom[6] = newsroom[6].model_copy(update={"dispatch": kill})
    client = build(newsroom, []).client("reader")
    for path in (
        "/",
        "/alerts",
        "/stories",
        "/api/dispatches",
        "/api/alerts",
        "/api/stories",
        "/api/snapshot",
        "/?q=water",
        "/rules",
    ):
        answer = client.get(path).text
        assert "Study finds" not in answer, path
        assert "Talks end" not in answer, path
    assert flags(html.fromstring(client.get("/").text)) == GONE | {"HOLD the rate story": ["hold"]} | {
        "Explosion at the harbour of Port Alma": ["withdrawn"]
    }
    assert flags(html.fromstring(client.get("/stories").text))["Explosion at the harbour of Port Alma"] == [
        "withdrawn by afp; not by ap"
    ]
    assert newsroom[10].story
    assert client.get(f"/stories/{newsroom[10].story.id}").status_code == 404


def test_matches_and_searched_words_are_marked_in_headlines(console: Console) -> None:
    page = html.fromstring(console.client("reader").get("/?q=meet+NOT+war").text)
    marked = [[mark.text for mark in link.iter("mark")] for link in page.xpath("//ol[@id='rows']//a")]
    assert marked == [["meet"], ["Ministers", "meet"]]


def test_a_story_shows_its_versions_and_what_changed_word_by_word(console: Console, sample: list[Event]) -> None:
    assert sample[0].story
    page = html.fromstring(console.client("reader").get(f"/stories/{sample[0].story.id}").text)
    headline, text = page.xpath("//details[@class='difference']//div[@class='text']")
    assert [ins.text_content() for ins in headline.iter("ins")] == [" again"]
    assert [gone.text_content() for gone in text.iter("del")] == [" and agreed on nothing"]
    assert page.xpath("//p[@class='headline']/mark/text()") == ["Ministers"]
    assert not page.xpath("//form[contains(@action, 'acknowledge')]")  # a reader cannot


def test_an_acknowledged_story_is_open_again_when_it_becomes_more_severe(console: Console, sample: list[Event]) -> None:
    assert sample[0].story
    client = console.client("operator")
    client.post(f"/api/stories/{sample[0].story.id}/acknowledge")
    kept = client.get("/api/alerts?acknowledged=false").json()["items"]
    assert {row["provider"] for row in kept} == {"reuters"}
    console.write(make_event(20, headline="Ministers shot", severity=5, relation=Relation.UPDATE))
    (row,) = (row for row in client.get("/api/alerts?acknowledged=false").json()["items"] if row["provider"] == "afp")
    assert (row["severity"], row["acknowledged_by"]) == (5, None)


def test_a_dead_letter_shows_its_bytes_and_can_be_replayed_once_all_are_kept(build: Callable[..., Console]) -> None:
    whole, cut = make_letter(b"\x00<script>"), make_letter(b"x" * 100, "large.xml").model_copy(update={"size": 200})
    client = build([], [whole, cut]).client("operator")
    page = client.get(f"/dead-letters/{whole.id}").text
    assert "00 3c 73 63 72 69 70 74 3e" in page
    assert client.get(f"/api/dead-letters/{whole.id}/payload").content == b"\x00<script>"
    assert client.post(f"/api/dead-letters/{whole.id}/replay").status_code == 202
    assert "replay requested" in client.get(f"/dead-letters/{whole.id}").text
    assert client.post(f"/api/dead-letters/{cut.id}/replay").status_code == 409
    assert "send the item again" in client.get(f"/dead-letters/{cut.id}").text


def test_a_dead_letter_of_the_topic_says_how_it_is_replayed(build: Callable[..., Console]) -> None:
    """The engine that would read it again reads the topic, not the store."""
    letter = make_letter(b"\x00").model_copy(update={"headers": {"__streams.errors.topic": "wire.raw"}})
    client = build([], [letter]).client("operator")
    assert f"wirefeed dead-letters replay {letter.id} --yes" in client.get(f"/dead-letters/{letter.id}").text
    assert client.post(f"/api/dead-letters/{letter.id}/replay").status_code == 409


def test_cursors_cut_pages_without_gap_or_repetition(console: Console) -> None:
    console.write(*(make_event(n, story=str(n), severity=3) for n in range(30, 47)))
    client = console.client("operator")
    for path, following in (("/api/dispatches", "before"), ("/api/stories", "after"), ("/api/alerts", "after")):
        whole = [row["id"] for row in client.get(path, params={"limit": 200}).json()["items"]]
        cut: list[str] = []
        page = client.get(path, params={"limit": 4}).json()
        cut += [row["id"] for row in page["items"]]
        while page["next"] is not None:
            page = client.get(path, params={"limit": 4, following: page["next"]}).json()
            cut += [row["id"] for row in page["items"]]
        assert cut == whole
        assert len(set(whole)) == len(whole)


@pytest.mark.parametrize("cursor", ["x", "e30", "WzEsMl0", "bnVsbA", "ä"])
def test_a_cursor_that_is_none_of_ours_is_refused(console: Console, cursor: str) -> None:
    assert console.client("reader").get("/api/stories", params={"after": cursor}).status_code == 422


def test_an_unchanged_answer_is_not_sent_again(console: Console) -> None:
    client = console.client("reader")
    first = client.get("/api/dispatches")
    again = client.get("/api/dispatches", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    console.write(make_event(10, story="ten"))
    assert client.get("/api/dispatches", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ('"open', "quotation mark"),
        ("(open", "parentheses"),
        ("closed)", "parentheses"),
        ("a () b", "parenthesis"),
        ("a AND", "needs a word after it"),
        ("a NOT", "needs a word after it"),
        ("...", "no word"),
    ],
)
def test_a_search_without_sense_is_refused_with_a_reason(console: Console, words: str, reason: str) -> None:
    answer = console.client("reader").get("/api/dispatches", params={"q": words})
    assert answer.status_code == 422
    assert reason in answer.json()["detail"]


def test_a_headline_is_marked_where_the_search_found_it_and_not_at_its_operators(
    build: Callable[..., Console],
) -> None:
    headline = "Ministers near agreement, head for Geneva"
    found = build([make_event(1, headline=headline)], []).client("reader")
    answer = found.get("/api/dispatches", params={"q": 'HEAD: minist* NEAR/3 agreement "head for" NOT war'}).json()
    assert [headline[start:end] for start, end in answer["items"][0]["highlights"]] == ["Ministers", "agreement", "head for"]


@pytest.mark.parametrize(
    "words", ["ministers", "(ministers OR talks) NOT war", "minist*", '"ministers meet"', "a\x00b", "a AND (b OR (c))"]
)
def test_a_search_with_sense_is_answered(console: Console, words: str) -> None:
    assert console.client("reader").get("/api/dispatches", params={"q": words}).status_code == 200


def test_the_page_of_feeds_says_for_how_long_nothing_came(build: Callable[..., Console]) -> None:
    events = [make_event(n, story=str(n), at=NOW - timedelta(hours=3, minutes=-n)) for n in range(5)]
    (row,) = build(events, []).client("operator").get("/api/feeds").json()
    assert (row["feed"], row["dispatches"], row["longest_gap_minutes"]) == ("wires", 5, 1)
    assert row["silent_minutes"] >= 176


def test_a_service_is_silent_where_the_record_of_feeds_says_so_and_nowhere_else(build: Callable[..., Console]) -> None:
    """A feed that has brought nothing for longer than ever is not called silent: the record does not know its hours."""
    console = build([make_event(n, story=str(n), at=NOW - timedelta(hours=3, minutes=-n)) for n in range(5)], [])
    book, client = FeedBook(load_profiles()), console.client("operator")
    with console.store.writing() as connection:
        book.note(connection, [make_event(1)])
    assert "silent since" not in client.get("/feeds").text
    with console.store.writing() as connection:
        connection.execute(feeds_schema.feeds.update().values(silent_since=NOW))
    assert "silent since" in client.get("/feeds").text


def test_a_hole_in_a_numbered_service_is_on_the_page_of_feeds(build: Callable[..., Console]) -> None:
    console = build([], [])
    book = FeedBook(load_profiles())
    with console.store.writing() as connection:
        for number in [*range(1, 60), 62]:
            event = make_event(number, story=str(number), at=NOW - timedelta(minutes=70 - number))
            numbered = event.dispatch.model_copy(update={"service": "ECO", "sequence": f"{number:04d}"})
            book.note(connection, [event.model_copy(update={"dispatch": numbered})])
    (row,) = console.client("operator").get("/api/services").json()
    assert (row["provider"], row["service"], row["missing"], row["last_sequence"]) == ("afp", "ECO", 2, "62")
    page = console.client("operator").get("/feeds").text
    assert "2 missing" in page
    assert row["gaps"][0]["numbers"] in page


def test_a_broken_rule_file_is_named_on_the_page_and_breaks_nothing_else(console: Console) -> None:
    (console.folder / "broken.yaml").write_text("title: [")
    answer = console.client("reader").get("/rules")
    assert answer.status_code == 200
    assert "broken.yaml" in answer.text
    assert console.client("reader").get("/api/rules").status_code == 409


@given(st.permutations(range(5)))
def test_versions_stand_behind_what_they_follow_whatever_the_times_of_their_files(minutes: list[int]) -> None:
    chain: list[Event] = []
    for number, minute in enumerate(minutes):
        chain.append(make_event(number, at=NOW + timedelta(minutes=minute), of=chain[-1] if chain else None))
    shown = in_order(sorted(chain, key=lambda event: event.dispatch.received_at))
    assert [event.dispatch.item_id for event in shown] == ["0", "1", "2", "3", "4"]


words = st.text(alphabet="ab 1.\né", max_size=60)


@given(words, words)
def test_a_difference_tells_both_texts_whole(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert pieces is not None
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after


def test_texts_that_would_take_seconds_to_compare_are_not() -> None:
    assert difference("a " * 5000, "b") is None


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40)), max_size=6))
def test_highlighting_keeps_the_text_whole(text: str, spans: list[tuple[int, int]]) -> None:
    parts = highlighted(text, spans)
    assert "".join(part for _, part in parts) == text
    assert all(first[0] != second[0] for first, second in pairwise(parts))


@given(st.lists(st.tuples(st.integers(0, 47), st.sampled_from("abcdefgh"), st.integers(1, 50)), max_size=30))
def test_bars_stay_inside_the_chart(counts: list[tuple[int, str, int]]) -> None:
    chart = stacked([(NOW - timedelta(hours=hour), name, number) for hour, name, number in counts], 48)
    for bar in chart.bars if chart else []:
        assert bar.y >= -0.1
        assert bar.y + bar.height <= HEIGHT + 0.1
        assert -0.1 <= bar.x <= 720
