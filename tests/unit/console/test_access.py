"""Who may do what: every route for every role, wrong tokens, forged forms, foreign pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.console.failures import LIMIT
from pipeline.console.roles import Grant, Role
from pipeline.console.stream import Cursor, Hub, Item
from pipeline.console.streams import _alert, _frames
from pipeline.console.tokens import add_token, read_tokens, revoke_token
from pipeline.messages import Changes, DeadLetter, Event, Relation
from pipeline.store import console_schema
from tests.unit.console.conftest import NOW, Console, make_event

PUBLIC, READER, OPERATOR, ADMIN = "", "reader", "operator", "admin"
#: Least role of every route. A route that is missing here fails the test below: it must be thought about.
ROUTES: dict[tuple[str, str], str] = {
    ("GET", "/healthz"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/metrics"): PUBLIC,
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/login"): PUBLIC,
    ("GET", "/"): READER,
    ("GET", "/stories"): READER,
    ("GET", "/stories/{identifier}"): READER,
    ("GET", "/alerts"): READER,
    ("GET", "/charts"): READER,
    ("GET", "/rules"): READER,
    ("POST", "/logout"): READER,
    ("GET", "/feeds"): OPERATOR,
    ("GET", "/dead-letters"): OPERATOR,
    ("GET", "/dead-letters/{identifier}"): OPERATOR,
    ("POST", "/stories/{identifier}/acknowledge"): OPERATOR,
    ("POST", "/silences"): OPERATOR,
    ("POST", "/silences/{identifier}/end"): OPERATOR,
    ("POST", "/dead-letters/{identifier}/replay"): OPERATOR,
    ("GET", "/audit"): ADMIN,
    ("GET", "/api/dispatches"): READER,
    ("GET", "/api/dispatches/{identifier}"): READER,
    ("GET", "/api/stories"): READER,
    ("GET", "/api/stories/{identifier}"): READER,
    ("GET", "/api/alerts"): READER,
    ("GET", "/api/silences"): READER,
    ("GET", "/api/rules"): READER,
    ("GET", "/api/volume"): READER,
    ("GET", "/api/severities"): READER,
    ("GET", "/api/snapshot"): READER,
    ("GET", "/api/events/stream"): READER,
    ("GET", "/api/alerts/stream"): READER,
    ("GET", "/api/headlines/stream"): READER,
    ("GET", "/api/feeds"): OPERATOR,
    ("GET", "/api/services"): OPERATOR,
    ("GET", "/api/dead-letters"): OPERATOR,
    ("GET", "/api/dead-letters/{identifier}"): OPERATOR,
    ("GET", "/api/dead-letters/{identifier}/payload"): OPERATOR,
    ("POST", "/api/stories/{identifier}/acknowledge"): OPERATOR,
    ("POST", "/api/silences"): OPERATOR,
    ("DELETE", "/api/silences/{identifier}"): OPERATOR,
    ("POST", "/api/dead-letters/{identifier}/replay"): OPERATOR,
    ("GET", "/api/audit"): ADMIN,
}
#: Reads the form or the token itself, so it is tested by name below.
APART = {("POST", "/login")}
ROLES = ("", "reader", "operator", "admin")


def routes(app: Any) -> set[tuple[str, str]]:
    found = set()
    for path, operations in app.openapi()["paths"].items():
        found |= {(method.upper(), path) for method in operations}
    for router in _page_routers():
        for route in router.routes:
            found |= {(method, route.path) for method in route.methods if method != "HEAD"}
    return found


def _page_routers() -> list[Any]:
    from pipeline.console import forms, pages

    return [forms.router, pages.router]


def test_every_route_has_a_role(console: Console) -> None:
    """A route that nobody thought about does not pass."""
    assert routes(console.app) - APART == set(ROUTES) - {("GET", "/openapi.json")}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_what_it_may_and_nothing_else(console: Console, sample: list[Event], letter: DeadLetter, role: str) -> None:
    """Below the least role of a route: 401 or the way to the login without a token, 403 with one."""
    story, dead = str(sample[0].story.id if sample[0].story else ""), str(letter.id)
    client = console.client(role or None)
    for (method, path), least in ROUTES.items():
        identifier = dead if "dead-letters" in path else str(sample[0].dispatch.id) if "dispatches" in path else story
        address = path.replace("{identifier}", identifier)
        if path.endswith("/stream"):
            address += "?last_event_id=none"  # refused only behind the gate, and does not stay open
        body = {"json": {"hours": 1, "reason": "test", "rule": "r"}} if path == "/api/silences" and method == "POST" else {}
        status = client.request(method, address, **body).status_code
        allowed = not least or (role and Role(role).covers(Role(least)))
        if allowed:
            assert status not in (401, 403), (method, path, role, status)
        elif role:
            assert status == 403, (method, path, role, status)
        else:
            assert status == (401 if path.startswith("/api/") or method != "GET" else 303), (method, path, status)


def test_an_unknown_path_tells_nobody_whether_it_exists(console: Console) -> None:
    assert console.client().get("/api/nowhere").status_code == 401
    assert console.client("reader").get("/api/nowhere").status_code == 404


def test_tokens_are_kept_as_hashes(console: Console) -> None:
    with console.store.reading() as connection:
        kept = repr(connection.execute(select(console_schema.tokens)).all())
    assert not any(token in kept for token in console.tokens.values())


def test_a_revoked_token_and_one_that_has_run_out_let_nobody_in(console: Console) -> None:
    with console.store.writing() as connection:
        reader = next(token for token in read_tokens(connection) if token.name == "reader")
        assert revoke_token(connection, reader.id, NOW)
        assert not revoke_token(connection, reader.id, NOW)
        _, console.tokens["old"] = add_token(connection, "old", Role.ADMIN, NOW, expires_at=NOW - timedelta(days=1))
    for role in ("reader", "old"):
        assert console.client(role).get("/api/dispatches").status_code == 401


def test_wrong_tokens_are_slowed_down_and_right_ones_behind_the_same_proxy_are_not(console: Console) -> None:
    good = console.client("reader")
    assert good.get("/api/stories").status_code == 200
    bad = console.client()
    answers = [bad.get("/api/stories", headers={"Authorization": f"Bearer wf_{n}"}).status_code for n in range(LIMIT + 1)]
    assert answers == [401] * LIMIT + [429]
    assert int(bad.get("/api/stories", headers={"Authorization": "Bearer x"}).headers["Retry-After"]) > 0
    assert good.get("/api/stories").status_code == 200
    assert bad.post("/login", data={"token": "wf_guess"}).status_code == 429


def test_a_browser_signs_in_with_a_cookie_that_scripts_and_other_sites_cannot_use(console: Console) -> None:
    client = console.client()
    assert client.get("/alerts?severity=3").headers["location"] == "/login?next=%2Falerts%3Fseverity%3D3"
    assert client.post("/login", data={"token": "wf_wrong"}).status_code == 401
    answer = client.post("/login", data={"token": console.tokens["operator"], "next": "/alerts"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "/\n/evil.example"])
def test_signing_in_leads_to_our_own_pages_only(console: Console, target: str) -> None:
    answer = console.client().post("/login", data={"token": console.tokens["reader"], "next": target})
    assert answer.headers["location"] == "/"


def test_a_write_without_the_pages_own_token_is_refused(console: Console, sample: list[Event]) -> None:
    assert sample[0].story
    story = sample[0].story.id
    client = console.client()
    client.post("/login", data={"token": console.tokens["operator"]})
    page = client.get(f"/stories/{story}").text
    token = page.split('name="form_token" value="')[1].split('"')[0]
    for given in ("", "0" * 64, "ä"):
        assert client.post(f"/stories/{story}/acknowledge", data={"form_token": given}).status_code == 403
        assert client.post(f"/api/stories/{story}/acknowledge").status_code == 403
    assert client.post(f"/stories/{story}/acknowledge", data={"form_token": token}).status_code == 303
    assert client.post(f"/api/stories/{story}/acknowledge", headers={"X-Form-Token": token}).status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}])
def test_a_write_from_another_sites_page_is_refused(
    build: Callable[..., Console], sample: list[Event], headers: dict[str, str]
) -> None:
    """Without authentication, too: any page in the operator's browser can send to loopback."""
    assert sample[0].story
    console = build(sample, [], open_to_all=True)
    assert console.client().post(f"/api/stories/{sample[0].story.id}/acknowledge", headers=headers).status_code == 403
    assert console.client().post(f"/api/stories/{sample[0].story.id}/acknowledge").status_code == 200
    assert console.client().post(f"/stories/{sample[0].story.id}/acknowledge").status_code == 403


def test_without_authentication_only_loopback_names_are_answered(build: Callable[..., Console]) -> None:
    """Else somebody's DNS could point a name of theirs at this machine and their page would read ours."""
    client = build([], [], open_to_all=True).client()
    assert client.get("/").status_code == 200
    assert client.get("/", headers={"Host": "127.0.0.1:8420"}).status_code == 200
    assert client.get("/", headers={"Host": "rebound.example"}).status_code == 403


def test_embargoed_copy_is_for_operators(console: Console, sample: list[Event]) -> None:
    embargoed = sample[3]
    assert embargoed.story
    places = [
        "/", "/stories", "/api/dispatches", "/api/stories", "/api/snapshot", "/api/dispatches?q=embargo", "/api/alerts"
    ]  # fmt: skip
    for place in places:
        assert "Under embargo" not in console.client("reader").get(place).text, place
    for place in places[:-1]:
        assert "Under embargo" in console.client("operator").get(place).text, place
    for path in (f"/api/dispatches/{embargoed.dispatch.id}", f"/api/stories/{embargoed.story.id}"):
        assert console.client("reader").get(path).status_code == 404
        assert console.client("operator").get(path).status_code == 200


@pytest.mark.parametrize("role", ["reader", "afp"])
def test_a_verdict_tells_nothing_of_a_dispatch_that_may_not_be_seen(console: Console, role: str) -> None:
    """What a version changed quotes the one before, which may be under embargo, or another agency's."""
    before = make_event(10, provider="ap", story="ten", headline="Draft", embargoed_until=NOW + timedelta(hours=5))
    after = make_event(11, story="ten", relation=Relation.UPDATE, of=before, severity=3, reason="follows the draft")
    assert after.story
    after.story.changes = Changes(sentences_removed=["The minister resigns."])
    console.write(before, after)
    paths = (f"/api/dispatches/{after.dispatch.id}", "/api/stories/" + str(after.story.id), "/api/snapshot")
    for path in paths:
        assert "minister resigns" in console.client("operator").get(path).text, path
        shown = console.client(role).get(path).text
        assert str(after.dispatch.id) in shown, path
        for secret in ("minister resigns", "follows the draft", str(before.dispatch.id)):
            assert secret not in shown, (path, secret)

    async def told(grant: Grant, name: str, render: Callable[[Item], str | None]) -> str:
        hub = Hub(console.store)
        async with aclosing(_frames(hub, Cursor(0, NOW), grant, name, render)) as frames:
            while str(after.dispatch.id) not in (found := await asyncio.wait_for(anext(frames), 10)):
                pass
            return found

    limited = Grant("limited", Role.READER, None if role == "reader" else ("afp",))
    for name, render in (("event", lambda item: item.document), ("alert", _alert)):
        assert "minister resigns" in asyncio.run(told(Grant("o", Role.OPERATOR), name, render))
        assert "minister resigns" not in asyncio.run(told(limited, name, render))


def test_a_token_for_some_agencies_sees_theirs_only(console: Console, sample: list[Event]) -> None:
    client = console.client("afp")
    assert {row["provider"] for row in client.get("/api/dispatches").json()["items"]} == {"afp"}
    assert {each for row in client.get("/api/stories").json()["items"] for each in row["providers"]} == {"afp"}
    assert {row["provider"] for row in client.get("/api/alerts").json()["items"]} == {"afp"}
    assert client.get(f"/api/dispatches/{sample[2].dispatch.id}").status_code == 404
    assert sum(row["dispatches"] for row in client.get("/api/volume").json()) == 2
    assert client.get("/api/dead-letters").status_code == 403  # bytes that nobody could read may be any agency's
    assert client.post(f"/api/stories/{sample[2].story and sample[2].story.id}/acknowledge").status_code == 404


def test_writes_stand_in_the_audit_with_who_did_them(console: Console, sample: list[Event], letter: DeadLetter) -> None:
    assert sample[0].story
    client = console.client("operator")
    client.post(f"/api/stories/{sample[0].story.id}/acknowledge")
    silence = client.post("/api/silences", json={"hours": 1, "reason": "known", "rule": "r-1"}).json()
    client.delete(f"/api/silences/{silence['id']}")
    client.post(f"/api/dead-letters/{letter.id}/replay")
    acts = console.client("admin").get("/api/audit").json()["items"]
    assert [(act["actor"], act["act"]) for act in acts] == [
        ("operator", "replay"), ("operator", "end silence"), ("operator", "silence"), ("operator", "acknowledge")
    ]  # fmt: skip


def test_every_answer_carries_the_security_headers(console: Console) -> None:
    for role, path in (
        ("reader", "/"),
        ("reader", "/api/stories"),
        (None, "/api/stories"),
        (None, "/login"),
        ("reader", "/nowhere"),
    ):
        headers = console.client(role).get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
