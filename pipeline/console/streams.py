"""The API's streams: finished events and alerts as they are stored."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse

from pipeline.console.api import REFUSALS, Reader
from pipeline.console.discretion import shown_to
from pipeline.console.highlights import in_headline
from pipeline.console.marks import Marked
from pipeline.console.roles import Grant
from pipeline.console.rows import DispatchRow
from pipeline.console.stream import Cursor, Hub, Item, frame
from pipeline.messages import Alert, Event
from pipeline.store.standing import own_standing

log = structlog.get_logger(__name__)

#: Seconds after which a stream ends, so that its token is looked at again; clients come back with their cursor.
LIFE = 300.0

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Server-sent events."},
    422: {"description": "A parameter cannot be used."},
}
router = APIRouter(responses={**REFUSALS, **_STREAM}, default_response_class=StreamingResponse)

Resume = Annotated[str | None, Header(alias="Last-Event-ID", max_length=60, description="Go on behind this id.")]
ResumeQuery = Annotated[str | None, Query(max_length=60, description="As Last-Event-ID, for clients that cannot set headers.")]
Least = Annotated[int, Query(ge=1, le=5, description="This severe or more.")]


@router.get("/events/stream")
async def events(request: Request, grant: Reader, resume: Resume = None, last_event_id: ResumeQuery = None) -> StreamingResponse:
    """Every finished event that the token may see, as it is stored: `event: event`, the event as data."""
    return _stream(request, grant, resume or last_event_id, "event", lambda item: item.document)


@router.get("/alerts/stream")
async def alerts(
    request: Request, grant: Reader, severity: Least = 1, resume: Resume = None, last_event_id: ResumeQuery = None
) -> StreamingResponse:
    """Every event that raised an alert, without its text: `event: alert`, as in the topic wire.alerts.

    `event: standing` says by id which earlier dispatches are withdrawn, held or corrected since.
    """

    def render(item: Item) -> str | None:
        return _alert(item) if item.severity is not None and item.severity >= severity else None

    return _stream(request, grant, resume or last_event_id, "alert", render)


@router.get("/headlines/stream")
async def headlines(request: Request, grant: Reader, resume: Resume = None, last_event_id: ResumeQuery = None) -> StreamingResponse:
    """What the wire page shows of each event, as it is stored: `event: headline`.

    `event: standing` says by id which earlier dispatches are withdrawn, held or corrected since.
    """
    return _stream(request, grant, resume or last_event_id, "headline", _headline)


def _alert(item: Item) -> str | None:
    if "alert" not in item.rendered:
        alert = Alert.of(Event.model_validate_json(item.document))
        item.rendered["alert"] = alert.to_json().decode() if alert else ""
    return item.rendered["alert"] or None


def _headline(item: Item) -> str:
    if "headline" not in item.rendered:
        event = Event.model_validate_json(item.document)
        dispatch, story = event.dispatch, event.story
        relation = story.relation.value if story else ""
        standing = own_standing(relation, dispatch.status, dispatch.signal)
        marked = Marked(relation, dispatch.status.value, dispatch.signal.value, dispatch.embargoed_until)
        row = DispatchRow(
            seq=item.seq,
            id=str(dispatch.id),
            story_id=str(story.id) if story else "",
            relation=relation,
            current=story.current if story else True,
            provider=dispatch.provider,
            headline=dispatch.headline,
            language=event.language.tag if event.language else dispatch.language,
            severity=item.severity,
            status=dispatch.status.value,
            published_at=dispatch.published_at,
            received_at=dispatch.received_at,
            signal=dispatch.signal.value,
            embargoed_until=dispatch.embargoed_until,
            standing=standing,
            marks=marked.marks(standing, datetime.now(UTC)),
            highlights=[span for alert in event.alerts or [] for span in in_headline(m.model_dump() for m in alert.matches)],
        )
        item.rendered["headline"] = row.model_dump_json()
    return item.rendered["headline"]


def _stream(
    request: Request, grant: Grant, resume: str | None, name: str, render: Callable[[Item], str | None]
) -> StreamingResponse:
    hub: Hub = request.app.state.hub
    try:
        given = Cursor.parse(resume, datetime.now(UTC)) if resume else None
    except ValueError as error:
        raise HTTPException(422, str(error)) from None
    return StreamingResponse(
        _frames(hub, given, grant, name, render), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _frames(
    hub: Hub, given: Cursor | None, grant: Grant, name: str, render: Callable[[Item], str | None]
) -> AsyncIterator[str]:
    end = time.monotonic() + LIFE
    yield "retry: 1000\n\n"
    async for cursor, item in hub.listen(given, grant):
        if item is not None and item.standings is not None:
            if name != "event":  # who reads whole events gets the notice itself
                yield frame(cursor, "standing", json.dumps(item.standings))
            continue
        data = _rendered(item, grant, render) if item is not None else None
        # A beat carries the cursor too, so that a client that saw nothing resumes from here.
        yield frame(cursor, name, data) if data is not None else f"id: {cursor}\n: beat\n\n"
        if time.monotonic() > end:
            return


def _rendered(item: Item, grant: Grant, render: Callable[[Item], str | None]) -> str | None:
    """What a stream says of an item; nothing where its document cannot be read: the client would come back to it for ever."""
    try:
        document = shown_to(item.document, item.followed, grant, datetime.now(UTC))
        return render(item if document is item.document else replace(item, document=document, rendered={}))
    except ValueError:
        log.exception("a stored event cannot be read and is passed over", seq=item.seq)
        return None
