"""The query language: precedence, and errors that say what to write."""

from __future__ import annotations

import pytest

from pipeline.stages.alerts.query import QueryError, parse_query


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a OR b AND c", "(a OR (b AND c))"),
        ("a AND NOT b NEAR/3 c", "(a AND NOT b NEAR/3 c)"),
        ("HEAD:a NEAR/2 b AND c", "(HEAD:a NEAR/2 b AND c)"),
        ("NOT HEAD:a AND b", "(NOT HEAD:a AND b)"),
        ("FIRST/50 (a OR b)", "FIRST/50 (a OR b)"),
        ("ATLEAST/3 missile*", "ATLEAST/3 missile*"),
        ('“serious consequences” ADJ/4 "of war"', '"serious consequences" ADJ/4 "of war"'),
        ("a NEAR/2 b ADJ/3 c", "a NEAR/2 b ADJ/3 c"),
        ("cessez-le-feu", '"cessez le feu"'),
        ("nor OR andes", "(nor OR andes)"),
    ],
)
def test_precedence_is_proximity_field_not_and_or(text, tree):
    """As on the desks that know Factiva and LexisNexis."""
    assert str(parse_query(text)) == tree


@pytest.mark.parametrize(
    ("text", "column", "suggestion"),
    [
        ("truce broken", 6, 'in quotation marks: "truce broken"'),
        ("truce near/5 broken", 6, "operators are in capitals with a number: NEAR/5"),
        ("truce and broken", 6, "operators are in capitals: AND"),
        ("truce NOT broken", 6, "write AND NOT"),
        ("(truce", 6, "close the parenthesis"),
        ("truce)", 5, "remove it"),
        ("a OR", 4, "finish the query"),
        ("OR a", 0, "put a word or phrase on both sides"),
        ("@Violence", 0, "small letters"),
    ],
)
def test_errors_point_and_suggest(text, column, suggestion):
    """A column, and what to write instead."""
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    assert caught.value.column == column
    assert suggestion in caught.value.suggestion
