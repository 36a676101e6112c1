"""What is wrong with rule files: every problem at once, each with its place and a remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.failure import OperatorError


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One thing that is wrong; line and column count from 1, as editors do."""

    file: str
    line: int
    column: int
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        remedy = f"; {self.suggestion}" if self.suggestion else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message}{remedy}"


class RuleError(OperatorError):
    """Rule files that cannot be used."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = tuple(sorted(problems))

    def __str__(self) -> str:
        count = len(self.problems)
        return "\n".join(
            [f"{count} problem{'s' if count != 1 else ''} in rule files", *(f"  {problem}" for problem in self.problems)]
        )
