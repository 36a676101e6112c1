"""Layouts of feeds that were met in use: each sample is made up in the layout of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from pipeline.messages import Dispatch, Signal, Status
from pipeline.stages.parse.embargo import embargo_time, puts_embargo
from pipeline.stages.parse.stage import Parsed
from tests.unit.parse.test_desks import first

Read = Callable[..., Parsed]


def newsml(component: str, *, management: str = "", item: str = "", update: str = "N") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><NewsML><NewsItem><Identification><NewsIdentifier><ProviderId>example.org</ProviderId>'
        f'<DateId>20260310</DateId><NewsItemId>417</NewsItemId><RevisionId PreviousRevision="0" Update="{update}">1</RevisionId>'
        f"</NewsIdentifier>{item}</Identification><NewsManagement>{management}"
        f'<Status FormalName="Usable"/></NewsManagement><NewsComponent>{component}</NewsComponent></NewsItem></NewsML>'
    )


def content(text: str, media: str = "Text") -> str:
    return f'<ContentItem><MediaType FormalName="{media}"/><DataContent>{text}</DataContent></ContentItem>'


def g2(content_meta: str, body: str, asserted: str = "") -> str:
    return (
        '<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:example:417" version="1"><itemMeta>'
        '<itemClass qcode="ninat:text"/><provider literal="example.org"/><versionCreated>2026-03-10T10:15:00Z</versionCreated></itemMeta>'
        f'<contentMeta>{content_meta}</contentMeta>{asserted}<contentSet><inlineXML><html xmlns="http://www.w3.org/1999/xhtml">'
        f"<body>{body}</body></html></inlineXML></contentSet></newsItem>"
    )


def feed(entry: str) -> str:
    return (
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><link>https://news.example.org/</link>'
        f"<item><title>Port closed</title><guid>417</guid>{entry}</item></channel></rss>"
    )


@pytest.mark.parametrize("signoff", ["بور/غ ر", "ا ف ب/جص/ح س", "بور-ايم/جص"])
def test_initials_of_arabic_desks_leave_the_text(read: Read, signoff: str) -> None:
    text = f"<nitf><body><body.content><p>أغلق الميناء الأحد بعد عاصفة.</p><p>{signoff}</p></body.content></body></nitf>"
    dispatch = first(read(newsml(content(text))))
    assert (dispatch.text, dispatch.signoff) == ("أغلق الميناء الأحد بعد عاصفة.", signoff)


def test_an_agency_name_directly_behind_the_last_sentence_leaves_the_text(read: Read) -> None:
    text = "<p>Madrid, 10 mar (EFE).- El puerto cerró.</p><p>Abrirá el lunes, con viento del norte.EFE</p>"
    dispatch = first(read(newsml(content(text)), declared_provider="efe"))
    assert dispatch.text.endswith("viento del norte.")
    assert dispatch.signoff == "EFE"


def test_text_of_media_type_html_is_read(read: Read) -> None:
    dispatch = first(read(newsml(content("<![CDATA[<P>O porto fechou.</P><P>Abre segunda-feira.</P>]]>", "HTML"))))
    assert dispatch.text == "O porto fechou.\n\nAbre segunda-feira."


def test_paragraphs_directly_in_a_content_item_are_read(read: Read) -> None:
    component = '<MediaType FormalName="Text"/><ContentItem><p>The port closed.</p><p>It opens on Monday.</p></ContentItem>'
    assert first(read(newsml(component))).text == "The port closed.\n\nIt opens on Monday."


@pytest.mark.parametrize(
    ("component", "reason"),
    [
        ('<ContentItem Href="a.jpg"><MediaType FormalName="Photo"/></ContentItem>', "only photo"),
        ('<NewsItemRef NewsItem="urn:example:1"/>', "only references to other items"),
    ],
)
def test_a_picture_or_a_package_is_no_dispatch_and_says_so(read: Read, component: str, reason: str) -> None:
    parsed = read(newsml(f"<NewsLines><HeadLine>569697231</HeadLine></NewsLines>{component}"))
    assert not parsed.dispatches
    assert reason in parsed.dead_letters[0].reason


def test_an_update_without_headline_and_text_says_why_it_yields_nothing(read: Read) -> None:
    parsed = read(newsml("", update="U"))
    assert not parsed.dispatches
    assert "neither a headline nor a text" in parsed.dead_letters[0].reason


def test_a_killed_picture_is_a_kill_all_the_same(read: Read) -> None:
    killed = newsml('<ContentItem Href="a.jpg"><MediaType FormalName="Photo"/></ContentItem>').replace("Usable", "Canceled")
    assert first(read(killed)).signal is Signal.KILL


def test_keywords_of_the_nitf_inside_are_keywords_of_the_item(read: Read) -> None:
    listed = '<nitf><head><docdata><key-list><keyword key="YIHADISMO"/><keyword key="puerto,viento"/></key-list></docdata></head>'
    dispatch = first(read(newsml(content(f"{listed}<body><body.content><p>El puerto cerró.</p></body.content></body></nitf>"))))
    assert dispatch.keywords == ["YIHADISMO", "puerto", "viento"]


def test_every_story_of_a_bundle_stands_below_its_headline(read: Read) -> None:
    story = "<NewsComponent><Role FormalName='Main'/><NewsLines><HeadLine>{0}</HeadLine></NewsLines>{1}</NewsComponent>"
    stories = story.format("Port A", content("<p>A closed.</p>")) + story.format("Port B", content("<p>B is open.</p>"))
    dispatch = first(read(newsml(f"<NewsLines><HeadLine>Ports at noon</HeadLine></NewsLines>{stories}")))
    assert (dispatch.headline, dispatch.text) == ("Ports at noon", "Port A\n\nA closed.\n\nPort B\n\nB is open.")


def test_belgas_number_is_service_and_sequence_and_its_products_are_subjects(read: Read) -> None:
    package = '<Property FormalName="NewsPackage"><Property FormalName="NewsProduct" Value="{0}"/></Property>'
    told = f'{package.format("ALG")}{package.format("UNKNOWN")}<Property FormalName="ForeignId" Value="BIN118"/>'
    dispatch = first(read(newsml(f"<AdministrativeMetadata>{told}</AdministrativeMetadata>{content('<p>De haven is dicht.</p>')}")))
    assert (dispatch.service, dispatch.sequence, dispatch.subjects) == ("BIN", "118", ["ALG"])


def test_a_time_without_a_zone_has_the_one_that_its_date_label_names(read: Read) -> None:
    management = "<ThisRevisionCreated>2026-03-10T16:21:30</ThisRevisionCreated>"
    label = "<DateLabel>2026-03-10 16:21:30 GMT (Europa Press)</DateLabel>"
    dispatch = first(
        read(newsml(content("<p>El puerto cerró.</p>"), management=management, item=label), declared_provider="europapress")
    )
    assert dispatch.published_at == datetime(2026, 3, 10, 16, 21, 30, tzinfo=UTC)


def test_topics_that_an_item_is_about_are_its_subjects(read: Read) -> None:
    topic = '<Topic Duid="t{0}"><FormalName Scheme="{1}">{2}</FormalName></Topic>'
    topics = topic.format(1, "House_Section", "CYS") + topic.format(2, "IPTCSubjectCodes", "14000000")
    told = '<DescriptiveMetadata><TopicOccurrence Topic="#t1"/><TopicOccurrence Topic="#t2"/></DescriptiveMetadata>'
    dispatch = first(read(newsml(f"<TopicSet>{topics}</TopicSet>{told}{content('<p>El puerto cerró.</p>')}")))
    assert dispatch.subjects == ["14000000"]


def test_an_embedded_nitf_names_its_issuer_number_and_time_in_elements(read: Read) -> None:
    dispatch: Dispatch = first(
        read(
            "<nitf><head><docdata><doc-id>30257</doc-id></docdata></head><body><body.head><rights><rights.owner>Agencia EFE</rights.owner>"
            '</rights><dateline><story.date norm="20260310T101500+0000">20260310T101500+0000</story.date></dateline></body.head>'
            "<body.content>&amp;lt;p&amp;gt;El puerto cerró.&amp;lt;/p&amp;gt; &amp;lt;p&amp;gt;Abre el lunes.&amp;lt;/p&amp;gt;</body.content></body></nitf>"
        )
    )
    assert (dispatch.provider, dispatch.item_id, dispatch.published_at) == (
        "efe",
        "30257",
        datetime(2026, 3, 10, 10, 15, tzinfo=UTC),
    )
    assert dispatch.dateline is None
    assert dispatch.text == "El puerto cerró.\n\nAbre el lunes."


def test_a_subject_that_refers_within_the_item_goes_by_its_name(read: Read) -> None:
    meta = '<subject qcode="medtop:20000391"/><subject literal="ID0E2E"><name>Harbour, Quay 1, Valdora</name></subject>'
    dispatch = first(read(g2(meta, "<p>The port closed.</p>", '<assert literal="ID0E2E"/>')))
    assert dispatch.subjects == ["medtop:20000391", "Harbour, Quay 1, Valdora"]


def test_a_genre_of_notes_to_editors_marks_an_advisory(read: Read) -> None:
    meta = '<genre qcode="g:27"><name>Achtung</name></genre><headline>Die Meldung zum Hafen entfällt</headline>'
    assert first(read(g2(meta, "<p></p>"))).signal is Signal.ADVISORY


def test_a_place_in_capitals_opens_the_text_below_a_credit_and_the_headline(read: Read) -> None:
    body = f"<p>The Example Xchange</p><p>Sailing: Ada leads</p><p>VALDORA -- A rematch opens with two boats on the water. {'It blows. ' * 5}</p>"
    assert first(read(g2("<headline>Sailing: Ada leads at Valdora</headline>", body))).dateline == "VALDORA"


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("<pubDate>Ter, 10 Mar 2026 20:11:00 -0300</pubDate>", -3),
        ("<pubDate>Ter, 10 Fev 2026 20:11:00 -0300</pubDate>", -3),
        ('<pubDate><time datetime="2026-03-10T20:11:00Z">Tue, 03/10/2026 - 20:11</time></pubDate>', 0),
    ],
)
def test_times_of_feeds_in_their_own_language_or_in_html_are_read(read: Read, written: str, hours: int) -> None:
    month = 2 if "Fev" in written else 3
    dispatch = first(read(feed(f"{written}<description>O porto fechou.</description>")))
    assert dispatch.published_at == datetime(2026, month, 10, 20, 11, tzinfo=timezone(timedelta(hours=hours)))


def test_a_video_without_other_text_is_told_by_its_description(read: Read) -> None:
    group = "<media:group><media:description>The port closed on Sunday.</media:description></media:group>"
    assert first(read(feed(group))).text == "The port closed on Sunday."
    both = f"<description>It opens on Monday.</description>{group}"
    assert first(read(feed(both))).text == "It opens on Monday."


def test_a_mailbox_may_begin_without_a_date(read: Read) -> None:
    mail = "From desk@example.org\nFrom: Desk <desk@example.org>\nSubject: Port closed\nDate: Tue, 10 Mar 2026 10:15:00 +0000\n\nThe port closed.\n"
    dispatch = first(read(mail))
    assert (dispatch.format, dispatch.headline, dispatch.text) == ("email_rfc822", "Port closed", "The port closed.")


@pytest.mark.parametrize(
    ("note", "until"),
    [
        ("禁运至2026年3月11日20时30分", datetime(2026, 3, 11, 12, 30, tzinfo=UTC)),
        ("禁运至3月11日晚上8点", datetime(2026, 3, 11, 12, tzinfo=UTC)),
    ],
)
def test_an_embargo_with_a_chinese_date_lifts_when_it_says(note: str, until: datetime) -> None:
    assert puts_embargo(note, prose=True)
    assert embargo_time(note, datetime(2026, 3, 10, 8, tzinfo=UTC), ZoneInfo("Asia/Shanghai")) == until


#: A day's file as Belga's archive keeps it: no control characters, the letter of the language first, initials behind the end mark.
DAY = """[10-MAR-97  00:00]

SPF001 3 RES 0070 F BELGA-0001
VOILE/
Coupe du port - résultats (3DER)

   PORTMOUTH 10/03 (AFP-DPA) = Les résultats de la coupe
du port, disputée dimanche:
   Ada Exemple (Nor)                                    0-1   0-3

./.CVN

./.
100001 MAR 97

INT001 3 GEN 0091 F BELGA-0031 COR 703
DIVERS/
Le port rouvre

   VALDORA 10/03 (BELGA) = Le port a rouvert lundi, a annoncé le
maire de la ville.
./.
100100 MAR 97

SPN001 3 UIT 0348 N BELGA-....
ZEILEN/
Havenbeker (2)

   PORTMOUTH 10/03 (AFP) - De uitslagen van de beker van de
haven.
./.
100001 MAR 97
"""


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_every_dispatch_of_a_day_without_control_characters_is_read(read: Read, encoding: str) -> None:
    results, corrected, dutch = (each.dispatch for each in read(DAY.encode(encoding)).dispatches)
    assert [each.language for each in (results, corrected, dutch)] == ["fr", "fr", "nl"]
    assert {each.provider for each in (results, corrected, dutch)} == {"belga"}
    assert (results.service, results.sequence, results.signal, results.signoff) == ("SPF", "001", Signal.UPDATE, "CVN")
    assert results.published_at == datetime(1997, 3, 9, 23, 1, tzinfo=UTC)
    assert (corrected.signal, corrected.text) == (Signal.CORRECTION, "Le port a rouvert lundi, a annoncé le maire de la ville.")
    assert [(link.rel.value, link.key) for link in corrected.links] == [("follows", "belga 31"), ("corrects", "belga 703")]
    assert (dutch.headline, dutch.dateline, dutch.links) == ("Havenbeker (2)", "PORTMOUTH 10/03 (AFP)", [])


def test_a_header_like_line_within_a_text_begins_no_dispatch(read: Read) -> None:
    told = DAY.replace("maire de la ville.\n", "maire de la ville.\nABC001 3 GEN 0091 F BELGA-0032\nLe texte continue.\n")
    assert len(read(told).dispatches) == 3


def test_breaking_news_of_turkish_desks_is_urgent(read: Read) -> None:
    assert first(read(g2("<headline>SON DAKİKA: Liman kapandı</headline>", "<p>Liman kapandı.</p>"))).urgency == 2


AP_WEB_FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:apcm="http://ap.org/schemas/03/2005/apcm" xmlns:apnm="http://ap.org/schemas/03/2005/apnm">
<title>AP Headlines</title><entry><id>urn:publicid:ap.org:417</id><title>US--Port Closed</title><updated>2026-03-10T10:14:00Z</updated>
<apnm:NewsManagement><apnm:ManagementSequenceNumber>2</apnm:ManagementSequenceNumber><apnm:PublishingStatus>Usable</apnm:PublishingStatus>
</apnm:NewsManagement><apcm:ContentMetadata><apcm:HeadLine>Port closed after storm</apcm:HeadLine>
<apcm:SlugLine>BC-US--Port Closed</apcm:SlugLine><apcm:ByLine>By ADA EXAMPLE</apcm:ByLine><apcm:Priority Numeric="4" Legacy="r"/>
<apcm:SubjectClassification Authority="AP Category Code" Id="a" Value="a"/></apcm:ContentMetadata>
<content type="text/xml" xml:lang="en-US"><nitf xmlns=""><head><docdata><ed-msg info="Eds: Updates with quotes."/></docdata></head><body>
<body.head><hedline><hl1>Port closed after storm</hl1></hedline></body.head><body.content><block id="Main">
<p>VALDORA (AP) — The port closed on Sunday.</p><p>It opens on Monday.</p></block></body.content></body></nitf></content></entry></feed>"""


def test_a_web_feed_of_ap_tells_more_than_atom_does(read: Read) -> None:
    dispatch = first(read(AP_WEB_FEED))
    assert (dispatch.provider, dispatch.item_id, dispatch.revision) == ("ap", "urn:publicid:ap.org:417", "2")
    assert (dispatch.headline, dispatch.slugline, dispatch.byline) == (
        "Port closed after storm",
        "BC-US--Port Closed",
        "By ADA EXAMPLE",
    )
    assert (dispatch.urgency, dispatch.language, dispatch.subjects) == (4, "en-US", ["a"])
    assert (dispatch.dateline, dispatch.notes) == ("VALDORA (AP)", "Eds: Updates with quotes.")
    assert dispatch.text == "The port closed on Sunday.\n\nIt opens on Monday."


def test_a_withdrawn_entry_of_ap_is_a_kill(read: Read) -> None:
    assert first(read(AP_WEB_FEED.replace(">Usable<", ">Canceled<"))).signal is Signal.KILL


@pytest.mark.parametrize(
    "line", ["EMBARGOED UNTIL DELIVERY", "SPERRFRIST BIS REDEBEGINN", "禁运至另行通知", "ЭМБАРГО до выступления"]
)
def test_an_embargo_without_a_readable_end_waits_for_an_operator(read: Read, line: str) -> None:
    dispatch = first(read(g2("<headline>Speech of the minister</headline>", f"<p>{line}</p><p>The port closed.</p>")))
    assert (dispatch.status, dispatch.embargoed_until) == (Status.WITHHELD, None)


@pytest.mark.parametrize(
    "line", ["美国对伊朗禁运至年底", "EMBARGO: EU ministers meet on Monday", "Embargo on oil until spring, says minister"]
)
def test_an_embargo_in_the_news_holds_nothing_back(read: Read, line: str) -> None:
    dispatch = first(read(g2(f"<headline>{line}</headline>", "<p>The ministers met.</p>")))
    assert dispatch.status is Status.USABLE


def nitf(docdata: str, *, head: str = "", body: str = "<p>The port of Valdora closed.</p>", attributes: str = "") -> str:
    return (
        f"<nitf><head>{head}<docdata{attributes}>{docdata}</docdata></head><body><body.head><hedline><hl1>Port closed</hl1></hedline>"
        f"</body.head><body.content>{body}</body.content></body></nitf>"
    )


@pytest.mark.parametrize(
    ("docdata", "head", "provider"),
    [
        ('<doc.rights provider="Example Press"/>', "", "example-press"),
        ('<doc.rights agent="Example Press"/>', "", "example-press"),
        ("", '<pubdata name="The Valdora Gazette" date.publication="20260310T1015"/>', "the-valdora-gazette"),
    ],
)
def test_who_publishes_a_nitf_may_stand_with_its_rights_or_its_publication(
    read: Read, docdata: str, head: str, provider: str
) -> None:
    assert first(read(nitf(docdata, head=head))).provider == provider


def test_classifiers_of_a_nitf_are_its_subjects(read: Read) -> None:
    classified = '<classifier type="examplecategory" value="s"/><classifier type="descriptor">Ports and Harbours</classifier>'
    assert first(read(nitf(f"<identified-content>{classified}</identified-content>"))).subjects == ["s", "Ports and Harbours"]


def test_a_lead_that_an_archive_repeats_before_the_whole_text_stands_once(read: Read) -> None:
    lead = "<p>The port of Valdora closed.</p>"
    body = f'<block class="lead_paragraph">{lead}</block><block class="full_text">{lead}<p>It opens on Monday.</p></block>'
    assert first(read(nitf("", body=body))).text == "The port of Valdora closed.\n\nIt opens on Monday."


@pytest.mark.parametrize("attributes", ["", ' management-status="usable"'])
def test_a_nitf_that_is_released_after_its_issue_is_under_embargo_till_then(read: Read, attributes: str) -> None:
    dates = '<date.issue norm="20260310T101500Z"/><date.release norm="20260311T050000Z"/>'
    assert first(read(nitf(dates, attributes=attributes))).embargoed_until == datetime(2026, 3, 11, 5, tzinfo=UTC)


def test_a_kill_is_under_no_embargo_by_its_release(read: Read) -> None:
    dates = '<date.issue norm="20260310T101500Z"/><date.release norm="20260311T050000Z"/>'
    assert first(read(nitf(dates, attributes=' management-status="canceled"'))).embargoed_until is None


def test_another_property_of_ninjs_is_no_headline(read: Read) -> None:
    item = '{"uri": "urn:example:417", "versioncreated": "2026-03-10T10:15:00Z", "headline": "Port closed", "headline_": "Other"}'
    assert first(read(item)).headline == "Port closed"


def test_a_day_alone_is_no_dateline(read: Read) -> None:
    lines = "<NewsLines><HeadLine>Port closed</HeadLine><DateLine>20260310</DateLine></NewsLines>"
    dispatch = first(read(newsml(lines + content("<p>VALDORA, March 10 (AFP) - The port closed.</p>"))))
    assert dispatch.dateline == "VALDORA, March 10 (AFP)"


def test_a_message_of_parts_needs_no_other_field_to_be_an_e_mail(read: Read) -> None:
    mail = 'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nThe port closed.\n--b--\n'
    dispatch = first(read(mail))
    assert (dispatch.format, dispatch.text) == ("email_rfc822", "The port closed.")


def test_spaces_before_the_colon_of_a_header_field_do_not_end_the_header(read: Read) -> None:
    mail = "From : Desk <desk@example.org>\nSubject\t: Port closed\nDate: Tue, 10 Mar 2026 10:15:00 +0000\n\nThe port closed at 10 : 15.\n"
    dispatch = first(read(mail))
    assert (dispatch.format, dispatch.headline, dispatch.text) == ("email_rfc822", "Port closed", "The port closed at 10 : 15.")


@pytest.mark.parametrize("heading", [":POTTED :Valdora MARKET DAY", "RACING : Valdora MARKET DAY"])
def test_the_line_that_routes_a_telex_leaves_it_and_the_next_heads_it(read: Read, heading: str) -> None:
    telex = f"ZCZC FMG000\nYY TDR INTERNET (3RR)\n{heading}\n   BRISBANE, Oct 12 AAP - Latest betting for the races.-\n\nRace one\n  3.00 Ada\n\nNNNN\n"
    dispatch = first(read(telex))
    assert (dispatch.headline, dispatch.dateline) == ("Valdora MARKET DAY", "BRISBANE, Oct 12 AAP")
    assert dispatch.text.startswith("Latest betting for the races.")


def test_a_message_that_names_the_standard_for_its_namespace_is_newsml_g2(read: Read) -> None:
    item = g2("<headline>Port closed</headline>", "<p>The port closed.</p>")
    dispatch = first(read(item.replace("http://iptc.org/std/nar/2006-10-01/", "http://iptc.org/std/NewsML-G2/2.9/")))
    assert (dispatch.headline, dispatch.text) == ("Port closed", "The port closed.")


def test_elements_of_an_editors_own_format_are_paragraphs(read: Read) -> None:
    body = '<group type="body"><element type="body">The port closed.</element><element type="body">It <b>opens</b> on Monday.</element></group>'
    assert first(read(g2("<headline>Port closed</headline>", body))).text == "The port closed.\n\nIt opens on Monday."


def test_urgency_and_what_changed_may_stand_beside_the_data_of_a_nitf(read: Read) -> None:
    beside = '<urgency ed-urg="2"/><revision-history norm="20260310T101500Z" comment="ADDS minister\'s statement"/>'
    dispatch = first(read(nitf("", head=beside)))
    assert (dispatch.urgency, dispatch.notes) == (2, "ADDS minister's statement")


def test_places_of_a_dateline_in_elements_of_their_own_are_parted(read: Read) -> None:
    location = "<dateline><location><city>Valdora</city> <state>Norland</state> <country>Transland</country></location></dateline>"
    document = nitf("").replace("</body.head>", f"{location}</body.head>")
    assert first(read(document)).dateline == "Valdora, Norland, Transland"


def test_an_item_id_that_names_the_revision_is_the_same_for_every_revision(read: Read) -> None:
    document = newsml(content("<p>The port closed.</p>")).replace(
        '<NewsItemId>417</NewsItemId><RevisionId PreviousRevision="0" Update="N">1</RevisionId>',
        '<NewsItemId>X-417-v2</NewsItemId><RevisionId PreviousRevision="1" Update="N">2</RevisionId>'
        "<PublicIdentifier>urn:newsml:example.org:20260310:X-417:2</PublicIdentifier>",
    )
    dispatch = first(read(document))
    assert (dispatch.item_id, dispatch.revision) == ("urn:newsml:example.org:20260310:X-417", "2")


def test_the_indent_of_a_paragraph_counts_for_where_its_first_line_broke(read: Read) -> None:
    body = (
        "     VALDORA, March 10 Kyodo - The port of Valdora closed on Sunday   \n"
        "after the storm had torn three ships from their moorings, said the  \n"
        "mayor.\n"
        "     Ada Example, keeper of the harbour, saw it come that night in\n"
        "the light of the moon and rang the bell until everybody was awake.\n"
    )
    message = f"\x01a0105KYODO\x1fkoko-\nu i \x14\x12 BC-Norland-Port   03-10 0044\n\x02BC-Norland-Port\nPort closed+\n{body}==Kyodo\n\x03KWS-21:37-10-03-26\x04"
    assert [block.count("\n") for block in first(read(message)).text.split("\n\n")] == [0, 0]


def test_the_number_and_time_below_apas_sign_off_are_no_keyword(read: Read) -> None:
    message = (
        "\x01APA0123 5 CI 0210\r\n\r\nHafen/\r\n\x02Hafen geschlossen =\r\n\r\n   Valdora (APA) - Der Hafen ist geschlossen.\r\n\r\n"
        "(Schluss) abc/de\r\n\r\nAPA0123    2026-03-10/10:15\r\n\r\n\x03101015 Mär 26\r\n\x04"
    )
    dispatch = first(read(message))
    assert (dispatch.keywords, dispatch.signoff) == (["Hafen"], "(Schluss) abc/de")


def test_months_of_czech_teleprinters_are_read(read: Read) -> None:
    message = "\x01ctk0123 4 POL 0120\r\nHafen/\r\n\x02Port closed =\r\n\r\n   Valdora 10. března (ČTK) - It closed.\r\n\r\n\x03101015 bře 26\r\n\x04"
    assert first(read(message)).published_at == datetime(2026, 3, 10, 9, 15, tzinfo=UTC)


def test_a_hold_for_release_at_a_time_is_an_embargo_till_then(read: Read) -> None:
    note = '<ed-msg info="Eds: HOLD FOR RELEASE 12:01 a.m. EDT Wednesday, March 11."/>'
    dispatch = first(read(nitf(f'<date.issue norm="20260310T101500Z"/>{note}')))
    assert (dispatch.status, dispatch.embargoed_until) == (Status.USABLE, datetime(2026, 3, 11, 4, 1, tzinfo=UTC))


@pytest.mark.parametrize("info", ["HOLD FOR RELEASE", "HOLD HOLD HOLD. HOLD FOR RELEASE 12:01 a.m. EDT Wednesday, March 11."])
def test_a_hold_without_a_time_or_beside_another_stays_one(read: Read, info: str) -> None:
    lines = info.split(". ")
    notes = "".join(f'<ed-msg info="{line}"/>' for line in lines)
    assert first(read(nitf(f'<date.issue norm="20260310T101500Z"/>{notes}'))).status is Status.WITHHELD
