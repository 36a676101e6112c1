"""What a dispatch gets: its ministers, countries, towns and bodies, with ids and exact places."""

from pipeline.messages import EntityType
from pipeline.settings import EntitiesSettings
from pipeline.stages.entities.stage import EntitiesStage
from tests.unit.entities.conftest import make_event

CRISIS = """Ruritanian Foreign Minister Zdeněk Příhoda on Thursday warned Hungary of "serious consequences" after two diplomats were
expelled from Budapest.

President José Echeñique met Polish Prime Minister Łucja Wójcik in Warsaw, a spokesman said. NATO called for calm.

"We will answer," Příhoda told reporters in Vienna, before flying to Kyiv. The U.N. Security Council meets on Friday.
Echeñique said Hungary and Poland were neighbours.
"""


def test_a_diplomatic_crisis_has_its_ministers_countries_towns_and_bodies(tag):
    """Names with diacritics are whole, countries carry ISO codes, towns GeoNames ids, NATO its Wikidata id."""
    found = tag(CRISIS, "Hungary warned of 'serious consequences'")
    persons = {name for name, entity in found.items() if entity.type == EntityType.PERSON}
    assert {"Zdeněk Příhoda", "José Echeñique", "Łucja Wójcik"} <= persons
    assert len(found["Zdeněk Příhoda"].mentions) == 2
    assert found["Hungary"].ids.iso3166 == "HU"
    assert found["Hungary"].ids.wikidata == "Q28"
    assert {mention.field for mention in found["Hungary"].mentions} == {"headline", "text"}
    assert (found["Warsaw"].ids.geonames, found["Warsaw"].country) == (756135, "PL")
    assert found["Kyiv"].country == "UA"
    assert (found["NATO"].type, found["NATO"].ids.wikidata) == (EntityType.ORGANISATION, "Q7184")
    assert found["United Nations Security Council"].ids.wikidata == "Q37470"


def test_every_mention_is_the_text_at_its_place(tag):
    """Offsets are code points of the named field."""
    found = tag(CRISIS, "HUNGARY WARNED BY PRIHODA", dateline="VIENNA, March 5 (AFP) -")
    fields = {"text": CRISIS, "headline": "HUNGARY WARNED BY PRIHODA", "dateline": "VIENNA, March 5 (AFP) -"}
    surfaces = {fields[m.field][m.start : m.end] for entity in found.values() for m in entity.mentions}
    assert {"Příhoda", "Echeñique", "HUNGARY", "VIENNA"} <= surfaces


def test_input_events_are_not_changed(stage: EntitiesStage):
    """The stage returns copies."""
    event = make_event("Talks in Geneva.")
    (tagged,) = stage.process([event])
    assert event.entities is None
    assert tagged.entities


def test_an_empty_dispatch_has_no_entities(tag):
    """A flash without text passes."""
    assert tag("") == {}


def test_the_most_salient_comes_first(stage: EntitiesStage):
    """A name in the headline outranks one in the last line."""
    (event,) = stage.process([make_event("Talks began.\n\nOfficials also met in Oslo.", "Geneva hosts talks in Switzerland")])
    assert event.entities
    assert event.entities[-1].name == "Oslo"


def test_a_new_stage_needs_no_settings():
    """Defaults work."""
    assert EntitiesStage(EntitiesSettings()).process([]) == []


def test_titles_and_months_are_no_names(tag):
    """A title is not part of the person, a month in a table is no person."""
    found = tag("Justice Anna Berg met President Karl Holm.\n\nMaize Mar 48.0 GMT")
    assert {"Anna Berg", "Karl Holm"} <= set(found)
    assert not {"Mar", "GMT", "Justice", "President"} & set(found)


def test_a_dateline_is_a_place(tag):
    """Also where only the date follows."""
    found = tag("OSLO 1996-12-06\nNorway said on Friday it would sign.")
    assert (found["Oslo"].type, found["Oslo"].country) == (EntityType.PLACE, "NO")


def test_the_agency_that_sends_is_not_what_a_dispatch_is_about(tag):
    """Also where the text repeats the dateline with its dash."""
    found = tag("GENEVA (Alpinpress) - Talks began in Vienna.", dateline="GENEVA (Alpinpress)")
    assert set(found) == {"Geneva", "Vienna"}
    assert "Alpinpress" in tag("GENEVA (Alpinpress) - Shares of Alpinpress fell.", dateline="GENEVA (Alpinpress) -")


def test_a_town_whose_capitals_are_a_brand_is_linked(tag):
    """ROMA is one."""
    assert tag("ROMA (Reuters) - Il porto cresce.", language="it")["Rome"].country == "IT"


def test_a_name_that_begins_with_a_small_word_is_whole(tag):
    """Behind a title "To Lam" is a name; "to" is the word elsewhere."""
    found = tag("Vietnamese President To Lam flew to Beijing on Monday. Lam will stay two days.")
    assert len(found["To Lam"].mentions) == 2


def test_a_dash_parts_names(tag):
    """A dateline in capitals does not run into the name behind its dash."""
    found = tag("HANOI - Party officials met.\nMilan - Inter 2-1")
    assert found["Hanoi"].type == EntityType.PLACE
    assert not any(" - " in name for name in found)


def test_a_verb_in_a_headline_of_capitals_is_no_name(tag):
    """The body does not use "vetoes", but "veto" is mostly written small."""
    found = tag("Clinton spoke in Washington on Monday.", "CLINTON VETOES TIMBER BILL")
    assert "Clinton" in found
    assert not any("veto" in name.lower() for name in found)
