"""ANPA 1312, IPTC 7901, telex, e-mail and feeds, byte by byte."""

import random
from datetime import UTC, datetime

import pytest

from pipeline.messages import Link, LinkRelation, Signal, Status
from tests.unit.parse import text_samples as samples


@pytest.fixture
def one(read):
    """Parse bytes that hold one dispatch."""

    def _one(data, **declared):
        parsed = read(data, **declared)
        assert not parsed.dead_letters
        (only,) = parsed.dispatches
        return only.dispatch

    return _one


@pytest.fixture
def several(read):
    return lambda data: [each.dispatch for each in read(data).dispatches]


def at(hour, minute=0):
    return datetime(2026, 3, 1, hour, minute, tzinfo=UTC)


def test_an_anpa_dispatch_is_read_to_the_byte(one):
    """Header, keyword line, notes, byline, dateline and trailer each give their fields."""
    dispatch = one(samples.ANPA)
    assert (dispatch.provider, dispatch.service, dispatch.sequence, dispatch.urgency) == ("ap", "W", "0417", 3)
    assert dispatch.headline == "Storm closes harbor"
    assert dispatch.slugline == "BC-Elysia-Harbor, 2nd Ld-Writethru"
    assert dispatch.byline == "By ADA EXAMPLE"
    assert dispatch.dateline == "PORTMOUTH, Elysia (AP)"
    assert dispatch.notes == "Eds: UPDATES with closing time, adds quote. With AP Photos."
    assert dispatch.published_at == at(12, 5)
    assert dispatch.subjects == ["i"]


def test_ap_quotes_dashes_and_fractions_become_unicode(one):
    """What teleprinters wrote with what they had."""
    assert one(samples.ANPA).text == (
        "The harbor closed on Sunday, “for good,” the harbor master said — or for 3½ hours.\n\nThe mayor said ‘no.’"
    )


def test_a_lead_replaces_what_came_under_its_keyword(one):
    """A write-through is an update, linked by the keyword that all leads of a story share."""
    dispatch = one(samples.ANPA)
    assert dispatch.signal is Signal.UPDATE
    assert dispatch.links == [Link(rel=LinkRelation.REPLACES, key="elysia-harbor")]


def test_a_table_stays_readable(one):
    """Columns stand under each other; a start without synchronisation bytes is Kyodo's."""
    assert one(samples.ANPA_TABLE).text == "Celsius:\n\n-          MIN  MAX\nPortmouth  -3   4\nVale       10   12"


def test_an_anpa_kill_cancels_its_keyword(one):
    """A kill is never an ordinary text."""
    dispatch = one(samples.ANPA_KILL)
    assert (dispatch.signal, dispatch.status, dispatch.urgency) == (Signal.KILL, Status.CANCELED, 2)
    assert dispatch.links == [Link(rel=LinkRelation.WITHDRAWS, key="elysia-harbor")]


def test_a_tag_line_is_no_headline(one):
    """URGENT and BULLETIN above the headline are remarks."""
    assert one(samples.ANPA.replace(b"^Storm", b"^URGENT<\r\n^Storm")).headline == "Storm closes harbor"
    assert one(samples.ANPA_KILL).headline is None


@pytest.mark.parametrize(
    ("letter", "urgency"), [("f", 1), ("b", 2), ("u", 3), ("r", 4), ("d", 5), ("a", 8), ("s", 8), ("w", 8), ("x", None)]
)
def test_priority_letters_are_on_one_scale(one, letter, urgency):
    """ANPA's letters as IPTC urgency."""
    assert one(samples.ANPA.replace(b"u i\x13", letter.encode() + b" i\x13")).urgency == urgency


def test_several_transmissions_of_a_file_all_count(several):
    """A capture of a line holds a day."""
    found = several(samples.ANPA + b"\r\n" + samples.ANPA_TABLE + samples.ANPA_KILL)
    assert [dispatch.sequence for dispatch in found] == ["0417", "0418", "0420"]


def test_a_dpa_dispatch_is_read_to_the_byte(one):
    """Header, sluglines, tags, wrapped headline, byline, local month and the sender's time zone."""
    dispatch = one(samples.DPA)
    assert (dispatch.provider, dispatch.service, dispatch.sequence, dispatch.urgency) == ("dpa", "abc", "0417", 2)
    assert dispatch.slugline == "Hafen/Elysien"
    assert dispatch.dateline == "Portmund (dpa)"
    assert dispatch.text == "Der Sturm hat am Sonntag den Hafen von Portmund geschlossen."
    assert dispatch.published_at == at(12, 5)
    assert dispatch.signoff == "dpa abc yydd n1 xyz"
    assert dispatch.headline == "Sturm schließt Hafen von Portmund"


def test_notes_that_are_not_for_publication_leave_the_text(one):
    """They stay as metadata."""
    dispatch = one(samples.DPA)
    assert "Ada, 0123" not in dispatch.text
    assert "Ada, 0123" in dispatch.notes


def test_cor_names_what_it_corrects(one):
    """By the agency's own number, which is not the service's."""
    dispatch = one(samples.DPA)
    assert dispatch.signal is Signal.CORRECTION
    assert Link(rel=LinkRelation.CORRECTS, sequence="0398", key="dpa 398") in dispatch.links
    assert Link(rel=LinkRelation.FOLLOWS, key="dpa 412") in dispatch.links


def test_an_order_to_kill_names_the_item_by_agency_and_number(one):
    """The key is that under which the item registered itself; a second link by number alone could hit another service's."""
    dispatch = one(samples.DPA_KILL)
    assert (dispatch.signal, dispatch.published_at) == (Signal.KILL, at(14))
    assert [link for link in dispatch.links if link.rel is LinkRelation.WITHDRAWS] == [
        Link(rel=LinkRelation.WITHDRAWS, sequence="0412", key="dpa 412")
    ]


def test_a_language_letter_names_the_items_language(one):
    """Belga sends one service in two languages."""
    assert one(samples.DPA.replace(b"COR 0398", b"N")).language == "nl"


def test_kyodos_numbered_update_replaces_what_it_updates(one):
    """UPDATE1 is no part of the keyword."""
    data = samples.ANPA.replace(b" 2ndLd-Writethru ", b" UPDATE1 ").replace(b", 2nd Ld-Writethru", b"")
    assert one(data).links == [Link(rel=LinkRelation.REPLACES, key="elysia-harbor")]


def test_belga_puts_several_dispatches_into_one_transmission(several):
    """The end mark splits them; the sign-off of the last is none."""
    first, second = several(samples.BELGA)
    assert (first.provider, second.provider) == ("belga", "belga")
    assert (first.headline, second.headline) == ("LE PORT FERME", "LES ECOLES FERMENT")
    assert first.text == "La tempête a fermé le port dimanche, a dit le maire de la ville."
    assert first.dateline == "PORTMOUTH 01/03 (BELGA)"
    assert first.id != second.id
    assert first.item_id != second.item_id


@pytest.mark.parametrize("month", ["Mar", "MÄR", "Mrz", "mars", "mrt"])
def test_months_are_known_by_their_local_names(one, month):
    """Okt, Dez, déc."""
    data = samples.DPA.replace("Mär".encode("latin-1"), month.encode("latin-1"))
    assert one(data).published_at == at(12, 5)


def test_a_gateway_that_strips_control_characters_is_forgiven(one):
    """The header line alone marks the beginning."""
    bare = samples.DPA_KILL.translate(None, bytes(range(1, 9)) + b"\x7f")
    assert one(bare).signal is Signal.KILL


def test_telex_fields_by_sign_by_letters_or_none(one, several):
    """Three customs of one envelope, each message of a file."""
    signed = one(samples.TELEX_SIGNED)
    assert (signed.headline, signed.slugline, signed.text) == (
        "Storm closes harbour",
        "Harbour Storm",
        "Portmouth   12\nVale         9",
    )
    lettered = one(samples.TELEX_LETTERED)
    assert (lettered.headline, lettered.item_id, lettered.byline) == ("Storm closes", "00417", "Ada")
    assert (lettered.text, lettered.published_at) == ("The mayor’s office closed it.", at(12, 5))
    first, second = several(samples.TELEX_PLAIN)
    assert (first.sequence, second.sequence, second.text) == ("0417", "0418", "More text came after it.")
    assert first.dateline == "PORTMOUTH (AAP)"


def test_an_email_is_subject_date_and_first_readable_part(one):
    """Encoded words joined, quoted-printable undone, charset as it really is, the signature left out."""
    dispatch = one(samples.EMAIL)
    assert (dispatch.headline, dispatch.provider, dispatch.item_id) == ("Storm schließt Hafen", "aap", "1@aap.com.au")
    assert (dispatch.byline, dispatch.dateline) == ("By Ada Example", "PORTMOUTH (AAP)")
    assert dispatch.text == "The mayor’s office closed it."
    assert dispatch.published_at == at(12, 5)
    assert dispatch.links == [Link(rel=LinkRelation.FOLLOWS, item_id="0@aap.com.au")]


@pytest.mark.parametrize(
    ("charset", "text"),
    [("iso-2022-jp", "港が閉鎖された"), ("koi8-r", "Порт закрыт бурей"), ("utf-16", "Storm"), ("unknown-8", "Café")],
)
def test_odd_charsets(one, charset, text):
    """Declared ones are believed where the bytes bear them out; unknown ones are found by evidence."""
    body = text.encode("latin-1" if charset == "unknown-8" else charset)
    head = f"From: a@b.example\nSubject: x\nDate: Sun, 1 Mar 2026 12:00:00 +0000\nContent-Type: text/plain; charset={charset}\n"
    import base64

    data = head.encode() + b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(body)
    assert one(data).text == text


def test_html_stands_in_where_there_is_no_plain_part(one):
    """Paragraphs kept, markup gone."""
    data = b"From: a@b.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<p>One</p><p>Two</p>"
    assert one(data).text == "One\n\nTwo"


def test_an_rss_feed_is_one_dispatch_an_entry(read):
    """The fullest body wins; an entry without anything is a dead letter; HTML's entities are forgiven."""
    parsed = read(samples.RSS)
    first, second = (each.dispatch for each in parsed.dispatches)
    assert (first.headline, first.item_id, first.provider, first.language) == ("Storm & harbour", "urn:1", "afp", "en-GB")
    assert (first.dateline, first.text) == ("PORTMOUTH (AFP)", "The harbour closed.\n\nSecond.")
    assert (first.byline, first.keywords, first.rights) == ("Ada", ["Ports", "storm", "sea"], "AFP 2026")
    assert first.published_at == at(11, 5)
    assert (second.headline, second.item_id) == ("Only a title", "https://www.afp.com/2")
    assert [letter.reason for letter in parsed.dead_letters] == ["feed entry without title and text"]


def test_a_caption_is_not_the_text(several):
    """Media RSS describes pictures with the names of texts."""
    picture = b"<media:content><media:description>A picture of it.</media:description></media:content>"
    data = samples.RSS.replace(b"<title>Only a title</title>", b"<title>T</title>" + picture + b"<description>Text.</description>")
    assert several(data)[1].text == "Text."


def test_a_feed_with_a_careless_namespace_is_read(several):
    """What canonical XML forbids is no reason to lose a feed."""
    assert len(several(samples.RSS.replace(b"http://search.yahoo.com/mrss/", b"media"))) == 2


def test_an_atom_entry_has_its_update_as_revision_and_a_tombstone_is_a_kill(several):
    """RFC 4287, and RFC 6721 for what the publisher took back."""
    entry, tombstone = several(samples.ATOM)
    assert (entry.headline, entry.text, entry.revision) == ("Le port", "Un.\n\nDeux.", "2026-03-01T12:30:00Z")
    assert (entry.language, entry.published_at, entry.keywords) == ("fr", at(12), ["Ports"])
    assert (tombstone.item_id, tombstone.signal, tombstone.status) == ("tag:0", Signal.KILL, Status.CANCELED)


def test_a_wordpress_export_knows_authors_drafts_and_attachments(one):
    """Paragraphs by line ends, the author's name and not the login, a draft withheld, a picture no dispatch."""
    dispatch = one(samples.WXR)
    assert (dispatch.text, dispatch.byline, dispatch.status) == ("First.\n\nSecond.", "Ada Example", Status.WITHHELD)


@pytest.mark.parametrize("name", samples.ALL)
def test_truncation_at_every_byte_never_breaks_the_parser(read, name):
    """What is left is read or refused with a reason; our own error is the only one."""
    data = samples.ALL[name]
    step = 1 if len(data) < 1000 else 3
    for end in range(0, len(data), step):
        parsed = read(data[:end])
        assert parsed.dispatches or parsed.dead_letters
        assert not any("the parser failed" in letter.reason for letter in parsed.dead_letters)


@pytest.mark.parametrize("name", samples.ALL)
def test_flipped_bytes_never_break_the_parser(read, name):
    """Line noise."""
    noise = random.Random(name)
    for _ in range(60):
        data = bytearray(samples.ALL[name])
        for _ in range(noise.randrange(1, 8)):
            data[noise.randrange(len(data))] = noise.randrange(256)
        parsed = read(bytes(data))
        assert parsed.dispatches or parsed.dead_letters
        assert not any("the parser failed" in letter.reason for letter in parsed.dead_letters)


@pytest.mark.parametrize("head", [samples.ANPA[:60], samples.DPA[:60], samples.TELEX_PLAIN[:15], samples.EMAIL[:180]])
@pytest.mark.parametrize("filler", [b"x", b" ", b"\n", b"=", b"^", b"(", b"a/", b"\x01", b"<", b"1 "])
def test_a_long_line_is_read_or_refused(read, head, filler):
    """No pattern backtracks over a long line: one that did would not come back. The fuzz suite limits the time that it takes."""
    parsed = read(head + filler * (400_000 // len(filler)))
    assert parsed.dispatches or parsed.dead_letters


def test_a_long_gap_in_a_keyword_line_is_read(read):
    """Found by the fuzz suite: searching for a version behind a gap took the square of its length, here hours."""
    line = next(line for line in samples.ANPA.split(b"\n") if b"\x13" in line or b"\x14" in line)
    for gap in (b" " * 300_000 + b"x", b" 1" * 100_000, b" ,  " * 50_000):
        assert read(samples.ANPA.replace(line.rstrip(b"\r"), line.rstrip(b"\r") + gap)).dispatches
