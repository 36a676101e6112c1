"""Cutting readings into batches, for one transaction or one round of sends each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.sources.source import Reading


def in_batches(readings: Iterable[Reading], *, items: int, size: int) -> Iterator[list[Reading]]:
    """Cut readings into batches of at most ``items``, each closed once its payloads reach ``size`` bytes.

    One that a slow source has begun is not held back for long, because sources end when they are dry.
    """
    batch: list[Reading] = []
    weight = 0
    for reading in readings:
        batch.append(reading)
        weight += len(reading.item.payload)
        if len(batch) >= items or weight >= size:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch
