"""Load rule files into a set that is either whole or refused with every problem named."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.stages.alerts.document import Document, read_documents
from pipeline.stages.alerts.matcher import Exclusion, LanguageQuery, Matcher
from pipeline.stages.alerts.prefilter import Covers, Requirements
from pipeline.stages.alerts.problems import Problem, RuleError
from pipeline.stages.alerts.query import QueryError, parse_query, walk
from pipeline.stages.alerts.rule import Filter, Rule, RuleFile
from pipeline.stages.alerts.tree import Condition, Named, Node

__all__ = ["SHIPPED", "Problem", "RuleError", "RuleSet"]

M = TypeVar("M", bound=BaseModel)

#: The escalation pack that comes with Wirefeed.
SHIPPED = Path(__file__).with_name("rules") / "escalation"
#: Term lists in one another: each may be as high as a query, and all stand on one stack.
_MOST_LISTS = 3


class RuleSet:
    """Rules that have been read, checked and compiled."""

    def __init__(self, rules: Sequence[Rule], sha256: str, matcher: Matcher, files: dict[str, str]) -> None:
        self.rules = rules
        self.sha256 = sha256
        self.matcher = matcher
        self.files = files

    @classmethod
    def load(cls, directory: Path | None, *, shipped: bool = True) -> RuleSet:
        """Read every ``*.yaml`` and ``*.yml`` below the shipped pack and ``directory``.

        A rule, filter or term list of ``directory`` replaces the shipped one of the same id or name.

        Raises RuleError with all problems at once.
        """
        collecting = gc.isenabled()
        gc.disable()  # nothing that is made here is garbage: looking for it costs a third of the time at 10,000 rules
        try:
            loading = _Loading()
            if shipped:
                loading.read(SHIPPED, "shipped:")
            if directory is not None:
                loading.read(directory, "")
            return loading.finish()
        finally:
            if collecting:
                gc.enable()


class _Loading:
    """What has been read so far, and what is wrong with it."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.rules: dict[str, tuple[Rule, Document]] = {}
        self.filters: dict[str, tuple[Filter, Document]] = {}
        self.terms: dict[str, tuple[dict[str, str], Document]] = {}
        self._trees: dict[tuple[str, str], Node | None] = {}
        self._open: list[tuple[str, str]] = []
        self._levels: dict[tuple[str, str], int] = {}
        self._covers = Covers()

    def read(self, directory: Path, prefix: str) -> None:
        if not directory.is_dir():
            message = "the folder of rules does not exist" if not directory.exists() else "this is no folder"
            self.problems.append(Problem(f"{prefix}{directory}", 1, 1, message, "create it, or correct rules.directory"))
            return
        here: dict[str, str] = {}
        for path in sorted(path for path in directory.rglob("*") if path.suffix in {".yaml", ".yml"} and path.is_file()):
            name = prefix + path.relative_to(directory).as_posix() if prefix else str(path)
            documents, problems = read_documents(path, name)
            self.problems += problems
            for document in documents:
                self._take(document, here)

    def _take(self, document: Document, here: dict[str, str]) -> None:
        data = document.data
        if data is None:
            return
        if not isinstance(data, dict):
            self.problems.append(
                document.problem((), "a rule file holds keys and values", "begin with id:, title:, severity:, match:")
            )
        elif "terms" in data or "filters" in data:
            self._take_shared(document, here)
        elif (rule := self._validate(Rule, document)) is not None and self._is_first(f"rule {rule.id}", ("id",), document, here):
            self.rules[str(rule.id)] = (rule, document)

    def _take_shared(self, document: Document, here: dict[str, str]) -> None:
        shared = self._validate(RuleFile, document)
        if shared is None:
            return
        for name, queries in shared.terms.items():
            if self._is_first(f"term list @{name}", ("terms", name), document, here):
                self.terms[name] = (queries, document)
        for name, item in shared.filters.items():
            if self._is_first(f"filter {name}", ("filters", name), document, here):
                self.filters[name] = (item, document)

    def _is_first(self, what: str, path: tuple[str, ...], document: Document, here: dict[str, str]) -> bool:
        if what in here:
            remedy = "give this one an id of its own" if path == ("id",) else "rename one of them"
            self.problems.append(document.problem(path, f"{what} stands in {here[what]} already", remedy))
            return False
        here[what] = document.file
        return True

    def _validate(self, model: type[M], document: Document) -> M | None:
        try:
            return model.model_validate(document.data)
        except ValidationError as error:
            self.problems += [_describe(document, problem, model) for problem in error.errors(include_url=False)]
            return None

    def finish(self) -> RuleSet:
        for name, (queries, document) in self.terms.items():
            for language in queries:
                self._tree_of_list(name, language, document, ("terms", name, language))
        filters = {name: self._compile_filter(name, *item) for name, item in self.filters.items()}
        shared: dict[str, Any] = {name: item.model_dump(mode="json") for name, (item, _) in self.filters.items()}
        compiled: list[LanguageQuery] = []
        digests: list[str] = []
        for rule, document in self.rules.values():
            trees = self._compile_rule(rule, document, filters)
            names = {node.name for _, tree, _, _ in trees for node in walk(tree) if isinstance(node, Named)}
            used = [[name, shared.get(name)] for name in rule.exclude], [[name, self.terms[name][0]] for name in sorted(names)]
            sha256 = rule.sha256(used)
            digests.append(sha256)
            if rule.status != "deprecated":
                compiled += [
                    LanguageQuery(rule, sha256, language, tree, exclusions, requirements)
                    for language, tree, exclusions, requirements in trees
                ]
        if self.problems:
            raise RuleError(self.problems)
        whole = hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()
        files = {identity: document.file for identity, (_, document) in self.rules.items()}
        return RuleSet([rule for rule, _ in self.rules.values()], whole, Matcher(compiled), files)

    def _compile_rule(
        self, rule: Rule, document: Document, filters: dict[str, dict[str, Exclusion]]
    ) -> list[tuple[str, Node, tuple[Exclusion, ...], Requirements]]:
        for place, name in enumerate(rule.exclude):
            if name not in filters:
                known = ", ".join(sorted(filters)) or "none"
                self.problems.append(document.problem(("exclude", place), f"there is no filter {name}", f"known filters: {known}"))
        for place, test in enumerate(rule.tests):
            if test.lang not in rule.match and "any" not in rule.match:
                message = f"a test in {test.lang!r}, but match has no query in that language"
                self.problems.append(document.problem(("tests", place, "lang"), message, "add the query or change lang"))
        trees = []
        for language, query in rule.match.items():
            path = ("match", language)
            tree = self._parse(query, language, document, path)
            if tree is None:
                continue
            requirements = self._covers.requirements(tree)
            if requirements is None:
                message = "the query would match everything: it can match without any of its words"
                self.problems.append(document.problem(path, message, "join NOT to a word with AND: a AND NOT b"))
                continue
            exclusions = (filters.get(name, {}).get(language) or filters.get(name, {}).get("any") for name in rule.exclude)
            trees.append((language, tree, tuple(exclusion for exclusion in exclusions if exclusion is not None), requirements))
        return trees

    def _compile_filter(self, name: str, item: Filter, document: Document) -> dict[str, Exclusion]:
        compiled = {}
        for language, query in item.match.items():
            path = ("filters", name, "match", language)
            tree = self._parse(query, language, document, path)
            if tree is None or not self._has_places(tree, f"filter {name}", document, path):
                continue
            compiled[language] = Exclusion(name, Named(name, tree), item.within)
        return compiled

    def _has_places(self, tree: Node, what: str, document: Document, path: Sequence[str]) -> bool:
        for node in walk(tree):
            if isinstance(node, Condition):
                message = f"{what}: AND, NOT, HEAD:, FIRST and ATLEAST are not used here"
                self.problems.append(document.problem(path, message, "use OR, NEAR/n and ADJ/n", offset=node.column))
                return False
        return True

    def _parse(self, query: str, language: str, document: Document, path: Sequence[str]) -> Node | None:
        try:
            return parse_query(query, lambda name: self._list(name, language))
        except QueryError as error:
            self.problems.append(document.problem(path, error.message, error.suggestion, offset=error.column))
            return None

    def _list(self, name: str, language: str) -> Node | None:
        queries, document = self.terms.get(name, ({}, None))
        found = language if language in queries else "any"
        if document is None or found not in queries:
            return None
        key = name, found
        if key in self._open:
            raise QueryError(f"the term list @{name} contains itself", 0, "remove the circle")
        too_deep = QueryError(
            f"term lists stand in one another more than {_MOST_LISTS} deep", 0, "write the words of one into the other"
        )
        if len(self._open) > _MOST_LISTS:
            raise too_deep
        tree = self._tree_of_list(name, found, document, ("terms", name, found))
        level = self._levels.get(key, 1) + bool(self._open)
        if level > _MOST_LISTS:
            raise too_deep
        if tree is None:
            raise QueryError(f"the term list @{name} has a problem of its own", 0, "correct the list first")
        if self._open:
            self._levels[self._open[-1]] = max(self._levels.get(self._open[-1], 1), level)
        return tree

    def _tree_of_list(self, name: str, language: str, document: Document, path: Sequence[str]) -> Node | None:
        key = (name, language)
        if key not in self._trees:
            self._open.append(key)
            tree = self._parse(self.terms[name][0][language], language, document, path)
            self._open.pop()
            self._trees[key] = tree if tree and self._has_places(tree, f"term list @{name}", document, path) else None
        return self._trees[key]


_REMEDIES = {
    "extra_forbidden": "remove it, or correct its spelling",
    "missing": "add it",
    "uuid_parsing": "give a UUID4, such as `python -c 'import uuid; print(uuid.uuid4())'` prints",
    "uuid_type": "give a UUID4, such as `python -c 'import uuid; print(uuid.uuid4())'` prints",
    "string_type": "put it in quotation marks",
    "dict_type": "write one `language: query` a line",
    "list_type": "write one `- value` a line",
}


def _describe(document: Document, error: Any, model: type[BaseModel]) -> Problem:
    path = [step for step in error["loc"] if step != "[key]"]
    key = ".".join(map(str, path))
    kind = error["type"]
    remedy = _REMEDIES.get(kind, "")
    if kind == "extra_forbidden":
        message = f"{key}: unknown key"
        if len(path) == 1:
            remedy = f"known keys: {', '.join(model.model_fields)}"
    elif kind == "missing":
        message = f"{key} is missing"
    elif "[key]" in error["loc"]:
        message = f"{key}: {path[-1]!r} is no language code or name"
        remedy = "languages are ISO 639 codes such as en, or any; names are small letters, digits and -"
    else:
        message = f"{key}: {error['msg'][0].lower()}{error['msg'][1:]} (given {_short(error['input'])})"
    return document.problem(path, message, remedy)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
