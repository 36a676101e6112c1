"""The subscribers file: what it may say, and what is said about what it may not."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from pipeline.notify.filtering import selected
from pipeline.notify.live import LiveSubscribers
from pipeline.notify.subscribers import Filter, SubscriberError, load_subscribers, subscribers_schema
from pipeline.notify.templates import worded

from .conftest import SECRET, match

GOOD = f"""
subscribers:
  - name: desk
    filter: {{min_severity: 3, tags: ["plover:*"], countries: [FR]}}
    channels:
      - {{type: webhook, url: "https://example.org/hook", secret: {SECRET}}}
      - {{type: email, to: [a@example.org], sender: b@example.org, host: mail.example.org}}
      - {{type: console}}
      - {{type: jsonl, path: alerts.jsonl}}
    time_zone: Europe/Paris
    quiet_hours: [{{hours: 22:00-07:00, days: [mon, tue], except_severity: 5}}]
    digest: {{at: [7:00, 18:30], max_severity: 2}}
    rate_limit: {{per_minute: 10}}
    escalation: {{after_minutes: 10, to: [duty], times: 3}}
    template: {{title: "{{{{ reason }}}}: {{{{ dispatch.headline }}}}"}}
  - {{name: duty, channels: [{{type: console}}]}}
"""


def problems(text: str, tmp_path) -> list[str]:
    path = tmp_path / "subscribers.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SubscriberError) as caught:
        load_subscribers(path)
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


def test_everything_that_may_be_said(subscribe) -> None:
    """A full file loads; times that YAML reads as numbers are times; its JSON Schema agrees."""
    desk, duty = subscribe(GOOD).all
    assert desk.digest.at == ["07:00", "18:30"] and duty.name == "duty"
    jsonschema.validate(yaml.safe_load(GOOD.replace("7:00, 18:30", "'07:00', '18:30'")), subscribers_schema())


def test_every_problem_is_named_at_once_with_line_and_remedy(tmp_path) -> None:
    """A person corrects the file in one go."""
    found = problems(
        "subscribers:\n"
        "  - name: desk\n"
        "    filtr: {}\n"
        "    time_zone: Mars\n"
        "    channels: [{type: fax}]\n"
        "  - name: other\n"
        "    channels: [{type: webhook, url: 'https://example.org'}]\n",
        tmp_path,
    )
    assert [each.split(":")[0] for each in found] == ["3", "4", "5", "7"]
    assert "unknown key" in found[0] and "Europe/Paris" in found[1] and "fax" in found[2] and "openssl rand" in found[3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("subscribers: [", "not valid YAML"),
        ("subscribers: [{name: a, channels: []}]", "at least 1 item"),
        ("subscribers: [{name: a, channels: [{type: console}, {type: console}]}]", "two channels are called console"),
        ("subscribers: [{name: a, channels: [{type: console}]}, {name: a, channels: [{type: console}]}]", "two subscribers are called a"),
        ("subscribers: [{name: a, channels: [{type: console}], escalation: {after_minutes: 5, to: [b]}}]", "escalates to b"),
        ("subscribers: [{name: a, channels: [{type: console}], template: {text: '{{ oops'}}]", "template line 1"),
        ("subscribers: [{name: a, channels: [{type: webhook, url: 'https://u:p@example.org', secret: QUJD}]}]", "holds a password"),
        ("subscribers: [{name: a, channels: [{type: webhook, url: 'https://example.org', secret_env: NO_SUCH_VARIABLE}]}]", "is not set"),
        ("subscribers: [{name: a, channels: [{type: webhook, url: 'https://example.org', secret_file: /no/such}]}]", "cannot be read"),
        (
            "subscribers: [{name: a, channels: [{type: email, to: [a@b], sender: c@d, host: h, security: none, username: u, password: p}]}]",
            "in the clear",
        ),
    ],
)  # fmt: skip
def test_what_may_not_be_said(text, said, tmp_path) -> None:
    """Each mistake has its message."""
    assert any(said in problem for problem in problems(text, tmp_path))


def test_a_problem_of_the_whole_file_has_no_empty_place(tmp_path) -> None:
    path = tmp_path / "subscribers.yaml"
    path.write_text("subscribers: [{name: a, channels: [{type: console}]}, {name: a, channels: [{type: console}]}]")
    with pytest.raises(SubscriberError) as caught:
        load_subscribers(path)
    assert ":1:1: two subscribers are called a" in str(caught.value)


def test_secrets_are_not_repeated_in_messages(tmp_path) -> None:
    """A file with a wrong secret can be discussed in a chat."""
    (found,) = problems(
        "subscribers: [{name: a, channels: [{type: webhook, url: 'https://example.org', secret: 'whsec_gehei'}]}]", tmp_path
    )
    assert "gehei" not in found


def test_a_file_that_breaks_while_running_does_not_count(subscribe, tmp_path) -> None:
    """The last good one stays in force until the file is good again."""
    live = LiveSubscribers(subscribe("subscribers: [{name: a, channels: [{type: console}]}]"))
    path = tmp_path / "subscribers.yaml"
    path.write_text("subscribers: [{name: b", encoding="utf-8")
    assert live.current().get("a") is not None and live.problem is not None
    path.unlink()
    assert live.current().get("a") is not None
    path.write_text("subscribers: [{name: c, channels: [{type: console}]}]", encoding="utf-8")
    assert live.current().get("c") is not None and live.problem is None


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 2),
        ({"min_severity": 4}, 1),
        ({"rules": ["Coup"]}, 1),
        ({"tags": ["plover:*"]}, 2),
        ({"tags": ["cameo:*"]}, 0),
        ({"kinds": ["de-escalation"]}, 0),
        ({"providers": ["dpa"]}, 0),
        ({"min_providers": 2}, 0),
        ({"languages": ["fr"]}, 2),
        ({"languages": ["en"]}, 0),
        ({"countries": ["FR"]}, 2),
    ],
)
def test_filters(wire, wanted, count) -> None:
    """Every condition given must hold; countries hold where nothing could be tagged."""
    event = wire(language="fr-CA", alerts=[match(4), match(2, "Coup")])
    assert len(selected(Filter(**wanted), event)) == count


def test_templates_run_in_a_sandbox(subscribe) -> None:
    """A template reads the message and nothing else; one that fails gives way to the built-in words."""
    body = {
        "reason": "first",
        "why": "first report",
        "alert": {"severity": 3, "rules": []},
        "dispatch": {"headline": "Sudria", "provider": "afp", "item_id": "1", "received_at": "now"},
    }
    wording = subscribe(GOOD).all[0].template
    assert worded(wording, body)[0] == "first: Sudria"
    for text in ("{{ ''.__class__.__mro__ }}", "{{ 'x' * 100000000 }}", "{{ nothing.at.all }}", "{{ range(9) }}"):
        assert "your template failed" in worded(wording.model_copy(update={"text": text}), body)[1]
