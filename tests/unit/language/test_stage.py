"""The language stage as the rest of the pipeline sees it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.messages import Event, Language
from pipeline.settings import LanguageSettings
from pipeline.stages.language.stage import LanguageStage
from pipeline.stages.language.tags import supported_languages
from tests.samples import new_dispatch, new_event

SPANISH = "El gobierno anunció este martes nuevas medidas para frenar la subida de los precios de los alimentos."
GERMAN = "Die Feuerwehr brachte am Abend mehr als zweihundert Menschen aus dem brennenden Gebäude in Sicherheit."
ENGLISH = "The ministry said on Tuesday that rescue teams had reached the village after the river burst its banks."


def event(text: str, headline: str | None = None, language: str | None = None) -> Event:
    return new_event(new_dispatch(headline=headline, language=language, text=text))


def detect(text: str, headline: str | None = None, language: str | None = None) -> Language:
    found = LanguageStage(LanguageSettings()).process([event(text, headline, language)])[0].language
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (SPANISH, "es"),
        (GERMAN, "de"),
        (ENGLISH, "en"),
        ("URGENT: LE PRESIDENT A ETE HOSPITALISE DANS LA NUIT", "fr"),
        ("Сьогодні вночі в центрі міста пролунало кілька вибухів", "uk"),
        ("Ισχυρός σεισμός στην Κρήτη", "el"),
        ("東京で強い地震がありました", "ja"),
        ("总统今天宣布辞职，议会将举行特别会议", "zh"),
        ("總統今天宣布辭職，國會將舉行特別會議", "zh-Hant"),
        ("Predsednik vlade je rekao da će sledeće nedelje posetiti Beograd i da ne želi nove mere", "sr-Latn"),
    ],
)
def test_names_the_language(text, tag):
    """A sentence of the news is recognised, in capitals without accents too."""
    assert detect(text).tag == tag


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("FLASH: RADHERRA SEGIR AF SER EFTIR UMRAEDUR", "is"),
        ("THU TUONG NOI CHINH PHU SE GIUP DO NGUOI DAN VUNG LU", "vi"),
        ("PREMIER UVEDL, ZE SE VLADA K PRIPADU VYJADRI PRISTI TYDEN", "cs"),
        ("DOVLET BASCISI VEZIYYETIN NEZARETDE OLDUGUNU BILDIRIB", "az"),
        ("STATSMINISTEREN GAR AV ETTER NEDERLAGET I STORTINGET", "no"),
    ],
)
def test_reads_capitals_that_have_lost_their_accents(text, tag):
    """Letters that an agency's code page dropped are missed by the models, not by the stage."""
    assert detect(text).tag == tag


@pytest.mark.parametrize("text", ["", "   \n", "😀🚨🚨", "18:34 04:23 *** 19:30", "DAX 990.00 +6.29 1.63%\nHSI 903.79 +6.42 1.06%"])
def test_no_language_is_zxx(text):
    """Tables, times and pictures have no language."""
    found = detect(text)
    assert (found.tag, found.parts) == ("zxx", [])


@pytest.mark.parametrize("text", ["FLASH", "a" * 1_000_000, "ab", "\ud800\udc00 \x00\x01 x"])
def test_too_little_is_undetermined(text):
    """What gives too little to go by is und, not a guess."""
    assert detect(text).tag in {"und", "zxx"}


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("\x00\x01\x1b" + SPANISH.replace(" ", " \x07\x9f"), "es"),
        ("\ud800" + GERMAN + "\udfff\ufffe", "de"),
        ("\u202e\u2066" + ENGLISH + "\u2069\u200f", "en"),
        ("\u200fأعلنت الحكومة اليوم\u200f عن إجراءات جديدة لخفض أسعار المواد الغذائية\u202c", "ar"),
        ("\ufeff" + SPANISH + "\n" + "x" * 1_000_000, "es"),
    ],
)
def test_hostile_characters_change_nothing(text, tag):
    """Controls, lone surrogates, directional marks and a huge line of one letter do not hide the language."""
    assert detect(text).tag == tag


@pytest.mark.parametrize(
    "text",
    [
        "Á morgun verður ráðstevna í Norðurlandahúsinu, og landsstýrið fer at greiða frá uppskotinum.",
        "Embannet en deus prezidant ar rannvro e vo savet ur skol nevez evit ar vugale e kreiz-kêr.",
    ],
)
def test_a_language_that_is_not_supported_is_undetermined(text):
    """Faroese is not called Icelandic, Breton not Welsh: no rule of the neighbour's language is run on them."""
    assert detect(text).tag == "und"


def test_the_text_overrules_the_declared_language():
    """A feed that declares the wrong language is flagged and counted, not believed."""
    stage = LanguageStage(LanguageSettings())
    found = stage.process([event(SPANISH, language="en-GB")])[0].language
    assert found is not None
    assert (found.tag, found.declared, found.agrees) == ("es", "en-GB", False)
    assert stage.disagreements == {("en", "es"): 1}


def test_a_declared_language_that_fits_agrees_whatever_its_spelling():
    """Regions, three-letter codes and case do not matter."""
    assert detect(GERMAN, language="DEU").agrees is True
    assert detect(GERMAN, language="de-AT").agrees is True
    assert detect(GERMAN, language="not a tag!").agrees is None
    assert detect(GERMAN).agrees is None


def test_a_declared_language_decides_where_no_word_does():
    """Croatian and Serbian share most short sentences; the feed knows which it is."""
    text = "PUTNICI SU NAKON NESRECE PREVEZENI U BOLNICU"
    assert detect(text, language="hr").tag == "hr"
    assert detect(text, language="sr-Latn").tag == "sr-Latn"


def test_boilerplate_does_not_outvote_a_short_text():
    """English lines of a distributor round a foreign sentence do not make it English."""
    text = (
        "PRESS RELEASE\nThis announcement is provided by a third party.\n\n" + SPANISH + "\n\n"
        "For further information please contact the press office. Terms of use and privacy policy apply."
    )
    assert detect(text).tag == "es"


def test_parts_are_offsets_into_the_text():
    """Bilingual copy names both languages and where each stands; the headline does not move the offsets."""
    found = detect(f"{SPANISH}\n\n{GERMAN}", headline="Nuevas medidas contra la subida de los precios")
    first, second = found.parts
    assert (first.tag, first.start, first.end) == ("es", 0, len(SPANISH))
    assert (second.tag, second.start, second.end) == ("de", len(SPANISH) + 2, len(SPANISH) + 2 + len(GERMAN))
    assert sum(part.share for part in found.parts) == pytest.approx(1)


def test_a_headline_alone_is_enough():
    """An alert often has no body."""
    found = detect("", headline=GERMAN)
    assert (found.tag, found.parts) == ("de", [])


def test_the_threshold_decides_between_an_answer_and_und():
    """A stricter house says und more often."""
    strict = LanguageStage(LanguageSettings(threshold=1.0)).process([event(SPANISH)])[0].language
    assert strict is not None
    assert strict.tag == "und"
    assert strict.alternatives[0].tag == "es"


def test_inputs_stay_as_they_are():
    """A batch comes out in its order, the events that went in are unchanged."""
    events = [event(SPANISH), event(GERMAN)]
    processed = LanguageStage(LanguageSettings()).process(events)
    assert [item.language and item.language.tag for item in processed] == ["es", "de"]
    assert all(item.language is None for item in events)


def test_supported_languages_are_tags():
    """The doctor lists what can be detected."""
    assert {"en", "sr-Latn", "zh-Hant", "fil", "no"} <= set(supported_languages())


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=300), st.one_of(st.none(), st.text(max_size=12)))
def test_any_text_gets_a_tag(text, declared):
    """Controls, lone surrogates, marks and nonsense tags never raise; parts lie in the text, in order."""
    found = detect(text, headline=text[:20], language=declared)
    assert 0 <= found.confidence <= 1
    places = [place for part in found.parts for place in (part.start, part.end)]
    assert places == sorted(places)
    assert all(0 <= place <= len(text) for place in places)
