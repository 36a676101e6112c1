"""A process may be up before its database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.database import PostgresServer, create_database
from tests.services.ports import free_ports
from tests.services.processes import Wirefeed, until


@pytest.fixture
def wirefeed(own_postgres: PostgresServer, tmp_path: Path) -> Iterator[Wirefeed]:
    """Nobody is at the broker's address: who waits for the store waits for that one afterwards."""
    url = create_database(own_postgres.url("postgres"))
    installation = Wirefeed(tmp_path, f"127.0.0.1:{free_ports(1)[0]}", url, WIREFEED_HEALTH__PORT="0")
    own_postgres.stop()
    yield installation
    installation.end()
    own_postgres.start()


@pytest.mark.postgres
def test_every_service_waits_for_its_database_by_name_until_it_is_there_or_sigterm_comes(
    wirefeed: Wirefeed, own_postgres: PostgresServer, tmp_path: Path
) -> None:
    (tmp_path / "wires").mkdir()
    subscribers = tmp_path / "subscribers.yaml"
    subscribers.write_text("subscribers: [{name: desk, channels: [{type: console}]}]", encoding="utf-8")
    services = {
        wirefeed.start("run", "--follow", str(tmp_path / "wires"), "--port", "0"): "console: http://127.0.0.1:",
        wirefeed.start("console", "--no-auth", "--port", "0"): "console: http://127.0.0.1:",
        wirefeed.start("sink"): "going on",
        wirefeed.start("notifier", "--subscribers", str(subscribers)): "going on",
    }
    for service in services:
        until(lambda service=service: "does not answer; check that it runs and can be reached" in service.output, service.name)
        assert service.process.poll() is None
    ended = wirefeed.start("sink")
    until(lambda: "does not answer" in ended.output, "another one waits")
    assert ended.terminate() == 0
    own_postgres.start()
    for service, works in services.items():
        until(lambda service=service, works=works: works in service.output, f"{service.name} goes on")
    own_postgres.stop()


@pytest.mark.slow
@pytest.mark.postgres
def test_a_run_that_is_to_end_waits_for_its_database_for_a_moment_only(wirefeed: Wirefeed, tmp_path: Path) -> None:
    (tmp_path / "wires").mkdir()
    failed = wirefeed.run("run", str(tmp_path / "wires"), "--once", code=2)
    # when it begins to wait, and at the end
    assert failed.stderr.count("does not answer; check that it runs and can be reached") == 2
    assert failed.stderr.splitlines()[-1].startswith("wirefeed: store ")
