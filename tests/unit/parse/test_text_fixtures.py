"""Facts of real files in the text formats. The files stay outside; only facts are written out here."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

CORPORA = os.environ.get("WIREFEED_CORPORA")
FIELDS = ("provider", "service", "sequence", "urgency", "signal", "published_at", "dateline", "signoff", "paragraphs")
FACTS = {
    "anpa1312/sdcore__anpa-2.tst": ("ap", "W", "2607", 4, "update", "2013-11-13T07:45", "ROSCOE, South Dakota (AP)", None, 33),
    "anpa1312/sdcore__anpa-3.tst": ("ap", "W", "2595", 3, "new", "2013-11-13T07:13", "NEW YORK (AP)", None, 9),
    "anpa1312/sdcore__ap_anpa-1.tst": ("ap", "z", "6715", 4, "update", "2016-02-20T03:37", "ATLANTA (AP)", None, 18),
    "anpa1312/sdcore__ap_anpa-5.tst": ("ap", "W", "1645", 2, "new", "2017-06-29T23:50", "HONOLULU (AP)", None, 1),
    "iptc7901/sdcore__IPTC7901.txt": ("dpa", "eca", "062", 4, "new", "2013-11-13T11:37", "Berlin (dpa)", "dpa wsz jln npr", 5),
    "iptc7901/sdcore__dpa_two_by_line.txt": (
        "dpa", "ecp", "0007", 4, "new", "2018-11-21T11:59", "San Diego (tca/dpa)", "dpa tca bag", 35,
    ),
    "iptc7901/sdbelga__ats.txt": ("ats", "bsf", "025", 3, "new", "2018-12-09T11:23", "Paris (ats afp)", "SDA/sj", 3),
    "iptc7901/dpa7901__dw-1.iptc": (
        "dpa", "bdt", "0000", 3, "correction", "2024-09-24T10:05", "Waghäusel (dpa)", "dpa kre/su yysw a3 lön mda", 20,
    ),
    "iptc7901/dpa7901__eil.iptc": ("dpa", "bdt", "0000", 2, "new", "2024-09-25T08:37", "Berlin (dpa)", "dpa abc yydd n1 sku", 1),
    "zczc_text/sdaap__AAP201606060716291.tst": ("news-bites", None, "26945219", None, "new", "2016-06-06T14:00", None, None, 3),
    "email_rfc822/sdcore__simple_email.txt": ("a.com.au", None, None, None, "new", "2015-02-19T06:18", None, None, 1),
    "email_rfc822/sdcore__odd_charset_email.txt": (
        "a.com", None, None, None, "new", "2015-03-10T21:17", "LOS ANGELES, March 10 AAP", None, 30,
    ),
}  # fmt: skip


def fixture(name):
    if CORPORA is None:
        pytest.skip("set WIREFEED_CORPORA to the folder that holds fixtures/")
    return (Path(CORPORA) / "fixtures" / name).read_bytes()


@pytest.mark.parametrize("name", FACTS)
def test_real_files_give_the_facts_that_stand_in_their_bytes(read, name):
    """Golden facts, file by file."""
    parsed = read(fixture(name))
    (dispatch,) = (each.dispatch for each in parsed.dispatches)
    seen = {field: getattr(dispatch, field) for field in FIELDS[:-1]} | {"paragraphs": dispatch.text.count("\n\n") + 1}
    expected = dict(zip(FIELDS, FACTS[name], strict=True))
    expected["published_at"] = datetime.fromisoformat(expected["published_at"]).replace(tzinfo=UTC)
    seen["published_at"] = seen["published_at"].replace(second=0)
    assert seen == expected
    assert dispatch.format == name.split("/", maxsplit=1)[0]
    assert dispatch.headline or name.startswith("anpa1312")


def test_a_real_wordpress_export_gives_every_post(read):
    """Five posts, none lost."""
    parsed = read(fixture("rss_atom_proprietary/sdcore__wordpress_wxr.xml"))
    assert len(parsed.dispatches) == 5
    assert not parsed.dead_letters
