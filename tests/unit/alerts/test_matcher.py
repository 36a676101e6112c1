"""The matcher finds what the language means: checked against a plain evaluator, in four scripts."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.alerts.matcher import LanguageQuery, Matcher
from pipeline.stages.alerts.prefilter import Covers
from pipeline.stages.alerts.query import parse_query
from pipeline.stages.alerts.rule import Rule
from pipeline.stages.alerts.words import Words

_spec = importlib.util.spec_from_file_location("naive", Path(__file__).with_name("naive.py"))
naive = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(naive)

VOCABULARIES = {
    "latin": [
        "troops",
        "trooper",
        "crossed",
        "border",
        "été",
        "élan",
        "cease-fire",
        "fire",
        "war",
        "warm",
        "ß",
        "straße",
        "ﬁre",
        "II",
    ],
    "cyrillic": ["войска", "войну", "граница", "ёлка", "перемирие", "перемирия", "об'єкт", "їжа", "огонь", "удар", "удары"],
    "arabic": ["الهدنة", "والهدنة", "هدنة", "قوات", "القوات", "وقواتهم", "بالحدود", "الحدود", "حرب", "للحرب", "إطلاق", "النار"],
    "chinese": ["停火", "停", "火", "战机", "轰炸", "F-16", "导弹", "边境", "，", "军"],
}
SEPARATORS = [" ", " ", " ", ", ", ". ", "\n\n", "\n", "—", " \u00ad"]


def random_text(draw, words):
    return "".join(draw.choice(words) + draw.choice(SEPARATORS) for _ in range(draw.randint(0, 14)))


def random_term(draw, words):
    picked = draw.choice([word for word in words if word != "，"])
    kind = draw.random()
    if kind < 0.25 and len(picked) >= 4 and picked[-1].isalpha() and "-" not in picked and "'" not in picked:
        return picked[: draw.randint(3, len(picked))] + "*"
    if kind < 0.4:
        return f'"{picked} {draw.choice(words)}"'
    return f'"{picked}"' if not picked.isalnum() else picked


def random_places(draw, words, depth):
    if depth == 0 or draw.random() < 0.35:
        return random_term(draw, words)
    left, right = random_places(draw, words, depth - 1), random_places(draw, words, depth - 1)
    operator = draw.choice(["OR", f"NEAR/{draw.randint(1, 6)}", f"ADJ/{draw.randint(1, 6)}"])
    return f"({left} {operator} {right})"


def random_query(draw, words, depth=2):
    kind = draw.random()
    if depth == 0 or kind < 0.35:
        return random_places(draw, words, 2)
    inner = random_query(draw, words, depth - 1)
    if kind < 0.55:
        return f"({inner} AND {random_query(draw, words, depth - 1)})"
    if kind < 0.65:
        return f"({inner} OR {random_query(draw, words, depth - 1)})"
    if kind < 0.75:
        return f"({inner} AND NOT {random_query(draw, words, depth - 1)})"
    if kind < 0.83:
        return f"HEAD: ({inner})"
    if kind < 0.91:
        return f"FIRST/{draw.randint(1, 8)} ({inner})"
    return f"ATLEAST/{draw.randint(2, 3)} {random_places(draw, words, 1)}"


def compile_query(text):
    rule = Rule(
        id="6b1f3a52-3f0e-4d0b-9c63-0a6f7c1d9e11", title="t", severity=3, kind="escalation", match={"nl": text}, denial=False
    )
    tree = parse_query(text)
    cover = Covers().requirements(tree)
    return None if cover is None else LanguageQuery(rule, "", "nl", tree, (), cover)


def compare(pairs, seed):
    draw = random.Random(seed)
    compared = hits = 0
    while compared < pairs:
        words = draw.choice(list(VOCABULARIES.values()))
        query = compile_query(random_query(draw, words))
        if query is None:
            continue
        matcher = Matcher([query])
        for _ in range(5):
            document = Words(random_text(draw, words) if draw.random() < 0.5 else None, random_text(draw, words))
            found = matcher.findings(document, ["nl"])
            expected = naive.Naive(document).holds(query.tree)
            compared += 1
            hits += expected is not None
            assert bool(found) == (expected is not None), (query.rule.match, document.forms)
            if found:
                assert naive.leaves(found[0].places) == expected, (query.rule.match, document.forms)
    assert pairs * 0.1 < hits < pairs * 0.9


def test_the_prefiltered_matcher_equals_the_plain_evaluator():
    """A thousand random rules and texts in Latin, Cyrillic, Arabic and Chinese."""
    compare(1_000, seed=6)


@pytest.mark.slow
def test_the_prefiltered_matcher_equals_the_plain_evaluator_at_length():
    """Ten thousand pairs more."""
    compare(12_000, seed=7)


SCRIPTS = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("aeée\u0301ßﬁÄ İıñ’'-\u00ad\n\n. 1½"),
        st.sampled_from("йёїґ停火戰，。アがกำकि한글"),
        st.sampled_from("أإآةىـًّوالحرب\u200d"),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(SCRIPTS, SCRIPTS)
def test_offsets_give_back_the_words_of_the_original(headline, text):
    """For every word of any text: the slice of the field at its offsets folds to that word again."""
    words = Words(headline, text)
    for position in dict.fromkeys(words.positions):
        field, start, end, quoted = words.original((position, position + 1))
        source = headline if field == "headline" else text
        assert source[start:end] == quoted
        forms = [form for form, at in zip(words.forms, words.positions, strict=True) if at == position]
        assert forms[0] in "".join(Words(None, quoted).forms)


@pytest.mark.parametrize(
    ("query", "text", "quoted"),
    [
        ('"cessez-le-feu"', "Un CESSEZ-LE-FEU a été signé", ["CESSEZ-LE-FEU"]),
        ("etat", "l’E\u0301TAT d'urgence", ["E\u0301TAT"]),
        ("перемир*", "Хрупкое ПЕРЕМИРИЕ рухнуло", ["ПЕРЕМИРИЕ"]),
        ("هدنة", "أُعلنت والهُدنـــةُ أمس", ["والهُدنـــةُ"]),
        ("停火", "双方同意停火。", ["停火"]),
        ("停火 NEAR/20 协议", "雙方同意停火，協議午夜生效。", ["停火", "協議"]),
        ("strasse ADJ/1 geraumt", "Die Straße geräumt", ["Straße", "geräumt"]),
        ("ракет* NEAR/3 город", "По городу ... ракеты, город горит", ["ракеты", "город"]),
    ],
)
def test_matches_quote_the_dispatch(query, text, quoted):
    """Accents, case, ligatures, harakat, tatweel and proclitics do not matter; the quotation is exact."""
    words = Words(None, text)
    [finding] = Matcher([compile_query(query)]).findings(words, ["nl"])
    assert [words.original(leaf)[3] for place in finding.places for leaf in place.leaves] == quoted


def test_distance_does_not_reach_over_paragraphs():
    """NEAR stays inside a paragraph, and between headline and text."""
    matcher = Matcher([compile_query("troops NEAR/50 border")])
    assert matcher.findings(Words(None, "Troops.\n\nThe border."), ["nl"]) == []
    assert matcher.findings(Words("Troops", "The border."), ["nl"]) == []
    assert len(matcher.findings(Words(None, "Troops at the border."), ["nl"])) == 1


def test_a_dispatch_that_repeats_itself_is_matched_in_bounded_time():
    """Hostile text: a hundred thousand times the same two words."""
    matcher = Matcher([compile_query("(a OR b) NEAR/50 (a OR b) NEAR/50 (a OR b)")])
    assert len(matcher.findings(Words(None, "a b " * 100_000), ["nl"])) == 1
