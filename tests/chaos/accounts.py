"""Afterwards: whether every input is accounted for, once."""

from __future__ import annotations

import json
from typing import Any

from pipeline.messages import ParsedDispatch
from pipeline.settings import DeduplicateSettings
from pipeline.stages.deduplicate.stage import Deduplicator
from tests.chaos.load import Load
from tests.services.endpoint import Endpoint
from tests.services.processes import Wirefeed, until
from tests.services.samples import count, rows

Row = tuple[str, str, bool]


def accounts(wirefeed: Wirefeed, store: str, load: Load, endpoint: Endpoint) -> list[Row]:
    """Compare what was sent with what came of it: what is compared, what was found, whether it holds."""
    sent = load.sent
    letters = sent["poison"] + sent["oversized"]
    until(
        lambda: (
            count(store, "dispatches") >= sent["new"]
            and count(store, "copies") >= sent["copy"]
            and count(store, "dead_letters") >= letters
        ),
        f"all of {dict(sent)} is stored",
        180,
    )
    stored, ids, receipts = rows(store, "select count(*), count(distinct id), count(distinct receipt) from dispatches")[0]
    found: list[Row] = [
        ("records that the broker refused", str(len(load.refused)), not load.refused),
        (
            "dispatches sent; rows, ids, receipts stored",
            f"{sent['new']}; {stored}, {ids}, {receipts}",
            stored == ids == receipts == sent["new"],
        ),
    ]
    copies, dead = count(store, "copies"), count(store, "dead_letters")
    found.append(("copies sent; stored", f"{sent['copy']}; {copies}", copies == sent["copy"]))
    found.append(("poison and oversized sent; dead letters", f"{sent['poison']} + {sent['oversized']}; {dead}", dead == letters))
    lost = sum(sent.values()) - stored - copies - dead
    found.append(("lost; rows doubled", f"{lost}; {stored - receipts}", lost == 0 and stored == receipts))
    verdicts = _verdicts(wirefeed)
    changed = sum(len(each) > 1 for each in verdicts.values())
    found.append(
        (
            "receipts with a verdict; with more than one",
            f"{len(verdicts)}; {changed}",
            len(verdicts) == sent["new"] + sent["copy"] and not changed,
        )
    )
    differing = _replayed_differently(wirefeed.records("dispatches"), verdicts)
    found.append(("verdicts that a replay of wire.dispatches changes", str(differing), differing == 0))
    return [*found, *_alerts(wirefeed, endpoint)]


def _alerts(wirefeed: Wirefeed, endpoint: Endpoint) -> list[Row]:
    alerted = {record["value"]["story"]["id"] for record in wirefeed.records("alerts")}
    until(lambda: endpoint.stories >= alerted, "every alert is delivered", 180)
    doubled = sum(len(keys) > 1 for keys in endpoint.keys.values())
    return [
        ("stories with an alert; told", f"{len(alerted)}; {len(endpoint.stories)}", bool(alerted) and endpoint.stories == alerted),
        ("alerts delivered; under more than one idempotency key", f"{len(endpoint.keys)}; {doubled}", doubled == 0),
        ("requests at the endpoint, repeated ones included", str(endpoint.requests), True),
    ]


def _verdicts(wirefeed: Wirefeed) -> dict[str, set[str]]:
    verdicts: dict[str, set[str]] = {}
    for record in wirefeed.records("verdicts"):
        verdicts.setdefault(record["value"]["receipt"], set()).add(json.dumps(record["value"]["story"], sort_keys=True))
    return verdicts


def _replayed_differently(dispatches: list[dict[str, Any]], verdicts: dict[str, set[str]]) -> int:
    """Decide the recorded log again in a fresh process state."""
    deduplicator = Deduplicator(DeduplicateSettings())
    differing = set()
    for verdict in deduplicator.decide([ParsedDispatch.model_validate(record["value"]) for record in dispatches]):
        again = json.dumps(json.loads(verdict.story.model_dump_json()), sort_keys=True)
        if verdicts.get(str(verdict.receipt)) != {again}:
            differing.add(verdict.receipt)
    return len(differing)
