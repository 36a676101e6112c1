"""From a location on the command line or a ``[[sources]]`` table to a source."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path

from pipeline.settings import SourceSettings
from pipeline.sources.files import FileSource
from pipeline.sources.intake import Intake, printable
from pipeline.sources.source import Source, SourceError
from pipeline.sources.stream import StreamSource
from pipeline.sources.walk import files_matching, fixed_part, is_glob

STDIN = "-"


def open_source(location: str | SourceSettings, *, max_item_bytes: int, follow: bool = False) -> Source:
    """Open a path, a directory, a glob, an archive, ``-`` for standard input, or a configured source.

    ``follow`` waits for files that come later and reads only finished ones. The feed of a path is ``file:`` and the absolute
    path. Raises SourceError that names the location and the remedy.
    """
    settings = location if isinstance(location, SourceSettings) else _ad_hoc(location)
    intake = Intake(settings.name, max_item_bytes, settings.provider, settings.format, settings.language)
    if settings.type == "stdin":
        return StreamSource("stdin", intake, lambda: nullcontext(sys.stdin.buffer))
    if settings.type in {"files", "watch"}:
        return _open_path(settings, intake, follow=follow or settings.type == "watch")
    raise SourceError(f"source {settings.name}: type {settings.type} is not available")


def _ad_hoc(location: str) -> SourceSettings:
    if location == STDIN:
        return SourceSettings(name="stdin", type="stdin")
    absolute = _absolute(location)
    return SourceSettings(name=f"file:{printable(absolute)}", type="files", location=absolute)


def _absolute(location: str) -> str:
    path = Path(location.removeprefix("file://")).expanduser()
    if is_glob(str(path)) and not path.exists():
        fixed = fixed_part(str(path))
        return str(fixed.resolve() / path.relative_to(fixed))
    return str(path.resolve())


def _open_path(settings: SourceSettings, intake: Intake, *, follow: bool) -> Source:
    if not settings.location:
        raise SourceError(f"source {settings.name}: location is empty; give a path, a directory or a glob")
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
