"""Files, directories, globs and archives; followed, a watched folder into which FTP and API drops are put."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.messages import Position
from pipeline.sources import archive
from pipeline.sources.intake import CHUNK_BYTES, Intake, printable, take
from pipeline.sources.source import Reading, Source, Unreadable
from pipeline.sources.walk import files_below, files_matching, fixed_part, is_glob

#: Paths remembered between two passes over a followed folder.
REMEMBERED = 100_000

_BROKEN_OFF = Unreadable("", "")

_Stamp = tuple[int, int]


class FileSource(Source):
    """What stands in files now. Unchanged files are not opened again, a rewritten file is a new reception.

    Followed, a file is read once it is finished: unchanged since the pass before, or for ``settle_seconds``.
    """

    def __init__(
        self, location: str, intake: Intake, *, follow: bool = False, settle_seconds: float = 2.0, interval_seconds: float = 1.0
    ) -> None:
        self._location = location
        self._intake = intake
        self._follow = follow
        self._settle_seconds = settle_seconds
        self._interval_seconds = interval_seconds
        self._root, self._candidates = _select(location)
        #: A file that is named alone is shown as it was named: its name within the feed has no folder.
        self._alone = None if Path(location).is_dir() or is_glob(location) else printable(location)
        self._growing: dict[str, _Stamp] = {}
        self._equal: dict[str, _Stamp] = {}
        self._told: set[tuple[str, str]] = set()

    @property
    def feed(self) -> str:
        """Name of the feed."""
        return self._intake.feed

    @property
    def interval_seconds(self) -> float:
        """Seconds between two passes over the folder."""
        return self._interval_seconds

    def read(self, saved: Mapping[str, Position]) -> Iterator[Reading | Unreadable]:
        """Yield new and rewritten files in natural order of their paths."""
        growing: dict[str, _Stamp] = {}
        for found in self._candidates():
            if isinstance(found, Unreadable):
                yield from self._tell_once(found)
                continue
            name = printable(os.path.relpath(found, self._root))
            try:
                yield from self._read_file(found, name, saved.get(name), growing)
            except FileNotFoundError:
                if not self._follow:
                    yield Unreadable(str(found), "went away before it could be read")
            except OSError as error:
                yield from self._tell_once(Unreadable(str(found), f"cannot be read: {error.strerror}; check its permissions"))
        self._growing = growing

    def _tell_once(self, problem: Unreadable) -> Iterator[Unreadable]:
        told = (problem.name, problem.reason)
        if told not in self._told:
            if len(self._told) < REMEMBERED:
                self._told.add(told)
            yield problem

    def _read_file(
        self, path: Path, name: str, saved: Position | None, growing: dict[str, _Stamp]
    ) -> Iterator[Reading | Unreadable]:
        status = path.stat()
        stamp = (status.st_size, status.st_mtime_ns)
        if self._is_known(name, stamp, saved) or not self._is_finished(name, stamp, growing):
            return
        with path.open("rb", buffering=0) as opened:
            file: BinaryIO = opened
            kind = archive.kind_of(file, name)
            if kind is not None:
                yield from self._read_archive(file, kind, name, stamp, saved)
                return
            taken = take(file, self._intake.max_item_bytes)
        if self._follow and (taken.size, path.stat().st_mtime_ns) != stamp:
            return  # written to while it was read: the next pass takes it
        if saved is not None and saved.state.get("sha256") == taken.sha256:
            self._remember_equal(name, stamp)
            return
        state = {"size": stamp[0], "mtime_ns": stamp[1], "sha256": taken.sha256}
        yield self._intake.receive(taken, name=name, unit=name, received_at=_time(stamp), state=state, shown=self._alone)

    def _read_archive(
        self, file: BinaryIO, kind: archive.Kind, name: str, stamp: _Stamp, saved: Position | None
    ) -> Iterator[Reading | Unreadable]:
        state: dict[str, Any] = {"size": stamp[0], "mtime_ns": stamp[1], "sha256": _digest(file)}
        done = 0
        if saved is not None and saved.state.get("sha256") == state["sha256"]:
            if saved.state.get("complete", True):
                self._remember_equal(name, stamp)
                return
            done = int(saved.state.get("members", 0))
        unpacked = self._unpack(archive.members(file, kind, name, self._intake.max_item_bytes, done), name, stamp, state, done)
        yield from _mark_last_complete(unpacked)

    def _unpack(
        self, members: Iterator[archive.Member], name: str, stamp: _Stamp, state: dict[str, Any], done: int
    ) -> Iterator[Reading | Unreadable]:
        """Yield members, then the archive's damage if any: after it the archive is not complete and is read again."""
        number = done
        try:
            for number, member in enumerate(members, done + 1):
                full_name = f"{name}!{printable(member.name)}"
                shown = f"{self._alone or name}!{printable(member.name)}"
                if isinstance(member.content, str):
                    yield from self._tell_once(Unreadable(shown, member.content))
                    continue
                so_far = {**state, "members": number, "complete": False}
                received_at = member.time or _time(stamp)
                yield self._intake.receive(
                    member.content, name=full_name, unit=name, received_at=received_at, state=so_far, shown=shown
                )
        except archive.ArchiveError as error:
            yield from self._tell_once(Unreadable(name, str(error)))
            if number == done:
                self._remember_equal(name, stamp)  # nothing more comes out of it until it is written again
            yield _BROKEN_OFF
            return
        if number == 0:
            yield from self._tell_once(Unreadable(name, "archive holds no files"))

    def _is_known(self, name: str, stamp: _Stamp, saved: Position | None) -> bool:
        if self._equal.get(name) == stamp:
            return True
        state = saved.state if saved is not None else {}
        return (state.get("size"), state.get("mtime_ns")) == stamp and bool(state.get("complete", True))

    def _is_finished(self, name: str, stamp: _Stamp, growing: dict[str, _Stamp]) -> bool:
        if not self._follow or self._growing.get(name) == stamp:
            return True
        if 0 <= stamp[1] <= time.time_ns() - int(self._settle_seconds * 1e9):
            return True
        growing[name] = stamp
        return False

    def _remember_equal(self, name: str, stamp: _Stamp) -> None:
        """Remember a file from which nothing more will come, so that the next pass need not open it."""
        if len(self._equal) >= REMEMBERED:
            for oldest in list(islice(self._equal, REMEMBERED // 10)):
                del self._equal[oldest]
        self._equal[name] = stamp


def _select(location: str) -> tuple[Path, Callable[[], Iterator[Path | Unreadable]]]:
    """Return the folder that names are relative to, and the way to list the files."""
    path = Path(location)
    if path.is_dir():
        return path, lambda: files_below(path)
    if is_glob(location) and not path.exists():
        return fixed_part(location), lambda: files_matching(location)
    return path.parent, lambda: iter((path,))


def _mark_last_complete(readings: Iterator[Reading | Unreadable]) -> Iterator[Reading | Unreadable]:
    """Let the position of an archive's last member say that there are no more, unless the archive broke off."""
    last: Reading | None = None
    for reading in readings:
        if isinstance(reading, Unreadable):
            if reading is not _BROKEN_OFF:
                yield reading
            elif last is not None:
                yield last
                last = None
            continue
        if last is not None:
            yield last
        last = reading
    if last is not None:
        last.position.state["complete"] = True
        yield last


def _time(stamp: _Stamp) -> datetime:
    """Time of a file; file systems hold such as no calendar has."""
    return datetime.fromtimestamp(min(max(stamp[1] / 1e9, 0.0), time.time()), UTC)


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
