"""What stands in rule files: rules (metadata after Sigma's), shared filters and term lists."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal
from uuid import UUID

import langcodes
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from pipeline.messages import Kind, Severity

Query = Annotated[str, Field(description="A query of the rule language.")]


def _registered(code: str) -> str:
    """Refuse a code that no language has: its query would never be tried."""
    if code != "any" and not langcodes.tag_is_valid(code):
        raise ValueError(f"no language has the code {code!r}")
    return code


LanguageCode = Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3}|any)$"), AfterValidator(_registered)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
Queries = Annotated[
    dict[LanguageCode, Query],
    Field(min_length=1, description="A query a language: ISO 639 code, or `any` for dispatches in whatever language."),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Where(_Part):
    """What else must be true of the event: every condition that is given; one value of each list is enough."""

    countries: list[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]] = Field(
        default=[], description="ISO 3166-1 alpha-2 codes of tagged entities. Holds where entities could not be tagged."
    )
    entities: list[str] = Field(default=[], description="Names of tagged entities. Holds where entities could not be tagged.")
    providers: list[str] = Field(default=[], description="Agencies, as in dispatch.provider.")
    subjects: list[str] = Field(default=[], description="Beginnings of subject codes, such as medtop:11.")
    urgency: Annotated[int, Field(ge=1, le=8)] | None = Field(
        default=None, description="This urgency or a more urgent one; without a stated urgency the condition holds."
    )


class RuleTest(_Part):
    """A sentence, and whether the rule is to match it."""

    lang: LanguageCode
    text: str = Field(min_length=1)
    headline: str | None = None
    hit: bool
    unconfirmed: bool | None = Field(default=None, description="Whether the hit is denied or negated; null = either.")


class Rule(_Part):
    """One escalation or de-escalation rule."""

    id: UUID = Field(description="UUID4; never changes.")
    title: str = Field(min_length=1, max_length=120, description="What happened, for the subscriber.")
    description: str | None = None
    status: Literal["stable", "test", "experimental", "deprecated"] = Field(
        default="stable", description="A deprecated rule does not match."
    )
    severity: Severity
    kind: Kind
    tags: list[str] = Field(default=[], description="Codes of other schemes, such as cameo:196.")
    references: list[str] = []
    match: Queries
    where: Where = Field(default_factory=Where)
    exclude: list[Name] = Field(default=[], description="Shared filters whose matches nearby make this rule's matches void.")
    denial: bool = Field(default=True, description="Whether words of denial nearby make a match unconfirmed.")
    tests: list[RuleTest] = []

    def sha256(self, shared: Any) -> str:
        """Hash of all that decides what the rule does, its filters and term lists (``shared``) included."""
        content = self.model_dump(mode="json", exclude={"tests", "references", "description"})
        return hashlib.sha256(json.dumps([content, shared], sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Filter(_Part):
    """Words that make a rule's match void when they stand near it: idioms, sport, film, history."""

    title: str | None = None
    within: Annotated[int, Field(ge=1, le=50)] = Field(
        default=12, description="Words between filter and match; not over paragraphs."
    )
    match: Queries


class RuleFile(_Part):
    """A document of a rule file that holds no rule: shared filters, term lists."""

    filters: dict[Name, Filter] = Field(default={}, description="Filters, by the name that `exclude` uses.")
    terms: dict[Name, Queries] = Field(default={}, description="Term lists, by the name that queries use as @name.")


def rule_schema() -> dict[str, Any]:
    """JSON Schema of a document of a rule file, for editors."""
    rule, shared = Rule.model_json_schema(), RuleFile.model_json_schema()
    definitions = {**rule.pop("$defs", {}), **shared.pop("$defs", {})}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Wirefeed rule file",
        "anyOf": [rule, shared],
        "$defs": definitions,
    }
