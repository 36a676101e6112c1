"""`wirefeed tokens`: made by command, shown once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.cli.console import console
from pipeline.console.serve import ConsoleError
from pipeline.failure import OperatorError

RUN = CliRunner()


def test_a_token_is_added_listed_without_itself_and_revoked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = RUN.invoke(app, ["tokens", "add", "desk", "--role", "operator", "--provider", "AFP", "--days", "1"])
    assert made.exit_code == 0, made.output
    token = made.stdout.strip()
    assert token.startswith("wf_")
    listed = RUN.invoke(app, ["tokens", "list"]).stdout
    kept = json.loads(listed)
    assert (kept["name"], kept["role"], kept["providers"]) == ("desk", "operator", ["afp"])
    assert token not in listed
    assert RUN.invoke(app, ["tokens", "revoke", kept["id"]]).exit_code == 0
    assert isinstance(RUN.invoke(app, ["tokens", "revoke", kept["id"]]).exception, OperatorError)


def test_no_auth_is_refused_on_an_address_that_others_can_reach() -> None:
    with pytest.raises(ConsoleError, match="would let in the network"):
        console(no_auth=True, host="0.0.0.0", port=0)
