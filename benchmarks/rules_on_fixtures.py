"""Which shipped rules fire on a folder of wire files: ids and file names for ``docs/rules.md``, no text.

Run: ``python -m benchmarks.rules_on_fixtures FOLDER [--write]``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from pipeline.messages import Dispatch
from pipeline.stages.alerts.ruleset import RuleSet
from pipeline.stages.alerts.words import Words

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
BEGIN, END = "<!-- fixtures: generated -->", "<!-- /fixtures -->"


def _rows(folder: Path) -> list[str]:
    rules = RuleSet.load(None)
    rows = []
    dispatches = silent = 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        done = subprocess.run([sys.executable, "-m", "pipeline", "parse", str(path)], capture_output=True, text=True, check=False)
        fired: Counter[str] = Counter()
        for line in done.stdout.splitlines():
            dispatch = Dispatch.model_validate(json.loads(line))
            dispatches += 1
            tag = (dispatch.language or "").partition("-")[0]
            languages = [tag] if tag in rules.matcher.languages else rules.matcher.languages
            findings = rules.matcher.findings(Words(dispatch.headline, dispatch.text), languages)
            silent += not findings
            for query in {str(finding.query.rule.id): finding.query for finding in findings}.values():
                fired[f"{query.rule.severity} {query.rule.title} `{str(query.rule.id)[:8]}`"] += 1
        if fired:
            rows.append(f"| {path.name} | {'; '.join(sorted(fired, reverse=True))} |")
    return [
        f"{silent} of {dispatches} dispatches match no rule. The others:",
        "",
        "| file | severity, rule, id |",
        "|---|---|",
        *rows,
    ]


def main() -> None:
    """Print the table and, with ``--write``, put it into the page."""
    table = "\n".join(_rows(Path(sys.argv[1])))
    print(table)
    if "--write" in sys.argv:
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.partition(BEGIN)[0], page.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
