"""What scripts may rely on: output, exit codes, and messages without tracebacks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.services.ports import free_ports

ROOT = Path(__file__).parents[3]
NINJS = {
    "uri": "urn:one",
    "version": "1",
    "provider": "Example",
    "headline": "Headline",
    "body_text": "Text.",
    "pubstatus": "usable",
}


def wirefeed(*arguments: str, cwd: Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        input=stdin,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )


def test_help_names_every_command_of_the_contract(tmp_path: Path) -> None:
    result = wirefeed("--help", cwd=tmp_path)
    assert result.returncode == 0
    for command in ("demo", "run", "parse", "enrich", "search", "story", "schemas", "config", "doctor", "rules"):
        assert f"  {command} " in result.stdout


def test_parse_prints_a_dispatch_a_line_and_names_what_failed(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(NINJS))
    (tmp_path / "bad.bin").write_bytes(bytes(100))
    result = wirefeed("parse", "good.json", "bad.bin", cwd=tmp_path)
    assert result.returncode == 1
    (line,) = result.stdout.splitlines()
    assert json.loads(line)["item_id"] == "urn:one"
    assert "bad.bin" in result.stderr


def test_parse_explains_from_where_each_field_was_read(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(NINJS))
    result = wirefeed("parse", "--explain", "good.json", cwd=tmp_path)
    assert json.loads(result.stdout)["where"]["headline"] == "headline"


def test_enrich_keeps_given_ids_and_prints_copies_in_input_order(tmp_path: Path) -> None:
    text = "The ministers of both countries met in the capital on Tuesday and agreed on nothing at all after nine hours of talks."
    lines = [
        {"id": f"d{number}", "provider": provider, "text": text, "received_at": f"2026-01-01T0{number}:00:00Z"}
        for number, provider in enumerate(("afp", "ap"))
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)))
    result = wirefeed("enrich", "--input", "dispatches", "--stages", "deduplicate", "in.jsonl", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    first, second = map(json.loads, result.stdout.splitlines())
    assert (first["dispatch"]["id"], second["dispatch"]["id"]) == ("d0", "d1")
    assert (second["story"]["relation"], second["story"]["of"]) == ("duplicate", "d0")
    assert "language" not in first
    assert "alerts" not in first


def test_enrich_without_a_match_prints_an_empty_list_of_alerts(tmp_path: Path) -> None:
    line = json.dumps({"provider": "afp", "text": "Nothing happened.", "received_at": "2026-01-01T00:00:00Z", "language": "en"})
    result = wirefeed("enrich", "--input", "dispatches", "--stages", "alerts", "-", cwd=tmp_path, stdin=line + "\nbroken\n")
    assert json.loads(result.stdout)["alerts"] == []
    assert result.returncode == 1
    assert "-:2" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("enrich", "--stages", "unheard-of", "-"), "unheard-of"),
        (("run", "nowhere", "--once"), "nowhere"),
        (("run", "--once"), "no source"),
        (("run", ".", "--once", "--store", "nonsense"), "is no database URL"),
        (("run", ".", "--once", "--rules", "rules"), "rules"),
        (("parse", "nowhere.xml"), "nowhere.xml"),
        (("config", "show", "--config", "nowhere.toml"), "nowhere.toml"),
        (("story", "none", "--store", "sqlite:///x.db"), "x.db does not exist"),
    ],
)
def test_what_cannot_start_says_why_and_exits_with_2(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    result = wirefeed(*arguments, cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_an_unknown_key_in_the_configuration_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "wirefeed.toml").write_text("[store]\nurll = 'x'\n")
    result = wirefeed("config", "show", cwd=tmp_path)
    assert result.returncode == 2
    assert "store.urll: unknown key" in result.stderr


def test_config_check_names_all_that_is_wrong_at_once_and_shows_no_password(tmp_path: Path) -> None:
    (tmp_path / "wirefeed.toml").write_text(
        """
        [store]
        url = "postgresql://user:hunter2@localhost:abc/news"
        [rules]
        directory = "absent"
        [entities]
        lists = ["absent.csv"]
        [[sources]]
        name = "drop"
        type = "watch"
        [[sources]]
        name = "dpa"
        location = "dpa"
        format = "iptc"
        [[sources]]
        name = "afp"
        location = "afp"
        language = "french!"
        """
    )
    result = wirefeed("config", "check", cwd=tmp_path)
    assert result.returncode == 2
    for named in ("store.url", "rules.directory", "absent.csv", "source drop: location is empty", "'iptc' is unknown", "'french!'"):
        assert named in result.stderr
    assert "hunter2" not in result.stderr
    assert "Traceback" not in result.stderr


def test_config_check_names_rules_that_a_subscriber_waits_for_in_vain(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(
        "subscribers: [{name: desk, filter: {rules: [Martial law, Marshal law]}, channels: [{type: console}]}]"
    )
    (tmp_path / "wirefeed.toml").write_text('[subscribers]\nfile = "desk.yaml"\n')
    result = wirefeed("config", "check", cwd=tmp_path)
    assert result.returncode == 2
    assert "desk wants 'Marshal law': no rule in force has that id or title" in result.stderr
    assert "'Martial law'" not in result.stderr


def test_config_check_says_once_what_is_wrong_with_the_rules(tmp_path: Path) -> None:
    """A subscribers file is not blamed for them."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.yaml").write_text("title: Own\n")
    (tmp_path / "desk.yaml").write_text("subscribers: [{name: desk, filter: {rules: [Own]}, channels: [{type: console}]}]")
    (tmp_path / "wirefeed.toml").write_text('[rules]\ndirectory = "rules"\n[subscribers]\nfile = "desk.yaml"\n')
    result = wirefeed("config", "check", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr.count("own.yaml:1:1: match is missing") == 1
    assert "desk.yaml" not in result.stderr


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_console_that_is_asked_to_end_ends_with_0(tmp_path: Path, ending: signal.Signals) -> None:
    command = [sys.executable, "-m", "pipeline", "console", "--no-auth", "--port", "0", "--store", "sqlite:///x.db"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        url = process.stderr.readline().removeprefix("console: ").strip()
        with urlopen(f"{url}healthz", timeout=30) as answer:  # noqa: S310 - ours; answered once the server has taken the signals over
            assert answer.status == 200
        process.send_signal(ending)
        assert process.wait(30) == 0
        assert "Traceback" not in process.stderr.read()


def test_a_run_that_follows_serves_its_health_and_metrics_where_a_port_is_set(tmp_path: Path) -> None:
    """What its alarms ask for is measured in its process, not in that of a console beside it."""
    (tmp_path / "wires").mkdir()
    (tmp_path / "wires" / "good.json").write_text(json.dumps(NINJS))
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "pipeline", "run", "--follow", "wires", "--port", "0", "--store", "sqlite:///x.db"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "WIREFEED_HEALTH__PORT": str(port)}
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        while not (line := process.stderr.readline()).startswith("console: "):
            assert line, "it ended"
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=30) as answer:
            assert json.load(answer) == {"alive": True, "ready": True, "waiting": {}}
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            metrics = answer.read().decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    for name in ("wirefeed_rules_broken", "wirefeed_store_free_bytes", "wirefeed_subscribers_file_broken"):
        assert f"\n{name} " in metrics


def test_the_environment_wins_over_the_file_and_secrets_stay_hidden(tmp_path: Path) -> None:
    (tmp_path / "wirefeed.toml").write_text("[store]\nurl = 'postgresql://u:hidden@h/d'\n[kafka]\nsasl_password = 'hidden'\n")
    result = wirefeed("config", "show", cwd=tmp_path)
    assert json.loads(result.stdout)["store"]["url"] == "postgresql://u:***@h/d"
    assert "hidden" not in result.stdout
    checked = wirefeed("config", "check", cwd=tmp_path)
    assert "store: postgresql://u:***@h/d" in checked.stderr


def test_parse_output_is_parsed_again_unchanged(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(NINJS))
    first = wirefeed("parse", "good.json", cwd=tmp_path)
    (tmp_path / "again.jsonl").write_text(first.stdout)
    assert wirefeed("parse", "again.jsonl", cwd=tmp_path).stdout == first.stdout


def test_a_subscriber_file_that_is_not_there_is_named_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(json.dumps(NINJS))
    result = wirefeed("run", "good.json", "--once", "--subscribers", "nowhere.yaml", cwd=tmp_path)
    assert result.returncode == 2
    assert "nowhere.yaml" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_peer_that_hangs_up_cannot_end_the_process(tmp_path: Path) -> None:
    """Servers and notifiers write to sockets whose other end may be gone."""
    script = (
        "import socket, sys\n"
        "from pipeline.cli.app import main\n"
        "sys.argv = ['wirefeed', '--version']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "one, two = socket.socketpair()\ntwo.close()\n"
        "try:\n    one.send(b'x')\nexcept BrokenPipeError:\n    print('goes on')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )
    assert (result.returncode, result.stdout.splitlines()[-1]) == (0, "goes on")


def test_a_reader_that_closes_the_pipe_leaves_no_traceback(tmp_path: Path) -> None:
    result = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m pipeline schemas | head -c 20"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert len(result.stdout) == 20
    assert "Traceback" not in result.stderr
