"""Charsets that nobody declares."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.stages.parse.charset import charset_of
from pipeline.stages.parse.encoding import decode
from pipeline.stages.parse.stage import Parsed
from tests.unit.parse.test_desks import first

Read = Callable[..., Parsed]

WRITTEN = [
    ("Порт Вальдоры закрыт из-за шторма, сообщили власти в понедельник.", ("cp1251", "koi8_r", "iso8859_5")),
    ("Το λιμάνι έκλεισε λόγω της καταιγίδας, ανακοίνωσαν οι αρχές.", ("cp1253",)),
    ("أغلق الميناء بسبب العاصفة، ومن المقرر أن يعاد فتحه يوم الاثنين.", ("cp1256",)),
    ("הנמל נסגר בגלל הסערה, כך הודיעו הרשויות ביום שני.", ("cp1255",)),
    ("记者从有关部门获悉，港口因风暴关闭，预计将于星期一重新开放。", ("gb18030",)),
    ("港口因為暴風雨關閉，有關單位表示預計將於星期一重新開放，請旅客注意。", ("big5",)),
    ("港は嵐のため閉鎖された。当局によると月曜日に再開する見通しだという。", ("cp932", "euc_jp")),
    ("항구가 폭풍으로 폐쇄되었다고 당국이 밝혔다. 월요일에 다시 열릴 예정이다.", ("cp949",)),
    ("Port został zamknięty, poinformowały władze. Żegluga wróci później, gdy wiatr osłabnie, i będą dalsze wieści.", ("cp1250", "iso8859_2")),
    ("Přístav byl uzavřen kvůli bouři, oznámily úřady. Znovu se otevře v pondělí, až vítr zeslábne.", ("cp1250", "iso8859_2")),
    ("A kikötőt bezárták a vihar miatt, közölték a hatóságok. Hétfőn nyitják meg újra.", ("cp1250",)),
    ("Liman fırtına nedeniyle kapatıldı, yetkililer açıkladı. Pazartesi günü yeniden açılacağı bildirildi, gemi seferi yok, iş durdu.", ("cp1254",)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "charset"), [(text, charset) for text, charsets in WRITTEN for charset in charsets])
def test_what_nobody_declares_is_told_by_its_letters(text: str, charset: str) -> None:
    assert decode(text.encode(charset)) == text


@pytest.mark.parametrize(
    "text",
    [
        "Le port a été fermé, ont annoncé les autorités. Où êtes-vous, garçon naïf ? Une île, un cœur, 12 m³.",
        "Il porto è stato chiuso: però lunedì riaprirà, così è più sicuro. Più città sono là già.",
        "Der Hafen wurde geschlossen, teilten die Behörden mit. Früh öffnet er, größere Schäden gab es nicht, schön für alle.",
        "As informações não são boas. Três pessoas estão à espera; já há ações em São Paulo.",
        "Både færger og både må vente, oplyste myndighederne på øen. Også de næste døgn.",
        "Höfninni var lokað, sögðu yfirvöld. Hún verður opnuð á mánudaginn, þá má búast við því.",
        "Sadam suleti tormi tõttu. Täna on öö külm ja pime, hõõgub tõrvik, ütles mees.",
        "El puerto cerró, según informó la autoridad. ¿Qué pasará mañana? Año, niño, corazón, también.",
    ],
)
def test_western_languages_stay_windows_1252(text: str) -> None:
    assert charset_of(text.encode("cp1252")) is None
    assert decode(text.encode("cp1252")) == text


def test_a_declared_charset_is_believed() -> None:
    text = WRITTEN[0][0]
    assert decode(text.encode("koi8_r"), "latin-1") == text.encode("koi8_r").decode("latin-1")


def test_too_few_letters_tell_nothing() -> None:
    assert charset_of("шторм".encode("cp1251")) is None


def test_a_telex_in_an_undeclared_chinese_charset_is_read(read: Read) -> None:
    telex = "ZCZC\n港口因风暴关闭\n\n新华社北京3月3日电 记者从有关部门获悉，港口因风暴关闭，预计将于星期一重新开放。\n\nNNNN\n"
    dispatch = first(read(telex.encode("gb18030")))
    assert (dispatch.headline, dispatch.provider) == ("港口因风暴关闭", "xinhua")


def test_a_mail_may_begin_with_a_byte_order_mark(read: Read) -> None:
    mail = "\ufeffFrom: <desk@example.org>\nSubject: Port closed\nDate: Tue, 10 Mar 2026 10:15:00 +0000\n\nThe port closed.\n"
    assert first(read(mail)).format == "email_rfc822"


def test_the_charset_of_a_head_of_few_letters_is_that_of_its_message(read: Read) -> None:
    text = "10.03. Valdora (PAP) - Port w Valdorze został zamknięty w niedzielę. Zostanie otwarty w poniedziałek, mówią władze."
    message = f"\x01pap0123 4 POL 0120\r\nNorlandia/żegluga/\r\n\x02Port zamknięty po burzy =\r\n\r\n   {text}\r\n\r\n\x03101015 mar 26\r\n\x04"
    dispatch = first(read(message.encode("cp1250")))
    assert (dispatch.slugline, dispatch.headline) == ("Norlandia/żegluga", "Port zamknięty po burzy")
    assert (dispatch.dateline, dispatch.provider) == ("10.03. Valdora (PAP)", "pap")
