"""Messages in words, for people."""

from __future__ import annotations

from typing import Any

SEVERITIES = {1: "info", 2: "watch", 3: "elevated", 4: "high", 5: "critical"}


def title_of(body: dict[str, Any]) -> str:
    """One line: what happened, or what is taken back."""
    dispatch, alert = body.get("dispatch") or {}, body.get("alert") or {}
    headline = dispatch.get("headline") or (dispatch.get("text") or "").split("\n", 1)[0][:120] or "(no headline)"
    headline = (body.get("retraction") or {}).get("headline") or headline
    severity = alert.get("severity")
    mark = f" {severity} {SEVERITIES.get(severity, '')}".rstrip() if severity else ""
    return f"[{body['reason'].upper()}{mark}] {_line(headline)}"


def lines_of(body: dict[str, Any]) -> list[str]:
    """The message as short lines: title, why, rules with their words, agencies, changes."""
    lines = [title_of(body), f"  {_line(body['why'])}"]
    for rule in (body.get("alert") or {}).get("rules", []):
        if not rule["matches"]:
            continue
        doubt = " (unconfirmed)" if rule["unconfirmed"] else ""
        words = " | ".join(_line(match["context"]) for match in rule["matches"][:2])
        lines.append(f"  {rule['severity']} {rule['title']}{doubt}: {words}")
    dispatch, story = body.get("dispatch") or {}, body.get("story") or {}
    if dispatch:
        lines.append(f"  {dispatch['provider']} {dispatch['item_id']}, {dispatch.get('published_at') or dispatch['received_at']}")
    lines += _before(story.get("history", []))
    lines += _changes(story.get("changes") or {})
    if len(story.get("providers", [])) > 1:
        lines.append(f"  reported by {', '.join(story['providers'])}")
    return lines


def _before(history: list[dict[str, Any]]) -> list[str]:
    told = [f"{entry['reason']} {entry['at'][:16].replace('T', ' ')}" for entry in history[-4:]]
    return [f"  told before: {', '.join(told)} UTC"] if told else []


def _changes(changes: dict[str, Any]) -> list[str]:
    parts = [
        f"{sign}{_line(value)}"
        for kind in ("numbers", "names")
        for sign, what in (("-", "removed"), ("+", "added"))
        for value in changes.get(f"{kind}_{what}", [])[:8]
    ]
    return [f"  changed: {' '.join(parts)}"] if parts else []


def _line(text: str) -> str:
    """Put text of a wire on one line without control characters, which could take a terminal over."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())
