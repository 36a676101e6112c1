"""A watched folder: finished files only."""

import os
import time

from pipeline.settings import SourceSettings
from pipeline.sources.open import open_source
from tests.unit.sources.reading import names, read


def watched(folder, settle_seconds=3600):
    settings = SourceSettings(name="drop", type="watch", location=str(folder), settle_seconds=settle_seconds)
    return open_source(settings, max_item_bytes=1000)


def test_a_file_that_grows_is_left_alone_until_it_stands_still(tmp_path):
    """Two passes that see the same size and time make a file finished."""
    source, saved = watched(tmp_path), {}
    path = tmp_path / "a.txt"
    path.write_bytes(b"half")
    assert read(source, saved)[0] == []
    path.write_bytes(b"half and more")
    assert read(source, saved)[0] == []
    (item,), _, _ = read(source, saved)
    assert item.payload == b"half and more"
    assert read(source, saved)[0] == []


def test_a_file_that_was_finished_elsewhere_is_read_at_once(tmp_path):
    """Renaming a file in, as careful senders do, costs no waiting."""
    (tmp_path / "upload.part").write_bytes(b"whole")
    os.utime(tmp_path / "upload.part", (5, 5))
    source, saved = watched(tmp_path), {}
    assert read(source, saved)[0] == []
    (tmp_path / "upload.part").rename(tmp_path / "a.txt")
    assert names(read(source, saved)[0]) == ["a.txt"]


def test_a_clock_ahead_of_ours_does_not_hold_a_file_for_ever(tmp_path):
    """A share whose server lives in the future is read on the second pass."""
    (tmp_path / "a.txt").write_bytes(b"x")
    future = time.time() + 86400
    os.utime(tmp_path / "a.txt", (future, future))
    source = watched(tmp_path, settle_seconds=0)
    assert read(source)[0] == []
    assert names(read(source)[0]) == ["a.txt"]


def test_a_problem_is_told_once(tmp_path):
    """A broken file in a folder that is looked at every second does not fill the log."""
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone")
    source = watched(tmp_path)
    assert len(read(source)[1]) == 1
    assert read(source)[1] == []


def test_an_empty_watched_folder_waits(tmp_path):
    """Nothing there yet is no error."""
    assert read(open_source(f"{tmp_path}/*.xml", max_item_bytes=10, follow=True)) == ([], [], {})
