"""How every client of the engine reaches the broker, and what topics and groups are called there."""

from __future__ import annotations

import ssl
from functools import cached_property
from typing import Any

from pipeline.settings import KafkaSettings, SettingsError
from pipeline.topology import Topic

#: Longer than the slowest batch, so that nobody is thrown out for working.
REQUEST_TIMEOUT_SECONDS = 30.0
#: Partitions that are added are seen after this long.
METADATA_SECONDS = 15.0


class Connection:
    """Options of a client, by the library it uses, and names under the configured prefix."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings

    def topic(self, topic: Topic) -> str:
        """Name of a topic on the cluster."""
        return self.settings.prefix + topic.name

    def group(self, reader: str) -> str:
        """Consumer group of a stage or of the sink."""
        return f"{self.settings.prefix}wirefeed-{reader}"

    @property
    def bootstrap_servers(self) -> list[str]:
        """Addresses of the cluster."""
        return [each.strip() for each in self.settings.bootstrap_servers.split(",") if each.strip()]

    @cached_property
    def ssl_context(self) -> ssl.SSLContext | None:
        """What TLS trusts and shows; None for an open connection. Raises SettingsError for files that cannot be used."""
        settings = self.settings
        if not settings.security_protocol.endswith("SSL"):
            return None
        named = f"kafka.ssl_ca_file {settings.ssl_ca_file}"
        try:
            context = ssl.create_default_context(cafile=str(settings.ssl_ca_file) if settings.ssl_ca_file else None)
            if settings.ssl_certificate_file is not None:
                named = f"kafka.ssl_certificate_file {settings.ssl_certificate_file}, ssl_key_file {settings.ssl_key_file}"
                context.load_cert_chain(settings.ssl_certificate_file, settings.ssl_key_file)
        except OSError as error:  # which ssl's own errors are, too
            raise SettingsError(f"{named}: {error.strerror or error}; give PEM files that this user may read") from error
        return context

    def options(self) -> dict[str, Any]:
        """Options that aiokafka and kafka-python understand alike."""
        settings = self.settings
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": settings.security_protocol,
            "ssl_context": self.ssl_context,
            "metadata_max_age_ms": int(METADATA_SECONDS * 1000),
        }
        if settings.security_protocol.startswith("SASL"):
            password = settings.sasl_password.get_secret_value() if settings.sasl_password else None
            options |= {
                "sasl_mechanism": settings.sasl_mechanism,
                "sasl_plain_username": settings.sasl_username,
                "sasl_plain_password": password,
            }
        return options


def refusal_of(connection: Connection) -> str:
    """What silence may also mean: a broker closes the connection on a wrong password or certificate, and says only that."""
    settings = connection.settings
    doubts = ""
    if settings.security_protocol.startswith("SASL"):
        doubts += f", or refuses the user or password (user {settings.sasl_username})"
    if settings.security_protocol == "SSL":
        shown = settings.ssl_certificate_file or "none: kafka.ssl_certificate_file is not set"
        doubts += f", or refuses this client's certificate ({shown})"
    return doubts
