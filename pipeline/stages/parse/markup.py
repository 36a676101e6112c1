"""Markup to paragraphs: blocks separated by a blank line, tables readable, nothing else kept."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from pipeline.stages.parse.printable import is_printable
from pipeline.stages.parse.xmltree import Element

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hl1",
        "hl2",
        "hl3",
        "blockquote",
        "pre",
        "ul",
        "ol",
        "dl",
        "li",
        "dd",
        "dt",
        "table",
        "tr",
        "tbody",
        "thead",
        "tfoot",
        "block",
        "bq",
        "body",
        "body.content",
        "hr",
        "figcaption",
        "fieldset",
        "nitf-table",
        "note",
        "aside",
        "main",
        "address",
        "nitf",
        "html",
        "group",  # these two of Infomaker's data format
        "element",
    ]
)
_SKIPPED = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "meta",
        "link",
        "noscript",
        "object",
        "embed",
        "iframe",
        "audio",
        "video",
        "svg",
        "form",
        "input",
        "button",
        "media",
        "figure",
        "tagline",
        "header",
        "footer",
        "nav",
    ]
)
_ESCAPED = re.compile(r"<([a-z][a-z0-9-]{0,20})(?:\s[^<>]{0,400})?>(?:[^<]|<(?!/)){0,300}</([a-z][a-z0-9-]{0,20})\s?>")
_SPACES = re.compile(" {2,}")
_AROUND_BREAKS = re.compile(r" *([\t\n])[ \n]*")
_BREAK_PAIRS = (" \n", "\n ", "\n\n", " \t", "\t ", "\t\n")
_COLUMNS = re.compile(r"\S(?: {3,}|\t)\S")
_BYLINE = re.compile(r"By [^\W\d_a-zß-ÿ][\w.'’-]*(?: [\w.'’-]+){1,6}")
_LIST = re.compile(r"[*•]\s|[-–—]\s")
_INDENTS = ("   ", "\t")
_LEAST_BREAKS = 3
_LONGEST_WRAPPED = 110
_LEAST_WIDTH = 45
_SLACK = 20
_CELLS = frozenset(("td", "th"))
_ROWS = frozenset(("tr", "tbody", "thead", "tfoot"))


_STRUCTURAL = _BLOCKS | _CELLS | {"br"}
#: Blocks that do nothing but part their text from what is before and behind.
_PLAIN = _BLOCKS - _ROWS - {"table", "pre"}
_HTML = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)


@lru_cache(maxsize=512)  # libxml2 knows names of up to 50,000 letters
def _kind(tag: object) -> tuple[str, bool]:
    """Name of an element, and whether it lays out its text; no name where it is left out, as what is no element is."""
    name = tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""
    return ("", False) if name in _SKIPPED else (name, name in _STRUCTURAL)


def paragraphs(element: Element, *, skip: frozenset[str] = frozenset()) -> list[str]:
    """Text of an element, paragraph by paragraph.

    ``skip`` names further elements, by class or local name, to leave out.
    """
    collector = _Collector(skip)
    collector.walk(element)
    collector.close()
    return collector.done


def html_paragraphs(markup: str) -> list[str]:
    r"""Text of an HTML fragment, paragraph by paragraph; anything can be parsed, nothing is executed or fetched.

    >>> html_paragraphs("<p>One&nbsp;two<br>three</p><p>Four</p>")
    ['One two\nthree', 'Four']
    """
    if not markup.strip():
        return []
    markup = markup.replace("\x00", "")
    if "<" not in markup and "&" not in markup:
        return plain_paragraphs(markup)
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), _HTML)
    except (etree.XMLSyntaxError, ValueError):
        return []
    return [] if root is None else paragraphs(root)


def without_markup(block: str) -> list[str]:
    """Paragraphs of a block in which markup was escaped twice; a block without any is returned as it is.

    >>> without_markup("800<b>-</b>1,000 <script src='x'></script>"), without_markup("a < b, <desk@example.org>")
    (['800-1,000'], ['a < b, <desk@example.org>'])
    """
    return html_paragraphs(block) if any(match[1] == match[2] for match in _ESCAPED.finditer(block)) else [block]


def plain_paragraphs(text: str) -> list[str]:
    r"""Split plain text at blank lines and indented first lines; unwrap paragraphs, keep the lines of lists and tables.

    >>> plain_paragraphs("One\ntwo.\n\nThree.\n    Four\nfive.")
    ['One two.', 'Three.', 'Four five.']
    >>> plain_paragraphs("* One point\n* another\npoint")
    ['* One point\n* another point']
    """
    blocks: list[list[str]] = [[]]
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line.strip() or (blocks[-1] and _begins_paragraph(line, blocks[-1])):
            blocks.append([])
        if line.strip():
            blocks[-1].append(line.rstrip())
    return [paragraph for block in blocks if block for paragraph in _unwrapped(block)]


def _unwrapped(block: list[str]) -> list[str]:
    """Lines longer than any that are wrapped by hand are paragraphs, and so are those beside them."""
    if max(map(len, block)) > _LONGEST_WRAPPED and not _tabular(block):
        return [" ".join(line.split()) for line in block]
    return [_unwrap(block)]


def _begins_paragraph(line: str, block: list[str]) -> bool:
    """Whether a line begins a paragraph: indented behind a flush line, an indented one that ends a sentence or a by-line."""
    if len(block) == 1 and _BYLINE.fullmatch(block[0].strip()):
        return True
    if not line.startswith(_INDENTS) or _tabular(block[-3:]):
        return False
    return not block[-1].startswith(_INDENTS) or (len(block) == 1 and block[-1].endswith((".", "?", "!", '"', "”")))


def _tabular(lines: list[str]) -> bool:
    return sum(map(_has_columns, lines)) * 2 > len(lines)


def _has_columns(line: str) -> bool:
    inner = line.strip()
    return ("   " in inner or "\t" in inner) and _COLUMNS.search(inner) is not None


def _unwrap(lines: list[str]) -> str:
    if _tabular(lines):
        return "\n".join(lines)
    joined: list[str] = []
    for line in lines:
        words = " ".join(line.split())
        if joined and not _LIST.match(words):
            joined[-1] += " " + words
        else:
            joined.append(words)
    return "\n".join(joined)


def _is_line(text: str) -> bool:
    """Whether a text is one line with single spaces and none around, as most are; a space is the only white space that prints."""
    return "  " not in text and text[0] != " " and text[-1] != " " and is_printable(text)


def _is_laid_out(text: str) -> bool:
    """Whether text inside an element was laid out by hand: flush lines beside indented or blank ones."""
    if text.count("\n") < _LEAST_BREAKS:
        return False
    lines = text.strip("\n").split("\n")[1:]
    flush = any(line[:1].strip() for line in lines)
    return flush and any(not line.strip() or line.startswith(_INDENTS) for line in lines)


class _Collector:
    def __init__(self, skip: frozenset[str]) -> None:
        self.done: list[str] = []
        self._skip = skip
        self._open: list[str] = []
        self._preserve = 0
        self._cells = 0

    def walk(self, root: Element) -> None:
        stack: list[Element | tuple[Element, str]] = [root]
        skip, pop, add = self._skip, stack.pop, self._add
        while stack:
            node = pop()
            if isinstance(node, tuple):
                node, name = node
                self._leave(name)
            else:
                name, structural = _kind(node.tag)
                if not name or (skip and self._skips(node, name)):
                    pass
                elif name in _PLAIN and not (self._cells or self._preserve or len(node)):
                    if self._open:
                        self.close()
                    if text := node.text:
                        self._add_paragraph(text)
                else:
                    if structural:
                        self._enter(name)
                    text = node.text
                    if text:
                        add(text)
                    if len(node):
                        stack.append((node, name))
                        stack += reversed(node)
                        continue
                    if structural:
                        self._leave(name)
            if (tail := node.tail) and (self._open or self._preserve or not tail.isspace()) and node is not root:
                add(tail)

    def _skips(self, node: Element, name: str) -> bool:
        if name in self._skip:
            return True
        classes = node.get("class")
        return classes is not None and not self._skip.isdisjoint(classes.split())

    def _enter(self, name: str) -> None:
        if name in _CELLS:
            self._cells += 1
            if self._open and not self._open[-1].endswith("\n"):
                self._open.append("\t")
        elif name == "br":
            self._open.append(" " if self._cells else "\n")
        elif name not in _BLOCKS:
            return
        elif name == "tr":
            if self._open:
                self._open.append("\n")
        elif self._cells and name != "table":
            self._open.append(" ")
        elif name not in _ROWS:
            self.close()
            self._preserve += name == "pre"

    def _leave(self, name: str) -> None:
        if name in _CELLS:
            self._cells -= 1
        elif name not in _BLOCKS:
            return
        elif self._cells and name != "table":
            self._open.append(" ")
        elif name not in _ROWS:
            self.close()
            self._preserve -= name == "pre"

    def _add(self, text: str) -> None:
        if self._preserve:
            self._open.append(text)
            return
        if _is_line(text):
            self._open.append(text)
            return
        words = " ".join(text.split())
        if not words:
            if self._open and not self._open[-1].endswith((" ", "\n", "\t")):
                self._open.append(" ")
            return
        if not self._cells and "\n" in text and _is_laid_out(text):
            self.close()
            self.done.extend(plain_paragraphs(text))
            return
        if "\t" in text and "\n" not in text:  # a row of a table without one
            words = "\t".join(filter(None, (" ".join(cell.split()) for cell in text.split("\t"))))
        self._open.append(f"{' ' if text[0].isspace() else ''}{words}{' ' if text[-1].isspace() else ''}")

    def _add_paragraph(self, text: str) -> None:
        """Add a block that holds nothing but text, as most do."""
        if _is_line(text):
            self.done.append(text)
        else:
            self._add(text)
            self.close()

    def close(self) -> None:
        if not self._open:
            return
        text = "".join(self._open)
        self._open.clear()
        if self._preserve:
            self.done.extend(plain_paragraphs(text))
            return
        if "  " in text:
            text = _SPACES.sub(" ", text)
        if ("\t" in text or "\n" in text) and any(pair in text for pair in _BREAK_PAIRS):
            text = _AROUND_BREAKS.sub(r"\1", text)
        if joined := text.strip(" \n"):
            self.done.append(_rejoined(joined) if "\n" in joined else joined)


def _rejoined(text: str) -> str:
    """Lines that a line break after every sixty or so characters made; breaks that somebody meant stay."""
    lines = text.split("\n")
    lengths = [len(line) for line in lines[:-1]]
    small = sum(line[:1].islower() for line in lines[1:])
    even = min(lengths) >= _LEAST_WIDTH and max(lengths) <= _LONGEST_WRAPPED and max(lengths) - min(lengths) <= _SLACK
    return " ".join(lines) if even and small * 2 >= len(lines) - 1 and "\t" not in text else text
