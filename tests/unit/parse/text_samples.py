"""Our own dispatches in the byte layouts of the text formats."""

ANPA = (
    b"\x16\x16\x01W0417\x1fworld\r\n"
    b"u i\x13\x11 BC-Elysia-Harbor 2ndLd-Writethru   03-01 0123\r\n"
    b"\x02^BC-Elysia-Harbor, 2nd Ld-Writethru,0123<\r\n"
    b"^Storm closes harbor<\r\n"
    b"^Eds: UPDATES with closing time, adds\r\nquote. With AP Photos.<\r\n"
    b"^By ADA EXAMPLE=\r\n^Associated Press=\r\n"
    b"\tPORTMOUTH, Elysia (AP) _ The harbor closed on Sunday, ``for good,'' the\r\nharbor master said -- or for 3 1/2 hours.\r\n"
    b"\tThe mayor said `no.'<\r\n"
    b"\t\x03AP-WF-03-01-26 1205GMT<\r\n\r\n\x0c\r\n\x04"
)
ANPA_TABLE = (
    b"\x01W0418\x1f-----\r\nr i\x14\x12 BC-WEA--Elysia   03-01 0010\r\n\x02^BC-WEA--Elysia,<\r\n"
    b"\tCelsius:<\r\n\t;MIN;MAX<\r\n\tPortmouth;-3;4<\r\n\tVale;10;12<\r\n^END<\r\n\t\x03AP-WF-03-01-26 1210GMT<\r\n\x0c\x04"
)
ANPA_KILL = (
    b"\x05world\r\n\x16\x16\x01W0420\x1fworld\r\nb i\x13\x11 BC-Elysia-Harbor Kill   03-01 0020\r\n"
    b"\x02^BC-Elysia-Harbor, KILL<\r\n^BULLETIN KILL<\r\n\tKill BC-Elysia-Harbor. The harbor is open.<\r\n"
    b"\t\x03AP-WF-03-01-26 1300GMT<\r\n\x04"
)
DPA = (
    b"\x7f\x7f\r\n\x01abc0417 2 pl 41  dpa 0412 COR 0398\r\n\r\nHafen/Elysien/\r\n"
    b"\x02(Eil \x07\x07\x07\x07\x07)\r\nBerichtigung\r\nSturm schlie\xdft Hafen\r\nvon Portmund =\r\nVon Ada Beispiel, dpa\r\n\r\n"
    b"Portmund (dpa) - Der Sturm hat am Sonntag den Hafen von Portmund\r\ngeschlossen.\r\n\r\n"
    b"# Notizblock\r\n\r\n* * * *\r\nDie folgenden Informationen sind nicht zur Ver\xf6ffentlichung bestimmt\r\n- Ada, 0123\r\n\r\n"
    b"dpa abc yydd n1 xyz\r\n\r\n\x03011305 M\xe4r 26\r\n\x7f\r\n\x7f\x04\r\n"
)
DPA_KILL = (
    b"\x01abc0419 2 pl 20  dpa 0415\r\n\r\nElysia/\r\n\x02KILL KILL KILL\r\nPlease kill item dpa 0412 =\r\n\r\n"
    b"Editors: Please kill item dpa 0412, Storm closes harbour. It was sent in error.\r\n\r\n\x03011400 GMT Mar 26\r\n\x7f\x04"
)
BELGA = (
    "\x01bra012 3 POL 80 BELGA 034 F\r\n\r\nNAVIRES/PORT/\r\n\x02LE PORT FERME =\r\n"
    "   PORTMOUTH 01/03 (BELGA) = La tempête a fermé le port dimanche, a dit le maire de la ville. ./.\r\n"
    "LES ECOLES FERMENT =\r\n"
    "   VALE 01/03 (BELGA) = Les écoles de la vallée restent fermées lundi, a dit le ministre. ./.\r\nabc/def\r\n"
    "\x03011205 mar 26\r\n\x04"
).encode("latin-1")
TELEX_SIGNED = b"ZCZC\r\n$a\r\n:Harbour\r\n=Storm\r\n^Storm closes harbour\r\n*T\r\nPortmouth   12\r\nVale         9\r\nNNNN\r\n"
TELEX_LETTERED = (
    b"zczc\r\nAN#00417\r\nKN#Example Bites\r\nPD#01 March 2026 12:05:00\r\nBY#Ada\r\nKY#HARBOUR\r\nTI#Storm closes\r\n"
    b"AB#Short.\r\nTX#\r\nThe mayor\x92s office closed it.\r\n"
)
TELEX_PLAIN = (
    b"ZCZC ELY0417\r\n011205 GMT MAR 26\r\n\r\nSTORM CLOSES HARBOUR\r\n\r\n"
    b"PORTMOUTH (AAP) - The harbour closed.\r\nNNNN\r\nZCZC ELY0418\r\nSECOND\r\n\r\nMore text came after it.\r\nNNNN\r\n"
)
EMAIL = (
    b"Received: from a by b; Sun, 1 Mar 2026 12:05:10 +0000\r\nFrom: Ada <ada@aap.com.au>\r\nTo: desk@example.org\r\n"
    b"Subject: =?utf-8?Q?Storm_schlie=C3=9Ft?=\r\n =?utf-8?B?IEhhZmVu?=\r\nDate: Sun, 1 Mar 2026 13:05:00 +0100\r\n"
    b"Message-ID: <1@aap.com.au>\r\nIn-Reply-To: <0@aap.com.au>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/alternative; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain; charset=windows-1252\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\nBy Ada Example\r\n\r\nPORTMOUTH (AAP) =96 The mayor=92s of=\r\nfice closed it."
    b"\r\n\r\n-- \r\nAda, 0123\r\n--B\r\nContent-Type: text/html\r\n\r\n<p>HTML</p>\r\n--B--\r\n"
)
RSS = b"""<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title>Wire</title><link>https://www.afp.com/feed</link><language>en-GB</language><copyright>AFP 2026</copyright>
<item><title>Storm &amp;amp; harbour</title><guid>urn:1</guid><pubDate>Sun, 01 Mar 2026 12:05:00 +0100</pubDate>
<dc:creator>Ada</dc:creator><category>Ports</category><media:keywords>storm, sea</media:keywords><description>Short&nbsp;one</description>
<content:encoded><![CDATA[<p>PORTMOUTH (AFP) - The harbour <b>closed</b>.</p><p>Second.</p>]]></content:encoded></item>
<item><title>Only a title</title><link>https://www.afp.com/2</link></item><item></item></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0" xml:lang="fr">
<title>Fil</title><link href="https://example.org/"/><entry><id>tag:1</id><title type="html">Le &lt;i&gt;port&lt;/i&gt;</title>
<published>2026-03-01T12:00:00Z</published><updated>2026-03-01T12:30:00Z</updated><author><name>Ada</name></author>
<category term="p" label="Ports"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Un.</p><p>Deux.</p></div></content></entry>
<at:deleted-entry ref="tag:0" when="2026-03-01T12:40:00Z"><at:comment>Wrong.</at:comment></at:deleted-entry></feed>"""
WXR = b"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><link>http://example.org</link><wp:author><wp:author_login>ada</wp:author_login>
<wp:author_display_name>Ada Example</wp:author_display_name></wp:author>
<item><title>One</title><guid>1</guid><dc:creator>ada</dc:creator><content:encoded><![CDATA[First.

Second.]]></content:encoded><wp:post_id>1</wp:post_id><wp:status>draft</wp:status><wp:post_type>post</wp:post_type></item>
<item><title>pic</title><wp:post_id>2</wp:post_id><wp:post_type>attachment</wp:post_type></item></channel></rss>"""

ALL = {
    "anpa": ANPA, "anpa-table": ANPA_TABLE, "anpa-kill": ANPA_KILL, "dpa": DPA, "dpa-kill": DPA_KILL, "belga": BELGA,
    "telex-signed": TELEX_SIGNED, "telex-lettered": TELEX_LETTERED, "telex-plain": TELEX_PLAIN, "email": EMAIL, "rss": RSS,
    "atom": ATOM, "wxr": WXR,
}  # fmt: skip
