"""Which shipped rules fire on folders of wire files and on the demo, and on which words: the table in ``docs/rules.md``.

Run: ``python -m benchmarks.rules_on_fixtures FOLDER… [--write]``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pipeline.demo
from pipeline.messages import Dispatch
from pipeline.stages.alerts.ruleset import RuleSet
from pipeline.stages.alerts.words import Words

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
DEMO = Path(pipeline.demo.__file__).parent / "samples"
BEGIN, END = "<!-- fixtures: generated -->", "<!-- /fixtures -->"


def _dispatches(folder: Path) -> Iterator[tuple[str, Dispatch]]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        done = subprocess.run([sys.executable, "-m", "pipeline", "parse", str(path)], capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            yield path.name, Dispatch.model_validate_json(line)


def _fired(rules: RuleSet, dispatch: Dispatch) -> Iterator[str]:
    tag = (dispatch.language or "").partition("-")[0]
    languages = [tag] if tag in rules.matcher.languages else rules.matcher.languages
    words = Words(dispatch.headline, dispatch.text)
    findings = rules.matcher.findings(words, languages)
    for finding in {finding.query.rule.id: finding for finding in reversed(findings)}.values():
        rule = finding.query.rule
        matched = " … ".join(words.original(leaf)[3] for leaf in finding.places[0].leaves)
        severity = f"{rule.severity}{' de-escalation' if rule.kind == 'de-escalation' else ''}"
        unconfirmed = ", unconfirmed" if finding.unconfirmed else ""
        yield f"{severity} {rule.title} `{str(rule.id)[:8]}` on “{matched}”{unconfirmed}"


def _rows(folders: Sequence[Path]) -> list[str]:
    rules = RuleSet.load(None)
    fired = [(name, sorted(_fired(rules, dispatch), reverse=True)) for folder in folders for name, dispatch in _dispatches(folder)]
    return [
        f"{sum(not matches for _, matches in fired)} of {len(fired)} dispatches match no rule. The others:",
        "",
        "| file | severity, rule, id, first words that matched |",
        "|---|---|",
        *(f"| {name} | {'; '.join(matches)} |" for name, matches in fired if matches),
    ]


def main() -> None:
    """Print the table and, with ``--write``, put it into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, help="folders of wire files, besides the demo's")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    chosen = parser.parse_args()
    table = "\n".join(_rows([*chosen.folders, DEMO]))
    print(table)
    if chosen.write:
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.partition(BEGIN)[0], page.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
