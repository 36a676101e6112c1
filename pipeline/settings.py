"""Every option of Wirefeed: description, unit and default, declared once.

A secret may be given as ``…_file``, the path of a file that holds it.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from pipeline.failure import OperatorError

_BROKER = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+)(?::\d{1,5})?")


class SettingsError(OperatorError):
    """The configuration cannot be used; the message names each key, its value and the remedy."""


class Section(BaseModel):
    """A table of ``wirefeed.toml``."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_empty_path(cls, value: Any, info: ValidationInfo) -> Any:
        """Where a path is wanted, nothing would mean the working directory."""
        if value == "" and Path in (annotation := cls.model_fields[str(info.field_name)].annotation, *get_args(annotation)):
            raise ValueError("the path is empty; give one, or leave the key out")
        return value


class SourceSettings(Section):
    """One ``[[sources]]`` table."""

    name: str = Field(
        min_length=1, description="Name of the feed; part of every receipt, so never rename a feed that has been read."
    )
    type: Literal["files", "watch", "rss", "http", "stdin"] = Field(default="files", description="Kind of source.")
    location: str = Field(default="", description="Path, glob or URL.")
    provider: str | None = Field(default=None, description="Agency, where the bytes do not say.")
    format: str | None = Field(default=None, description="Expected wire format: a hint, content decides.")
    language: str | None = Field(default=None, description="Default language of the feed, BCP-47: a prior, text overrules it.")
    interval_seconds: float | None = Field(
        default=None, gt=0, description="Seconds between two polls; unset = 1 for a watched folder, 60 for RSS and Atom."
    )
    settle_seconds: float = Field(
        default=2, ge=0, description="Seconds without a change after which a file in a watched folder counts as finished."
    )
    token: SecretStr | None = Field(
        default=None, description="Bearer token: demanded from senders (http) or shown to the server (rss)."
    )
    token_file: Path | None = Field(default=None, description="File with the bearer token.")
    signing_secret: SecretStr | None = Field(
        default=None, description="Key of the HMAC-SHA256 signature that senders put on each body (http)."
    )
    signing_secret_file: Path | None = Field(default=None, description="File with the signing secret.")
    allow_private_network: bool = Field(default=False, description="Whether a feed may redirect to private addresses (rss).")

    @model_validator(mode="after")
    def _read_secrets(self) -> SourceSettings:
        if self.token is None and self.token_file is not None:
            self.token = SecretStr(read_secret(self.token_file))
        if self.signing_secret is None and self.signing_secret_file is not None:
            self.signing_secret = SecretStr(read_secret(self.signing_secret_file))
        return self


class StoreSettings(Section):
    """``[store]``: where enriched events are kept."""

    url: str = Field(
        default="sqlite:///wirefeed.db", description="Database URL: sqlite:///path or postgresql://user@host:5432/name"
    )
    password_file: Path | None = Field(default=None, description="File with the database password, put into the URL.")
    keep_days: int | None = Field(
        default=None, gt=0, description="Days that dispatches are kept by `wirefeed expire`; unset = for ever."
    )
    keep_days_by_provider: dict[str, Annotated[int, Field(gt=0)]] = Field(
        default={}, description="Days for single providers, where their rights demand less."
    )


class ArchiveSettings(Section):
    """``[archive]``: Parquet files for years to come."""

    directory: Path | None = Field(
        default=None,
        description="Folder that `wirefeed archive` writes to; where it is set, raw bytes are kept for it in the store.",
    )


class RulesSettings(Section):
    """``[rules]``: escalation rules."""

    directory: Path | None = Field(default=None, description="Folder of your own rule files, read beside the shipped pack.")
    shipped: bool = Field(default=True, description="Whether the shipped escalation pack is loaded.")


class SubscribersSettings(Section):
    """``[subscribers]``: who is told."""

    file: Path | None = Field(default=None, description="YAML file of subscribers.")


class ParseSettings(Section):
    """``[parse]``: reading wire bytes."""

    max_item_bytes: int = Field(default=8 * 1024 * 1024, gt=0, description="Bytes; a larger item becomes a dead letter.")
    profiles: Path | None = Field(default=None, description="Folder of your own provider profiles (TOML).")


class DeduplicateSettings(Section):
    """``[deduplicate]``: copies and versions."""

    window_hours: float = Field(default=72, gt=0, description="Hours in which texts are compared, by received time.")
    max_documents: int = Field(
        default=262_144,
        ge=1024,
        description="Texts that fit into memory, about 2 KB each; past it the oldest leave early.",
    )
    identity_days: int = Field(default=400, gt=0, description="Days for which item ids are remembered, for late kills.")


class LanguageSettings(Section):
    """``[language]``: detecting languages."""

    threshold: float = Field(default=0.6, ge=0, le=1, description="Confidence below which the language is und.")


class EntitiesSettings(Section):
    """``[entities]``: tagging names."""

    lists: list[Path] = Field(default=[], description="Your own lists of names (YAML or CSV); they win over ours.")
    spacy_model: Path | None = Field(default=None, description="Local spaCy pipeline to use in place of the shipped tagger.")


class NotifySettings(Section):
    """``[notify]``: telling subscribers."""

    max_age_hours: float = Field(default=24, gt=0, description="Hours since publication after which an alert is not sent.")
    timeout_seconds: float = Field(default=10, gt=0, description="Seconds until an attempt at an endpoint is given up.")
    keep_days: float = Field(
        default=90, gt=0, description="Days for which it is kept what messages said, and the audit; max_age_hours at least."
    )
    remember_days: float = Field(
        default=400,
        gt=0,
        description="Days for which it is kept who was told of which story, so that a kill reaches them and nothing is told twice.",
    )
    gap_grace_minutes: float = Field(
        default=10, gt=0, description="Minutes that a number of a numbered feed may come late before operators are told of a gap."
    )
    silence_minutes: float = Field(
        default=15,
        gt=0,
        description="Minutes that a feed which is never silent at this hour may be silent before operators are told.",
    )
    canary_minutes: float | None = Field(
        default=None, gt=0, description="Minutes without a canary after which operators are alarmed; unset = no canaries are fed."
    )


class KafkaSettings(Section):
    """``[kafka]``: the broker."""

    bootstrap_servers: str = Field(default="localhost:9092", description="Comma-separated host:port.")
    instance_id: str | None = Field(
        default=None, description="Unique, stable name of this worker, such as its pod's: static membership."
    )
    prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]*$",
        description="Put before every topic and group, such as staging-, so that several Wirefeeds share a cluster.",
    )
    partitions: int = Field(default=4, gt=0, description="Partitions of topics that are not fixed to one.")
    replication: int = Field(default=1, gt=0, description="Replicas of every topic; three in production.")
    session_timeout_seconds: float = Field(default=6, gt=0, le=10, description="Seconds until a dead worker's work moves on.")
    max_message_bytes: int = Field(default=12 * 1024 * 1024, gt=0, description="Largest record that topics accept, in bytes.")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="How to talk to the broker."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512", description="SASL mechanism."
    )
    sasl_username: str | None = Field(default=None, description="SASL user.")
    sasl_password: SecretStr | None = Field(default=None, description="SASL password.")
    sasl_password_file: Path | None = Field(default=None, description="File with the SASL password.")
    ssl_ca_file: Path | None = Field(default=None, description="Certificates of the authorities to trust.")
    ssl_certificate_file: Path | None = Field(default=None, description="Client certificate (mTLS).")
    ssl_key_file: Path | None = Field(default=None, description="Key of the client certificate.")

    @model_validator(mode="after")
    def _read_password(self) -> KafkaSettings:
        if self.sasl_password is None and self.sasl_password_file is not None:
            self.sasl_password = SecretStr(read_secret(self.sasl_password_file))
        if self.security_protocol.startswith("SASL") and (self.sasl_username is None or self.sasl_password is None):
            raise ValueError(f"{self.security_protocol} needs a user; set sasl_username and sasl_password_file")
        return self

    @field_validator("bootstrap_servers")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        servers = [server.strip() for server in value.split(",") if server.strip()]
        if not servers or not all(_BROKER.fullmatch(server) for server in servers):
            raise ValueError("no addresses of brokers; give host:port, several separated by commas, without a scheme")
        return value


class ConsoleSettings(Section):
    """``[console]``: the web page and its API."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8420, ge=0, le=65535, description="Port to listen on; 0 = any free one.")


class HealthSettings(Section):
    """``[health]``: health and metrics of workers, and of `wirefeed run --follow` where a port is set."""

    host: str = Field(default="127.0.0.1", description="Address for /healthz, /readyz and /metrics; carries no wire text.")
    port: int = Field(default=0, ge=0, le=65535, description="Port; 0 = any free one.")


class LoggingSettings(Section):
    """``[logging]``: what is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="Least level that is written.")
    format: Literal["auto", "console", "json"] = Field(default="auto", description="auto = console on a terminal, else JSON.")


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(env_prefix="WIREFEED_", env_nested_delimiter="__", env_ignore_empty=True, extra="forbid")

    sources: list[SourceSettings] = []
    store: StoreSettings = StoreSettings()
    archive: ArchiveSettings = ArchiveSettings()
    rules: RulesSettings = RulesSettings()
    subscribers: SubscribersSettings = SubscribersSettings()
    parse: ParseSettings = ParseSettings()
    deduplicate: DeduplicateSettings = DeduplicateSettings()
    language: LanguageSettings = LanguageSettings()
    entities: EntitiesSettings = EntitiesSettings()
    notify: NotifySettings = NotifySettings()
    kafka: KafkaSettings = KafkaSettings()
    console: ConsoleSettings = ConsoleSettings()
    health: HealthSettings = HealthSettings()
    logging: LoggingSettings = LoggingSettings()

    @field_validator("sources")
    @classmethod
    def _have_distinct_names(cls, sources: list[SourceSettings]) -> list[SourceSettings]:
        """Two feeds of one name would take each other's positions."""
        twice = sorted(name for name, count in Counter(source.name for source in sources).items() if count > 1)
        if twice:
            raise ValueError(f"two sources are called {', '.join(twice)}; give each a name of its own")
        return sources

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options win over environment, environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def read_secret(path: Path) -> str:
    """Read a secret from a file, without the line end.

    Raises SettingsError naming the file where it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"secret file {path}: {error.strerror}; check the path and its permissions") from error
