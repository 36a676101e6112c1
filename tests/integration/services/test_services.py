"""The services that other tests stand on."""

import psycopg
import pytest
from kafka import KafkaAdminClient

from tests.services.fixtures import Kafka


@pytest.mark.kafka
def test_kafka_answers(kafka: Kafka):
    """The session's broker answers an admin client."""
    admin = KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    assert admin.list_topics() is not None
    admin.close()


@pytest.mark.postgres
def test_every_test_has_an_empty_database(postgres: str):
    """The database of a test holds nothing."""
    with psycopg.connect(postgres.replace("+psycopg", "")) as connection:
        assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)
