"""What each language gets: at least its countries and large cities, with inflected forms, in every script."""

import pytest

from pipeline.stages.entities.taggers import language_support


@pytest.mark.parametrize(
    ("language", "text", "countries"),
    [
        ("ru", "Президент Иван Петров прилетел из Москвы в Германию, сообщили в Киеве.", {"RU", "DE", "UA"}),
        ("uk", "Уряд Польщі заявив у Києві, що Україна отримає допомогу.", {"PL", "UA"}),
        ("ar", "قال متحدث في بغداد إن مصر وروسيا ستشاركان", {"IQ", "EG", "RU"}),
        ("zh", "中国和俄罗斯在北京举行会谈,美国没有参加。", {"CN", "RU", "US"}),
        ("ja", "日本とウクライナは東京で会談した。", {"JP", "UA"}),
        ("fa", "وزیر خارجه ایران در تهران با هیئت روسیه دیدار کرد", {"IR", "RU"}),
        ("hi", "भारत और पाकिस्तान ने बातचीत की।", {"IN", "PK"}),
        ("tr", "Türkiye'nin başkenti Ankara'da Rusya ile görüşme yapıldı.", {"TR", "RU"}),
        ("ko", "한국은 일본과 회담했다.", {"KR", "JP"}),
        ("de", "Deutschland und Frankreich verhandeln in Brüssel.", {"DE", "FR", "BE"}),
        ("es", "España y Alemania negocian en Bruselas.", {"ES", "DE", "BE"}),
    ],
)
def test_a_language_gets_its_countries(tag, language: str, text: str, countries: set[str]):
    """Countries and cities carry their country's code."""
    assert countries <= {entity.country for entity in tag(text, language=language).values()}


def test_offsets_are_code_points_in_every_script(tag):
    """An emoji before the name is one character."""
    text = "\U0001f600 北京会谈"
    (entity,) = tag(text, language="zh").values()
    assert text[entity.mentions[0].start : entity.mentions[0].end] == "北京"


def test_every_language_of_the_issue_is_listed():
    """`doctor --languages` tells what a language gets."""
    assert {"en", "es", "de", "fr", "pt", "it", "nl", "ru", "uk", "ar", "zh", "ja", "fa", "hi", "tr"} <= set(language_support())


def test_a_name_inside_a_longer_word_is_not_one(tag):
    """Only Arabic prefixes may touch a name."""
    assert tag("المصريون", language="ar") == {}
