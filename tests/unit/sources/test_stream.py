"""Standard input."""

import subprocess
import sys


def test_standard_input_is_one_item():
    """All bytes until the end of the stream, named stdin."""
    code = (
        "from pipeline.sources.open import open_source\n"
        "source = open_source('-', max_item_bytes=100)\n"
        "print([(r.item.name, r.item.payload) for r in source.read({})], list(source.read({})))"
    )
    ran = subprocess.run([sys.executable, "-c", code], input=b"two\nlines", capture_output=True, check=True)
    assert ran.stdout.decode().strip() == r"[('stdin', b'two\nlines')] []"
