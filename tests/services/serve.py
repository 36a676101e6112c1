"""Apache Kafka and PostgreSQL on loopback, to try things out: `make kafka`, or python -m tests.services.serve.

They begin empty and are gone after Ctrl-C. The database `wirefeed` belongs to a user of that name, without a password.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from tests.services.broker import Broker, jars
from tests.services.database import PostgresServer, binaries


def main() -> None:
    """Run both until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kafka-port", type=int, default=9092)
    parser.add_argument("--postgres-port", type=int, default=5432)
    options = parser.parse_args()
    libraries, programs = jars(), binaries()
    if libraries is None or programs is None:
        sys.exit("Apache Kafka or PostgreSQL is absent; run tests/services/install")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = PostgresServer(programs, options.postgres_port)
    try:
        server.start()
        _create_wirefeed(server)
        with tempfile.TemporaryDirectory(prefix="wirefeed-kafka-") as folder:
            broker = Broker(Path(folder), libraries, port=options.kafka_port)
            broker.format()
            try:
                broker.start()
                sys.stderr.write(
                    f"Apache Kafka at localhost:{broker.port}, PostgreSQL at postgresql://wirefeed@localhost:{server.port}/wirefeed; "
                    "Ctrl-C ends them\n"
                )
                signal.pause()
            finally:
                broker.kill()
    except KeyboardInterrupt:
        return
    finally:
        server.remove()


def _create_wirefeed(server: PostgresServer) -> None:
    import psycopg

    with psycopg.connect(server.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE ROLE wirefeed LOGIN")
        connection.execute("CREATE DATABASE wirefeed OWNER wirefeed")


if __name__ == "__main__":
    main()
