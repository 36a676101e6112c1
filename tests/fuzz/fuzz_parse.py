"""Fuzz the parser for as long as you like: ``python tests/fuzz/fuzz_parse.py --seconds 600 [--seeds FOLDER]``.

Seeds are the tests' own samples and, where given, every file of a folder. Each is cut, flipped, spliced with another and peppered
with what parsers trip over. An escaping exception, a bug that the stage had to catch, an input that vanishes, one that takes longer
than ``--limit`` seconds, or more than ``--memory`` MiB in all end the run with exit code 1; the input is kept in ``fuzz-failures/``.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from pipeline.messages import RawItem
from pipeline.settings import ParseSettings
from pipeline.stages.parse.stage import ParseStage
from tests.unit.parse.samples import SAMPLES

RECEIVED = datetime(2026, 3, 1, tzinfo=UTC)
TOKENS = [
    b"\x00", b"\x01", b"\x02", b"\x03", b"\x1f", b"\x0c", b"\xff\xfe", b"\xef\xbb\xbf", b"<![CDATA[", b"]]>", b"<!DOCTYPE a [", b"&a;", b"&nbsp;",
    b"<p>", b"</p>", b"<table><tr>", b"{", b"[", b'"', b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"(AFP) - ", b"/TASS/. ", b"abc/def", b"\x08^;1;2\x10 ", b"\x1e\x1f", b"KILL KILL KILL", b"EMBARGO until 31 Feb 25h99", b"99999999999999999999",
    b"2026-02-30T25:61:61+99:99", b"\r", b"\n" * 50, b" " * 200, b"\t", "Ã©â€™".encode(), "حظر".encode(), b"=" * 100, b"/" * 100, b"\x85", b"\xa0",
]  # fmt: skip


FILLERS = (b"x", b" ", b"\n", b"=", b"^", b"(", b"a/", b"\x01", b"<", b"1 ", b" ,  ")


def long_lines(seeds: list[bytes]) -> Iterator[bytes]:
    """The head of every seed with a line of 400,000 bytes behind it, on which a pattern that backtracks takes for ever."""
    for seed in seeds:
        for filler in FILLERS:
            yield seed[:180] + filler * (400_000 // len(filler))


def mutated(dice: random.Random, seeds: list[bytes]) -> bytes:
    """One damaged descendant of the seeds."""
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(data) + 1)
        kind = dice.randrange(6)
        if kind == 0:
            del data[at:]
        elif kind == 1:
            del data[at : at + dice.randint(1, 80)]
        elif kind == 2:
            data[at:at] = dice.choice(TOKENS) * dice.choice((1, 1, 2, 30))
        elif kind == 3 and data:
            data[at % len(data)] = dice.randrange(256)
        elif kind == 4:
            other = dice.choice(seeds)
            start = dice.randrange(len(other) + 1)
            data[at:at] = other[start : start + dice.randint(1, 400)]
        else:
            start = dice.randrange(len(data) + 1)
            data[at:at] = data[start : start + dice.randint(1, 200)] * dice.choice((1, 2, 20))
        del data[200_000:]
    return bytes(data)


def main() -> int:
    """Run until the time is up or something fails."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=300, help="how long to run")
    options.add_argument("--limit", type=float, default=5, help="seconds of processor time that one input may take")
    options.add_argument("--memory", type=int, default=1024, help="MiB that the whole run may take")
    options.add_argument("--seeds", type=Path, help="folder of further seeds, such as $WIREFEED_CORPORA/fixtures")
    options.add_argument("--seed", type=int, default=int(time.time()), help="seed of the dice")
    chosen = options.parse_args()
    seeds = list(SAMPLES.values())
    if chosen.seeds:
        seeds += [path.read_bytes() for path in sorted(chosen.seeds.rglob("*")) if path.is_file()]
    dice, stage = random.Random(chosen.seed), ParseStage(ParseSettings())
    end, count, slowest, failures = time.monotonic() + chosen.seconds, 0, 0.0, 0
    first = long_lines(list(SAMPLES.values()))
    while time.monotonic() < end:
        data = next(first, b"") or mutated(dice, seeds)
        started = time.process_time()
        problem = attempt(stage, data)
        took = time.process_time() - started
        count, slowest = count + 1, max(slowest, took)
        if took > chosen.limit:
            problem = problem or f"took {took:.1f} s"
        if problem:
            failures += 1
            kept = Path("fuzz-failures") / hashlib.sha256(data).hexdigest()[:16]
            kept.parent.mkdir(exist_ok=True)
            kept.write_bytes(data)
            sys.stderr.write(f"{kept}: {problem}\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{count} inputs, seed {chosen.seed}, slowest {slowest:.2f} s, peak {peak} MiB, {failures} failures\n")
    return 1 if failures or peak > chosen.memory else 0


def attempt(stage: ParseStage, data: bytes) -> str | None:
    """What is wrong with how an input was taken; None where nothing is."""
    try:
        parsed = stage.parse(RawItem(payload=data, feed="fuzz", name="fuzz", position="0", received_at=RECEIVED))
    except Exception as error:
        return f"escaped: {type(error).__name__}: {error}"
    if not parsed.dispatches and not parsed.dead_letters:
        return "vanished without a reason"
    try:
        for message in (*parsed.dispatches, *parsed.dead_letters):
            message.to_json()
    except Exception as error:
        return f"cannot be sent: {type(error).__name__}: {error}"
    return next((letter.reason for letter in parsed.dead_letters if "the parser failed" in letter.reason), None)


if __name__ == "__main__":
    sys.exit(main())
