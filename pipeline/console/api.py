"""The REST API: what the store holds, page by page."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import select

from pipeline.messages import DeadLetter, Event, Time
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.dead_letters import read_dead_letter
from pipeline.store.search import Query as Search
from pipeline.store.search import index_pending, search
from pipeline.store.stories import read_story

router = APIRouter()

Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
Cursor = Annotated[int | None, Query(ge=0, le=2**53, description="The cursor of the page before.")]
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "Nothing has this id."}}


class DispatchRow(BaseModel):
    """A dispatch without its text."""

    seq: int
    id: str
    story_id: str
    relation: str
    current: bool
    provider: str
    headline: str | None
    language: str | None
    severity: int | None
    status: str
    published_at: Time | None
    received_at: Time
    embargoed_until: Time | None


class DispatchPage(BaseModel):
    """Dispatches, newest first; ``next`` is the cursor of the page after."""

    items: list[DispatchRow]
    next: int | None


class StoryRow(BaseModel):
    """A story's summary."""

    id: str
    headline: str | None
    language: str | None
    status: str
    severity: int | None
    dispatches: int
    copies: int
    providers: str
    first_received_at: Time
    last_received_at: Time


class AlertRow(BaseModel):
    """A rule that matched a dispatch."""

    id: str
    dispatch_id: str
    story_id: str
    rule: str
    severity: int
    kind: str
    title: str
    unconfirmed: bool
    matches: list[dict[str, Any]]
    received_at: Time


class DeadLetterRow(BaseModel):
    """A dead letter without its bytes."""

    id: str
    stage: str
    reason: str
    feed: str
    name: str
    received_at: Time
    size: int
    state: str


def store_of(request: Request) -> Store:
    """The store that the application was built over."""
    opened: Store = request.app.state.store
    return opened


@router.get("/dispatches")
def dispatches(
    request: Request,
    q: Annotated[str, Query(max_length=1000, description='Words, "phrases", prefix*, AND, OR, NOT.')] = "",
    provider: Annotated[str | None, Query(max_length=100)] = None,
    language: Annotated[str | None, Query(max_length=35)] = None,
    country: Annotated[str | None, Query(max_length=2)] = None,
    entity: Annotated[str | None, Query(max_length=200)] = None,
    severity: Annotated[int | None, Query(ge=1, le=5)] = None,
    since: datetime | None = None,
    before: Cursor = None,
    limit: Limit = 50,
) -> DispatchPage:
    """Dispatches, newest first."""
    store = store_of(request)
    wanted = Search(q, since, None, provider, language, country, entity, severity, None, before, limit)
    if q.strip():
        index_pending(store)
    with store.reading() as connection:
        found = [DispatchRow.model_validate(row) for row in search(connection, wanted)]
    return DispatchPage(items=found, next=found[-1].seq if len(found) == limit else None)


@router.get("/dispatches/{identifier}", responses=NOT_FOUND)
def dispatch(request: Request, identifier: str) -> Event:
    """One finished event."""
    with store_of(request).reading() as connection:
        document = connection.execute(select(schema.dispatches.c.document).where(schema.dispatches.c.id == identifier)).scalar()
    if document is None:
        raise HTTPException(404, f"no dispatch has the id {identifier}")
    return Event.model_validate_json(document)


@router.get("/stories")
def stories(request: Request, limit: Limit = 50) -> list[StoryRow]:
    """Stories, the most recently told first."""
    table = schema.stories
    with store_of(request).reading() as connection:
        rows = connection.execute(select(table).order_by(table.c.last_received_at.desc()).limit(limit)).mappings()
        return [StoryRow.model_validate(dict(row)) for row in rows]


@router.get("/stories/{identifier}", responses=NOT_FOUND)
def story(request: Request, identifier: str) -> list[Event]:
    """A story's dispatches in the order in which they came."""
    with store_of(request).reading() as connection:
        events = read_story(connection, identifier)
    if not events:
        raise HTTPException(404, f"no story has the id {identifier}")
    return events


@router.get("/alerts")
def alerts(request: Request, severity: Annotated[int, Query(ge=1, le=5)] = 1, limit: Limit = 50) -> list[AlertRow]:
    """Alerts, newest first."""
    table = schema.alerts
    query = select(table).where(table.c.severity >= severity).order_by(table.c.received_at.desc(), table.c.id).limit(limit)
    with store_of(request).reading() as connection:
        rows = connection.execute(query).mappings()
        return [AlertRow.model_validate({**row, "matches": json.loads(row["matches"])}) for row in rows]


@router.get("/dead-letters")
def dead_letters(request: Request, limit: Limit = 50) -> list[DeadLetterRow]:
    """What could not be read, newest first."""
    table = schema.dead_letters
    columns = [table.c[name] for name in DeadLetterRow.model_fields]
    with store_of(request).reading() as connection:
        rows = connection.execute(select(*columns).order_by(table.c.received_at.desc(), table.c.id).limit(limit)).mappings()
        return [DeadLetterRow.model_validate(dict(row)) for row in rows]


@router.get("/dead-letters/{identifier}", responses=NOT_FOUND)
def dead_letter(request: Request, identifier: str) -> DeadLetter:
    """One dead letter with its bytes, in base64."""
    with store_of(request).reading() as connection:
        letter = read_dead_letter(connection, identifier)
    if letter is None:
        raise HTTPException(404, f"no dead letter has the id {identifier}")
    return letter


@router.get("/dead-letters/{identifier}/payload", response_class=Response, responses=NOT_FOUND)
def payload(request: Request, identifier: str) -> Response:
    """The bytes of a dead letter, as a download."""
    letter = dead_letter(request, identifier)
    return Response(letter.payload, media_type="application/octet-stream", headers={"Content-Disposition": "attachment"})
