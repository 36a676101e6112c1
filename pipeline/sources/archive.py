"""Members of zip, tar and gzip archives, streamed within limits, so that a zip bomb costs an error and not the machine."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Literal

from pipeline.sources.intake import CHUNK_BYTES, Readable, Taken, take
from pipeline.sources.walk import is_passed_over, natural_key

Kind = Literal["zip", "gzip", "tar"]

#: An archive may unpack to this many times its own size (wire text packs about 1:10, a day of the same bulletins 1:100)…
LARGEST_EXPANSION = 200
#: …and to this much in any case, in bytes.
SMALLEST_ALLOWANCE = 64 * 1024 * 1024
#: Bytes of a zip's directory, about a quarter of a million members: it is held in memory.
LARGEST_DIRECTORY = 16 * 1024 * 1024
#: Bytes between two members of a tar: headers, long names and padding.
LARGEST_HEADER = 1024 * 1024

_HEAD_BYTES = 512
_END_OF_DIRECTORY = struct.Struct("<4s4H2LH")
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_ENCRYPTED = 0x1
_EPOCH_OF_ZIP = (1980, 1, 1, 0, 0, 0)
BROKEN = (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error, zipfile.BadZipFile, tarfile.TarError)


class ArchiveError(Exception):
    """An archive that cannot be read on; the message says why."""


@dataclass(frozen=True)
class Member:
    """One file of an archive: its bytes, or why they cannot be had."""

    name: str
    time: datetime | None
    content: Taken | str


class _Metered:
    """A stream that refuses to hand out more than it is allowed."""

    def __init__(self, stream: Readable, allowance: int, told: str) -> None:
        self._stream = stream
        self._left = allowance
        self._told = told

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._stream.read(size if 0 <= size <= CHUNK_BYTES else CHUNK_BYTES)
        self._left -= len(chunk)
        if self._left < 0:
            raise ArchiveError(self._told)
        return chunk


def kind_of(file: BinaryIO, name: str) -> Kind | None:
    """Tell an archive by its first bytes; office documents and e-books, zip files in disguise, are none. Rewinds the file."""
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        disguised = head[30:].startswith((b"[Content_Types].xml", b"mimetype", b"_rels/", b"META-INF/"))
        return None if disguised else "zip"
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    if head[257:262] == b"ustar" or (name.lower().endswith(".tar") and head):
        return "tar"
    return None


def members(file: BinaryIO, kind: Kind, name: str, limit: int, skip: int = 0) -> Iterator[Member]:
    """Yield an archive's members after the first ``skip``, zip in natural order of names, tar as it was written.

    Of a member above ``limit`` bytes only the head is kept. Hidden and unfinished members are passed over. Raises
    ArchiveError where nothing more can be read.
    """
    size = os.fstat(file.fileno()).st_size
    allowance = max(size * LARGEST_EXPANSION, SMALLEST_ALLOWANCE)
    told = f"unpacks to more than {allowance:,} bytes from {size:,}: refused as a zip bomb; unpack it by hand if it is none"
    read: dict[Kind, Callable[[], Iterator[Member]]] = {
        "zip": lambda: _zip_members(file, limit, skip, allowance, told),
        "gzip": lambda: _gzip_members(file, name, limit, skip, _Metered(gzip.GzipFile(fileobj=file), allowance, told)),
        "tar": lambda: _tar_members(_Metered(file, allowance, told), limit, skip),
    }
    try:
        yield from read[kind]()
    except BROKEN as error:
        raise ArchiveError(f"{kind} archive is damaged: {error}") from error


def _zip_members(file: BinaryIO, limit: int, skip: int, allowance: int, told: str) -> Iterator[Member]:
    _check_directory(file)
    left = allowance
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
        infos.sort(key=lambda info: natural_key(info.filename))
        for info in infos[skip:]:
            content = _zip_content(archive, info, limit, left, told)
            left -= content.size if isinstance(content, Taken) else 0
            yield Member(info.filename, _zip_time(info), content)


def _zip_content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, left: int, told: str) -> Taken | str:
    if info.flag_bits & _ENCRYPTED:
        return "is encrypted; unpack it with its password"
    if info.compress_type not in _PACKINGS:
        return f"is packed with method {info.compress_type}; pack it with deflate"
    try:
        with archive.open(info) as stream:
            return take(_Metered(stream, left, told), limit)
    except BROKEN as error:
        return f"is damaged: {error}"


def _check_directory(file: BinaryIO) -> None:
    """Refuse a zip whose directory does not fit into memory, before the library loads it."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END_OF_DIRECTORY.size - 0xFFFF))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    file.seek(0)
    if at < 0 or len(tail) - at < _END_OF_DIRECTORY.size:
        raise ArchiveError("zip archive is damaged: it has no directory at its end; was it transferred completely?")
    directory_bytes = _END_OF_DIRECTORY.unpack_from(tail, at)[5]
    if directory_bytes > LARGEST_DIRECTORY:
        raise ArchiveError(f"zip archive has a directory of {directory_bytes:,} bytes, more than {LARGEST_DIRECTORY:,}; split it")


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    """Read a member's time as UTC: zip stores local times and no zone; 1980 stands for none."""
    if info.date_time <= _EPOCH_OF_ZIP:
        return None
    try:
        return datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return None


def _gzip_members(file: BinaryIO, name: str, limit: int, skip: int, stream: _Metered) -> Iterator[Member]:
    with gzip.GzipFile(fileobj=file) as probe:
        head = probe.read(_HEAD_BYTES)
    file.seek(0)
    if head[257:262] == b"ustar":
        yield from _tar_members(stream, limit, skip)
    elif not skip:
        inner = name.rsplit("/", 1)[-1]
        inner = inner[:-3] if inner.lower().endswith(".gz") else inner
        yield Member(inner, None, take(stream, limit))


def _tar_members(stream: _Metered, limit: int, skip: int) -> Iterator[Member]:
    headers = _HeaderMeter(stream)
    seen = 0
    with tarfile.open(fileobj=headers, mode="r|") as archive:  # type: ignore[call-overload]
        while True:
            headers.bounded = True
            if (info := archive.next()) is None:
                return
            headers.bounded = False
            archive.members = []  # the library would remember every member
            if not info.isreg():
                continue
            content = archive.extractfile(info)
            taken = take(content, limit) if content is not None else "cannot be read"
            if _is_hidden(info.name):
                continue
            seen += 1
            if seen > skip:
                yield Member(info.name, _tar_time(info), taken)


class _HeaderMeter:
    """Bounds what the tar library reads between two members: it loads long headers whole."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._since = 0
        self.bounded = False

    def read(self, size: int = -1, /) -> bytes:
        chunk = self._stream.read(size)
        self._since = self._since + len(chunk) if self.bounded else 0
        if self._since > LARGEST_HEADER:
            raise ArchiveError(f"tar archive has a header of more than {LARGEST_HEADER:,} bytes; it is damaged")
        return chunk


def _tar_time(info: tarfile.TarInfo) -> datetime | None:
    try:
        return datetime.fromtimestamp(info.mtime, UTC) if info.mtime else None
    except (ValueError, OverflowError, OSError):
        return None


def _is_hidden(name: str) -> bool:
    return any(is_passed_over(part) for part in name.split("/") if part not in {"", "."}) or name.startswith("__MACOSX/")
