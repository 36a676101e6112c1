"""Names of one person or body inside a dispatch become one entity; two persons stay two."""

from pipeline.messages import EntityType
from pipeline.stages.entities.joining import join
from pipeline.stages.entities.name import Name


def clusters(*surfaces: str, type_: EntityType = EntityType.PERSON) -> list[tuple[str, int]]:
    names = [Name(n * 100, n * 100 + len(surface), surface, type_, 1.0) for n, surface in enumerate(surfaces)]
    return [(cluster.canonical, len(cluster.names)) for cluster in join(names)]


def test_a_family_name_joins_its_full_name():
    """Also where the family name came first, as in headlines."""
    assert clusters("Wójcik", "Łucja Wójcik", "Wójcik") == [("Łucja Wójcik", 3)]


def test_two_bearers_of_a_family_name_stay_two():
    """A brief mention goes to the one named last."""
    assert clusters("Anna Berg", "Karl Berg", "Berg") == [("Anna Berg", 1), ("Karl Berg", 2)]


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
