"""YAML documents of a rule file, every value with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from pipeline.stages.alerts.problems import Problem

MAX_BYTES = 32 * 1024 * 1024
_TAG = "tag:yaml.org,2002:"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONSTRUCTOR = yaml.SafeLoader("")

Path_ = Sequence[str | int]


class Document:
    """One YAML document: plain data, and the node each value came from."""

    def __init__(self, file: str, source: str, node: yaml.Node, data: Any) -> None:
        self.file = file
        self.data = data
        self._source = source
        self._node = node

    def problem(self, path: Path_, message: str, suggestion: str = "", *, offset: int | None = None) -> Problem:
        """Describe a problem at the value at ``path``, or as near as the document goes; ``offset`` counts in its text."""
        node = self._node
        for step in path:
            below = _step(node, step)
            if below is None:
                break
            node = below
        line, column = node.start_mark.line, node.start_mark.column
        if offset is not None and isinstance(node, yaml.ScalarNode):
            line, column = self._inside(node, offset)
        return Problem(self.file, line + 1, column + 1, message, suggestion)

    def _inside(self, node: yaml.ScalarNode, offset: int) -> tuple[int, int]:
        """Line and column of a character of a scalar: white space may have been folded, the other characters stand in order."""
        written = "".join(node.value[:offset].split())
        place = node.start_mark.index
        if node.style in {"|", ">"}:
            place = self._source.find("\n", place) + 1
        elif node.style in {'"', "'"}:
            place += 1
        for character in written:
            found = self._source.find(character, place, node.end_mark.index)
            if found == -1:
                break
            place = found + 1
        while place < node.end_mark.index and self._source[place].isspace():
            place += 1
        before = self._source.rfind("\n", 0, place)
        return self._source.count("\n", 0, place), place - before - 1


def _step(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == step:
                found: yaml.Node = value
                return found
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item: yaml.Node = node.value[step]
        return item
    return None


class _Refused(Exception):  # noqa: N818 - a signal inside this module
    def __init__(self, node: yaml.Node, message: str, suggestion: str) -> None:
        super().__init__(message)
        self.node, self.message, self.suggestion = node, message, suggestion


def read_documents(path: Path, name: str) -> tuple[list[Document], list[Problem]]:
    """Read all YAML documents of a file; what cannot be read comes back as problems."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return [], [Problem(name, 1, 1, f"the file cannot be read: {error.strerror}", "check its permissions")]
    if len(raw) > MAX_BYTES:
        return [], [Problem(name, 1, 1, f"the file has {len(raw):,} bytes, {MAX_BYTES:,} are allowed", "split it")]
    try:
        source = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start)
        column = error.start - raw.rfind(b"\n", 0, error.start) - 1
        return [], [Problem(name, line + 1, column + 1, f"byte 0x{raw[error.start]:02x} is no UTF-8", "save the file as UTF-8")]
    return _parse(source, name)


def _parse(source: str, name: str) -> tuple[list[Document], list[Problem]]:
    documents: list[Document] = []
    problems: list[Problem] = []
    try:
        for node in _compose(source):
            try:
                documents.append(Document(name, source, node, _plain(node, set())))
            except _Refused as refused:
                mark = refused.node.start_mark
                problems.append(Problem(name, mark.line + 1, mark.column + 1, refused.message, refused.suggestion))
    except yaml.MarkedYAMLError as error:
        found = error.problem_mark or error.context_mark
        line, column = (found.line + 1, found.column + 1) if found is not None else (1, 1)
        problems.append(Problem(name, line, column, f"not valid YAML: {error.problem}", "check indentation, quotes and colons"))
    except yaml.reader.ReaderError as error:
        code = ord(error.character) if isinstance(error.character, str) else int(error.character)
        line = source.count("\n", 0, error.position) + 1
        column = error.position - source.rfind("\n", 0, error.position)
        problems.append(Problem(name, line, column, f"character U+{code:04X} is not allowed in YAML", "remove it"))
    except RecursionError:
        problems.append(Problem(name, 1, 1, "values are nested too deeply", "a rule needs no more than four levels"))
    return documents, problems


def _compose(source: str) -> Iterator[yaml.Node]:
    loader = _LOADER(source)
    try:
        while loader.check_node():
            yield loader.get_node()
    finally:
        loader.dispose()


def _plain(node: yaml.Node, seen: set[int]) -> Any:
    if id(node) in seen:
        raise _Refused(
            node, "anchors and aliases (& and *) are not used in rule files", "write the value out, or put quotes around it"
        )
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, seen) for item in node.value]
    kind = node.tag.removeprefix(_TAG)
    if kind in {"int", "bool", "float"}:
        try:
            return _CONSTRUCTOR.construct_object(node)
        except ValueError:
            return node.value
    if kind == "null":
        return None
    if kind in {"str", "timestamp"}:
        return node.value
    raise _Refused(node, f"the tag {node.tag} is not used in rule files", "remove it")


def _mapping(node: yaml.MappingNode, seen: set[int]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _Refused(key, "a key must be a word", "write key: value")
        if key.value in plain:
            raise _Refused(key, f"the key {key.value!r} stands here twice", "remove one of them")
        plain[key.value] = _plain(value, seen)
    return plain
