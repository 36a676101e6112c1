"""Installations of Wirefeed on real services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.fixtures import Kafka
from tests.services.processes import Wirefeed


@pytest.fixture
def wirefeed(kafka: Kafka, postgres: str, tmp_path: Path) -> Iterator[Wirefeed]:
    """Wirefeed with its own topics on the session's broker and its own PostgreSQL database."""
    installation = Wirefeed(tmp_path, kafka.bootstrap, postgres)
    installation.run("topics", "apply")
    yield installation
    installation.end()
