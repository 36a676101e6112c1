"""SASL/SCRAM over TLS, against a real broker that takes nothing else."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.broker import Broker
from tests.services.fixtures import libraries
from tests.services.processes import Wirefeed, until
from tests.services.samples import count, write_files

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

_PASSWORD = "correct horse"


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[Broker, Path]]:
    """A broker that wants TLS and a SCRAM password, and the certificate of the authority behind it."""
    key, certificate, keystore = tmp_path / "key.pem", tmp_path / "cert.pem", tmp_path / "keystore.pem"
    options = [
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]
    subprocess.run(["openssl", "req", *options, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    keystore.write_text(key.read_text() + certificate.read_text())
    settings = {
        "listeners": "CLIENT://127.0.0.1:{port},INTERNAL://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": "CLIENT://127.0.0.1:{port},INTERNAL://127.0.0.1:{internal}",
        "listener.security.protocol.map": "CLIENT:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "INTERNAL",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.client.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keystore),
    }
    broker = Broker(tmp_path / "kafka", libraries(), settings)
    broker.format("--add-scram", f"SCRAM-SHA-512=[name=wirefeed,password={_PASSWORD}]")
    broker.start()
    yield broker, certificate
    broker.kill()


def test_the_chain_runs_over_scram_and_tls(secured: tuple[Broker, Path], postgres: str, tmp_path: Path):
    """User, password file and authority are enough for every command; a wrong password is named as such."""
    broker, certificate = secured
    password = tmp_path / "password"
    password.write_text(_PASSWORD + "\n")
    options = {
        "WIREFEED_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
        "WIREFEED_KAFKA__SASL_USERNAME": "wirefeed",
        "WIREFEED_KAFKA__SASL_PASSWORD_FILE": str(password),
        "WIREFEED_KAFKA__SSL_CA_FILE": str(certificate),
    }
    wirefeed = Wirefeed(tmp_path, broker.bootstrap, postgres, **options)
    try:
        wirefeed.run("topics", "apply")
        wirefeed.start("worker")
        wirefeed.start("sink")
        wirefeed.run("ingest", str(write_files(tmp_path / "in", 10)))
        until(lambda: count(postgres, "dispatches") == 10, "all are stored")
        password.write_text("wrong\n")
        assert "refuses the user or password" in wirefeed.run("topics", "plan", code=2).stderr
        refused = wirefeed.start("worker", "parse")
        until(lambda: "refuses the user or password" in str(refused.health()[1]), "the worker names the refusal")
    finally:
        wirefeed.end()
