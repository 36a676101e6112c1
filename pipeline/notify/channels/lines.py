"""Console and JSON lines."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Lock
from typing import TextIO

from pipeline.notify.channels.attempt import Attempt, Outcome

_WRITING = Lock()


def write_console(stream: TextIO, text: str) -> Attempt:
    """Write a message for a person."""
    return _write(stream, text + "\n")


def write_json_line(path: str, body: bytes) -> Attempt:
    """Append a message to a file, or to standard output where the path is ``-``.

    One write of a whole line: several processes may append to one file. What a full disk cut off gets a line of its own.
    """
    if path == "-":
        return _write(sys.stdout, body.decode() + "\n")
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        handle = _open(path)
        try:
            with _WRITING:
                line = _line_end(handle) + body + b"\n"
                if os.write(handle, line) < len(line):
                    return Attempt(Outcome.RETRY, f"{path}: only a part could be written; is the disk full?")
                os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        return Attempt(Outcome.RETRY, f"{path}: {error.strerror}")
    return Attempt(Outcome.DELIVERED, "written")


def _open(path: str) -> int:
    """Open a file to append to: to be read too, unless it may be written only."""
    try:
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    except PermissionError:
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)


def _line_end(handle: int) -> bytes:
    """What has to stand before a new line: nothing, but after a line that was cut off."""
    try:
        size = os.fstat(handle).st_size
        return b"\n" if size and os.pread(handle, 1, size - 1) != b"\n" else b""
    except OSError:  # one that may be written, not read; a pipe
        return b""


def _write(stream: TextIO, text: str) -> Attempt:
    try:
        with _WRITING:
            stream.write(text)
            stream.flush()
    except (OSError, ValueError) as error:
        return Attempt(Outcome.RETRY, f"the stream cannot be written: {error}")
    return Attempt(Outcome.DELIVERED, "written")
