"""Every wrong value is refused before anything starts, by its name, and never shows a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.configuration import load_settings
from pipeline.settings import SettingsError


@pytest.fixture(autouse=True)
def _no_configuration_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("WIREFEED_STORE__KEEP_DAYS_BY_PROVIDER", '{"afp": -3}', "store.keep_days_by_provider.afp: Input should be greater than 0"),
        ("WIREFEED_STORE__KEEP_DAYS_BY_PROVIDER", "afp=3", "WIREFEED_STORE__KEEP_DAYS_BY_PROVIDER: no JSON"),
        ("WIREFEED_ENTITIES__LISTS", "names.csv", "WIREFEED_ENTITIES__LISTS: no JSON"),
        ("WIREFEED_KAFKA__BOOTSTRAP_SERVERS", ",", "kafka.bootstrap_servers: no addresses of brokers; give host:port"),
        ("WIREFEED_KAFKA__BOOTSTRAP_SERVERS", "broker:abc", "kafka.bootstrap_servers"),
        ("WIREFEED_KAFKA__BOOTSTRAP_SERVERS", "http://broker:9092", "kafka.bootstrap_servers"),
        ("WIREFEED_KAFKA__PREFIX", "a b", "kafka.prefix"),
        ("WIREFEED_KAFKA__SECURITY_PROTOCOL", "SASL_SSL", "SASL_SSL needs a user; set sasl_username and sasl_password_file"),
        ("WIREFEED_CONSOLE__PORT", "99999", "console.port"),
        ("WIREFEED_STORE__NOPE", "1", "store.nope: unknown key"),
    ],
)
def test_a_wrong_variable_is_named_with_what_helps(variable: str, value: str, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert named in str(caught.value)


@pytest.mark.parametrize("servers", ["kafka", "a:9092, b:9092,", "[::1]:9092", "10.0.0.1:9092"])
def test_addresses_of_brokers_are_taken_in_all_their_forms(servers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREFEED_KAFKA__BOOTSTRAP_SERVERS", servers)
    assert load_settings().kafka.bootstrap_servers == servers


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose and shells hand over what was not given as an empty text; as a path it would be the working directory."""
    for key in ("RULES__DIRECTORY", "ARCHIVE__DIRECTORY", "STORE__KEEP_DAYS", "KAFKA__BOOTSTRAP_SERVERS", "KAFKA__SASL_PASSWORD"):
        monkeypatch.setenv(f"WIREFEED_{key}", "")
    settings = load_settings()
    assert settings.rules.directory is None
    assert settings.archive.directory is None
    assert settings.kafka.bootstrap_servers == "localhost:9092"


def test_an_empty_path_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wirefeed.toml").write_text('[archive]\ndirectory = ""\n')
    with pytest.raises(SettingsError, match=r"archive\.directory: the path is empty; give one, or leave the key out"):
        load_settings()


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    """They would take each other's positions, and dispatches of one would pass for those of the other."""
    (tmp_path / "wirefeed.toml").write_text('[[sources]]\nname = "a"\nlocation = "x"\n[[sources]]\nname = "a"\nlocation = "y"\n')
    with pytest.raises(SettingsError, match="two sources are called a; give each a name of its own"):
        load_settings()


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "wirefeed.toml").mkdir()
    with pytest.raises(SettingsError, match="is a folder"):
        load_settings()


def test_no_secret_is_shown_beside_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "wirefeed.toml").write_text('[kafka]\nsecurity_protocol = "SASL_SSL"\nsasl_password = "hunter2"\n')
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)
