"""Places link to the right country, also where a name belongs to several."""

from pathlib import Path

import pytest

from pipeline.messages import EntityType
from tests.unit.entities.ambiguous import SENTENCES
from tests.unit.entities.conftest import make_event


@pytest.mark.parametrize(
    ("text", "place", "country"), SENTENCES, ids=[f"{place}-{country}-{n}" for n, (_, place, country) in enumerate(SENTENCES)]
)
def test_an_ambiguous_name_links_by_its_context(tag, text: str, place: str, country: str):
    """Neighbours, brackets and other places of the dispatch decide; size only where nothing else does."""
    found = tag(text)
    at = text.index(place)
    entity = next(e for e in found.values() if any(m.start == at and m.end == at + len(place) for m in e.mentions))
    assert (entity.type, entity.country) == (EntityType.PLACE, country)


def test_places_of_wikinews_link_to_their_country(stage):
    """At least 93 in 100 linked places of labelled sentences lie in the country that the link says, names without a label included."""
    right, linked = [], 0
    for line in (Path(__file__).parent / "places.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        _, text, places = line.split("\t")
        countries = dict(place.rsplit("=", 1) for place in places.split(";"))
        (event,) = stage.process([make_event(text)])
        for entity in event.entities or []:
            for mention in entity.mentions if entity.type is EntityType.PLACE and entity.country else []:
                linked += 1
                right.append(countries.get(text[mention.start : mention.end].removeprefix("the ")) == entity.country)
    assert linked >= 300
    assert sum(right) >= 0.93 * linked


def test_a_country_carries_iso_geonames_and_wikidata(tag):
    """Every register that knows it."""
    ids = tag("Talks with Ukraine failed.")["Ukraine"].ids
    assert (ids.iso3166, ids.geonames, ids.wikidata) == ("UA", 690791, "Q212")


def test_a_country_is_one_entity_whatever_it_is_called(tag):
    """Britain, the UK and Großbritannien are one."""
    found = tag("Britain said the U.K. would act. The United Kingdom agreed.")
    assert len(found["United Kingdom"].mentions) == 3


def test_a_people_carries_its_country(tag):
    """Ukrainians are a group of Ukraine, not the country itself."""
    entity = next(
        e for e in tag("Thousands of Ukrainians fled, and Ukrainian police helped.").values() if e.type == EntityType.GROUP
    )
    assert entity.country == "UA"


def test_parties_and_armed_groups_are_groups(tag):
    """As the alert rules expect them."""
    found = tag("Fighters of Hezbollah and Boko Haram attacked.")
    assert {found["Hezbollah"].type, found["Boko Haram"].type} == {EntityType.GROUP}
