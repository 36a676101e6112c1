"""Reading the configuration.

Sources, weakest first: defaults, ``wirefeed.toml``, environment (``WIREFEED_…``, nested with ``__``; an empty variable counts
as not set), command options. Unknown keys are errors.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_origin

from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableVariable

from pipeline.settings import Section, Settings, SettingsError


def load_settings(file: Path | None = None, **options: dict[str, Any]) -> Settings:
    """Read the configuration.

    ``file`` is ``wirefeed.toml`` of the working directory unless given; ``options`` are sections from the command line, such
    as ``store={"url": …}``.

    Raises SettingsError that names every wrong key at once.
    """
    path = file or Path("wirefeed.toml")
    if file is not None and not file.exists():
        raise SettingsError(f"configuration file {file} does not exist; create it or leave the option out")
    if path.is_dir():
        raise SettingsError(f"configuration file {path} is a folder; name a file in it with --config")

    unknown = sorted(name for name in os.environ if name.startswith("WIREFEED_") and not _known_variable(name))
    if unknown:
        raise SettingsError(f"environment: {', '.join(unknown)}: unknown; `wirefeed config reference` lists the known ones")

    class _Settings(Settings):
        model_config = SettingsConfigDict(toml_file=path)

    _Settings.__name__ = "Settings"
    try:
        return _Settings(**options)  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "\n".join(f"  {_describe(problem)}" for problem in error.errors(include_url=False))
        raise SettingsError(f"configuration ({path} and environment) cannot be used:\n{problems}") from None
    except UnreadableVariable as error:
        names = ", ".join(_variables_without_json()) or str(error)
        raise SettingsError(f"environment: {names}: no JSON, as which lists and tables are given here") from None
    except ValueError as error:  # malformed TOML
        raise SettingsError(f"configuration file {path} cannot be read: {error}") from None
    except OSError as error:
        raise SettingsError(f"configuration file {path}: {error.strerror}; check its permissions") from None


def _known_variable(name: str) -> bool:
    """Whether a variable is an option, or one of those that belong to the tests."""
    section = name.removeprefix("WIREFEED_").partition("__")[0].lower()
    return section in Settings.model_fields or section == "corpora" or section.startswith("test")


def _variables_without_json() -> Iterator[str]:
    """Variables of lists and tables that hold anything but JSON."""
    for name in sorted(os.environ):
        section, _, key = name.removeprefix("WIREFEED_").lower().partition("__")
        option = Settings.model_fields.get(section) if name.startswith("WIREFEED_") else None
        if option is None or not os.environ[name]:
            continue
        annotation = option.annotation
        if isinstance(annotation, type) and issubclass(annotation, Section) and key in annotation.model_fields:
            annotation = annotation.model_fields[key].annotation
        if key and get_origin(annotation) not in (list, dict):
            continue
        try:
            json.loads(os.environ[name])
        except ValueError:
            yield name


def _describe(problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key; `wirefeed config show` lists the known ones"
    secret = any(word in key for word in ("password", "secret", "token", "url"))
    value = f" (given {problem['input']!r})" if isinstance(problem["input"], str | int | float) and not secret else ""
    return f"{key}: {problem['msg'].removeprefix('Value error, ')}{value}"
