"""What the pages' forms send, answered with the page to look at next."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from pipeline.console import writes
from pipeline.console.api import Identifier, Operator, Reader, Whole
from pipeline.console.gate import COOKIE, Gate, check_form
from pipeline.console.rendering import render
from pipeline.console.rows import NewSilence

router = APIRouter(default_response_class=HTMLResponse)

#: Seconds for which a browser stays signed in.
SESSION = 12 * 3600
FormToken = Annotated[str, Form(max_length=200)]
Next = Annotated[str, Form(max_length=2000)]


@router.get("/login")
def login(request: Request, next: Annotated[str, Query(max_length=2000)] = "/") -> HTMLResponse:  # noqa: A002 - name of the parameter
    """Ask for a token."""
    return render(request, "login.html", next=_own(next), problem="")


@router.post("/login")
async def sign_in(request: Request, token: Annotated[str, Form(max_length=200)] = "", next: Next = "/") -> Response:  # noqa: A002
    """Keep a token in a cookie that no script can read and that no other site's page makes the browser send."""
    gate: Gate = request.app.state.gate
    grant, wait = await gate.grant(token.strip(), request.state.address)
    if wait:
        problem = f"Too many wrong tokens from this address. Try again in {wait} s."
        answer: Response = render(request, "login.html", status=429, next=_own(next), problem=problem)
        answer.headers["Retry-After"] = str(wait)
        return answer
    if grant is None:
        problem = "This token is unknown, revoked or has run out."
        return render(request, "login.html", status=401, next=_own(next), problem=problem)
    answer = RedirectResponse(_own(next), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, token.strip(), max_age=SESSION, httponly=True, samesite="strict", secure=secure)
    return answer


def _own(path: str) -> str:
    """Only a path of ours: one with two slashes in front would lead a browser elsewhere."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"


@router.post("/logout")
def sign_out(request: Request, grant: Reader, form_token: FormToken = "") -> Response:  # noqa: ARG001 - the dependency is the check
    """Forget the token in this browser."""
    check_form(request, form_token)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.post("/stories/{identifier}/acknowledge")
def acknowledge(
    request: Request,
    grant: Operator,
    identifier: Identifier,
    form_token: FormToken = "",
    next: Next = "/alerts",  # noqa: A002
) -> Response:
    """Deal with a story."""
    check_form(request, form_token)
    writes.acknowledge(request, grant, identifier, form_token)
    return RedirectResponse(_own(next), 303)


@router.post("/silences")
def silence(
    request: Request,
    grant: Whole,
    reason: Annotated[str, Form(max_length=500)] = "",
    hours: Annotated[str, Form(max_length=10)] = "",
    story_id: Annotated[str, Form(max_length=36)] = "",
    rule: Annotated[str, Form(max_length=200)] = "",
    form_token: FormToken = "",
    next: Next = "/alerts",  # noqa: A002
) -> Response:
    """Hold back alerts on a story or of a rule."""
    check_form(request, form_token)
    try:
        wanted = NewSilence.model_validate({"reason": reason, "hours": hours, "story_id": story_id or None, "rule": rule or None})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise HTTPException(422, f"{first['loc'][0]}: {first['msg']}") from None
    writes.silence(request, grant, wanted, form_token)
    return RedirectResponse(_own(next), 303)


@router.post("/silences/{identifier}/end")
def unsilence(request: Request, grant: Whole, identifier: Identifier, form_token: FormToken = "") -> Response:
    """End a silence."""
    check_form(request, form_token)
    writes.unsilence(request, grant, identifier, form_token)
    return RedirectResponse("/alerts", 303)


@router.post("/dead-letters/{identifier}/replay")
def replay(request: Request, grant: Whole, identifier: Identifier, form_token: FormToken = "") -> Response:
    """Ask the engine to read a dead letter again."""
    check_form(request, form_token)
    writes.replay(request, grant, identifier, form_token)
    return RedirectResponse(f"/dead-letters/{identifier}", 303)
