"""What a filter excludes for one rule stays visible to every other."""

from pipeline.stages.alerts.query import parse_query
from pipeline.stages.alerts.tree import Scope
from pipeline.stages.alerts.words import Words


def test_a_term_list_that_one_rule_reads_through_a_filter_is_read_anew_by_the_next():
    """A list may hold conditions, which hold or not by what is excluded; no order of the rules may hide an alert."""
    terms = parse_query("army AND border")
    words = Words(None, "Army at the border")
    query = parse_query("@move", lambda _name: terms)
    whole = Scope(words)
    army = whole.find(("army",), prefix=False)
    through = whole.without(army)
    assert query.holds(through) is None
    assert query.holds(whole)
    assert query.holds(whole.without(army)) is None
