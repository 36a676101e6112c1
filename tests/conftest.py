"""Services for all tests, and which tests keep to one process where several run them."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
import structlog

from tests.services.fixtures import kafka, own_kafka, own_postgres, postgres, postgres_server

__all__ = ["kafka", "own_kafka", "own_postgres", "postgres", "postgres_server"]

# The first that a test is marked with: its tests share one service, so that each process starts as few as may be.
SERVICES = ("kafka", "browser", "postgres")

# Property tests draw the same examples each time, so that a change is judged by what it changed; ``make check-all`` explores.
hypothesis.settings.register_profile("same", derandomize=True, print_blob=True)
hypothesis.settings.register_profile("explore", print_blob=True)
hypothesis.settings.load_profile("same")


@pytest.fixture(autouse=True)
def _logging_of_its_own() -> Iterator[None]:
    """Leave no logger behind that writes where pytest caught a command's output: that file is closed by the next test."""
    yield
    structlog.reset_defaults()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group the tests of each service for ``pytest -n``; who runs a broker of its own says so with a group of its own."""
    for item in items:
        service = next((name for name in SERVICES if item.get_closest_marker(name)), None)
        if service is not None and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(service))
