"""Provider profiles: what is peculiar to an agency, in one small TOML file each."""

from __future__ import annotations

import re
import tomllib
from datetime import tzinfo
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails

from pipeline.failure import OperatorError
from pipeline.stages.remembering import remembered

#: Names whose agency is remembered, so that each is looked up once.
_REMEMBERED = 10_000


class ProfileError(OperatorError):
    """A profile file cannot be used; the message names file, key and remedy."""


class Profile(BaseModel):
    """One agency."""

    model_config = ConfigDict(extra="forbid", ignored_types=(cached_property,))

    name: str = Field(description="Short name, the file's name without .toml.")
    title: str = Field(default="", description="Name for people.")
    names: list[str] = Field(default=[], description="Names it goes by in the bytes, any case: domains, codes, credit lines.")
    zone: str = Field(default="UTC", description="IANA time zone of times without one.")
    language: str | None = Field(default=None, description="Language of copy that does not say, BCP-47.")
    sequence: str = Field(
        default="", description="How services number: daily, rollover:999, rollover:9999, or empty = not numbered."
    )
    signoff: str | None = Field(default=None, description="Regular expression of the desk's sign-off, the last paragraph.")
    signoff_names: bool = Field(default=False, description="Whether the sign-off alone tells that plain text is this agency's.")
    kill_words: list[str] = Field(default=[], description="Words at the start of a headline or first line that kill, as written.")
    boilerplate: list[str] = Field(default=[], description="Regular expressions of lines that recur in every dispatch.")
    datelines: list[str] = Field(default=[], description="Names in a dateline's parentheses by which plain text is recognised.")
    rights: str | None = Field(default=None, description="Rights where the dispatch states none.")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{zone!r} is no IANA time zone, such as Europe/Paris") from error
        return zone

    @field_validator("signoff", "boilerplate")
    @classmethod
    def _compiles(cls, patterns: list[str] | str | None) -> list[str] | str | None:
        for pattern in [patterns] if isinstance(patterns, str) else patterns or []:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
        return patterns

    @cached_property
    def tzinfo(self) -> tzinfo:
        """Time zone of times without one."""
        return ZoneInfo(self.zone)

    @cached_property
    def signoff_pattern(self) -> re.Pattern[str] | None:
        """Compiled sign-off."""
        return re.compile(self.signoff) if self.signoff else None

    @cached_property
    def boilerplate_patterns(self) -> list[re.Pattern[str]]:
        """Compiled boilerplate lines."""
        return [re.compile(pattern) for pattern in self.boilerplate]


class Profiles:
    """All known agencies, found by any of their names."""

    def __init__(self, profiles: list[Profile]) -> None:
        self._by_name: dict[str, Profile] = {}
        for profile in profiles:
            for name in (profile.name, *profile.names):
                self._by_name[_key(name)] = profile
        self._datelines = {mark.casefold(): profile for profile in profiles for mark in profile.datelines}
        self._all = profiles
        self._found: dict[str, Profile | None] = {}

    def find(self, name: str | None) -> Profile | None:
        """Find an agency by a name as written: "AFP", "afp.com", "urn:…:dpa"…."""
        if not name:
            return None
        if name in self._found:
            return self._found[name]
        if len(self._found) >= _REMEMBERED:
            self._found.clear()
        profile = self._found[name] = self._find(name)
        return profile

    def _find(self, name: str) -> Profile | None:
        parts = _key(name).removeprefix("www.").split(".")
        domains = (".".join(parts[start:]) for start in range(len(parts)))
        return next((found for key in (*domains, parts[0]) if (found := self._by_name.get(key))), None)

    def by_dateline(self, mark: str) -> Profile | None:
        """Find an agency by what stands in a dateline's parentheses."""
        return self._datelines.get(mark.strip().casefold()) or self.find(mark)

    def by_signoff(self, line: str) -> Profile | None:
        """Find the agency whose sign-off a line is."""
        return next(
            (each for each in self._all if each.signoff_names and each.signoff_pattern and each.signoff_pattern.fullmatch(line)),
            None,
        )


@remembered(4096)
def _key(name: str) -> str:
    return re.sub(r"\s+", " ", name.strip().casefold())


def load_profiles(folder: Path | None = None) -> Profiles:
    """Load the shipped profiles and, over them, those of a user's folder.

    Raises ProfileError naming the file and the key.
    """
    loaded = {
        entry.name.removesuffix(".toml"): _read(entry.name, entry.read_text(encoding="utf-8"))
        for entry in sorted(files(__package__).joinpath("profiles").iterdir(), key=lambda each: each.name)
        if entry.name.endswith(".toml")
    }
    if folder is not None:
        if not folder.is_dir():
            raise ProfileError(f"parse.profiles: {folder} is no folder; create it or remove the option")
        for path in sorted(folder.glob("*.toml")):
            try:
                loaded[path.stem] = _read(str(path), path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                raise ProfileError(f"profile {path}: {error}") from error
    return Profiles(list(loaded.values()))


def _read(name: str, text: str) -> Profile:
    try:
        return Profile(name=Path(name).stem, **tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"profile {name}: no TOML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(map(_describe, error.errors()))
        raise ProfileError(f"profile {name}: {problems}") from error
    except TypeError:
        raise ProfileError(f"profile {name}: the key name is taken from the file's name; remove it") from None


def _describe(problem: ErrorDetails) -> str:
    key = ".".join(map(str, problem["loc"]))
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key; known keys: {', '.join(name for name in Profile.model_fields if name != 'name')}"
    return f"{key}: {problem['msg'].removeprefix('Value error, ')}"
