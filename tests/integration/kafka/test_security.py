"""SASL/SCRAM over TLS, and TLS with certificates on both sides, against real brokers that take nothing else."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.broker import Broker
from tests.services.fixtures import libraries
from tests.services.processes import Wirefeed, until
from tests.services.samples import count, write_files

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.xdist_group("own kafka")]

_PASSWORD = "correct horse"


def certify(folder: Path, name: str) -> tuple[Path, Path, Path]:
    """Make a self-signed certificate: key, certificate, and both in one file as the broker wants them."""
    key, certificate, both = (folder / f"{name}-{kind}.pem" for kind in ("key", "certificate", "both"))
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    options += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", "req", *options, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    both.write_text(key.read_text() + certificate.read_text())
    return key, certificate, both


_LISTENERS = {
    "listeners": "CLIENT://127.0.0.1:{port},INTERNAL://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}",
    "advertised.listeners": "CLIENT://127.0.0.1:{port},INTERNAL://127.0.0.1:{internal}",
    "inter.broker.listener.name": "INTERNAL",
    "ssl.keystore.type": "PEM",
}


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[Broker, Path]]:
    """A broker that wants TLS and a SCRAM password, and the certificate of the authority behind it."""
    _, certificate, keystore = certify(tmp_path, "broker")
    settings = {
        **_LISTENERS,
        "listener.security.protocol.map": "CLIENT:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.client.scram-sha-512.sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
        "ssl.keystore.location": str(keystore),
    }
    broker = Broker(tmp_path / "kafka", libraries(), settings)
    broker.format("--add-scram", f"SCRAM-SHA-512=[name=wirefeed,password={_PASSWORD}]")
    broker.start()
    yield broker, certificate
    broker.kill()


@pytest.mark.slow
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


@pytest.fixture
def mutual(tmp_path: Path) -> Iterator[tuple[Broker, dict[str, str]]]:
    """A broker that wants a client certificate and gives that client alone everything, and the client's settings."""
    _, authority, keystore = certify(tmp_path, "broker")
    key, certificate, _ = certify(tmp_path, "wirefeed")
    settings = {
        **_LISTENERS,
        "listener.security.protocol.map": "CLIENT:SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "ssl.keystore.location": str(keystore),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificate),
        "ssl.client.auth": "required",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:CN=wirefeed",
    }
    broker = Broker(tmp_path / "kafka", libraries(), settings)
    broker.format()
    broker.start()
    yield (
        broker,
        {
            "WIREFEED_KAFKA__SECURITY_PROTOCOL": "SSL",
            "WIREFEED_KAFKA__SSL_CA_FILE": str(authority),
            "WIREFEED_KAFKA__SSL_CERTIFICATE_FILE": str(certificate),
            "WIREFEED_KAFKA__SSL_KEY_FILE": str(key),
        },
    )
    broker.kill()


@pytest.mark.slow
def test_the_chain_runs_over_tls_with_certificates_on_both_sides(
    mutual: tuple[Broker, dict[str, str]], postgres: str, tmp_path: Path
):
    """The client's certificate is its user; without it, or with one that the broker does not trust, it is refused by name."""
    broker, options = mutual
    wirefeed = Wirefeed(tmp_path, broker.bootstrap, postgres, **options)
    try:
        wirefeed.run("topics", "apply")
        wirefeed.run("doctor")
        worker, sink = wirefeed.start("worker"), wirefeed.start("sink")
        wirefeed.run("ingest", str(write_files(tmp_path / "in", 10)))
        until(lambda: count(postgres, "dispatches") == 10, "all are stored")
        assert worker.terminate() == sink.terminate() == 0
        other_key, other, _ = certify(tmp_path, "stranger")
        shown = {name: wirefeed.environment.pop(f"WIREFEED_KAFKA__SSL_{name}_FILE") for name in ("CERTIFICATE", "KEY")}
        assert all(shown.values())
        strangers = {"WIREFEED_KAFKA__SSL_CERTIFICATE_FILE": str(other), "WIREFEED_KAFKA__SSL_KEY_FILE": str(other_key)}
        for settings in ({}, strangers):
            wirefeed.environment |= settings
            refused = wirefeed.run("topics", "plan", code=2).stderr
            assert "or refuses this client's certificate" in refused, refused
            waiting = wirefeed.start("worker", "parse")
            until(lambda: "or refuses this client's certificate" in str(waiting.health()[1]), "the worker names it")  # noqa: B023
    finally:
        wirefeed.end()
