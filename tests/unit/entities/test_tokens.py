"""Words have exact places, and names keep their apostrophes, hyphens and full stops."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.entities.casing import true_case
from pipeline.stages.entities.gazetteer import gazetteer
from pipeline.stages.entities.tokens import tokenize


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_every_word_is_the_text_at_its_place(text: str):
    """In order, without overlap, and nothing but white space is left out."""
    words, starts, ends = tokenize(text)
    assert all(text[start:end] == word for word, start, end in zip(words, starts, ends, strict=True))
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    covered = {place for start, end in zip(starts, ends, strict=True) for place in range(start, end)}
    assert all(text[place].isspace() for place in set(range(len(text))) - covered)


def test_names_stay_whole():
    """Hyphens part a name only from an ordinary word."""
    text = "Jean-Pierre O'Brien of AT&T Corp. in St. Petersburg met al-Qaida-linked men of Geneva-based U.N. bodies"
    words = tokenize(text).words
    assert {"Jean-Pierre", "O'Brien", "AT&T", "Corp.", "St.", "U.N.", "Geneva", "based"} <= set(words)


def test_a_headline_in_capitals_takes_the_letters_of_the_body():
    """Lengths stay, so do places."""
    words = tokenize("BERG SAYS NATO MUST ACT\nMinister Berg said NATO must act.").words
    cased = true_case(words, gazetteer(), {"must": 3, "act": 3, "says": 3}.get)
    assert cased.words[:5] == ["Berg", "says", "NATO", "must", "act"]
    assert [len(word) for word in cased.words] == [len(word) for word in words]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="İıßŒǅﬁA BΑΘʼn\n-'", max_size=60))
def test_letters_that_grow_when_lowered_stay(text: str):
    """True-casing never changes a length."""
    words = tokenize(text).words
    assert [len(word) for word in true_case(words, gazetteer(), {}.get).words] == [len(word) for word in words]


def test_romance_articles_are_parted_from_names():
    """Only where the language writes them together: "D'Angelo" stays whole in English."""
    text = "L'Otan et dell'Unione d'Alger, jusqu'à Aix"
    tokens = tokenize(text, elisions=True)
    assert [word for word in tokens.words if word[0].isupper()] == ["L'", "Otan", "Unione", "Alger", "Aix"]
    assert all(text[start:end] == word for word, start, end in zip(*tokens, strict=True))
    assert tokenize("D'Angelo").words == ["D'Angelo"]
