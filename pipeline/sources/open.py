"""From a location on the command line or a ``[[sources]]`` table to a source."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from pipeline.settings import SourceSettings
from pipeline.sources.files import FileSource
from pipeline.sources.intake import Intake, printable
from pipeline.sources.sender import Credentials
from pipeline.sources.source import Source, SourceError
from pipeline.sources.stream import StreamSource
from pipeline.sources.walk import files_matching, fixed_part, is_glob

if TYPE_CHECKING:
    from pipeline.stages.parse.formats.format import Format

STDIN = "-"


def open_source(location: str | SourceSettings, *, max_item_bytes: int, follow: bool = False) -> Source:
    """Open a path, a directory, a glob, an archive, a feed's URL, ``-`` for standard input, or a configured source.

    ``follow`` waits for files that come later and reads only finished ones. The feed of a path is ``file:`` and the absolute
    path. Raises SourceError that names the location and the remedy.
    """
    settings = location if isinstance(location, SourceSettings) else _ad_hoc(location)
    check_source(settings)
    intake = Intake(settings.name, max_item_bytes, settings.provider, settings.format, settings.language)
    if settings.type == "stdin":
        return StreamSource("stdin", intake, lambda: nullcontext(sys.stdin.buffer))
    if settings.type in {"files", "watch"}:
        return _open_path(settings, intake, follow=follow or settings.type == "watch")
    return _open_poll(settings, intake) if settings.type == "rss" else _open_push(settings, intake)


def check_source(settings: SourceSettings) -> None:
    """Find what is wrong with a source without reading, asking or listening; raises SourceError naming it and the remedy."""
    where = f"source {settings.name}"
    if settings.format is not None and settings.format not in (known := [each.name for each in _formats()]):
        raise SourceError(f"{where}: format {settings.format!r} is unknown; leave it out, or use one of {', '.join(known)}")
    if settings.language is not None and not _is_language(settings.language):
        raise SourceError(f"{where}: language {settings.language!r} is no BCP-47 tag; use one such as en or pt-BR")
    if settings.type in {"files", "watch"} and not settings.location:
        raise SourceError(f"{where}: location is empty; give a path, a directory or a glob")
    if settings.type == "rss" and not settings.location.startswith(("http://", "https://")):
        raise SourceError(f"{where}: location {settings.location!r} is no http or https URL; give the address of the feed")
    if settings.type == "http":
        _Listening.of(settings)


def _formats() -> tuple[Format, ...]:
    from pipeline.stages.parse.formats import FORMATS

    return FORMATS


def _is_language(tag: str) -> bool:
    import langcodes

    return langcodes.tag_is_valid(tag)


def _ad_hoc(location: str) -> SourceSettings:
    if location == STDIN:
        return SourceSettings(name="stdin", type="stdin")
    if location.startswith(("http://", "https://")):
        return SourceSettings(name=location, type="rss", location=location)
    absolute = _absolute(location)
    return SourceSettings(name=f"file:{printable(absolute)}", type="files", location=absolute)


def _absolute(location: str) -> str:
    path = Path(location.removeprefix("file://")).expanduser()
    if is_glob(str(path)) and not path.exists():
        fixed = fixed_part(str(path))
        return str(fixed.resolve() / path.relative_to(fixed))
    return str(path.resolve())


def _open_path(settings: SourceSettings, intake: Intake, *, follow: bool) -> Source:
    location = _absolute(settings.location)
    path = Path(location)
    if is_glob(location) and not path.exists():
        if not follow and next(files_matching(location), None) is None:
            raise SourceError(f"no file matches {location}; check the pattern (quoted, so that the shell leaves it alone?)")
        path = fixed_part(location)
    try:
        status = path.stat()
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist; check the path (working directory: {Path.cwd()})") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}; check the permissions of it and of its parents") from None
    if path.is_fifo() or path.is_char_device():
        return StreamSource(path.name, intake, lambda: path.open("rb"))
    if not os.access(path, os.R_OK | (os.X_OK if path.is_dir() else 0)):
        raise SourceError(f"{path} cannot be read: permission denied (mode {status.st_mode & 0o777:o}); allow this user to read it")
    return FileSource(
        location, intake, follow=follow, settle_seconds=settings.settle_seconds, interval_seconds=settings.interval_seconds or 1.0
    )


def _open_poll(settings: SourceSettings, intake: Intake) -> Source:
    from pipeline.sources.poll import PollSource

    return PollSource(
        settings.location,
        intake,
        interval_seconds=settings.interval_seconds or 60.0,
        token=_secret(settings.token),
        allow_private_network=settings.allow_private_network,
    )


def _open_push(settings: SourceSettings, intake: Intake) -> Source:
    from pipeline.sources.listener import application, serve
    from pipeline.sources.push import Inbox, PushSource

    wanted = _Listening.of(settings)
    host, port = wanted.host, wanted.port
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise SourceError(
            f"source {settings.name}: cannot listen on {host}:{port}: {error.strerror}; choose another address or port"
        ) from None
    inbox = Inbox(intake)
    app = application(inbox, wanted.credentials, wanted.path)
    return PushSource(inbox, intake.feed, listener, lambda listening: serve(app, listening))


@dataclass(frozen=True)
class _Listening:
    """Where senders push to, and how they show who they are."""

    host: str
    port: int
    path: str
    credentials: Credentials

    @classmethod
    def of(cls, settings: SourceSettings) -> _Listening:
        """Read ``host:port/path``; raises SourceError where it is none, or where anybody could send."""
        location = settings.location if "//" in settings.location else f"http://{settings.location}"
        try:
            url = urlsplit(location)
            host, port = url.hostname or "127.0.0.1", 8421 if url.port is None else url.port
        except ValueError as error:
            raise SourceError(f"source {settings.name}: location {settings.location!r}: {error}; give host:port") from None
        credentials = Credentials(_secret(settings.token), _secret(settings.signing_secret))
        if not credentials.demanded and not _is_loopback(host):
            raise SourceError(f"source {settings.name}: {host} can be reached by others; set token_file or signing_secret_file")
        return cls(host, port, url.path or "/", credentials)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()
