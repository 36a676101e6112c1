"""A dispatch of twenty paragraphs about a diplomatic crisis: all persons invented, all countries, towns and bodies real."""

from pathlib import Path

import pytest

from pipeline.messages import EntityType
from pipeline.stages.entities.stage import EntitiesStage
from tests.unit.entities.conftest import make_event

TEXT = (Path(__file__).parent / "crisis.txt").read_text(encoding="utf-8")
PERSONS = [
    "Íñigo Zárate-Peñafiel", "Hernán Ubeda", "Lucía Cárcamo Núñez", "Xóchitl Barragán", "Andrés Ñustes", "João Guimarães da Conceição",
    "Débora Lértora", "Óscar Quispe Mamani", "Harold Whitcombe", "Brigitte Lefèvre", "Iñaki Goikoetxea", "Tomasz Wróblewski",
    "Ólafur Þorvaldsson", "Geneviève Thériault", "Matías Huenchumilla", "Yadira Espinosa", "Fabián Etcheverry", "Søren Kjærgaard",
    "Ximena Larraín",
]  # fmt: skip
COUNTRIES = {
    "Ecuador": "EC", "Nicaragua": "NI", "Colombia": "CO", "Brazil": "BR", "Argentina": "AR", "Cuba": "CU", "Venezuela": "VE",
    "Chile": "CL", "Panama": "PA", "Costa Rica": "CR", "Honduras": "HN", "Uruguay": "UY",
}  # fmt: skip
TOWNS = {
    "Quito": 3652462, "Washington": 4140963, "Brasília": 3469058, "Buenos Aires": 3435910, "Lima": 3936456, "Bogotá": 3688689,
    "Brussels": 2800866, "Madrid": 3117735, "New York": 5128581, "Ottawa": 6094817, "Montreal": 6077243, "Havana": 3553478,
    "Caracas": 3646738, "Guayaquil": 3657509, "Panama City": 3703443, "Montevideo": 3441575, "The Hague": 2747373,
    "Managua": 3617763,
}  # fmt: skip
BODIES = {"NATO": "Q7184", "European Union": "Q458", "UN": "Q1065", "Organization of American States": "Q123759"}


@pytest.fixture(scope="module")
def named(stage: EntitiesStage):
    """Entity by the words that name it, each place of the text once."""
    (event,) = stage.process([make_event(TEXT)])
    return {TEXT[m.start : m.end]: entity for entity in event.entities or [] for m in entity.mentions}


@pytest.mark.parametrize("person", PERSONS)
def test_every_person_is_found_whole(named, person: str):
    """Diacritics, hyphens, particles and two family names stay in the name."""
    assert named[person].type == EntityType.PERSON


def test_short_names_stand_with_the_full_ones(named):
    """One person is one entity."""
    assert named["Ubeda"] is named["Hernán Ubeda"]
    assert named["Zárate-Peñafiel"] is named["Íñigo Zárate-Peñafiel"]
    assert named["Cárcamo"] is named["Lucía Cárcamo Núñez"]


def test_every_country_town_and_body_carries_its_id(named):
    """ISO 3166 for countries, GeoNames for towns, Wikidata for bodies."""
    assert {name: named[name].ids.iso3166 for name in COUNTRIES} == COUNTRIES
    assert {name: named[name].ids.geonames for name in TOWNS} == TOWNS
    assert {name: named[name].ids.wikidata for name in BODIES} == BODIES


def test_a_treaty_is_no_town(named):
    """The Vienna Convention is not in Vienna."""
    assert named["Vienna Convention"].type == EntityType.EVENT
