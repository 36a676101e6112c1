"""Subscribers' own wording: Jinja in a sandbox, with limits on time and size by what it may do."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipeline.notify.subscribers import Template as Wording
from pipeline.notify.wording import lines_of, title_of

_LONGEST = 20_000


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"**", "*"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or isinstance(left, str | list | tuple) or isinstance(right, str | list | tuple):
            raise TemplateError(f"{operator} is not allowed in templates")
        return super().call_binop(context, operator, left, right)


_ENVIRONMENT = _Environment(autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.globals.clear()


@lru_cache(maxsize=256)
def _compiled(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def check_template(source: str) -> None:
    """Raise ValueError, with the line, for a template that Jinja cannot read."""
    try:
        _compiled(source)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        raise ValueError(f"template line {line}: {error}; see https://jinja.palletsprojects.com/templates/") from None


def worded(wording: Wording | None, body: dict[str, Any]) -> tuple[str, str]:
    """Word a message as title and text.

    A template that fails on this message gives way to the built-in wording: a person is rather told in other words than not.
    """
    title, text = title_of(body), "\n".join(lines_of(body))
    if wording is None:
        return title, text
    try:
        if wording.title is not None:
            title = " ".join(_compiled(wording.title).render(body)[:_LONGEST].split())
        if wording.text is not None:
            text = _compiled(wording.text).render(body)[:_LONGEST]
    except Exception as error:
        text += f"\n(your template failed: {type(error).__name__}: {error})"
    return title, text
