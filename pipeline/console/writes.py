"""The API's writes: acknowledge, silence, replay, each for operators and with an entry in the audit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Request, Response

from pipeline.console.acts import Actor, acknowledge_story, add_silence, end_silence, request_replay
from pipeline.console.api import NOT_FOUND, REFUSALS, Identifier, Operator, Whole, refusal, store_of
from pipeline.console.gate import check_form
from pipeline.console.roles import Grant
from pipeline.console.rows import Acknowledgement, NewSilence, SilenceRow
from pipeline.console.stories import read_story_detail

router = APIRouter(responses={**REFUSALS, 422: {"description": "The request cannot be used."}})

Forgery = Annotated[str, Header(alias="X-Form-Token", description="Needed with a cookie, not with a bearer token.")]


def actor_of(request: Request, grant: Grant) -> Actor:
    """Who acts."""
    return Actor(grant.name, request.state.address)


@router.post("/stories/{identifier}/acknowledge", responses=NOT_FOUND)
def acknowledge(request: Request, grant: Operator, identifier: Identifier, forgery: Forgery = "") -> Acknowledgement:
    """Say that you deal with a story: reminders end, until it becomes more severe."""
    _check(request, forgery)
    now = datetime.now(UTC)
    with store_of(request).writing() as connection:
        seen = read_story_detail(connection, identifier, grant, now)
        noted = acknowledge_story(connection, seen.id, actor_of(request, grant), now) if seen else None
    if noted is None:
        raise HTTPException(404, f"no story has the id {identifier}")
    return noted


@router.post("/silences", status_code=201)
def silence(request: Request, grant: Whole, wanted: NewSilence, forgery: Forgery = "") -> SilenceRow:
    """Hold back alerts that fit every condition, for some hours."""
    _check(request, forgery)
    try:
        with store_of(request).writing() as connection:
            return add_silence(connection, wanted, actor_of(request, grant), datetime.now(UTC))
    except ValueError as error:
        raise HTTPException(422, str(error)) from None


@router.delete("/silences/{identifier}", status_code=204, response_class=Response, responses=NOT_FOUND)
def unsilence(request: Request, grant: Whole, identifier: Identifier, forgery: Forgery = "") -> None:
    """End a silence; what it held is decided anew."""
    _check(request, forgery)
    with store_of(request).writing() as connection:
        ended = end_silence(connection, identifier, actor_of(request, grant), datetime.now(UTC))
    if not ended:
        raise HTTPException(404, f"no silence that holds has the id {identifier}")


@router.post(
    "/dead-letters/{identifier}/replay",
    status_code=202,
    response_class=Response,
    responses={**NOT_FOUND, 409: refusal("It cannot be replayed from the store; the detail says what helps.")},
)
def replay(request: Request, grant: Whole, identifier: Identifier, forgery: Forgery = "") -> None:
    """Ask the engine to read a dead letter again, or the notifier to plan its event again, at their next turn."""
    _check(request, forgery)
    try:
        with store_of(request).writing() as connection:
            state = request_replay(connection, identifier, actor_of(request, grant), datetime.now(UTC))
    except ValueError as error:
        raise HTTPException(409, str(error)) from None
    if state is None:
        raise HTTPException(404, f"no dead letter has the id {identifier}")


def _check(request: Request, forgery: str) -> None:
    """On loopback without authentication the origin, checked by the gate, is what tells our page from another's."""
    if not request.state.open:
        check_form(request, forgery)
