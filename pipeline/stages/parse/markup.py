"""Markup to paragraphs: blocks separated by a blank line, tables readable, nothing else kept."""

from __future__ import annotations

import re

from lxml import etree, html

from pipeline.stages.parse.xmltree import Element, local

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
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
        "figure",
        "figcaption",
        "fieldset",
        "nitf-table",
        "media",
        "note",
        "aside",
        "main",
        "address",
        "nitf",
        "html",
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
_CELLS = frozenset(("td", "th"))


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
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    return paragraphs(root)


def plain_paragraphs(text: str) -> list[str]:
    r"""Split plain text at blank lines and unwrap the lines of a paragraph, but keep the lines of a table.

    >>> plain_paragraphs("One\ntwo.\n\nThree.")
    ['One two.', 'Three.']
    """
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    return [joined for block in blocks if (joined := _unwrap(block))]


def _unwrap(block: str) -> str:
    lines = [line.rstrip() for line in block.split("\n") if line.strip()]
    tabular = sum(bool(re.search(r"\S(?: {3,}|\t)\S", line)) for line in lines) * 2 > len(lines)
    if tabular:
        return "\n".join(lines)
    return " ".join(" ".join(line.split()) for line in lines)


class _Collector:
    def __init__(self, skip: frozenset[str]) -> None:
        self.done: list[str] = []
        self._skip = skip
        self._open: list[str] = []
        self._preserve = 0

    def walk(self, element: Element) -> None:
        stack: list[tuple[Element, bool]] = [(element, False)]
        root = element
        while stack:
            node, leaving = stack.pop()
            name = local(node).lower()
            if leaving:
                self._leave(name)
                if node is not root:
                    self._add(node.tail)
                continue
            if not name or name in _SKIPPED or name in self._skip or not self._skip.isdisjoint((node.get("class") or "").split()):
                if node is not root:
                    self._add(node.tail)
                continue
            self._enter(name)
            self._add(node.text)
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node))

    def _enter(self, name: str) -> None:
        if name == "br":
            self._open.append("\n")
        elif name == "pre":
            self.close()
            self._preserve += 1
        elif name == "tr":
            self._open.append("\n") if self._open else None
        elif name in _CELLS:
            self._open.append("\t") if self._open and not self._open[-1].endswith("\n") else None
        elif name in _BLOCKS and name not in ("tbody", "thead", "tfoot"):
            self.close()

    def _leave(self, name: str) -> None:
        if name in _BLOCKS and name not in ("tr", "tbody", "thead", "tfoot") and name not in _CELLS:
            self.close()
        if name == "pre":
            self._preserve -= 1

    def _add(self, text: str | None) -> None:
        if not text:
            return
        if self._preserve:
            self._open.append(text)
            return
        collapsed = re.sub(r"[ \t\r\n\f\v\u00a0]+", " ", text)
        if collapsed != " " or (self._open and not self._open[-1].endswith((" ", "\n", "\t"))):
            self._open.append(collapsed)

    def close(self) -> None:
        text = "".join(self._open)
        self._open.clear()
        if self._preserve:
            self.done.extend(plain_paragraphs(text))
            return
        lines = [re.sub(r" *\t *", "\t", re.sub(r" +", " ", line)).strip() for line in text.split("\n")]
        joined = "\n".join(line for line in lines if line)
        if joined:
            self.done.append(joined)
