"""Services for all tests."""

from tests.services.fixtures import kafka, own_kafka, own_postgres, postgres, postgres_server

__all__ = ["kafka", "own_kafka", "own_postgres", "postgres", "postgres_server"]
