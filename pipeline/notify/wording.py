"""Messages in words, for people."""

from __future__ import annotations

from typing import Any

SEVERITIES = {1: "info", 2: "watch", 3: "elevated", 4: "high", 5: "critical"}


#: Messages of a summary that a person is shown one by one, the most severe; the rest is counted.
_SHOWN = 50


def title_of(body: dict[str, Any]) -> str:
    """One line: what happened, what is taken back, or what Wirefeed itself has to say."""
    severity = body["alert"]["severity"]
    mark = f" {severity} {SEVERITIES[severity]}" if severity else ""
    return f"[{body['reason'].upper()}{mark}] {_line(_subject(body))}"


def lines_of(body: dict[str, Any]) -> list[str]:
    """The message as short lines: title, why, rules with their words, agencies, changes; or the messages of a summary."""
    lines = [title_of(body)]
    if body["why"] != _subject(body):
        lines.append(f"  {_line(body['why'])}")
    lines += [_rule(rule) for rule in body["alert"]["rules"]]
    dispatch, story = body.get("dispatch") or {}, body.get("story") or {}
    if dispatch:
        lines.append(f"  {dispatch['provider']} {dispatch['item_id']}, {dispatch.get('published_at') or dispatch['received_at']}")
    lines += _before(story.get("history", []))
    lines += _changes(story.get("changes") or {})
    if len(story.get("providers", [])) > 1:
        lines.append(f"  reported by {', '.join(story['providers'])}")
    if body.get("reminder"):
        lines.append(f"  to end the reminders: wirefeed acknowledge {story['id']}")
    return lines + _summary(body.get("summary") or {})


def _subject(body: dict[str, Any]) -> str:
    dispatch = body.get("dispatch")
    if dispatch is None:
        return str(body["alert"]["title"])
    taken_back = (body.get("retraction") or {}).get("headline")
    return taken_back or dispatch.get("headline") or (dispatch.get("text") or "").split("\n", 1)[0][:120] or "(no headline)"


def _rule(rule: dict[str, Any]) -> str:
    doubt = " (unconfirmed)" if rule["unconfirmed"] else ""
    contexts = dict.fromkeys(_line(match["context"]) for match in rule["matches"])  # two words of one headline have the same
    words = f": {' | '.join(list(contexts)[:2])}" if contexts else ""
    return f"  {rule['severity']} {rule['title']}{doubt}{words}"


def _summary(summary: dict[str, Any]) -> list[str]:
    if not summary:
        return []
    messages = summary["messages"][:_SHOWN]
    lines = [_one_of(each) for each in messages]
    further = summary["count"] - len(messages)
    return lines + ([f"  and {further:,} more, less severe"] if further else [])


def _one_of(message: dict[str, Any]) -> str:
    headline = _line(message["headline"] or "(no headline)")
    return f"  {message['severity'] or '-'} {message['reason']}: {headline} ({message['provider'] or 'wirefeed'})"


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
