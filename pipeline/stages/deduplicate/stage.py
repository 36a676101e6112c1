"""Deduplication: what a dispatch is to the ones before it, decided once.

Identity, revision and withdrawal decide first, then what the agency says that it refers to, then the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from pipeline.messages import Fingerprint, ItemState, ParsedDispatch, Relation, Verdict
from pipeline.settings import DeduplicateSettings
from pipeline.stages.deduplicate.finding import Arrival, Knowledge
from pipeline.stages.deduplicate.fingerprint import fingerprint
from pipeline.stages.deduplicate.index import Index
from pipeline.stages.deduplicate.items import Items, item_key
from pipeline.stages.deduplicate.receipts import Receipts
from pipeline.stages.deduplicate.record import Record
from pipeline.stages.deduplicate.ruling import Ruling, is_opening, opening, rule


class Deduplicator:
    """The state of deduplication, and the one place where verdicts are made.

    Not thread-safe: verdicts depend on their order.
    """

    name = "deduplicate"

    def __init__(self, settings: DeduplicateSettings) -> None:
        window = timedelta(hours=settings.window_hours)
        self._known = Knowledge(
            items=Items(window, timedelta(days=settings.identity_days)),
            receipts=Receipts(settings.max_documents),
            texts=Index(window, settings.max_documents),
        )

    def decide(self, batch: Sequence[ParsedDispatch]) -> list[Verdict]:
        """Give each dispatch its verdict, in order.

        A receipt that has a verdict gets that one again. Log the verdicts before anything is published.
        """
        return [self._decide(parsed) for parsed in batch]

    def knows(self, receipt: UUID) -> bool:
        """Whether a reception has its verdict already."""
        return receipt in self._known.receipts

    def restore(self, verdicts: Iterable[Verdict], items: Iterable[ItemState]) -> None:
        """Rebuild the state from the logs, each in the order in which it was written.

        ``verdicts`` are those of at least the window; ``items`` may be of any age. Verdicts are logged first, so that they
        win over what ``items`` says.
        """
        for state in items:
            self._known.items.put(state)
        for verdict in verdicts:
            if verdict.receipt not in self._known.receipts:
                self._remember(verdict, None if verdict.fingerprint is None else Record.of(verdict.fingerprint))

    def item_states(self, verdicts: Sequence[Verdict]) -> list[ItemState]:
        """Newest known state of each item that these verdicts changed, to be saved with them."""
        changed = dict.fromkeys((item.provider, item.item_id) for verdict in verdicts for item in verdict.items)
        states = (self._known.items.get(key) for key in changed)
        return [state for state in states if state is not None]

    def _decide(self, parsed: ParsedDispatch) -> Verdict:
        print_ = parsed.fingerprint or fingerprint(parsed.dispatch)
        arrival = Arrival(parsed.dispatch, Record.of(print_))
        if parsed.receipt in self._known.receipts:
            known = self._known.receipts.get(parsed.receipt)
            return known.model_copy(update={"fingerprint": print_}) if known else _verdict(parsed, print_, opening(arrival))
        verdict = _verdict(parsed, print_, rule(arrival, self._known))
        self._remember(verdict, arrival.record)
        return verdict

    def _remember(self, verdict: Verdict, record: Record | None) -> None:
        """Take a verdict into the state: depends on the verdict alone, so that a restored state is the one that was lost."""
        self._known.items.expire(verdict.received_at)
        for state in verdict.items:
            self._known.items.put(state)
        self._known.receipts.put(verdict, follows=is_opening(verdict))
        if record is not None and _is_readable(verdict):
            opens = verdict.story.relation is Relation.NEW
            self._known.texts.insert(record, verdict.dispatch_id, verdict.story.id, verdict.received_at, opens=opens)


def _is_readable(verdict: Verdict) -> bool:
    """Whether later texts may be compared with this one: a notice of withdrawal has no text of its own."""
    return verdict.status == "usable" and verdict.story.relation != "withdrawal"


def _verdict(parsed: ParsedDispatch, print_: Fingerprint, ruling: Ruling) -> Verdict:
    dispatch = parsed.dispatch
    provider, item_id = item_key(dispatch)
    return Verdict(
        receipt=parsed.receipt,
        dispatch_id=dispatch.id,
        provider=provider,
        item_id=item_id,
        revision=dispatch.revision,
        status=dispatch.status,
        signal=dispatch.signal,
        received_at=dispatch.received_at,
        embargoed_until=dispatch.embargoed_until,
        service=dispatch.service,
        sequence=dispatch.sequence,
        published_at=dispatch.published_at,
        story=ruling.story,
        items=ruling.items,
        fingerprint=print_,
    )
