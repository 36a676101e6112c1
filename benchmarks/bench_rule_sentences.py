"""How the shipped rules judge sentences that stand outside them: found, at the severity that a desk gave, or left alone.

Every set in ``benchmarks/sentences`` was written before the rules were seen or changed for it; a set that was once used to
mend rules says nothing new, so what counts is its first measurement, kept in ``benchmarks/results/rule_sentences.md``.

A folder holds a file a language (``en.txt``), a sentence a line, led by what it should get and ``|``: ``1`` to ``5`` the
severity of the escalation, ``d`` de-escalation, ``0`` nothing. The highest severity of confirmed escalations counts. What
follows a colon (``4:coup``) says for the reader what the sentence is about and is not judged.

Run: ``python -m benchmarks.bench_rule_sentences [FOLDER…] [--misses]``.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeline.stages.alerts.ruleset import RuleSet
from pipeline.stages.alerts.words import Words

SETS = Path(__file__).parent / "sentences"


def judge(rules: RuleSet, language: str, sentence: str) -> tuple[str, list[str]]:
    """Return what the rules make of a sentence (``0``, ``d`` or a severity) and the titles of those that match."""
    findings = rules.matcher.findings(Words("", sentence), [language])
    titles = sorted({finding.query.rule.title for finding in findings})
    severities = [
        max(1, finding.query.rule.severity - 2 * finding.unconfirmed)
        for finding in findings
        if finding.query.rule.kind == "escalation"
    ]
    if severities:
        return str(max(severities)), titles
    return ("d" if findings else "0"), titles


def _right(wanted: str, got: str, kinds: set[str]) -> bool:
    return wanted in kinds if wanted == "d" else wanted == got


def main() -> None:
    """Print the shares of each folder, a row a language; with ``--misses`` the sentences that went wrong as well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=sorted(SETS.iterdir()), help="sets of sentences (default: all)")
    parser.add_argument("--misses", action="store_true", help="print the sentences that went wrong too")
    chosen = parser.parse_args()
    rules = RuleSet.load(None)
    for folder in chosen.folders:
        print(f"\n{folder.name}\n\n| language | escalations at their severity | de-escalations | left alone |\n|---|---|---|---|")
        misses = list(_measure(rules, folder))
        if chosen.misses:
            print("\n".join(misses))


def _measure(rules: RuleSet, folder: Path) -> Iterator[str]:
    kinds = {rule.title: ("d" if rule.kind == "de-escalation" else str(rule.severity)) for rule in rules.rules}
    total: Counter[tuple[str, bool]] = Counter()
    for path in sorted(folder.glob("*.txt")):
        counts: Counter[tuple[str, bool]] = Counter()
        for line in path.read_text(encoding="utf-8").splitlines():
            label, _, sentence = line.partition("|")
            wanted, _, about = label.partition(":")
            got, titles = judge(rules, path.stem, sentence)
            right = _right(wanted, got, {kinds[title] for title in titles})
            counts["escalation" if wanted in "12345" else wanted, right] += 1
            if not right:
                yield f"{path.stem} {wanted}->{got} {about} {titles} {sentence}"
        print(_row(path.stem, counts))
        total += counts
    print(_row("all", total))


def _row(name: str, counts: Counter[tuple[str, bool]]) -> str:
    cells = []
    for group in ("escalation", "d", "0"):
        right, wrong = counts[group, True], counts[group, False]
        cells.append(f"{right} of {right + wrong} ({right / max(right + wrong, 1):.3f})")
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
