"""Croatian, Bosnian and Serbian in Latin script."""

import pytest

from pipeline.stages.language.serbocroatian import markers, weigh


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("VLADA CE PREDLOZITI PRORACUN IDUCEG TJEDNA", "hr"),
        ("Zračna luka zatvorena je zbog potresa u siječnju, izvijestila je tvrtka", "hr"),
        ("Stotine vatrogasaca gase požar, rekao je glasnogovornik županije", "hr"),
        ("Općina je saopćila da će se izbori održati u augustu", "bs"),
        ("Zvaničnici su u Sarajevu posjetili historijski muzej i univerzitet", "bs"),
        ("VLADA CE SLEDECE NEDELJE PREDLOZITI NOVE MERE", "sr"),
        ("Aerodrom je zatvoren zbog zemljotresa u januaru, saopštila je opština", "sr"),
        ("Ministar je doneo odluku da organizuje sastanak i uputi zahtev Savetu bezbednosti", "sr"),
    ],
)
def test_words_of_the_news_tell(text, label):
    """Yat, months, institutions and verbs decide, in capitals without accents too; the models have no say here."""
    odds = weigh(text, {})
    assert max(odds, key=odds.__getitem__) == label


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("mlijeko vijest", "ijekavian"),
        ("mleko vest", "ekavian"),
        ("kombinirati", "western"),
        ("kombinovati", "eastern"),
        ("funkcionisati", "serbian"),
        ("žele da rade", "da clause"),
        ("žele raditi", "infinitive"),
        ("radit će", "infinitive future"),
        ("Washington", "foreign spelling"),
        ("Beograd", "serbian name"),
    ],
)
def test_markers_are_counted_by_kind(text, kind):
    """Each kind has its weight."""
    assert markers(text)[kind] > 0


@pytest.mark.parametrize(
    "text", ["decembar", "delegacija", "objekt", "klijent", "prijem", "student", "video", "također sedamdeset"]
)
def test_lookalikes_are_no_yat(text):
    """Words that only begin like a reflex of yat say nothing of it."""
    found = markers(text)
    assert not found["ekavian"]
    assert not found["ijekavian"]
