"""A process says what it waits for, and stays alive meanwhile."""

import json
import urllib.request
from urllib.error import HTTPError

from pipeline.engines.condition import Condition
from pipeline.operate.health import serving_health
from pipeline.settings import HealthSettings


def fetch(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 # loopback
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_waiting_is_alive_but_not_ready():
    """A named wait makes a process unready, not dead; news of it is news once."""
    condition = Condition()
    condition.starting("parse")
    assert not condition.health().ready
    condition.started("parse")
    assert condition.health().ready
    assert condition.wait("broker", "broker a:1 does not answer")
    assert not condition.wait("broker", "broker a:1 does not answer")
    health = condition.health()
    assert health.alive and not health.ready and health.waiting == {"broker": "broker a:1 does not answer"}
    assert condition.go_on("broker") and not condition.go_on("broker")
    assert condition.health().ready


def test_a_silent_loop_is_not_alive():
    """Without a beat for as long as silence may last, the process is to be restarted."""
    assert not Condition(silence_seconds=0).health().alive


def test_health_is_served_beside_the_work():
    """/healthz, /readyz and /metrics answer on loopback, with the name of what is waited for."""
    condition = Condition()
    with serving_health(HealthSettings(), condition) as url:
        assert fetch(f"{url}/readyz")[0] == 200
        condition.wait("store", "store x does not answer")
        status, answer = fetch(f"{url}/readyz")
        assert status == 503 and json.loads(answer)["waiting"] == {"store": "store x does not answer"}
        assert fetch(f"{url}/healthz")[0] == 200
        assert "python_info" in fetch(f"{url}/metrics")[1]
        assert fetch(f"{url}/etc/passwd")[0] == 404
