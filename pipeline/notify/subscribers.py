"""Who is told, about what, when and how: the subscribers file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, StringConstraints, ValidationError, model_validator

from pipeline.failure import OperatorError
from pipeline.messages import Kind, Severity
from pipeline.notify.hours import Clock, Hours, Zone
from pipeline.stages.alerts.document import Document, read_documents
from pipeline.stages.alerts.problems import Problem

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@ -]{0,79}$")]
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s<>,;\"]+@[^@\s<>,;\"]+$", max_length=254)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class SubscriberError(OperatorError):
    """A subscribers file that cannot be used; the message names every problem with its line and the remedy."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the subscribers file\n{lines}")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Filter(_Part):
    """Which alerts: every condition that is given must hold; one value of each list is enough."""

    min_severity: Severity = Field(default=1, description="Least severity, 1 to 5.")
    kinds: list[Kind] = Field(default=[], description="escalation, de-escalation; empty = both.")
    rules: list[str] = Field(default=[], description="Ids or titles of rules.")
    tags: list[str] = Field(default=[], description="Tags of rules; a trailing * stands for the rest: plover:*.")
    languages: list[str] = Field(default=[], description="BCP-47 tags; fr also takes fr-CA.")
    countries: list[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]] = Field(
        default=[], description="ISO 3166-1 alpha-2 codes of tagged entities; holds where entities could not be tagged."
    )
    entities: list[str] = Field(default=[], description="Names of tagged entities; holds where entities could not be tagged.")
    providers: list[str] = Field(default=[], description="Agencies.")
    min_providers: int = Field(default=1, ge=1, description="Agencies that must have reported the story.")
    unconfirmed: bool = Field(default=True, description="Whether denied or negated matches count.")


class Channel(_Part):
    """What all channels have."""

    name: Name | None = Field(default=None, description="Name in the outbox; the type unless given.")

    @property
    def target(self) -> str:
        """Where it sends to, without secrets: one endpoint, one health."""
        raise NotImplementedError


class WebhookChannel(Channel):
    """HTTP POST of JSON, signed after Standard Webhooks."""

    type: Literal["webhook"] = Field(description="A signed POST of JSON.")
    url: HttpUrl = Field(description="http or https address; redirects are not followed.")
    secret: SecretStr | None = Field(default=None, description="Signing secret, whsec_…; two separated by a space while rotating.")
    secret_file: Path | None = Field(default=None, description="File with the signing secret.")
    secret_env: str | None = Field(default=None, description="Environment variable with the signing secret.")
    allow_private_network: bool = Field(default=False, description="Whether the address may be private or loopback.")
    timeout_seconds: float | None = Field(default=None, gt=0, le=120, description="Seconds; unset = notify.timeout_seconds.")

    @property
    def target(self) -> str:
        """The URL."""
        return str(self.url)

    def secrets(self) -> list[str]:
        """Signing secrets, newest first."""
        return _secret(self.secret, self.secret_file, self.secret_env).split()

    @model_validator(mode="after")
    def _check(self) -> WebhookChannel:
        from pipeline.notify.channels.signature import decode_secret

        if self.url.username or self.url.password:
            raise ValueError("the url holds a password; authenticate by the signature")
        keys = self.secrets()
        if not keys:
            raise ValueError("a webhook needs a secret, secret_file or secret_env; `openssl rand -base64 32` makes one")
        for key in keys:
            decode_secret(key)
        return self


class ConsoleChannel(Channel):
    """Lines for a person on the terminal that runs Wirefeed."""

    type: Literal["console"] = Field(description="Lines for a person on standard error.")

    @property
    def target(self) -> str:
        """The stream."""
        return "console"


class EmailChannel(Channel):
    """E-mail by SMTP, in text and HTML, one thread a story."""

    type: Literal["email"] = Field(description="Text and HTML by SMTP.")
    to: list[Address] = Field(min_length=1, description="Addresses.")
    sender: Address = Field(description="Address in From.")
    host: str = Field(description="SMTP server.")
    port: int | None = Field(default=None, ge=1, le=65535, description="Port; unset = 465 for tls, 587 for starttls, 25 for none.")
    security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="none sends in the clear.")
    ca_file: Path | None = Field(default=None, description="Certificates to trust in place of the system's.")
    username: str | None = Field(default=None, description="SMTP user; never sent without TLS.")
    password: SecretStr | None = Field(default=None, description="SMTP password.")
    password_file: Path | None = Field(default=None, description="File with the SMTP password.")
    password_env: str | None = Field(default=None, description="Environment variable with the SMTP password.")
    timeout_seconds: float | None = Field(default=None, gt=0, le=120, description="Seconds; unset = notify.timeout_seconds.")

    @property
    def target(self) -> str:
        """Server and addresses."""
        return f"{self.host}:{self.port} {' '.join(self.to)}"

    def secret(self) -> str:
        """The password; empty where there is none."""
        return _secret(self.password, self.password_file, self.password_env)

    @model_validator(mode="after")
    def _check(self) -> EmailChannel:
        if self.username is not None and self.security == "none":
            raise ValueError("a password would be sent in the clear; use security: starttls or tls")
        if self.username is not None and not self.secret():
            raise ValueError("a username needs a password; add password_file or password_env")
        return self


class JsonLinesChannel(Channel):
    """JSON lines to a file, or to standard output."""

    type: Literal["jsonl"] = Field(description="A line of JSON, as the body of a webhook.")
    path: str = Field(default="-", description="File to append to; - = standard output.")

    @property
    def target(self) -> str:
        """The path."""
        return self.path


AnyChannel = Annotated[WebhookChannel | EmailChannel | ConsoleChannel | JsonLinesChannel, Field(discriminator="type")]


class ActiveHours(_Part):
    """When a subscriber is told at all; outside of them alerts wait."""

    hours: Hours = Field(description="HH:MM-HH:MM in the subscriber's time zone; may pass midnight.")
    days: list[Day] = Field(default=[], description="Days on which they begin; empty = every day.")


class QuietHours(ActiveHours):
    """When alerts wait, unless they are severe."""

    except_severity: Severity = Field(default=5, description="Alerts of this severity or higher break through.")


class Digest(_Part):
    """Alerts that are not urgent come together, at fixed times."""

    at: list[Clock] = Field(min_length=1, description="Times of day, HH:MM in the subscriber's time zone.")
    max_severity: Severity = Field(default=2, description="Alerts up to this severity wait for the digest.")


class RateLimit(_Part):
    """How many messages in a minute; what is above comes as one summary."""

    per_minute: int = Field(ge=1, description="Messages a minute, and the most at once. Retractions are not counted.")


class Escalation(_Part):
    """What happens when nobody acknowledges."""

    after_minutes: float = Field(gt=0, description="Minutes between two reminders, counted from the message.")
    min_severity: Severity = Field(default=4, description="Least severity of stories that must be acknowledged.")
    to: list[Name] = Field(default=[], description="Whom the reminders go to, in turn, the last one again; empty = the same.")
    times: int = Field(default=1, ge=1, le=20, description="Number of reminders.")


class Template(_Part):
    """Own wording of messages for people: Jinja, sandboxed, over the fields of the webhook's body."""

    title: str | None = Field(default=None, description="Subject, first line.")
    text: str | None = Field(default=None, description="Body.")

    @model_validator(mode="after")
    def _compiles(self) -> Template:
        from pipeline.notify.templates import check_template

        for source in (self.title, self.text):
            if source is not None:
                check_template(source)
        return self


class Subscriber(_Part):
    """A person or a system that is told."""

    name: Name = Field(description="Names the subscriber in the audit and in commands; changed, it is another one.")
    filter: Filter = Filter()
    channels: list[AnyChannel] = Field(min_length=1, description="By which ways: every message goes to each.")
    time_zone: Zone = Field(default="UTC", description="IANA name, such as Europe/Paris.")
    active_hours: list[ActiveHours] = Field(default=[], description="Empty = always.")
    quiet_hours: list[QuietHours] = Field(default=[], description="When only what is severe enough wakes.")
    digest: Digest | None = Field(default=None, description="What is not urgent, together at fixed times.")
    rate_limit: RateLimit | None = Field(default=None, description="How many messages a minute; the rest as one summary.")
    escalation: Escalation | None = Field(default=None, description="Who is told when nobody acknowledges.")
    template: Template | None = Field(default=None, description="Own wording of messages for people.")
    operator: bool = Field(default=False, description="Whether alarms about Wirefeed itself go here too.")
    confirmations: int = Field(default=2, ge=0, description="Further agencies whose reports make a `confirmed` message; 0 = never.")

    @model_validator(mode="after")
    def _distinct_channels(self) -> Subscriber:
        names = [self.channel_name(number) for number in range(len(self.channels))]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two channels are called {', '.join(sorted(twice))}; give each a name")
        return self

    def channel_name(self, number: int) -> str:
        """Name of a channel in the outbox: part of the idempotency key."""
        channel = self.channels[number]
        return channel.name or channel.type

    def channel(self, name: str) -> AnyChannel | None:
        """Find a channel by its name in the outbox; None where the file no longer has it."""
        return next((each for number, each in enumerate(self.channels) if self.channel_name(number) == name), None)


class _File(_Part):
    subscribers: list[Subscriber] = Field(default=[], description="Who is told.")

    @model_validator(mode="after")
    def _distinct_names(self) -> _File:
        names = [subscriber.name for subscriber in self.subscribers]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two subscribers are called {', '.join(sorted(twice))}; give each another name")
        for subscriber in self.subscribers:
            for name in subscriber.escalation.to if subscriber.escalation else ():
                if name not in names:
                    raise ValueError(f"{subscriber.name} escalates to {name}, who is not in the file; add that subscriber")
        return self


class Subscribers:
    """The subscribers in force."""

    def __init__(self, subscribers: Sequence[Subscriber] = (), path: Path | None = None) -> None:
        self.all = tuple(subscribers)
        self.path = path
        self._by_name = {subscriber.name: subscriber for subscriber in self.all}
        timeouts = [getattr(channel, "timeout_seconds", None) for subscriber in self.all for channel in subscriber.channels]
        self.longest_timeout = max((seconds for seconds in timeouts if seconds), default=0.0)
        """Seconds of the channel that waits longest for an answer; 0 where none says."""

    def get(self, name: str) -> Subscriber | None:
        """Find one by name."""
        return self._by_name.get(name)

    def __len__(self) -> int:
        return len(self.all)


def load_subscribers(path: Path) -> Subscribers:
    """Read a subscribers file.

    Raises SubscriberError that names every problem at once.
    """
    documents, problems = read_documents(path, str(path))
    if len(documents) > 1:
        problems.append(documents[1].problem((), "a second document", "keep all subscribers in one list"))
    if problems or not documents:
        raise SubscriberError(problems or [Problem(str(path), 1, 1, "the file is empty", "begin it with subscribers:")])
    document = documents[0]
    try:
        file = _File.model_validate(document.data)
    except ValidationError as error:
        raise SubscriberError([_problem(document, each) for each in error.errors(include_url=False)]) from None
    return Subscribers(file.subscribers, path)


def subscribers_schema() -> dict[str, Any]:
    """JSON Schema of a subscribers file, for editors."""
    schema = _File.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Wirefeed subscribers file"}


def _secret(value: SecretStr | None, file: Path | None, variable: str | None) -> str:
    if value is not None:
        return value.get_secret_value()
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"secret file {file} cannot be read ({error}); check the path and its permissions") from None
    if variable is not None:
        if variable not in os.environ:
            raise ValueError(f"environment variable {variable} is not set; set it or use secret_file")
        return os.environ[variable]
    return ""


_REMEDIES = {
    "extra_forbidden": ("unknown key", "`wirefeed subscribers schema` lists the known ones"),
    "missing": ("this key is missing", "add it"),
    "union_tag_not_found": ("the type of the channel is missing", "add type: webhook, email, jsonl or console"),
}


def _problem(document: Document, error: Any) -> Problem:
    types = {"webhook", "console", "jsonl", "email"}
    path = [part for number, part in enumerate(error["loc"]) if not (part in types and "channels" in error["loc"][:number])]
    place = ".".join(str(part) for part in path)
    if error["type"] in _REMEDIES:
        message, remedy = _REMEDIES[error["type"]]
        return document.problem(path, f"{place}: {message}", remedy)
    given = error.get("input")
    secret = any(word in place for word in ("secret", "password"))
    shown = f" (given {given!r})" if isinstance(given, str | int | float) and not secret else ""
    message = str(error["msg"]).removeprefix("Value error, ")
    text, _, remedy = message.partition("; ")
    where = f"{place}: " if place else ""
    return document.problem(path, f"{where}{text}{shown}", remedy)
