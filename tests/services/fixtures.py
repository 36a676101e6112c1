"""Fixtures of real services: Apache Kafka and PostgreSQL.

Without a service the tests that need it are skipped with the reason, unless WIREFEED_TEST_REQUIRE (comma-separated: kafka,
postgres) names it. WIREFEED_TEST_KAFKA (host:port) and WIREFEED_TEST_POSTGRES (URL of a database whose user may create others)
name services that run already.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from tests.services.broker import Broker, jars
from tests.services.database import PostgresServer, binaries, create_database, drop_database


@dataclass(frozen=True)
class Kafka:
    """A broker that answers; `broker` stops, kills and pauses it, and is None where it is not ours."""

    bootstrap: str
    broker: Broker | None


def _absent(service: str, reason: str) -> NoReturn:
    if service in os.environ.get("WIREFEED_TEST_REQUIRE", "").split(","):
        pytest.fail(f"{service} is required (WIREFEED_TEST_REQUIRE): {reason}", pytrace=False)
    pytest.skip(f"needs {service}: {reason}")


def libraries() -> Path:
    """Folder of Kafka's jars; skips or fails the test where they are absent."""
    return jars() or _absent("kafka", "run tests/services/install (needs Java 17 and Maven), or set WIREFEED_TEST_KAFKA=host:port")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Run one Apache Kafka for the whole session; use a prefix of your own for topics and groups."""
    given = os.environ.get("WIREFEED_TEST_KAFKA")
    if given:
        yield Kafka(given, None)
        return
    broker = Broker(tmp_path_factory.mktemp("kafka"), libraries())
    broker.format()
    broker.start()
    yield Kafka(broker.bootstrap, broker)
    broker.kill()


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Broker]:
    """Run an Apache Kafka for this test alone, to be stopped and killed."""
    broker = Broker(tmp_path / "kafka", libraries())
    broker.format()
    broker.start()
    yield broker
    broker.kill()


def _server() -> PostgresServer:
    programs = binaries() or _absent("postgres", "run tests/services/install, or set WIREFEED_TEST_POSTGRES to a database's URL")
    server = PostgresServer(programs)
    server.start()
    return server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server's own database."""
    given = os.environ.get("WIREFEED_TEST_POSTGRES")
    if given:
        yield given
        return
    server = _server()
    yield server.url("postgres")
    server.remove()


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database for this test."""
    url = create_database(postgres_server)
    yield url
    drop_database(postgres_server, url)


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL for this test alone, to be stopped and started."""
    server = _server()
    yield server
    server.remove()
