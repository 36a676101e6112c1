"""py3langid for text that has lost its accents, beside py3langid as it is."""

import copy

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipeline.stages.language.unaccented import with_unaccented


@pytest.fixture(scope="module")
def identifier():
    return LanguageIdentifier.from_model_file(MODEL_FILE)


def test_text_as_it_is_scores_as_before(identifier):
    """The tables are shared, not changed."""
    as_is, _ = with_unaccented(identifier)
    text = "Landsstjórnin fundaði í gær um stöðuna"
    assert as_is.rank(text) == identifier.rank(text)


def test_lost_accents_are_made_good(identifier):
    """Azerbaijani without its accents is not Turkish."""
    as_is, unaccented = with_unaccented(identifier)
    text = "dovlet bascisi hemin sohbetde veziyyetin nezaretde oldugunu bildirib"
    assert as_is.rank(text)[0][0] == "tr"
    assert unaccented.rank(text)[0][0] == "az"


def test_likelihoods_of_another_model_are_refused(identifier):
    """A new py3langid without new likelihoods fails at start, not by wrong languages."""
    other = copy.copy(identifier)
    other.nb_ptc = identifier.nb_ptc[:-1]
    with pytest.raises(ValueError, match="make it anew"):
        with_unaccented(other)
