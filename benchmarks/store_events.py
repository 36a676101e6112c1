"""Finished events of a size like a wire's: for measuring the store, where only their shape counts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from pipeline.messages import (
    Dispatch,
    Entity,
    EntityIds,
    EntityType,
    Event,
    Kind,
    Language,
    Match,
    Mention,
    Relation,
    RuleMatch,
    Source,
    Story,
    deterministic_id,
    dispatch_id,
    receipt_id,
)

START = datetime(2026, 1, 5, tzinfo=UTC)
_PROVIDERS = ("afp", "ap", "reuters", "dpa", "efe", "ansa", "belga", "kyodo")
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def vocabulary(size: int = 40_000) -> list[str]:
    """Words that do not exist, commonest first; the common ones are short."""
    chance = random.Random(1)
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(chance.choices(_SYLLABLES, k=1 + min(4, len(words).bit_length() // 4 + chance.randrange(2))))] = None
    return list(words)


NAMES = [" ".join(word.title() for word in pair) for pair in zip(vocabulary(6000)[::2], vocabulary(6000)[1::2], strict=True)]


def events(number: int, seed: int = 1) -> Iterator[Event]:
    """Yield events: 90 to 600 words each, three or four to a story, 15 % copies, six entities, an alert on every tenth."""
    chance = random.Random(seed)
    words = vocabulary()
    weights = [1 / rank for rank in range(3, len(words) + 3)]
    stream = iter(chance.choices(words, weights, k=400_000))

    def text(length: int) -> str:
        nonlocal stream
        taken = []
        while len(taken) < length:
            word = next(stream, None)
            if word is None:
                stream = iter(chance.choices(words, weights, k=400_000))
                continue
            taken.append(word)
        return "\n\n".join(" ".join(taken[at : at + 35]).capitalize() + "." for at in range(0, length, 35))

    for index in range(number):
        yield _event(index, seed, chance, text)


def _event(index: int, seed: int, chance: random.Random, text: Callable[[int], str]) -> Event:
    provider, item, at = _PROVIDERS[index % 8], f"{seed}-{index}", START + timedelta(seconds=index)
    copied = chance.random() < 0.15
    raw = f"{index:064x}"
    headline, body = text(9).rstrip("."), text(int(min(600, max(90, chance.lognormvariate(5.6, 0.5)))))
    identifier = dispatch_id(provider, item, "1", raw)
    dispatch = Dispatch(
        id=identifier, provider=provider, item_id=item, revision="1", urgency=4, headline=headline, slugline="slug-line/two",
        keywords=["one", "two"], subjects=["medtop:11000000", "medtop:16000000"], language="en", published_at=at, received_at=at,
        text=body, service="INT", sequence=f"{index % 9999 + 1:04d}", format="newsml-g2", raw_sha256=raw,
        source=Source(feed=provider, name=f"/var/spool/{provider}/{item}.xml", position=item),
    )  # fmt: skip
    story = Story(
        id=deterministic_id("story", seed, chance.randrange(index * 10 // 34 + 1)),
        relation=Relation.DUPLICATE if copied else Relation.UPDATE if chance.random() < 0.6 else Relation.NEW,
        of=identifier if copied else None, similarity=0.93, reason="shares 93 % of its words with the newest text of the story",
        providers=list(_PROVIDERS[: 1 + index % 4]),
    )  # fmt: skip
    mentions = [Mention(field="text", start=place, end=place + 12) for place in (5, 90, 210)]
    entities = [
        Entity(
            type=EntityType.PLACE if each % 2 else EntityType.PERSON, name=chance.choice(NAMES), country="UA" if each % 2 else None,
            ids=EntityIds(geonames=100_000 + each), mentions=mentions, salience=0.4, confidence=0.9,
        )
        for each in range(6)
    ]  # fmt: skip
    alert = RuleMatch(
        rule="9a3f4a0e", rule_sha256="0" * 64, severity=4, kind=Kind.ESCALATION, title="Ceasefire broken",
        matches=[Match(field="text", start=5, end=17, text="truce broken")],
    )  # fmt: skip
    return Event(
        receipt=receipt_id(provider, item, 0), dispatch=dispatch, story=story, language=Language(tag="en", confidence=0.98),
        entities=entities, alerts=[alert] if index % 10 == 0 else [], processed_at=at,
    )  # fmt: skip
