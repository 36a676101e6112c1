"""Provider profiles: shipped ones are sound, a user's own extend and replace them, mistakes are named."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from pipeline.messages import RawItem, Status
from pipeline.settings import ParseSettings
from pipeline.stages.parse.profile import ProfileError, load_profiles
from pipeline.stages.parse.stage import ParseStage
from tests.unit.parse.conftest import RECEIVED

SHIPPED = [
    "aap",
    "afp",
    "ana",
    "anp",
    "ansa",
    "ap",
    "apa",
    "ats",
    "belga",
    "businesswire",
    "dpa",
    "efe",
    "globenewswire",
    "kyodo",
    "ntb",
    "pa",
    "reuters",
    "stt",
    "tass",
    "tt",
    "upi",
    "xinhua",
]


def test_the_agencies_of_the_wires_are_shipped() -> None:
    present = {entry.name.removesuffix(".toml") for entry in files("pipeline.stages.parse").joinpath("profiles").iterdir()}
    assert set(SHIPPED) <= present


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("AFP", "afp"),
        ("afp.com", "afp"),
        ("www.itar-tass.com", "tass"),
        ("texto.efeservicios.com", "efe"),
        ("The Associated Press", "ap"),
        ("dpa", "dpa"),
        ("KYODONEWS", "kyodo"),
        ("Nobody", None),
        ("", None),
    ],
)
def test_an_agency_is_found_by_every_name_it_goes_by(written: str, name: str | None) -> None:
    profile = load_profiles().find(written)
    assert (profile.name if profile else None) == name


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("colour = 'red'", "colour: unknown key; known keys: title, names, zone, .*rights$"),
        ("zone = 'Paris'", "zone: 'Paris' is no IANA time zone"),
        ("signoff = '('", "no regular expression"),
        ("name = 'x'", "taken from the file's name"),
        ("names = [", "no TOML"),
    ],
)
def test_a_mistake_in_a_profile_names_file_key_and_remedy(tmp_path: Path, toml: str, said: str) -> None:
    (tmp_path / "example.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(ProfileError, match=said) as raised:
        load_profiles(tmp_path)
    assert "example.toml" in str(raised.value)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no folder"):
        load_profiles(tmp_path / "absent")


def test_a_users_profile_names_an_agency_and_its_zone_kill_words_and_boilerplate(tmp_path: Path) -> None:
    (tmp_path / "example.toml").write_text(
        "names = ['Example Press']\nzone = 'Asia/Tokyo'\nlanguage = 'ja'\nkill_words = ['NE PAS UTILISER']\nboilerplate = ['^Follow us']\n"
        "rights = '© Example'\n",
        encoding="utf-8",
    )
    stage = ParseStage(ParseSettings(profiles=tmp_path))
    document = {
        "uri": "u",
        "provider": "Example Press",
        "headline": "NE PAS UTILISER le port",
        "versioncreated": "2026-03-01T12:00:00",
        "body_html": "<p>One.</p><p>Follow us on all channels.</p>",
    }
    item = RawItem(payload=json.dumps(document).encode(), feed="f", name="n", position="p", received_at=RECEIVED)
    dispatch = stage.parse(item).dispatches[0].dispatch
    assert (dispatch.provider, dispatch.language, dispatch.rights, dispatch.text) == ("example", "ja", "© Example", "One.")
    assert dispatch.status is Status.CANCELED
    assert dispatch.published_at is not None and dispatch.published_at.hour == 3


def test_a_profile_never_changes_an_id(tmp_path: Path) -> None:
    (tmp_path / "example.toml").write_text("names = ['Example Press']", encoding="utf-8")
    payload = json.dumps({"uri": "u", "provider": "Example Press", "headline": "h"}).encode()
    item = RawItem(payload=payload, feed="f", name="n", position="p", received_at=RECEIVED)
    with_profile = ParseStage(ParseSettings(profiles=tmp_path)).parse(item).dispatches[0].dispatch
    without = ParseStage(ParseSettings()).parse(item).dispatches[0].dispatch
    assert with_profile.id == without.id
    assert (with_profile.provider, without.provider) == ("example", "example-press")
