"""The pages, rendered on the server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select

from pipeline.console import api
from pipeline.console.charts import stacked
from pipeline.console.flow import read_severities, read_volume
from pipeline.console.rendering import SEVERITIES, render
from pipeline.console.rulebook import Rulebook, newest_events, read_rules
from pipeline.console.versions import versions_of
from pipeline.console.wire import sight
from pipeline.messages import Event
from pipeline.stages.alerts.ruleset import RuleError
from pipeline.store import schema
from pipeline.store.dead_letters import obstacle_of
from pipeline.store.numbers import settled_seq

router = APIRouter(default_response_class=HTMLResponse)

Severity = Annotated[str, Query(pattern="^[1-5]?$")]
Text = Annotated[str, Query(max_length=200)]


def _newest(request: Request) -> int:
    """Number after which the page's live stream begins; asked for before the page is read, so that nothing falls between."""
    with api.store_of(request).reading() as connection:
        return settled_seq(connection)


@router.get("/")
def wire(
    request: Request,
    grant: api.Reader,
    q: Annotated[str, Query(max_length=1000)] = "",
    severity: Severity = "",
    provider: Text = "",
    language: Text = "",
    country: Annotated[str, Query(max_length=2)] = "",
    entity: Text = "",
    before: api.Before = None,
) -> HTMLResponse:
    """The wire: the newest headlines, searched and filtered."""
    filters = {"q": q, "severity": severity, "provider": provider, "language": language, "country": country, "entity": entity}
    wanted: dict[str, Any] = {name: value or None for name, value in filters.items()} | {"q": q}
    wanted["severity"] = int(severity) if severity else None
    newest = _newest(request)
    page = api.dispatches(request, grant, **wanted, before=before, limit=50)
    live = before is None and not (q or country or entity)
    return render(request, "wire.html", page=page, filters=filters, newest=newest, live=live)


@router.get("/stories")
def stories(request: Request, grant: api.Reader, after: api.After = None) -> HTMLResponse:
    """Stories, the most recently told first."""
    return render(request, "stories.html", page=api.stories(request, grant, after=after, limit=50))


@router.get("/stories/{identifier}")
def story(request: Request, grant: api.Reader, identifier: api.Identifier) -> HTMLResponse:
    """One story: its versions with what changed, verdicts, names, alerts, and who was told."""
    newest = _newest(request)
    found = api.story(request, grant, identifier)
    told = versions_of(found, datetime.now(UTC))
    return render(request, "story.html", story=found, newest=newest, **told)


@router.get("/alerts")
def alerts(
    request: Request,
    grant: api.Reader,
    severity: Severity = "",
    rule: Text = "",
    show: Annotated[str, Query(pattern="^(open|all)?$")] = "",
    after: api.After = None,
) -> HTMLResponse:
    """Alerts, newest first, with the silences that hold."""
    newest = _newest(request)
    page = api.alerts(
        request,
        grant,
        severity=int(severity) if severity else 1,
        rule=rule or None,
        acknowledged=False if show == "open" else None,
        after=after,
        limit=50,
    )
    chosen: dict[str, Any] = {"severity": severity, "rule": rule, "show": show}
    return render(
        request, "alerts.html", page=page, silences=api.silences(request, grant), newest=newest, live=after is None, **chosen
    )


@router.get("/charts")
def charts(request: Request, grant: api.Reader, hours: Annotated[int, Query(ge=6, le=168)] = 48) -> HTMLResponse:
    """How much came in, in which languages, and how severe it was."""
    with api.store_of(request).reading() as connection:
        limits = sight(grant, datetime.now(UTC))
        volume = read_volume(connection, limits, hours)
        severe = read_severities(connection, limits, hours)
    names = [f"{level} {name}" for level, name in SEVERITIES.items()]
    return render(
        request,
        "charts.html",
        hours=hours,
        volume=stacked(((row.hour, row.language, row.dispatches) for row in volume), hours),
        severity=stacked(((row.hour, names[row.severity - 1], row.dispatches) for row in severe), hours, names),
    )


@router.get("/feeds")
def feeds(request: Request, grant: api.Operator) -> HTMLResponse:
    """How each feed flows, and whether each service is complete."""
    services = sorted(api.services(request, grant), key=lambda row: (-row.missing, row.silent_since is None, row.provider))
    return render(request, "feeds.html", feeds=api.feeds(request, grant), services=services)


@router.get("/rules")
def rules(request: Request, grant: api.Reader, backtest: Annotated[int | None, Query(ge=1, le=1000)] = None) -> HTMLResponse:
    """Rules in force with their alerts; for operators, a backtest on the newest dispatches."""
    book: Rulebook = request.app.state.rulebook
    limits = sight(grant, datetime.now(UTC))
    values: dict[str, Any] = {"rules": [], "problems": "", "result": None, "number": backtest or 500}
    try:
        with api.store_of(request).reading() as connection:
            values["rules"] = read_rules(connection, book.rules(), limits)
            events = newest_events(connection, limits, backtest) if backtest else []
        if backtest:
            api.demand_operator(request)
            values["result"] = _result(book, events)
    except RuleError as error:
        values["problems"] = str(error)
    return render(request, "rules.html", **values)


def _result(book: Rulebook, events: list[Event]) -> dict[str, Any]:
    result = book.backtest(events)
    rows = sorted(result.rules.values(), key=lambda row: (-row.alerts, row.title))[:40]
    highest = max((row.alerts for row in rows), default=0)
    bars = [{"row": row, "width": round(320 * row.alerts / highest, 1) if highest else 0} for row in rows]
    return {"events": result.events, "days": result.days, "bars": bars}


@router.get("/dead-letters")
def dead_letters(request: Request, grant: api.Whole, after: api.After = None) -> HTMLResponse:
    """What could not be read."""
    return render(request, "dead_letters.html", page=api.dead_letters(request, grant, after=after, limit=100))


# Bytes of a dead letter that its page shows; the rest is in the download.
_SHOWN = 2048


@router.get("/dead-letters/{identifier}")
def dead_letter(request: Request, grant: api.Whole, identifier: api.Identifier) -> HTMLResponse:
    """One dead letter with the beginning of its bytes."""
    letter = api.dead_letter(request, grant, identifier)
    table = schema.dead_letters
    with api.store_of(request).reading() as connection:
        state = connection.execute(select(table.c.state).where(table.c.id == identifier)).scalar()
    return render(
        request,
        "dead_letter.html",
        letter=letter,
        state=state,
        obstacle=obstacle_of(letter),
        lines=_hexadecimal(letter.payload[:_SHOWN]),
        shown=_SHOWN,
    )


def _hexadecimal(payload: bytes) -> list[tuple[str, str, str]]:
    return [
        (
            f"{start:06x}",
            payload[start : start + 16].hex(" "),
            "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in payload[start : start + 16]),
        )
        for start in range(0, len(payload), 16)
    ]


@router.get("/audit")
def audit(request: Request, grant: api.Admin, before: api.Before = None) -> HTMLResponse:
    """What people did with this console."""
    return render(request, "audit.html", page=api.audit(request, grant, before=before, limit=100))
