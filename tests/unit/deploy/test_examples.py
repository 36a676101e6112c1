"""Every command and every group of commands shows how it is used."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from pipeline.cli.app import app
from tests.unit.deploy.reading import check_command


def commands(command: Any, path: str = "wirefeed") -> Iterator[Any]:
    yield pytest.param(command.help, id=path)
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            yield from commands(each, f"{path} {name}")


@pytest.mark.parametrize("text", list(commands(typer.main.get_command(app))))
def test_help_shows_an_example_that_exists(text: str) -> None:
    """Its commands and options are the program's."""
    found = re.search(r"^Examples?: (.+?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    shown = [each for each in re.split(r" · | \| ", " ".join(found[1].split())) if each.startswith("wirefeed ")]
    assert shown
    for line in shown:
        check_command(shlex.split(line.partition(" > ")[0])[1:])
