"""Datelines, by-lines and sign-offs as agencies write them, in any language."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipeline.stages.parse.formats.byline import is_byline
from pipeline.stages.parse.formats.dateline import is_timestamp, read_dateline
from pipeline.stages.parse.profile import Profiles, load_profiles
from pipeline.stages.parse.signoff import is_signoff
from pipeline.stages.parse.stage import Parsed

Read = Callable[..., Parsed]
TEXT = "The harbour of Portmouth was closed on Sunday after the storm, the harbour master said, and stays closed."
MORE = "The mayor said that nobody was hurt, and that the schools of the valley open on Monday."


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return load_profiles()


@pytest.mark.parametrize(
    ("written", "provider"),
    [
        ("PARIS, 3 mars 2025 (AFP)", "afp"),
        ("Paris, le 3 mars 2025 (AFP)", "afp"),
        ("Kharkiv (Ukraine), Nov 24 (AFP)", "afp"),
        ("Saint-Étienne, 3 déc 2025 (AFP)", "afp"),
        ("KIEW (dpa)", "dpa"),
        ("Kiew/Moskau (dpa)", "dpa"),
        ("Berlin (dpa/bb)", "dpa"),
        ("Frankfurt/Main (dpa-AFX)", "dpa"),
        ("Berlin, 24.11.2025 (dpa)", "dpa"),
        ("Wien/Paris (APA/AFP)", "apa"),
        ("Bern, 3. März (sda)", "ats"),
        ("Kraków, 3.3. (PAP)", "pap"),
        ("Praha 3. března (ČTK)", "ctk"),
        ("Budapest, 2025. március 3., hétfő (MTI)", "mti"),
        ("İstanbul, 3 Mart (AA)", "aa"),
        ("São Paulo, 03 mar 2025 (Lusa)", "lusa"),
        ("L'Aquila, 3 dic. (ANSA)", "ansa"),
        ("'s-Hertogenbosch (ANP)", "anp"),
        ("OSLO (NTB-Reuters)", "ntb"),
        ("LONDON/NEW YORK, March 3 (Reuters)", "reuters"),
        ("Jan 30 (Reuters)", "reuters"),
        ("ΑΘΗΝΑ (ΑΠΕ-ΜΠΕ)", "ana"),
        ("القاهرة (رويترز)", "reuters"),
        ("باريس 3-3-2025 (أ ف ب)", "afp"),
        ("TORONTO, March 03, 2025 (GLOBE NEWSWIRE)", "globenewswire"),
    ],
)
@pytest.mark.parametrize("sign", [" - ", " – ", " — ", " _ ", " -- ", ": ", " = ", ".- "])
def test_place_date_and_agency_in_parentheses_are_a_dateline(profiles: Profiles, written: str, provider: str, sign: str) -> None:
    found = read_dateline(f"{written}{sign}{TEXT}", profiles)
    assert found is not None and found.profile is not None
    assert (found.written, found.profile.name, found.rest) == (written, provider, TEXT)


@pytest.mark.parametrize(
    ("opening", "written", "provider"),
    [
        ("(ANSA) - ROMA, 1 LUG - ", "(ANSA) - ROMA, 1 LUG", "ansa"),
        ("(AFP) - Kraków, 3 mars - ", "(AFP) - Kraków, 3 mars", "afp"),
        ("(Reuters) - ", None, "reuters"),
        ("MOSCOW, November 3. /TASS/. ", "MOSCOW, November 3. /TASS/", "tass"),
        ("МОСКВА, 3 марта. /ТАСС/. ", "МОСКВА, 3 марта. /ТАСС/", "tass"),
        ("МОСКВА, 3 мар - РИА Новости. ", "МОСКВА, 3 мар - РИА Новости", "ria"),
        ("КИЕВ. 3 марта. УНИАН - ", "КИЕВ. 3 марта. УНИАН", "unian"),
        ("København /ritzau/: ", "København /ritzau/", "ritzau"),
        ("SAITAMA, Japan, Dec. 9 Kyodo - ", "SAITAMA, Japan, Dec. 9 Kyodo", "kyodo"),
        ("SEOUL, Nov 26 AFP - ", "SEOUL, Nov 26 AFP", "afp"),
        ("Bern, 3. März (sda) ", "Bern, 3. März (sda)", "ats"),
        ("Oslo | 3.9.24 | (NTB) | ", "Oslo | 3.9.24 | (NTB)", "ntb"),
        ("NEW YORK--(BUSINESS WIRE)--", "NEW YORK--(BUSINESS WIRE)", "businesswire"),
        ("LOS ANGELES, March 3, 2025 /PRNewswire/ -- ", "LOS ANGELES, March 3, 2025 /PRNewswire/", "prnewswire"),
        ("新华社北京3月3日电（记者某某）", "新华社北京3月3日电（记者某某）", "xinhua"),
        ("【パリ共同】", "【パリ共同】", "kyodo"),
    ],
)
def test_agencies_custom_datelines_are_read(profiles: Profiles, opening: str, written: str | None, provider: str) -> None:
    found = read_dateline(opening + TEXT, profiles)
    assert found is not None and found.profile is not None
    assert (found.written, found.profile.name, found.rest) == (written, provider, TEXT)


@pytest.mark.parametrize(
    "prose",
    [
        "The party (SPD) said no.",
        "Friedrich Merz (CDU) hat gesagt, dass es nicht geht.",
        "Angela Merkel (CDU) - die Kanzlerin - sagte nichts.",
        "Apple Inc. (AAPL) - the maker of telephones - rose.",
        "The minister told Agence France-Presse (AFP) - and others - that it is over.",
        "Agence France-Presse (AFP) Chairman Ada Example said so.",
        "Prices rose (3%) - the highest in a year.",
        "By ADA EXAMPLE (AP) - and others",
        "Yes and/or no / perhaps",
    ],
)
def test_prose_is_no_dateline(profiles: Profiles, prose: str) -> None:
    assert read_dateline(prose, profiles) is None


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("By ADA EXAMPLE", True),
        ("By Ada Example and Bo van der Exempel, Associated Press", True),
        ("Von Ada Beispiel und Bo Exempel, dpa", True),
        ("By dpa correspondents", True),
        ("Par Jean-Élie EXEMPLE", True),
        ("Por Ada Ejemplo", True),
        ("ADA EXAMPLE, Associated Press", True),
        ("Ada Example and Bo Exempel, The Canadian Press", True),
        ("By Ada Example Jr.", True),
        ("By Monday the harbour was closed", False),
        ("Von dort kam der Sturm", False),
        ("Valdora, Elysia", False),
        ("By Monday, the harbour was closed.", False),
    ],
)
def test_by_lines_are_told_from_sentences(profiles: Profiles, line: str, *, is_one: bool) -> None:
    assert is_byline(line, profiles) is is_one


@pytest.mark.parametrize(
    "mark",
    ["abc/def", "ab/cde/fg", "mfa/ob", "abc-de / fg", "(abc/def)", "(END)", "ENDS", "-ENDS-", "--30--", "-30-", "(FIN)", "(Schluss)",
     "AFP sn", "dpa abc yydd n1", "(AFP)", "/ritzau/", "==Kyodo", "EFE", "AAP", "(ANSA)."],
)  # fmt: skip
def test_a_desks_mark_leaves_the_text_of_any_agency_and_stays_as_metadata(read: Read, profiles: Profiles, mark: str) -> None:
    assert is_signoff(mark, profiles)
    dispatch = read(f"Harbour closed\n\nPORTMOUTH (XYZ) - {TEXT}\n\n{MORE}\n\n{mark}\n").dispatches[0].dispatch
    assert dispatch.text.endswith(MORE)
    assert dispatch.signoff == mark


@pytest.mark.parametrize("line", ["Yes.", "The end of it", "km/h wind", "Ada Example", "Example.org", "NATO and others"])
def test_the_last_words_of_a_text_are_no_desks_mark(profiles: Profiles, line: str) -> None:
    assert not is_signoff(line, profiles)


def test_the_last_paragraph_alone_is_never_taken_for_a_desks_mark(read: Read) -> None:
    assert read("abc/def").dispatches[0].dispatch.text == "abc/def"


@pytest.mark.parametrize(
    ("text", "provider"),
    [
        (f"Harbour closed\n\n(Reuters) - {TEXT}\n", "reuters"),
        (f"Harbour closed\n\nBy ADA EXAMPLE, Associated Press\n\n{TEXT}\n", "ap"),
        (f"Harbour closed\n\n{TEXT}\n\n(AFP)\n", "afp"),
        (f"Harbour closed\n\n{TEXT}\n\n{MORE}\n\n© 2026 AFP\n", "afp"),
        (f"Harbour closed\n\n{TEXT}\n\n{MORE}\n\nCopyright 2026 The Associated Press. All rights reserved.\n", "ap"),
        (f"Harbour closed\n\nPraha 3. března (ČTK) - {TEXT}\n", "ctk"),
        (f"Harbour closed\n\n{TEXT}\n", "unknown"),
    ],
)
def test_plain_text_names_its_agency_in_dateline_by_line_sign_off_or_copyright(read: Read, text: str, provider: str) -> None:
    dispatch = read(text).dispatches[0].dispatch
    assert (dispatch.provider, dispatch.headline) == (provider, "Harbour closed")


def test_points_and_a_by_line_above_the_dateline_do_not_hide_it(read: Read) -> None:
    body = f"<p>* Harbour closed</p><p>* Schools open</p><p>By Ada Example</p><p>PORTMOUTH, March 1 (Reuters) - {TEXT}</p>"
    item = f"<newsItem guid='tag:reuters.com,2026:newsml_1' version='1'><contentSet><inlineXML><html><body>{body}</body></html></inlineXML></contentSet></newsItem>"
    dispatch = read(item).dispatches[0].dispatch
    assert (dispatch.byline, dispatch.dateline) == ("By Ada Example", "PORTMOUTH, March 1 (Reuters)")
    assert "Ada Example" not in dispatch.text


def test_a_machines_time_is_no_dateline(read: Read) -> None:
    lines = "<HeadLine>Puerto</HeadLine><DateLine>20260301T103600+0000</DateLine>"
    item = f"""<NewsML><NewsItem><NewsComponent><NewsLines>{lines}</NewsLines><ContentItem><DataContent><p>Valdora, 1 mar (EFE).- {TEXT} EFE</p>
    </DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"""
    dispatch = read(item, declared_provider="EFE").dispatches[0].dispatch
    assert is_timestamp("20260301T103600+0000")
    assert (dispatch.dateline, dispatch.signoff, dispatch.text) == ("Valdora, 1 mar (EFE)", "EFE", f"Valdora, 1 mar (EFE).- {TEXT}")
