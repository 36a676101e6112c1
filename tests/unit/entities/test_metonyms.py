"""A capital that acts is its government; a capital where something happens is a town."""


def test_a_capital_that_speaks_stands_for_its_country(tag):
    """It says so, with the code of the country; its GeoNames id stays the town's."""
    found = tag("Moscow accused Kyiv of lying. Talks were held in Geneva.")
    assert (found["Moscow"].metonym, found["Moscow"].ids.iso3166) == (True, "RU")
    assert (found["Moscow"].ids.geonames, found["Moscow"].ids.wikidata) == (524901, None)
    assert not found["Geneva"].metonym


def test_a_capital_as_a_place_stays_a_town(tag):
    """Its GeoNames id is the town's."""
    found = tag("Protesters gathered in Moscow on Sunday.")
    assert (found["Moscow"].metonym, found["Moscow"].ids.geonames) == (False, 524901)


def test_the_kremlin_stands_for_the_government(tag):
    """A building with a country."""
    entity = tag("The Kremlin rejected the report.")["Kremlin"]
    assert (entity.metonym, entity.country) == (True, "RU")


def test_the_alliance_is_nato_where_nato_is_named(tag):
    """And links to its id."""
    found = tag("NATO ministers met in Brussels. The Alliance will answer, said NATO. Allies of the Alliance agreed.")
    assert (found["Alliance"].metonym, found["Alliance"].ids.wikidata) == (True, "Q7184")


def test_a_landmark_stands_for_the_body_in_it(tag):
    """It is a place, as a capital is, and linked to what it stands for; its country is that body's."""
    found = tag("The White House rejected the report. Wall Street fell.")
    house, street = found["White House"], found["Wall Street"]
    assert (house.type, house.metonym, house.ids.wikidata, house.country) == ("place", True, "Q30", "US")
    assert (street.type, street.metonym, street.country) == ("place", True, "US")
