"""A user's own names win over ours."""

from pathlib import Path

import pytest

from pipeline.messages import EntityType
from pipeline.settings import EntitiesSettings, SettingsError
from pipeline.stages.entities.lists import read_list
from pipeline.stages.entities.stage import EntitiesStage
from tests.unit.entities.conftest import make_event

YAML = """
- name: Ministry of Tides
  type: organisation
  id: desk-7
  country: NL
  aliases: {de: [Gezeitenamt], "*": [MoT]}
"""


def entities(stage: EntitiesStage, text: str, language: str = "en"):
    return {entity.name: entity for entity in stage.process([make_event(text, language=language)])[0].entities or []}


def test_a_listed_name_carries_your_id(tmp_path: Path):
    """Type, id and country come from the list; an alias of another language does not count."""
    path = tmp_path / "names.yaml"
    path.write_text(YAML)
    stage = EntitiesStage(EntitiesSettings(lists=[path]))
    found = entities(stage, "The MoT said so. Gezeitenamt? Ministry of Tides confirmed.")["Ministry of Tides"]
    assert (found.type, found.country, found.ids.model_extra) == (EntityType.ORGANISATION, "NL", {"own": "desk-7"})
    assert len(found.mentions) == 2
    assert len(entities(stage, "Das Gezeitenamt warnt.", "de")["Ministry of Tides"].mentions) == 1


def test_a_changed_list_is_read_again_and_a_broken_one_keeps_the_last(tmp_path: Path):
    """No restart is needed, and a typing error takes nothing away."""
    path = tmp_path / "names.csv"
    path.write_text("name,type,aliases\nOrder of the Kite,group,Kites|The Kites\n")
    stage = EntitiesStage(EntitiesSettings(lists=[path]))
    assert entities(stage, "Kites marched.")["Order of the Kite"].type == EntityType.GROUP
    path.write_text("name,type,aliases\nOrder of the Crane,group,Cranes\n")
    assert "Order of the Crane" in entities(stage, "Cranes marched.")
    path.write_text("name,type\nNobody,wizard-of-some-kind\n")
    assert "Order of the Crane" in entities(stage, "Cranes marched.")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("- {name: X, type: wizard}", "entry 1, type"),
        ("name: X", "expected a list"),
        ("- [", "cannot be read"),
        ("- {name: X}", "type"),
    ],
)
def test_a_malformed_list_is_named_with_its_entry(tmp_path: Path, content: str, problem: str):
    """The message says which file and which entry."""
    path = tmp_path / "names.yaml"
    path.write_text(content)
    with pytest.raises(SettingsError, match=problem):
        read_list(path)


def test_a_missing_list_is_named(tmp_path: Path):
    """At start a missing file is an error."""
    with pytest.raises(SettingsError, match=r"gone\.yaml"):
        EntitiesStage(EntitiesSettings(lists=[tmp_path / "gone.yaml"]))
