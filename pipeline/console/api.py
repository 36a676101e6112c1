"""The REST API: what the store holds, page by page, for whoever may see it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import select

from pipeline.console.acts import read_acts
from pipeline.console.cursors import behind, cursor_after
from pipeline.console.discretion import Followed, shown_to, with_followed
from pipeline.console.flow import read_feeds, read_severities, read_volume
from pipeline.console.gate import needs
from pipeline.console.roles import Grant, Role
from pipeline.console.rows import (
    ActPage,
    AlertPage,
    DeadLetterPage,
    DeadLetterRow,
    DispatchPage,
    FeedRow,
    Problem,
    RuleRow,
    ServiceRow,
    SeverityRow,
    SilenceRow,
    StoryDetail,
    StoryPage,
    VolumeRow,
)
from pipeline.console.rulebook import Rulebook, read_rules
from pipeline.console.stories import read_stories, read_story_detail
from pipeline.console.wire import read_alerts, read_dispatches, read_event, sight
from pipeline.messages import DeadLetter, Event, Time
from pipeline.notify.silences import read_silences
from pipeline.stages.alerts.ruleset import RuleError
from pipeline.store import schema
from pipeline.store.database import Store
from pipeline.store.dead_letters import read_dead_letter
from pipeline.store.feeds import read_feeds as read_services
from pipeline.store.numbers import settled_seq
from pipeline.store.search import Query as Search
from pipeline.store.search import index_pending


def refusal(description: str) -> dict[str, Any]:
    """Describe a refusal for the OpenAPI document."""
    return {"model": Problem, "description": description}


#: What any route may answer.
REFUSALS: dict[int | str, dict[str, Any]] = {
    401: refusal("No token, or one that is unknown, revoked or has run out."),
    403: refusal("The token's role is too low, or the write comes from another site's page."),
    429: refusal("Too many wrong tokens from this address; Retry-After says how long to wait."),
    503: refusal("The store does not answer."),
}
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "As in If-None-Match."}}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: refusal("Nothing that the token may see has this id.")}
UNUSABLE: dict[int | str, dict[str, Any]] = {422: {"description": "A parameter cannot be used."}}

router = APIRouter(responses={**REFUSALS, **NOT_MODIFIED, **UNUSABLE})

Reader = Annotated[Grant, Depends(needs(Role.READER))]
Operator = Annotated[Grant, Depends(needs(Role.OPERATOR))]
#: An operator with a right to every agency.
Whole = Annotated[Grant, Depends(needs(Role.OPERATOR, every_agency=True))]
Admin = Annotated[Grant, Depends(needs(Role.ADMIN, every_agency=True))]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]
Before = Annotated[int | None, Query(ge=0, le=2**53, description="Cursor: `next` of the page before.")]
After = Annotated[str | None, Query(max_length=300, description="Cursor: `next` of the page before.")]
Identifier = Annotated[str, Path(min_length=1, max_length=100, description="Id, as lists give it.")]
Hours = Annotated[int, Query(ge=1, le=168, description="So many hours before the newest dispatch.")]
# Years that every database can compare with.
Moment = Annotated[
    Time | None, Query(description="RFC 3339; UTC where no offset is given.", json_schema_extra={"format": "date-time"})
]


def demand_operator(request: Request) -> Grant:
    """Refuse with 403 who is no operator, where only a part of a page is theirs."""
    return needs(Role.OPERATOR)(request)


def store_of(request: Request) -> Store:
    """The store that the application was built over."""
    opened: Store = request.app.state.store
    return opened


@router.get("/dispatches")
def dispatches(
    request: Request,
    grant: Reader,
    q: Annotated[str, Query(max_length=1000, description='Words, "phrases", prefix*, AND, OR, NOT.')] = "",
    provider: Annotated[str | None, Query(max_length=100, description="Agency.")] = None,
    language: Annotated[str | None, Query(max_length=35, description="Detected language, BCP-47.")] = None,
    country: Annotated[str | None, Query(max_length=2, description="ISO 3166-1 alpha-2 of a tagged entity.")] = None,
    entity: Annotated[str | None, Query(max_length=200, description="Name of a tagged entity.")] = None,
    severity: Annotated[int | None, Query(ge=1, le=5, description="This severe or more.")] = None,
    since: Moment = None,
    until: Moment = None,
    before: Before = None,
    limit: Limit = 50,
) -> DispatchPage:
    """Dispatches, newest first."""
    store = store_of(request)
    now = datetime.now(UTC)
    wanted = Search(
        q, since, until, provider, language, country, entity, severity, None, before, limit, grant.providers,
        grant.embargo_horizon(now),
    )  # fmt: skip
    if q.strip() or entity or country:
        index_pending(store)
    with store.reading() as connection:
        return read_dispatches(connection, wanted, grant, now)


@router.get("/dispatches/{identifier}", responses=NOT_FOUND)
def dispatch(request: Request, grant: Reader, identifier: Identifier) -> Event:
    """One finished event."""
    with store_of(request).reading() as connection:
        event = read_event(connection, identifier, grant, datetime.now(UTC))
    if event is None:
        raise HTTPException(404, f"no dispatch has the id {identifier}")
    return event


@router.get("/stories")
def stories(request: Request, grant: Reader, after: After = None, limit: Limit = 50) -> StoryPage:
    """Stories, the most recently told first."""
    with store_of(request).reading() as connection:
        return read_stories(connection, grant, datetime.now(UTC), after=after, limit=limit)


@router.get("/stories/{identifier}", responses=NOT_FOUND)
def story(request: Request, grant: Reader, identifier: Identifier) -> StoryDetail:
    """A story with its dispatches in the order in which they came, by its id or that of one of its dispatches."""
    with store_of(request).reading() as connection:
        found = read_story_detail(connection, identifier, grant, datetime.now(UTC))
    if found is None:
        raise HTTPException(404, f"no story has the id {identifier}")
    return found


@router.get("/alerts")
def alerts(
    request: Request,
    grant: Reader,
    severity: Annotated[int, Query(ge=1, le=5, description="This severe or more.")] = 1,
    rule: Annotated[str | None, Query(max_length=200, description="Id or title.")] = None,
    acknowledged: Annotated[bool | None, Query(description="Only those that somebody, or nobody, deals with.")] = None,
    after: After = None,
    limit: Limit = 50,
) -> AlertPage:
    """Alerts, newest first."""
    with store_of(request).reading() as connection:
        return read_alerts(
            connection,
            grant,
            datetime.now(UTC),
            severity=severity,
            rule=rule,
            acknowledged=acknowledged,
            after=after,
            limit=limit,
        )


@router.get("/silences")
def silences(request: Request, grant: Reader) -> list[SilenceRow]:  # noqa: ARG001 - the dependency is the check
    """Silences that hold."""
    with store_of(request).reading() as connection:
        return [SilenceRow.model_validate(asdict(silence)) for silence in read_silences(connection, datetime.now(UTC))]


@router.get("/rules", responses={409: refusal("The rule files cannot be used.")})
def rules(request: Request, grant: Reader) -> list[RuleRow]:
    """Rules in force, the most severe first."""
    book: Rulebook = request.app.state.rulebook
    try:
        with store_of(request).reading() as connection:
            return read_rules(connection, book.rules(), sight(grant, datetime.now(UTC)))
    except RuleError as error:
        raise HTTPException(409, str(error)) from None


@router.get("/feeds")
def feeds(request: Request, grant: Operator) -> list[FeedRow]:  # noqa: ARG001 - the dependency is the check
    """How each feed flows, first the one that has brought nothing for longest."""
    with store_of(request).reading() as connection:
        return read_feeds(connection, datetime.now(UTC))


@router.get("/services")
def services(request: Request, grant: Operator) -> list[ServiceRow]:
    """Whether each agency's services are complete: numbers that are missing, unusual silence."""
    with store_of(request).reading() as connection:
        rows = [ServiceRow.model_validate(row) for row in read_services(connection)]
    return [row for row in rows if grant.providers is None or row.provider in grant.providers]


@router.get("/volume")
def volume(request: Request, grant: Reader, hours: Hours = 24) -> list[VolumeRow]:
    """Dispatches by hour and language, up to the newest."""
    with store_of(request).reading() as connection:
        return read_volume(connection, sight(grant, datetime.now(UTC)), hours)


@router.get("/severities")
def severities(request: Request, grant: Reader, hours: Hours = 24) -> list[SeverityRow]:
    """Dispatches with alerts by hour and severity, up to the newest."""
    with store_of(request).reading() as connection:
        return read_severities(connection, sight(grant, datetime.now(UTC)), hours)


@router.get("/dead-letters")
def dead_letters(
    request: Request,
    grant: Whole,  # noqa: ARG001 - the dependency is the check
    state: Annotated[str | None, Query(pattern="^(open|requested|replayed)$", description="Only those in this state.")] = None,
    after: After = None,
    limit: Limit = 50,
) -> DeadLetterPage:
    """What could not be read, newest first."""
    table = schema.dead_letters
    columns = [table.c[name] for name in DeadLetterRow.model_fields]
    query = select(*columns).order_by(table.c.received_at.desc(), table.c.id).limit(limit)
    if state is not None:
        query = query.where(table.c.state == state)
    if after is not None:
        query = query.where(behind(after, table.c.received_at, table.c.id))
    with store_of(request).reading() as connection:
        items = [DeadLetterRow.model_validate(dict(row)) for row in connection.execute(query).mappings()]
    return DeadLetterPage(items=items, next=cursor_after(items[-1].received_at, items[-1].id) if len(items) == limit else None)


@router.get("/dead-letters/{identifier}", responses=NOT_FOUND)
def dead_letter(request: Request, grant: Whole, identifier: Identifier) -> DeadLetter:  # noqa: ARG001 - the dependency is the check
    """One dead letter with its bytes, in base64."""
    with store_of(request).reading() as connection:
        letter = read_dead_letter(connection, identifier)
    if letter is None:
        raise HTTPException(404, f"no dead letter has the id {identifier}")
    return letter


_BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": {}}, "description": "The bytes."}}


@router.get("/dead-letters/{identifier}/payload", response_class=Response, responses={**NOT_FOUND, **_BYTES})
def payload(request: Request, grant: Whole, identifier: Identifier) -> Response:
    """The bytes of a dead letter, as a download."""
    letter = dead_letter(request, grant, identifier)
    return Response(letter.payload, media_type="application/octet-stream", headers={"Content-Disposition": "attachment"})


@router.get("/audit")
def audit(request: Request, grant: Admin, before: Before = None, limit: Limit = 100) -> ActPage:  # noqa: ARG001 - the dependency is the check
    """What people did with this console, newest first."""
    with store_of(request).reading() as connection:
        return read_acts(connection, before=before, limit=limit)


_LINES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}, "description": "An event a line."}
}
_FETCH = 500


@router.get("/snapshot", response_class=StreamingResponse, responses=_LINES)
def snapshot(
    request: Request,
    grant: Reader,
    since: Moment = None,
) -> StreamingResponse:
    """Every event that the store holds, one JSON a line, in the order of storing: where a new consumer starts.

    ``Last-Event-ID`` of the answer is where `/api/events/stream` goes on without a gap.
    """
    store, now = store_of(request), datetime.now(UTC)
    with store.reading() as connection:
        last = settled_seq(connection)
    conditions = sight(grant, now)
    if since is not None:
        conditions.append(schema.dispatches.c.received_at >= since)
    lines = _lines(store, conditions, last, grant, now)
    headers = {"Last-Event-ID": f"{last}-{int(now.timestamp() * 1e6)}"}
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)


def _lines(store: Store, conditions: list[Any], last: int, grant: Grant, now: datetime) -> Iterator[str]:
    """Read in short transactions, so that a slow reader holds nothing up."""
    table, seq = schema.dispatches, 0
    while True:
        query = with_followed(table.c.seq, table.c.document).where(table.c.seq > seq, table.c.seq <= last, *conditions)
        with store.reading() as connection:
            rows = connection.execute(query.order_by(table.c.seq).limit(_FETCH)).all()
        yield from (f"{shown_to(row.document, Followed.of(row), grant, now)}\n" for row in rows)
        if len(rows) < _FETCH:
            return
        seq = rows[-1].seq
