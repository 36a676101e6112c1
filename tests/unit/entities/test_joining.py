"""Names of one person or body inside a dispatch become one entity; two persons stay two."""

import json
import os
from pathlib import Path

import pytest

from pipeline.messages import EntityType
from pipeline.stages.entities.joining import join
from pipeline.stages.entities.name import Name
from tests.unit.entities.conftest import make_event


def clusters(*surfaces: str, type_: EntityType = EntityType.PERSON) -> list[tuple[str, int]]:
    text = " ".join(surfaces)
    starts = [len(" ".join([*surfaces[:n], ""])) for n in range(len(surfaces))]
    names = [Name(at, at + len(name), name.strip(), type_, 1.0) for at, name in zip(starts, surfaces, strict=True)]
    return [(cluster.canonical, len(cluster.names)) for cluster in join(names, text)]


def test_a_family_name_joins_its_full_name():
    """Also where the family name came first, as in headlines."""
    assert clusters("Wójcik", "Łucja Wójcik", "Wójcik") == [("Łucja Wójcik", 3)]


def test_two_bearers_of_a_family_name_stay_two():
    """A brief mention goes to the one named last, but to the one whom the text is about where they stand apart."""
    assert clusters("Anna Berg", "Karl Berg", "Berg") == [("Anna Berg", 1), ("Karl Berg", 2)]
    assert clusters("Anna Berg", "Berg", "Karl Berg", "\n", "Berg") == [("Anna Berg", 3), ("Karl Berg", 1), ("", 1)]
    assert clusters("Anna Berg", "Berg", "\n", "Karl Berg", "Berg")[:1] == [("Anna Berg", 2)]


def test_short_forms_in_wikinews_are_those_of_the_right_person(stage):
    """At least 95 in 100 mentions by a short form stand with the person who is meant."""
    corpus = Path(os.environ.get("WIREFEED_CORPORA", "")) / "data" / "dedup" / "wikinews.docs.jsonl"
    if not corpus.is_file():
        pytest.skip(f"no {corpus}; set WIREFEED_CORPORA to the folder that holds data/dedup/wikinews.docs.jsonl")
    meant: dict[str, dict[str, str]] = {}
    for line in (Path(__file__).parent / "persons.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            article, _, short, full = line.split("\t")
            meant.setdefault(article, {})[short] = full
    right = joined = 0
    with corpus.open(encoding="utf-8") as lines:
        articles = [article for article in map(json.loads, lines) if article["id"] in meant]
    for article in articles:
        (event,) = stage.process([make_event(article["text"], article["headline"])])
        for entity in event.entities or []:
            for mention in entity.mentions if entity.type is EntityType.PERSON and len(entity.mentions) > 1 else []:
                short = getattr(event.dispatch, mention.field)[mention.start : mention.end]
                if short != entity.name and short in meant[article["id"]]:
                    joined += 1
                    right += meant[article["id"]][short] == entity.name
    assert joined >= 700
    assert right >= 0.95 * joined


def test_initials_and_middle_names_are_the_same_person():
    """The longest form is the name."""
    assert clusters("John Q. Miller", "John Miller", "J. Miller") == [("John Q. Miller", 3)]


def test_an_acronym_joins_the_body():
    """Acme Widget Corp is AWC, and Acme Widget."""
    found = clusters("Acme Widget Corp", "AWC", "Acme Widget", type_=EntityType.ORGANISATION)
    assert found == [("Acme Widget Corp", 3)]


def test_given_names_join_only_where_one_person_bears_them():
    """Maria alone is the only Maria of the dispatch."""
    assert clusters("Maria Silva", "Maria") == [("Maria Silva", 2)]
    assert clusters("Maria Silva", "Maria Costa", "Maria")[-1] == ("Maria", 1)


def test_the_first_of_two_family_names_is_enough():
    """Spanish usage."""
    assert clusters("Lucía Cárcamo Núñez", "Cárcamo") == [("Lucía Cárcamo Núñez", 2)]


def test_korean_names_stay_whole(tag):
    """The small half of a given name is no word of its own; "-backed" is."""
    found = tag("President Park Min-seo met Minister Choi Jung-ho. A Markov-backed group said so, Yuri Markov denied it.")
    assert {"Park Min-seo", "Choi Jung-ho", "Yuri Markov"} <= set(found)
