"""Our own dispatches in the layouts of the wires, one a format: for the tests of promises and as seeds of the fuzz suite."""

from __future__ import annotations

import json

AFP_TEXT = """Minister warns neighbour

VALDORA, 3 sept 2026 (AFP) - The foreign minister of Élysia warned on Tuesday of serious consequences.

A second paragraph tells the rest of it at some length.

abc-def / gh / ij
""".encode()

NITF = """<?xml version="1.0" encoding="utf-8"?>
<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/" baselang="en-GB"><head><title>Harbour closed</title>
<meta name="anpa-keyword" content="Harbour"/><meta name="anpa-sequence" content="0417"/>
<tobject tobject.type="News"><tobject.property tobject.property.type="Current"/>
<tobject.subject tobject.subject.refnum="03010000" tobject.subject.type="Disaster"/></tobject>
<docdata management-status="embargoed" management-doc-idref="EX.1" management-idref-status="canceled">
<doc-id id-string="EX.2" regsrc="Example Agency"/><urgency ed-urg="2"/><correction info="Fixes the day" id-string="EX.1" regsrc="EX"/>
<date.issue norm="20260301T120000+0100"/><date.release norm="20260301T180000+0100"/>
<ed-msg info="Pictures follow"/><du-key key="harbour-2026" generation="2"/>
<doc.copyright year="2026" holder="Example Agency"/><key-list><keyword key="port"/><keyword key="storm"/></key-list></docdata></head>
<body><body.head><hedline><hl1>Storm closes <em>harbour</em></hl1><hl2>Second line</hl2></hedline>
<byline>By <person>Ada Example</person><byttl>Port Writer</byttl></byline><dateline><location>PORTMOUTH</location></dateline></body.head>
<body.content><p>The harbour closed on Sunday.</p><media media-type="image"><media-caption>A caption</media-caption></media>
<table><tr><td>Mon</td><td>5</td></tr><tr><td>Tue</td><td>7</td></tr></table><hl2>What next</h2></body.content>
<body.end><tagline>Port desk</tagline></body.end></body></nitf>
""".replace("</h2>", "</hl2>").encode()

AP_MEDIA_API = json.dumps(
    {
        "api_version": "2.1",
        "data": {
            "items": [
                {
                    "meta": {"products": [{"id": 1, "name": "World"}]},
                    "item": {
                        "altids": {"itemid": "abc123", "etag": "abc123_4a1", "transref": "w0042"},
                        "version": 4,
                        "type": "text",
                        "urgency": 2,
                        "editorialtypes": ["Correction", "Lead"],
                        "language": "en",
                        "versioncreated": "2026-03-01T12:00:00Z",
                        "pubstatus": "usable",
                        "ednote": "EMBARGOED until 2026-03-02T09:00:00Z.",
                        "headline": "Harbour closes",
                        "slugline": "BC-Harbour",
                        "bylines": [{"by": "By ADA EXAMPLE", "title": "AP Port Writer"}],
                        "subject": [{"code": "a", "name": "a"}, {"name": "Ports"}],
                        "copyrightnotice": "Copyright 2026",
                        "body_nitf": "<block><p>The harbour closed &amp; stayed so.</p><p>More.</p></block>",
                    },
                },
                {"item": {"altids": {"itemid": "pic1", "etag": "pic1_1"}, "type": "picture", "headline": "A picture"}},
            ]
        },
    }
).encode()

DPA_DIGITALWIRES = json.dumps(
    {
        "format": "digitalwires@0.9.1",
        "type": "composite",
        "entry_id": "x1",
        "updated": "2026-03-01T12:00:05Z",
        "urn": "urn:newsml:dpa.com:20090101:260301-930-1",
        "version": 2,
        "version_created": "2026-03-01T13:00:00+01:00",
        "pubstatus": "canceled",
        "signal": "sig:correction",
        "embargoed": None,
        "language": "de",
        "urgency": 2,
        "headline": "Hafen gesperrt",
        "kicker": "Sturm",
        "dateline": "Musterhafen (dpa) - ",
        "article_html": "<section class='main'><p>Der Hafen ist gesperrt.</p><h2>Weiter</h2><p>Mehr später.</p></section>",
        "copyrightnotice": "Copyright 2026",
        "ednotes": [
            {"role": "dpaednoterole:closingline", "ednote": "dpa abc yydd n1 xyz", "is_publishable": True},
            {"role": "dpaednoterole:editorialnote", "ednote": "Berichtigt wird der Tag.", "is_publishable": True},
        ],
        "categories": [
            {"type": "dnltype:wire", "name": "bdt", "qcode": "dpasrv:bdt"},
            {"type": "dnltype:dpasubject", "name": "Hafen", "qcode": "dpasubject:9"},
            {"type": "dnltype:provider", "name": "dpa", "qcode": "dnlprov:dpa"},
        ],
        "keyword_names": ["Hafen"],
        "genre_names": ["Meldung"],
    },
    ensure_ascii=False,
).encode()

PRESS_RELEASE = b"""Source: Harbour Works Ltd
MEDIA RELEASE PR12345
Harbour Works opens second quay for
large ferries

PORTMOUTH, Feb. 1, 2026 /PRNewswire-AsiaNet/ --

Harbour Works Ltd opened a second quay on Sunday, it said in a
statement about the port.

Contact: press@harbour.example

SOURCE Harbour Works Ltd
"""

NEWSML_G2 = b"""<?xml version="1.0" encoding="UTF-8"?>
<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header><sent>2026-03-01T12:00:00Z</sent><channel>TXT</channel></header><itemSet>
<newsItem guid="tag:reuters.com,2026:newsml_L1N000001" version="12" xml:lang="en"><rightsInfo>
<copyrightNotice>(c) Copyright Thomson Reuters 2026.</copyrightNotice></rightsInfo><itemMeta><itemClass qcode="icls:text"/>
<provider literal="reuters.com"/><versionCreated>2026-03-01T12:00:00.000Z</versionCreated><pubStatus qcode="stat:usable"/>
<signal qcode="edStat:U"/><edNote>Adds detail</edNote></itemMeta><contentMeta><urgency>3</urgency><slugline separator="-">PORT/STORM
(UPDATE 1)</slugline><headline>UPDATE 1-Storm closes harbour</headline><by>By Ada Example</by><language tag="en"/>
<subject qcode="N2:GB"/><keyword>port</keyword></contentMeta><contentSet><inlineXML contenttype="application/xhtml+html">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><p>PORTMOUTH, March 1 (Reuters) - The harbour closed.</p>
<p>More&#160;follows.</p></body></html></inlineXML></contentSet></newsItem>
<newsItem guid="tag:reuters.com,2026:newsml_P1" version="1"><itemMeta><itemClass qcode="icls:picture"/></itemMeta></newsItem>
</itemSet></newsMessage>"""

NEWSML_1 = """<?xml version="1.0" encoding="utf-8"?>
<NewsML Version="1.2"><NewsEnvelope><TransmissionId>0017</TransmissionId><DateAndTime>20260301T120000Z</DateAndTime>
<NewsService FormalName="WORLD"/><Priority FormalName="3"/></NewsEnvelope>
<NewsItem xml:lang="fr"><Identification><NewsIdentifier><ProviderId>afp.com</ProviderId><DateId>20260301</DateId>
<NewsItemId>TX-PAR-ABC12</NewsItemId><RevisionId PreviousRevision="1" Update="N">2</RevisionId>
<PublicIdentifier>urn:newsml:afp.com:20260301:TX-PAR-ABC12:2</PublicIdentifier></NewsIdentifier></Identification>
<NewsManagement><NewsItemType FormalName="News"/><FirstCreated>20260301T115000Z</FirstCreated>
<ThisRevisionCreated>20260301T120000Z</ThisRevisionCreated><Status FormalName="Usable"/><Urgency FormalName="3"/></NewsManagement>
<NewsComponent><NewsLines><DateLine>VALDORA, 1 mars 2026 (AFP) -</DateLine><HeadLine>Le port est fermé</HeadLine>
<SlugLine>port-tempête</SlugLine><ByLine>Par Ada Exemple</ByLine></NewsLines><DescriptiveMetadata><Language FormalName="fr"/>
<SubjectCode><SubjectMatter FormalName="03010000"/></SubjectCode></DescriptiveMetadata><ContentItem><MediaType FormalName="Text"/>
<DataContent><nitf><body><body.content><p>Le port est fermé depuis dimanche.</p><p>ab/cd/ef</p></body.content></body></nitf>
</DataContent></ContentItem></NewsComponent></NewsItem>
<NewsItem><Identification><NewsIdentifier><ProviderId>afp.com</ProviderId><DateId>20260301</DateId><NewsItemId>TX-PAR-ABC13</NewsItemId>
<RevisionId PreviousRevision="0" Update="N">1</RevisionId></NewsIdentifier></Identification><NewsManagement>
<ThisRevisionCreated>20260301T120500Z</ThisRevisionCreated><Status FormalName="Canceled"/></NewsManagement>
<NewsComponent><NewsLines><HeadLine>ANNULATION</HeadLine></NewsLines></NewsComponent></NewsItem></NewsML>""".encode()

NINJS = json.dumps(
    {
        "uri": "urn:example:1",
        "type": "text",
        "version": "6",
        "versionCreated": "2026-03-01T12:00:00Z",
        "pubStatus": "withheld",
        "urgency": 5,
        "copyrightHolder": "NTB",
        "edNote": "Hold for lawyers.",
        "language": "nb-NO",
        "headlines": [{"role": "main", "value": "Havnen er stengt"}],
        "bodies": [{"role": "main", "contentType": "text/html", "value": "<p>Havnen ble stengt.</p><p>Mer følger.</p>"}],
        "subjects": [{"name": "Hav", "literal": "17000000"}],
        "embargoedUntil": "2026-03-02T06:00:00Z",
        "slugline": "havn",
    },
    ensure_ascii=False,
).encode()

#: Format name → sample that it reads.
SAMPLES = {
    "plain_text": AFP_TEXT,
    "nitf": NITF,
    "ap_media_api": AP_MEDIA_API,
    "dpa_digitalwires": DPA_DIGITALWIRES,
    "plain_pressrelease": PRESS_RELEASE,
    "newsml_g2": NEWSML_G2,
    "newsml_1_2": NEWSML_1,
    "ninjs": NINJS,
}
