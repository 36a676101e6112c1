"""Microseconds a dispatch of 500 words at 1,000 and 10,000 rules, beside a list of regular expressions and beside no prefilter.

Rules and dispatches are made of invented words with the frequencies of natural language (Zipf); a rule asks for two groups of
terms near each other, as rules of the shipped pack do. Run: ``python -m benchmarks.bench_rules [--write]``.
"""

from __future__ import annotations

import argparse
import platform
import random
import re
import resource
import tempfile
import time
import uuid
from itertools import accumulate
from pathlib import Path

from pipeline.stages.alerts.matcher import evaluate
from pipeline.stages.alerts.ruleset import RuleSet
from pipeline.stages.alerts.tree import Scope
from pipeline.stages.alerts.trial import run_tests
from pipeline.stages.alerts.words import Words

WORDS = 500
DISPATCHES = 200
COUNTS = (1_000, 10_000)
RESULTS = Path(__file__).with_name("results") / "rules.md"


def _vocabulary(draw: random.Random) -> list[str]:
    syllables = [consonant + vowel for consonant in "bcdfglmnprstv" for vowel in "aeiou"]
    words = {"".join(draw.choice(syllables) for _ in range(draw.choice((1, 2, 2, 3, 3, 4)))) for _ in range(60_000)}
    return sorted(words, key=lambda word: (len(word), draw.random()))[:30_000]


def _dispatches(draw: random.Random, vocabulary: list[str]) -> list[str]:
    weights = list(accumulate(1 / rank for rank in range(1, len(vocabulary) + 1)))
    texts = []
    for _ in range(DISPATCHES):
        words = draw.choices(vocabulary, cum_weights=weights, k=WORDS)
        paragraphs = [" ".join(words[start : start + 40]).capitalize() + "." for start in range(0, WORDS, 40)]
        texts.append("\n\n".join(paragraphs))
    return texts


def _term(draw: random.Random, vocabulary: list[str]) -> str:
    word = draw.choice(vocabulary[200:])
    return word[: max(5, len(word) - 2)] + "*" if len(word) > 6 and draw.random() < 0.4 else word


def _queries(draw: random.Random, vocabulary: list[str], count: int) -> list[tuple[list[str], list[str]]]:
    return [([_term(draw, vocabulary) for _ in range(3)], [_term(draw, vocabulary) for _ in range(3)]) for _ in range(count)]


def _write_rules(folder: Path, queries: list[tuple[list[str], list[str]]]) -> None:
    documents = [
        f"id: {uuid.UUID(int=(4 << 76) | (2 << 62) | number)}\ntitle: Rule {number}\nseverity: 3\nkind: escalation\n"
        f"match:\n  en: ({' OR '.join(left)}) NEAR/8 ({' OR '.join(right)})\n"
        for number, (left, right) in enumerate(queries)
    ]
    for start in range(0, len(documents), 100):
        (folder / f"rules-{start:06}.yaml").write_text("---\n".join(documents[start : start + 100]), encoding="utf-8")


def _expressions(queries: list[tuple[list[str], list[str]]]) -> list[re.Pattern[str]]:
    def group(terms: list[str]) -> str:
        return "(?:" + "|".join(term[:-1] + r"\w*" if term.endswith("*") else term for term in terms) + ")"

    found = []
    for left, right in queries:
        a, b = group(left), group(right)
        found.append(re.compile(rf"\b{a}\b(?:\W+\w+){{0,7}}?\W+{b}\b|\b{b}\b(?:\W+\w+){{0,7}}?\W+{a}\b"))
    return found


def _each(texts: list[str], work: object) -> float:
    """Best of three runs, microseconds a text."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        for text in texts:
            work(text)  # type: ignore[operator]
        best = min(best, time.process_time() - started)
    return best / len(texts) * 1e6


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measure(count: int, draw: random.Random, vocabulary: list[str], texts: list[str]) -> list[str]:
    queries = _queries(draw, vocabulary, count)
    with tempfile.TemporaryDirectory() as folder:
        _write_rules(Path(folder), queries)
        before, started = _memory(), time.process_time()
        rules = RuleSet.load(Path(folder), shipped=False)
        load, memory = time.process_time() - started, _memory() - before
    matcher = rules.matcher
    every = matcher.queries("en")
    few = texts[:10]

    def without_prefilter(text: str) -> None:
        scope = Scope(Words(None, text))
        for query in every:
            evaluate(query, scope)

    expressions = _expressions(queries)

    def with_prefilter(text: str) -> None:
        matcher.findings(Words(None, text), ["en"])

    prefiltered = _each(texts, with_prefilter)
    folding = _each(texts, lambda text: Words(None, text).joined)
    plain = _each(few, without_prefilter)
    lowered = _each(few[:3], lambda text: [expression.search(text.lower()) for expression in expressions])
    hits = sum(len(matcher.findings(Words(None, text), ["en"])) for text in texts) / len(texts)
    return [
        f"{count:,}",
        f"{prefiltered:,.0f}",
        f"{folding:,.0f}",
        f"{plain:,.0f}",
        f"{lowered:,.0f}",
        f"{load:.1f}",
        f"{memory:.0f}",
        f"{hits:.1f}",
    ]


def main() -> None:
    """Measure, print and, with ``--write``, keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help=f"keep the results in {RESULTS.name}")
    chosen = parser.parse_args()
    draw = random.Random(6)
    vocabulary = _vocabulary(draw)
    texts = _dispatches(draw, vocabulary)
    lines = [
        "# Rules: time and memory",
        "",
        f"{platform.machine()}, Python {platform.python_version()}, processor time of one core, best of three; {WORDS} words.",
        "",
        "| rules | prefiltered µs | of it folding | every rule µs | regular expressions µs | load s | memory MB | matches |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(_measure(count, draw, vocabulary, texts))} |" for count in COUNTS]
    started = time.process_time()
    shipped = RuleSet.load(None)
    loaded = time.process_time() - started
    started = time.process_time()
    failures = len(list(run_tests(shipped)))
    tested = time.process_time() - started
    count = sum(len(rule.tests) for rule in shipped.rules)
    pack = f"{len(shipped.rules)} rules, loaded in {loaded:.2f} s; {count:,} tests in {tested:.2f} s, {failures} failures"
    lines += [
        "",
        f"Shipped pack: {pack}.",
        "",
        "Aims: at most 200 µs at 1,000 rules and 500 µs at 10,000; 10,000 rules loaded within 3 s.",
    ]
    report = "\n".join(lines) + "\n"
    print(report)
    if chosen.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
