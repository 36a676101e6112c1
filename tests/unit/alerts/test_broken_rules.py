"""Rule files that are broken: each gives one clear message with a position, none crashes, none slips through."""

from __future__ import annotations

import pytest

from pipeline.stages.alerts.explanation import explain
from pipeline.stages.alerts.ruleset import RuleError, RuleSet
from pipeline.stages.alerts.words import Words

GOOD = """\
id: 1c5f6a0e-32cf-4f0b-8a4e-1d3e2b0f7a11
title: Ceasefire broken
severity: 5
kind: escalation
match:
  en: truce NEAR/6 broken
"""


def query(text):
    return GOOD.replace("truce NEAR/6 broken", text)


BROKEN = {
    "not YAML": (GOOD + "tests: [", "not valid YAML", 8),
    "tab": (GOOD + "\tx: 1\n", "not valid YAML", 7),
    "control character": (GOOD.replace("Ceasefire", "Cease\x01fire"), "U+0001", 2),
    "no mapping": ("- a\n- b\n", "keys and values", 1),
    "key twice": (GOOD + "severity: 4\n", "'severity' stands here twice", 7),
    "unknown key": (GOOD + "sevrity: 4\n", "sevrity: unknown key", 7),
    "no id": (GOOD.replace("id: 1c5f6a0e-32cf-4f0b-8a4e-1d3e2b0f7a11\n", ""), "id is missing", 1),
    "no UUID": (GOOD.replace("1c5f6a0e-32cf-4f0b-8a4e-1d3e2b0f7a11", "ceasefire-1"), "id: input should be a valid UUID", 1),
    "severity": (GOOD.replace("severity: 5", "severity: 6"), "severity: input should be less than or equal to 5", 3),
    "severity as a word": (GOOD.replace("severity: 5", "severity: high"), "severity: input should be a valid integer", 3),
    "kind": (GOOD.replace("escalation", "escalating"), "kind: input should be 'escalation' or 'de-escalation'", 4),
    "empty match": (GOOD.replace("match:\n  en: truce NEAR/6 broken", "match: {}"), "match: dictionary should have at least 1", 5),
    "language": (GOOD.replace("  en:", "  English:"), "'English' is no language code", 6),
    "no such language": (GOOD.replace("  en:", "  xx:"), "'xx' is no language code", 6),
    "alias": (GOOD + "title2: &a x\ntags: [*a]\n", "anchors and aliases", 7),
    "tag": (GOOD + "tags: !!python/object:os.system x\n", "python", 7),
    "empty query": (query('""'), "the query is empty", 6),
    "open parenthesis": (query("(truce OR peace"), "the query ends too early", 6),
    "closed parenthesis": (query("truce OR peace)"), "')' cannot stand here", 6),
    "open quotation": (query("'\"truce OR peace'"), "cannot stand here", 6),
    "no operator": (query("truce broken"), "'broken' cannot stand here", 6),
    "small operator": (query("truce near/5 broken"), "operators are in capitals", 6),
    "operator at the end": (query("truce AND"), "the query ends too early", 6),
    "wildcard inside": (query("tru*ce"), "* stands inside", 6),
    "short prefix": (query("tr* AND broken"), "2 letters before *", 6),
    "distance": (query("truce NEAR/500 broken"), "must be between 1 and 50", 6),
    "AND inside NEAR": (query("truce NEAR/5 (broken AND peace)"), "AND stands inside NEAR", 6),
    "matches everything": (query("NOT truce"), "would match everything", 6),
    "matches everything, hidden": (query("truce OR NOT broken"), "would match everything", 6),
    "no word": (query("'\"...\" AND truce'"), "holds no letter or digit", 6),
    "unknown list": (query("'@violence AND truce'"), "there is no term list @violence", 6),
    "unknown filter": (GOOD + "exclude: [sport]\n", "there is no filter sport", 7),
    "test without query": (GOOD + "tests: [{lang: fr, text: x, hit: true}]\n", "no query in that language", 7),
    "circle": ("terms:\n  a: {en: '@b'}\n  b: {en: '@a'}\n", "contains itself", None),
    "filter with AND": ("filters:\n  f:\n    match: {en: a AND b}\n", "are not used here", 3),
    "country": (GOOD + "where: {countries: [Iran]}\n", "string should match pattern", 7),
    "deep nesting": (query("(" * 100 + "a" + ")" * 100), "nested deeper than 25", 6),
    "many NOT": (query("a AND " + "NOT " * 4000 + "b"), "nested deeper than 25", 6),
    "many fields": (query("a AND " + "HEAD:" * 3000 + "b"), "nested deeper than 25", 6),
    "a chain of NEAR": (query(" NEAR/1 ".join(["a"] * 2000)), "nested deeper than 25", 6),
    "chains in parentheses": (query("(" * 20 + "a" + " NEAR/2 b)" * 20 + " NEAR/1 c" * 20), "nested deeper than 25", 6),
    "a number of thousands of digits": (query(f"a NEAR/{'9' * 6000} b"), "must be between 1 and 50", 6),
    "lists in lists": (
        "terms:\n" + "".join(f"  l{n}: {{en: '@l{n + 1} OR word{n}'}}\n" for n in range(300)) + "  l300: {en: x}\n",
        "more than 3 deep",
        None,
    ),
    "lists in lists, the last first": (
        "terms:\n  l300: {en: x}\n" + "".join(f"  l{n}: {{en: '@l{n + 1}'}}\n" for n in range(299, -1, -1)),
        "more than 3 deep",
        None,
    ),
    "boolean as text": (GOOD.replace("title: Ceasefire broken", "title: yes"), "title: input should be a valid string", 2),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_a_clear_message_with_its_place(load, name):
    """File, line, what is wrong; where it can be said, what to do."""
    content, message, line = BROKEN[name]
    with pytest.raises(RuleError) as caught:
        load(rule=content)
    problems = [problem for problem in caught.value.problems if message in str(problem)]
    assert problems, str(caught.value)
    assert line is None or problems[0].line == line
    assert problems[0].file.endswith("rule.yaml")
    assert problems[0].column >= 1


def test_the_deepest_rule_that_is_taken_can_be_evaluated_and_explained(load):
    """Whoever writes rules must not be able to end the process."""

    def nested(inmost: str, operator: str) -> str:
        return "(" * 23 + inmost + f" {operator} word)" * 23

    lists = (
        "".join(f"  l{n}: {{en: '{nested(f'@l{n + 1}', 'OR')}'}}\n" for n in range(2)) + f"  l2: {{en: '{nested('ab', 'OR')}'}}\n"
    )
    for operator in ("OR", "AND"):
        rules = load(lists=f"terms:\n{lists}", rule=query(f"'{nested('@l0', operator)}'"))
        words = Words("", "ab word word")
        (compiled,) = rules.matcher.queries("en")
        assert len(rules.matcher.findings(words, ["en"])) == 1
        assert explain(compiled, words).verdict == "matches"


def test_all_problems_come_at_once(load):
    """An operator corrects all files in one go."""
    with pytest.raises(RuleError) as caught:
        load(one=query("truce AND"), two=GOOD.replace("severity: 5", "severity: 9"))
    assert len(caught.value.problems) == 2
    assert str(caught.value).startswith("2 problems in rule files")


def test_the_same_id_twice_is_refused(load):
    """Two rules of one folder never share an id."""
    with pytest.raises(RuleError, match=r"stands in .*a.yaml already"):
        load(a=GOOD, b=GOOD)


def test_a_column_inside_a_folded_query_is_the_files(load):
    """Editors jump to the word, also in a block scalar."""
    content = GOOD.replace("en: truce NEAR/6 broken", "en: >-\n    (truce OR peace)\n    AND AND broken")
    with pytest.raises(RuleError) as caught:
        load(rule=content)
    [problem] = caught.value.problems
    assert (problem.line, problem.column) == (8, 9)


def test_no_utf8_and_missing_folders_are_problems(tmp_path):
    """What cannot be read is named like everything else."""
    (tmp_path / "rule.yaml").write_bytes(b"title: \xff")
    with pytest.raises(RuleError, match="0xff is no UTF-8"):
        RuleSet.load(tmp_path, shipped=False)
    with pytest.raises(RuleError, match="does not exist"):
        RuleSet.load(tmp_path / "none", shipped=False)
