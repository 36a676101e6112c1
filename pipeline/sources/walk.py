"""Which files a path means, in natural order: a file, all files below a directory, or those that match a glob."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.sources.source import Unreadable

_DIGITS = re.compile(r"(\d+)")
#: Endings of files that programs are still writing: FTP clients, browsers, editors.
UNFINISHED = (".part", ".tmp", ".temp", ".filepart", ".partial", ".crdownload", ".swp", "~")


def natural_key(path: str) -> list[list[tuple[int, str]]]:
    """Sort key that counts as people do.

    >>> sorted(["a10.xml", "a9.xml", "a/1.xml"], key=natural_key)
    ['a/1.xml', 'a9.xml', 'a10.xml']
    """
    return [_component_key(component) for component in path.split("/")]


def _component_key(component: str) -> list[tuple[int, str]]:
    parts = _DIGITS.split(component)
    key = [(len(part.lstrip("0")), part.lstrip("0")) if index % 2 else (0, part) for index, part in enumerate(parts)]
    return [*key, (0, component)]


def is_passed_over(name: str) -> bool:
    """Whether a name is hidden or belongs to a file that is still being written."""
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


def files_below(directory: Path) -> Iterator[Path | Unreadable]:
    """Yield regular files below a directory; links to files are followed, links to directories are not (they may loop)."""
    try:
        with os.scandir(directory) as entries:
            kept = [entry for entry in entries if not is_passed_over(entry.name)]
    except OSError as error:
        yield Unreadable(str(directory), f"directory cannot be read: {error.strerror}; check its permissions")
        return
    for entry in sorted(kept, key=lambda entry: natural_key(entry.name)):
        try:
            below, regular = entry.is_dir(follow_symlinks=False), entry.is_file()
        except OSError as error:
            yield Unreadable(entry.path, f"cannot be read: {error.strerror}")
            continue
        if below:
            yield from files_below(Path(entry.path))
        elif regular:
            yield Path(entry.path)
        elif entry.is_symlink() and not Path(entry.path).exists():
            yield Unreadable(entry.path, "link points to nothing; remove it or restore what it points to")


def is_glob(location: str) -> bool:
    """Whether a location holds wildcards.

    >>> is_glob("wires/*.xml"), is_glob("wires/a.xml")
    (True, False)
    """
    return glob.has_magic(location)


def fixed_part(pattern: str) -> Path:
    """Return the directory that a glob starts from.

    >>> str(fixed_part("/wires/20*/*.xml"))
    '/wires'
    """
    parts = Path(pattern).parts
    fixed = next((index for index, part in enumerate(parts) if glob.has_magic(part)), len(parts))
    return Path(*parts[:fixed])


def files_matching(pattern: str) -> Iterator[Path | Unreadable]:
    """Yield files that match a glob, and all files below a directory that matches; ``**`` means any depth."""
    recursive = "**" in Path(pattern).parts
    matches = set(glob.iglob(pattern, recursive=True))  # noqa: PTH207 # pathlib's glob needs a root and matches hidden files
    for match in sorted(matches, key=natural_key):
        path = Path(match)
        if path.is_dir():
            if not recursive:
                yield from files_below(path)
        elif path.is_file() and not is_passed_over(path.name):
            yield path
