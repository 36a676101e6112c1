"""A user's own names: YAML or CSV files that win over everything that ships, read at start and again when they change."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.messages import EntityIds, EntityType
from pipeline.settings import SettingsError
from pipeline.stages.entities.name import Link, Name
from pipeline.stages.entities.substrings import Substrings

log = structlog.get_logger(__name__)
_EVERY_LANGUAGE = "*"


class ListedName(BaseModel):
    """One entry of a list: a name, what it is, and what else it is called."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    type: EntityType
    id: str | None = Field(default=None, description="Your own identifier; appears as ids.own.")
    wikidata: str | None = None
    geonames: int | None = None
    iso3166: str | None = None
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2.")
    aliases: dict[str, list[str]] | list[str] = Field(default=[], description="Other names, for all languages or by language.")

    def link(self) -> Link:
        """Say what a mention of this entry is linked to."""
        ids = {"geonames": self.geonames, "iso3166": self.iso3166, "wikidata": self.wikidata}
        if self.id is not None:
            ids["own"] = self.id
        key = ("list", self.type, self.id or self.name)
        return Link(key, self.name, EntityIds.model_validate(ids), self.country, 1.0, self.type)

    def forms(self) -> dict[str, set[str]]:
        """Language or ``*`` → names."""
        forms = {_EVERY_LANGUAGE: {self.name}}
        by_language = self.aliases if isinstance(self.aliases, dict) else {_EVERY_LANGUAGE: self.aliases}
        for language, names in by_language.items():
            forms.setdefault(language.casefold(), set()).update(name for name in names if name.strip())
        return forms


class NameLists:
    """The lists in force. A file that cannot be read at start is an error; later its last good content stays in force.

    Raises SettingsError that names the file and the entry.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = list(paths)
        self._stamps: list[tuple[int, int] | None] = []
        self._links: dict[str, list[tuple[str, Link]]] = {}
        self._substrings = Substrings([])
        self._read()

    def refresh(self) -> None:
        """Read the files again where one of them changed."""
        if self._paths and self._stamps != [_stamp(path) for path in self._paths]:
            try:
                self._read()
            except SettingsError as error:
                self._stamps = [_stamp(path) for path in self._paths]
                log.warning("list of names cannot be used, the last good one stays in force", reason=str(error))

    def find(self, text: str, language: str | None) -> list[Name]:
        """Find listed names in a text, in order; an alias for another language does not count."""
        known = (_EVERY_LANGUAGE, (language or "").partition("-")[0].casefold())
        found = []
        for surface, start, end in self._substrings.find(text):
            link = next((link for spoken, link in self._links[surface] if spoken in known or known[1] in ("", "und")), None)
            if link is not None:
                found.append(Name(start, end, surface, link.type, 1.0, link))
        return found

    def _read(self) -> None:
        stamps = [_stamp(path) for path in self._paths]
        links: dict[str, list[tuple[str, Link]]] = {}
        for path in self._paths:
            for entry in read_list(path):
                for language, names in entry.forms().items():
                    for name in names:
                        links.setdefault(name, []).append((language, entry.link()))
        self._stamps, self._links, self._substrings = stamps, links, Substrings(sorted(links))


def read_list(path: Path) -> list[ListedName]:
    """Read one file by its ending: ``.csv`` with a header line, else YAML with a list of entries.

    Raises SettingsError that names the file, the entry and what is wrong with it.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
        rows = _csv_rows(content) if path.suffix.lower() == ".csv" else yaml.safe_load(content)
    except OSError as error:
        raise SettingsError(f"list of names {path}: {error.strerror}; check the path and its permissions") from error
    except (UnicodeDecodeError, yaml.YAMLError, csv.Error) as error:
        raise SettingsError(f"list of names {path} cannot be read: {error}") from error
    if isinstance(rows, dict) and set(rows) == {"names"}:
        rows = rows["names"]
    if not isinstance(rows, list):
        raise SettingsError(f"list of names {path}: expected a list of entries with name and type, found {type(rows).__name__}")
    entries = []
    for number, row in enumerate(rows, 1):
        try:
            entries.append(ListedName.model_validate(row))
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            where = ".".join(map(str, problem["loc"])) or "entry"
            raise SettingsError(f"list of names {path}, entry {number}, {where}: {problem['msg']}") from error
    return entries


def _csv_rows(content: str) -> list[dict[str, Any]]:
    """Cells by column; ``aliases`` separates names by ``|``, ``aliases:de`` holds those of one language."""
    rows = []
    for cells in csv.DictReader(content.splitlines()):
        row: dict[str, Any] = {}
        aliases: dict[str, list[str]] = {}
        for column, cell in cells.items():
            head, _, language = (column or "").partition(":")
            if head == "aliases" and cell:
                aliases[language or _EVERY_LANGUAGE] = [name.strip() for name in cell.split("|")]
            elif column is not None and cell:
                row[column] = cell.strip()
        rows.append({**row, "aliases": aliases} if aliases else row)
    return rows


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
