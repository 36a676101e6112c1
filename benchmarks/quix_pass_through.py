"""The pass-through of `bench_kafka` in quixstreams: run by the interpreter that BENCH_QUIX_PYTHON names.

quixstreams wants an older pydantic than Wirefeed does: `uv venv quix && uv pip install --python quix/bin/python quixstreams`,
then BENCH_QUIX_PYTHON=quix/bin/python. Arguments: bootstrap, source, target, number of records.
"""

import json
import sys
import time

from quixstreams import Application

bootstrap, source, target, records = sys.argv[1:]
began: list[tuple[float, float]] = []


def first(_value: bytes) -> None:
    """Start the clock with the first record."""
    if not began:
        began.append((time.perf_counter(), time.process_time()))


app = Application(
    broker_address=bootstrap, consumer_group="quix", auto_offset_reset="earliest", auto_create_topics=False, loglevel="ERROR"
)
reads = app.topic(source, key_deserializer="bytes", value_deserializer="bytes")
writes = app.topic(target, key_serializer="bytes", value_serializer="bytes")
app.dataframe(reads).update(first).to_topic(writes)
app.run(count=int(records), timeout=60)
wall, cpu = began[0]
print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}), flush=True)
