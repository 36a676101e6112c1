"""Templates: every word of a dispatch is escaped, and nothing in a page is a script."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from pipeline.console.difference import highlighted
from pipeline.console.roles import Role

SEVERITIES = {1: "info", 2: "watch", 3: "elevated", 4: "high", 5: "critical"}

_environment = Environment(
    loader=FileSystemLoader(str(files("pipeline.console") / "templates")),
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


def _clock(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%d %b %H:%M}" if moment else ""


_environment.filters["clock"] = _clock
_environment.filters["highlighted"] = highlighted
_environment.filters["spanned"] = lambda match: (match["start"], match["end"])
_environment.globals["severities"] = SEVERITIES
_templates = Jinja2Templates(env=_environment)


def render(request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a page with what every page needs: the clock, who reads it, and the token of its forms."""
    grant = getattr(request.state, "grant", None)
    shared = {
        "now": datetime.now(UTC),
        "grant": grant,
        "may_act": grant is not None and grant.role.covers(Role.OPERATOR),
        "may_operate": grant is not None and grant.role.covers(Role.OPERATOR) and grant.providers is None,
        "may_audit": grant is not None and grant.role.covers(Role.ADMIN) and grant.providers is None,
        "form_token": getattr(request.state, "forgery_token", ""),
        "signed_in": grant is not None and not getattr(request.state, "open", False),
    }
    return _templates.TemplateResponse(request, name, {**shared, **values}, status_code=status)
