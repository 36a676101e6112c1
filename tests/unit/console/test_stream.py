"""Streams: nothing is missed between snapshot, stream and resume; embargoed copy comes when its hour has."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from pipeline.console import stream
from pipeline.console.roles import Grant, Role
from pipeline.console.serve import serving_app
from pipeline.console.stream import Cursor, Hub, Item, read_behind
from pipeline.console.streams import _alert, _frames
from pipeline.messages import Event, Relation
from pipeline.store import schema
from pipeline.store.events import write_events
from pipeline.store.numbers import settled_seq
from pipeline.store.removal import purge_item
from tests.unit.console.conftest import NOW, Console, make_event

READER, OPERATOR = Grant("r", Role.READER), Grant("o", Role.OPERATOR)


async def take(items: AsyncIterator[tuple[Cursor, Item | None]], number: int) -> list[tuple[Cursor, Item]]:
    found = []
    async for cursor, item in items:
        if item is not None:
            found.append((cursor, item))
        if len(found) == number:
            break
    return found


def headlines(items: list[tuple[Cursor, Item]]) -> list[Any]:
    return [json.loads(item.document)["dispatch"]["headline"] for _, item in items]


def test_a_stream_brings_what_is_stored_after_it_was_opened(console: Console) -> None:
    async def listen() -> list[Any]:
        hub = Hub(console.store)
        async with aclosing(hub.listen(None, READER)) as stream:
            await anext(stream)
            await asyncio.to_thread(console.write, make_event(10, story="ten", headline="Ten"))
            return headlines(await take(stream, 1))

    assert asyncio.run(listen()) == ["Ten"]


def test_what_is_stored_after_the_newest_was_purged_comes_to_streams(console: Console) -> None:
    """It gets a number of its own: a stream has passed the one of the dispatch that is gone."""
    gone = make_event(10, story="ten", headline="Gone")

    async def listen() -> list[Any]:
        async with aclosing(Hub(console.store).listen(None, READER)) as stream:
            await anext(stream)
            await asyncio.to_thread(console.write, gone)
            before = headlines(await take(stream, 1))
            with console.store.writing() as connection:
                purge_item(connection, str(gone.dispatch.id))
            await asyncio.to_thread(console.write, make_event(11, story="eleven", headline="Next"))
            return before + headlines(await asyncio.wait_for(take(stream, 1), 10))

    assert asyncio.run(listen()) == ["Gone", "Next"]


def test_what_cannot_be_read_in_one_dispatch_costs_no_stream_the_others(console: Console) -> None:
    """Such as a notice whose document is damaged: streams would beat on, and bring nothing, for ever."""
    kill = make_event(10, story="one", headline="Kill", relation=Relation.WITHDRAWAL, severity=3)

    async def listen() -> tuple[list[str], list[str]]:
        hub = Hub(console.store)
        async with aclosing(hub.listen(None, READER)) as first:
            await anext(first)
            with console.store.writing() as connection:
                write_events(connection, [kill])
                connection.execute(update(schema.dispatches).where(schema.dispatches.c.headline == "Kill").values(document="{"))
            await asyncio.to_thread(console.write, make_event(11, story="ten", headline="Eleven", severity=3))
            found = await asyncio.wait_for(take(first, 2), 10)
        lines = _frames(hub, Cursor(found[0][0].seq - 1, NOW), READER, "alert", _alert)
        async with aclosing(lines) as told:
            frames = [await asyncio.wait_for(anext(told), 10) for _ in range(4)]
        return [item.document for _, item in found], frames

    documents, frames = asyncio.run(listen())
    assert documents[0] == "{"
    assert "Eleven" in documents[1]
    assert any("Eleven" in each for each in frames)


@pytest.mark.parametrize("behind", [0, 1, 2])
def test_a_stream_resumes_behind_any_event_without_a_gap(console: Console, sample: list[Event], behind: int) -> None:
    async def listen() -> list[Any]:
        hub = Hub(console.store)
        async with aclosing(hub.listen(Cursor(behind, NOW), OPERATOR)) as stream:
            past = await take(stream, len(sample) - behind)
            await asyncio.to_thread(console.write, make_event(10, story="ten", headline="Ten"))
            return headlines([*past, *await take(stream, 1)])

    assert asyncio.run(listen()) == [*(event.dispatch.headline for event in sample[behind:]), "Ten"]


def test_two_listeners_share_one_look_and_each_gets_what_it_may_see(console: Console) -> None:
    limited = Grant("limited", Role.READER, ("reuters",))

    async def listen() -> tuple[list[Any], list[Any]]:
        hub = Hub(console.store)
        async with aclosing(hub.listen(None, READER)) as first, aclosing(hub.listen(None, limited)) as second:
            await anext(first)
            await anext(second)
            events = [make_event(10, story="ten", headline="Ten"), make_event(11, provider="reuters", story="x", headline="Eleven")]
            await asyncio.to_thread(console.write, *events)
            return headlines(await take(first, 2)), headlines(await take(second, 1))

    assert asyncio.run(listen()) == (["Ten", "Eleven"], ["Eleven"])


def test_embargoed_copy_comes_to_readers_when_its_hour_has_come_even_after_a_resume(console: Console, sample: list[Event]) -> None:
    """The cursor carries the time up to which ends of embargoes were told, not only a number."""
    embargoed = sample[3].dispatch
    later = NOW + timedelta(hours=6)
    with console.store.reading() as connection:
        cursor, _ = read_behind(connection, Cursor(0, NOW), NOW)
        resumed = Cursor.parse(str(cursor), later)
        after, items = read_behind(connection, resumed, later)
        assert [json.loads(item.document)["dispatch"]["id"] for item in items] == [str(embargoed.id)]
        assert read_behind(connection, after, later)[1] == []


def test_embargoes_that_ended_long_ago_are_told_a_few_at_a_time(
    console: Console, sample: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cursor of years ago loads no archive at once; what ended in one moment stays together, and nothing comes twice."""
    monkeypatch.setattr(stream, "_FETCH", 2)
    table, ends = schema.dispatches, [0, 1, 1, 1]
    ids = [str(event.dispatch.id) for event in sample][: len(ends)]
    with console.store.writing() as connection:
        connection.execute(update(table).values(embargoed_until=None))
        for identifier, hours in zip(ids, ends, strict=True):
            connection.execute(update(table).where(table.c.id == identifier).values(embargoed_until=NOW + timedelta(hours=hours)))
    told: list[list[str]] = []
    with console.store.reading() as connection:
        newest = settled_seq(connection)
        cursor = Cursor(newest, NOW - timedelta(days=1))
        for _ in range(len(ends) + 1):
            cursor, items = read_behind(connection, cursor, NOW + timedelta(days=1))
            told.append(sorted(json.loads(item.document)["dispatch"]["id"] for item in items if item.document))
    assert told[:2] == [[ids[0]], sorted(ids[1:])]
    assert not any(told[2:])


def test_readers_are_told_of_an_embargo_that_ends_while_they_listen(console: Console, sample: list[Event]) -> None:
    table = schema.dispatches
    ends = datetime.now(UTC) + timedelta(seconds=0.5)
    with console.store.writing() as connection:
        connection.execute(update(table).where(table.c.id == str(sample[3].dispatch.id)).values(embargoed_until=ends))

    async def listen() -> list[Any]:
        async with aclosing(Hub(console.store).listen(None, READER)) as stream:
            return headlines(await take(stream, 1))

    assert asyncio.run(listen()) == ["Under embargo"]


def test_a_stream_says_which_earlier_dispatches_a_kill_or_a_correction_concerns(
    build: Callable[..., Console], newsroom: list[Event]
) -> None:
    """Before the notice itself, so that a client that has got the notice has got that too."""
    console = build(newsroom[:6], [])

    async def listen() -> list[tuple[Cursor, Item]]:
        async with aclosing(Hub(console.store).listen(None, READER)) as stream:
            await anext(stream)
            await asyncio.to_thread(console.write, *newsroom[6:8])
            return await take(stream, 4)

    (before, killed), (_, kill), (_, corrected), _ = asyncio.run(listen())
    harbour, copy, strike = (str(newsroom[number].dispatch.id) for number in (0, 1, 2))
    assert killed.standings == {harbour: "withdrawn", copy: "withdrawn", json.loads(kill.document)["dispatch"]["id"]: "withdrawn"}
    assert before.seq < kill.seq
    assert corrected.standings == {strike: "corrected"}


@pytest.mark.parametrize("text", ["x", "-1", "1-", "1-2-3", "1" * 30, "1 OR 1", "٣"])
def test_a_cursor_that_is_none_of_ours_is_refused(console: Console, text: str) -> None:
    with pytest.raises(ValueError, match="none of ours"):
        Cursor.parse(text, NOW)
    answer = console.client("reader").get("/api/events/stream", params={"last_event_id": text})
    assert answer.status_code == 422


def frames(lines: Any, wanted: str) -> dict[str, str]:
    """Read up to the next frame of a kind."""
    frame: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            frame[name] = value
        elif frame.get("event") == wanted:
            return frame
        else:
            frame = {}
    raise AssertionError("the stream ended")


def test_over_http_snapshot_then_stream_then_resume_miss_nothing(build: Callable[..., Console], sample: list[Event]) -> None:
    console = build(sample, [], open_to_all=True)
    with serving_app(console.app, "127.0.0.1", 0) as url, httpx.Client(base_url=url, timeout=10) as client:
        snapshot = client.get("/api/snapshot")
        known = [json.loads(line)["dispatch"]["id"] for line in snapshot.text.splitlines()]
        assert known == [str(event.dispatch.id) for event in sample]
        console.write(make_event(10, story="ten", headline="Ten"))
        resume = {"Last-Event-ID": snapshot.headers["Last-Event-ID"]}
        with client.stream("GET", "/api/events/stream", headers=resume) as stream:
            frame = frames(stream.iter_lines(), "event")
            assert json.loads(frame["data"])["dispatch"]["headline"] == "Ten"
        console.write(make_event(11, story="eleven", headline="Eleven", severity=5))
        with client.stream("GET", "/api/alerts/stream", headers={"Last-Event-ID": frame["id"]}) as stream:
            alert = json.loads(frames(stream.iter_lines(), "alert")["data"])
        assert (alert["headline"], alert["severity"]) == ("Eleven", 5)
        assert "text" not in alert


def test_open_streams_do_not_keep_the_console_from_ending(build: Callable[..., Console]) -> None:
    console = build([], [], open_to_all=True)
    with httpx.Client(timeout=10) as client:
        with serving_app(console.app, "127.0.0.1", 0) as url:
            context = client.stream("GET", f"{url}api/events/stream")
            lines = context.__enter__().iter_lines()
            assert next(lines).startswith("retry")
        for _ in lines:  # the server has ended the stream
            pass
        context.__exit__(None, None, None)
