"""The pages, rendered on the server; every word of a dispatch is escaped."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, select_autoescape

from pipeline.console import api

router = APIRouter(default_response_class=HTMLResponse)

_TEMPLATES = str(files("pipeline.console") / "templates")
_environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=select_autoescape(default=True), trim_blocks=True)
_environment.filters["clock"] = lambda moment: f"{moment.astimezone(UTC):%d %b %H:%M}" if moment else ""
_templates = Jinja2Templates(env=_environment)


def _render(request: Request, name: str, **values: Any) -> HTMLResponse:
    return _templates.TemplateResponse(request, name, {"now": datetime.now(UTC), **values})


@router.get("/")
def wire(
    request: Request,
    q: str = "",
    severity: Annotated[str, Query(pattern="^[1-5]?$")] = "",
    provider: str = "",
    before: api.Cursor = None,
) -> HTMLResponse:
    """The wire: the newest headlines."""
    page = api.dispatches(
        request, q=q, severity=int(severity) if severity else None, provider=provider or None, before=before, limit=50
    )
    return _render(request, "wire.html", page=page, q=q, severity=severity, provider=provider)


@router.get("/stories/{identifier}")
def story(request: Request, identifier: str) -> HTMLResponse:
    """One story: its versions, verdicts, names and alerts."""
    return _render(request, "story.html", events=api.story(request, identifier), identifier=identifier)


@router.get("/alerts")
def alerts(request: Request) -> HTMLResponse:
    """Alerts, newest first."""
    return _render(request, "alerts.html", alerts=api.alerts(request, severity=1, limit=100))


@router.get("/dead-letters")
def dead_letters(request: Request) -> HTMLResponse:
    """What could not be read."""
    return _render(request, "dead_letters.html", letters=api.dead_letters(request, limit=100))
