"""E-mail (RFC 5322 and MIME): subject, date, and the first readable text part, whatever charset it really has."""

from __future__ import annotations

import binascii
import email
import quopri
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from email.message import Message
from email.policy import compat32
from email.utils import parseaddr

from pipeline.messages import Link, LinkRelation
from pipeline.stages.parse.draft import Broken, Draft
from pipeline.stages.parse.encoding import decode, repair
from pipeline.stages.parse.formats.byline import is_byline
from pipeline.stages.parse.formats.dateline import split_dateline
from pipeline.stages.parse.formats.format import Content
from pipeline.stages.parse.formats.wrapped import reflow
from pipeline.stages.parse.markup import html_paragraphs
from pipeline.stages.parse.times import parse_time

#: RFC 822 let spaces stand before the colon; RFC 2822 has them read still.
_FIELD = re.compile(rb"([!-9;-~]{1,76})[ \t]{0,8}:")
_SPACED_FIELD = re.compile(rb"^([!-9;-~]{1,76})[ \t]{1,8}:", re.MULTILINE)
_HEAD = re.compile(rb"\r?\n\r?\n")
#: A message of several parts, or one in another, says so although nothing else may be known of it.
_OF_PARTS = re.compile(rb"Content-Type[ \t]{0,8}:\s{0,8}(?:multipart|message)/", re.IGNORECASE)
_TELLING = frozenset(
    [
        b"received",
        b"return-path",
        b"delivered-to",
        b"from",
        b"date",
        b"subject",
        b"message-id",
        b"mime-version",
        b"to",
        b"content-type",
    ]
)
_LEAST_FIELDS = 2
_MBOX = re.compile(rb"^From \S+ .*\d{4}\r?\n", re.MULTILINE)
_WORD = re.compile(rb"=\?([^?\s]{1,40})\?([QqBb])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(rb"(\?=)[ \t\r\n]+(?==\?[^?\s]{1,40}\?[QqBb]\?)")
_FORWARDED = re.compile(r"^(?:(?:Fwd?|WG|TR|RV|Re|AW)\s*:\s*)+", re.IGNORECASE)
#: Charsets of seven-bit bytes: they look like ASCII, so the declaration must be believed.
_SEVEN_BIT = re.compile(r"iso-2022|hz|utf-?7|utf-?16", re.IGNORECASE)
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)


def claims(content: Content) -> bool:
    """Whether bytes begin with header fields of which at least two are an e-mail's, or with the type of a message of parts."""
    lines = content.data[:8192].removeprefix(BOM_UTF8).lstrip().split(b"\n")
    if lines and lines[0].startswith(b"From "):  # a mailbox's, with a date or without
        lines = lines[1:]
    told = set()
    for line in lines:
        field = _FIELD.match(line)
        if field:
            told.add(field[1].lower() if field[1].lower() in _TELLING else b"")
        elif not line.startswith((b" ", b"\t")):
            break
    return len(told - {b""}) >= _LEAST_FIELDS or _OF_PARTS.match(lines[0]) is not None


def parse(content: Content) -> Iterator[Draft | Broken]:
    """Read the message, or every message of a mailbox."""
    data = content.data.removeprefix(BOM_UTF8).lstrip()
    starts = [match.start() for match in _MBOX.finditer(data)] if _MBOX.match(data) else [0]
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        raw = data[start:end] if len(starts) > 1 else content.data
        try:
            own = _MBOX.sub(b"", data[start:end], count=1) if starts != [0] else data
            message = email.message_from_bytes(_tidy(own), policy=compat32)
        except RecursionError:
            yield Broken(raw, "e-mail with parts nested too deep")
            continue
        yield _draft(message, raw, content)


def _tidy(data: bytes) -> bytes:
    """The message without the spaces before the colons of its header, at which the library would end it."""
    blank = _HEAD.search(data)
    end = blank.start() if blank else len(data)
    return _SPACED_FIELD.sub(rb"\1:", data[:end]) + data[end:]


def _draft(message: Message, raw: bytes, content: Content) -> Draft | Broken:
    found, where = _text(message)
    fields = _fields(message)
    subject = _FORWARDED.sub("", _header(fields, "Subject"))
    if not found and not subject:
        kinds = sorted({part.get_content_type() for part in message.walk() if not part.is_multipart()})
        return Broken(raw, f"e-mail without subject and text, only {', '.join(kinds)}")
    draft = Draft("email_rfc822", raw)
    draft.put("headline", subject, "Subject")
    draft.put("item_id", _header(fields, "Message-ID").strip("<> "), "Message-ID")
    draft.put("published_at", parse_time(_header(fields, "Date")), "Date")
    draft.put("language", _header(fields, "Content-Language").split(",")[0], "Content-Language")
    draft.put("keywords", [word.strip() for word in _header(fields, "Keywords").split(",") if word.strip()], "Keywords")
    answered = _header(fields, "In-Reply-To").strip("<> ")
    if answered and " " not in answered:
        draft.link(Link(rel=LinkRelation.FOLLOWS, item_id=answered), "In-Reply-To")
    _read_provider(fields, draft, content)
    if len(found) > 1 and is_byline(found[0], content.profiles):
        draft.put("byline", found.pop(0), where)
    if found:
        dateline, _, found[0] = split_dateline(found[0], content.profiles)
        draft.put("dateline", dateline, where)
    draft.put("text", "\n\n".join(filter(None, found)), where)
    return draft


def _read_provider(fields: dict[str, str], draft: Draft, content: Content) -> None:
    """Name the agency by the sender's domain, unless the feed declares one and the domain is nobody's."""
    name, address = parseaddr(_header(fields, "From"))
    domain = address.rpartition("@")[2].strip("<> ")
    known = next((each for each in (domain, name) if content.profiles.find(each)), None)
    draft.put("provider", known or (None if content.item.declared_provider else domain), "From")


def _text(message: Message) -> tuple[list[str], str]:
    """Return the paragraphs of the first plain part that says anything, else of the first HTML part."""
    readers = (("text/plain", _plain), ("text/html", lambda part, text: html_paragraphs(text)))  # noqa: ARG005 # one signature
    parts = [part for part in message.walk() if not part.is_multipart() and part.get_content_disposition() != "attachment"]
    for kind, read in readers:
        for part in parts:
            if part.get_content_type() == kind and (found := read(part, _decoded(part))):
                return found, f"{kind} part"
    return [], ""


def _plain(part: Message, text: str) -> list[str]:
    text = text.replace("\r\n", "\n")
    text = _SIGNATURE.split(text, maxsplit=1)[0]
    if str(part.get_param("format", "")).lower() == "flowed":
        text = re.sub(r"(?<=\S) \n(?=\S)", " ", text)
    return reflow(text)


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    declared = str(part.get_param("charset", "") or "").strip("'\" ")
    return repair(_by_charset(data, declared))


def _by_charset(data: bytes, declared: str) -> str:
    if _SEVEN_BIT.match(declared):
        try:
            return data.decode(declared)
        except (LookupError, ValueError):
            pass
    return decode(data, declared or None)


def _fields(message: Message) -> dict[str, str]:
    """Header fields as they stand, by name in small letters; the first of each."""
    fields: dict[str, str] = {}
    for name, value in message.raw_items():
        fields.setdefault(name.lower(), str(value))
    return fields


def _header(fields: dict[str, str], name: str) -> str:
    """Read a header field, its encoded words decoded although they may hold what their charset forbids."""
    raw = fields.get(name.lower(), "").encode("utf-8", "surrogateescape")
    raw = _BETWEEN_WORDS.sub(rb"\1", raw)
    parts: list[str] = []
    at = 0
    for word in _WORD.finditer(raw):
        parts += [decode(raw[at : word.start()]), _by_charset(_word_bytes(word[2], word[3]), word[1].decode("ascii", "ignore"))]
        at = word.end()
    parts.append(decode(raw[at:]))
    return repair(" ".join("".join(parts).split()))


def _word_bytes(how: bytes, coded: bytes) -> bytes:
    if how in b"Qq":
        return quopri.decodestring(coded.replace(b"_", b" "))
    try:
        return binascii.a2b_base64(coded + b"=" * (-len(coded) % 4))
    except binascii.Error:
        return coded
