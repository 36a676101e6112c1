"""Files, directories, globs and archives as sources."""

import gzip
import io
import os
import tarfile
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.messages import DeadLetter, RawItem
from pipeline.settings import SourceSettings
from pipeline.sources.open import open_source
from pipeline.sources.source import Reading, SourceError
from tests.unit.sources.reading import names, read

LIMIT = 1000


def test_a_directory_is_read_in_natural_path_order(tmp_path):
    """9 comes before 10, and what is below a directory comes where the directory stands."""
    for name in ("a10.txt", "a9.txt", "b/2.txt", "b/10.txt", "a9/x.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    items, problems, _ = read(open_source(str(tmp_path), max_item_bytes=LIMIT))
    assert names(items) == ["a9/x.txt", "a9.txt", "a10.txt", "b/2.txt", "b/10.txt"]
    assert not problems


def test_hidden_and_unfinished_files_are_passed_over(tmp_path):
    """Dot files and the temporary names of FTP clients are no dispatches; an empty file is handed on for parse to judge."""
    for name in (".hidden", "a.part", "b.TMP", "empty.txt"):
        (tmp_path / name).touch()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").touch()
    items, _, _ = read(open_source(str(tmp_path), max_item_bytes=LIMIT))
    assert names(items) == ["empty.txt"]
    assert items[0].payload == b""


def test_a_single_file_names_its_feed_its_time_and_its_position(tmp_path):
    """Feed and position are the same on every run, so receipts are; the received time is the file's."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    os.utime(path, (1000, 1000))
    (item,), _, saved = read(open_source(str(path), max_item_bytes=LIMIT))
    assert isinstance(item, RawItem)
    assert item.feed == f"file:{path}"
    assert item.position == "a.txt#ba7816bf8f01cfea"
    assert item.received_at == datetime(1970, 1, 1, 0, 16, 40, tzinfo=UTC)
    assert saved["a.txt"].state == {"size": 3, "mtime_ns": 1000 * 10**9, "sha256": item.sha256}


@pytest.mark.parametrize("seconds", [4e9, 1e10])
def test_a_file_from_the_future_was_received_now(tmp_path, seconds):
    """Transfers keep the times of clocks that are wrong; taken at its word one file would empty the deduplication window."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    os.utime(path, (seconds, seconds))
    with tarfile.open(tmp_path / "b.tar", "w") as archive:
        archive.add(path, "c.txt")
    items, _, _ = read(open_source(str(tmp_path), max_item_bytes=LIMIT))
    now = datetime.now(UTC)
    assert all(now - timedelta(minutes=1) < item.received_at <= now for item in items)
    assert names(items) == ["a.txt", "b.tar!c.txt"]


def test_a_time_that_no_calendar_has_is_read_as_now(tmp_path, monkeypatch):
    """Some file systems hold any 64 bits."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    status = Path.stat(path)
    beyond = SimpleNamespace(st_size=status.st_size, st_mode=status.st_mode, st_mtime_ns=10**21)
    source = open_source(str(path), max_item_bytes=LIMIT)
    monkeypatch.setattr(Path, "stat", lambda _path, **_options: beyond)
    (item,), problems, _ = read(source)
    assert item.received_at <= datetime.now(UTC)
    assert not problems


def test_a_second_run_reads_nothing_a_touch_neither_and_a_rewritten_file_is_received_again(tmp_path):
    """Position after data: what was saved is not read again unless its bytes differ."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"one")
    first, _, saved = read(open_source(str(tmp_path), max_item_bytes=LIMIT))
    assert read(open_source(str(tmp_path), max_item_bytes=LIMIT), saved)[0] == []
    os.utime(path, (5, 5))
    assert read(open_source(str(tmp_path), max_item_bytes=LIMIT), saved)[0] == []
    path.write_bytes(b"two!")
    second, _, _ = read(open_source(str(tmp_path), max_item_bytes=LIMIT), saved)
    assert first[0].position != second[0].position


def test_an_unchanged_file_is_not_opened(tmp_path):
    """Size and time alone decide, so that a large archive of files costs a listing."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"one")
    os.utime(path, (5, 5))
    _, _, saved = read(open_source(str(tmp_path), max_item_bytes=LIMIT))
    path.write_bytes(b"eno")
    os.utime(path, (5, 5))
    assert read(open_source(str(tmp_path), max_item_bytes=LIMIT), saved)[0] == []


def test_a_file_above_the_limit_is_a_dead_letter_with_its_head_hash_and_size(tmp_path):
    """Nothing unreadable is lost; the reason names the size, the limit and the remedy."""
    path = tmp_path / "big.txt"
    path.write_bytes(b"x" * 200_000)
    (item,), problems, saved = read(open_source(str(path), max_item_bytes=100_000))
    assert isinstance(item, DeadLetter)
    assert (item.error, item.stage, item.size, len(item.payload)) == ("TooLarge", "parse", 200_000, 65536)
    assert "200,000" in item.reason
    assert "100,000" in item.reason
    assert not problems
    assert read(open_source(str(path), max_item_bytes=100_000), saved)[0] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named_and_the_rest_goes_on(tmp_path):
    """One wrong mode does not stop a folder."""
    (tmp_path / "a.txt").touch(mode=0)
    (tmp_path / "b.txt").touch()
    items, problems, _ = read(open_source(str(tmp_path), max_item_bytes=LIMIT))
    assert names(items) == ["b.txt"]
    assert "ermission denied" in problems[0].reason


def test_a_link_to_nothing_is_named(tmp_path):
    """What cannot be read is said, never skipped."""
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone")
    _, problems, _ = read(open_source(str(tmp_path), max_item_bytes=LIMIT))
    assert "points to nothing" in problems[0].reason


def test_a_glob_is_relative_to_its_fixed_part(tmp_path):
    """A glob names the same feed in every working directory."""
    (tmp_path / "x").mkdir()
    for name in ("x/b.xml", "x/a.xml", "x/a.txt", "c.xml"):
        (tmp_path / name).touch()
    source = open_source(f"{tmp_path}/**/*.xml", max_item_bytes=LIMIT)
    assert names(read(source)[0]) == ["c.xml", "x/a.xml", "x/b.xml"]
    assert source.feed == f"file:{tmp_path}/**/*.xml"


@pytest.mark.parametrize(("location", "told"), [("nowhere", "does not exist"), ("*.nothing", "no file matches")])
def test_a_location_that_does_not_exist_is_an_error_that_names_it(tmp_path, location, told):
    """Could not start: the message names the path and the remedy."""
    with pytest.raises(SourceError, match=told) as error:
        open_source(str(tmp_path / location), max_item_bytes=LIMIT)
    assert location in str(error.value)


def test_a_name_in_another_encoding_can_be_stored(tmp_path):
    """File names of old systems are bytes; a name must survive JSON."""
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).touch()
    (item,), _, _ = read(open_source(str(tmp_path), max_item_bytes=LIMIT))
    assert item.name == r"caf\xe9.txt"
    assert RawItem.model_validate_json(item.to_json()) == item


def zipped(path, members, packing=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w") as archive:
        for name, payload in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 12, 0, 0)), payload, packing)
    return path


def tarred(path, members, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, payload in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(payload), 1000
            archive.addfile(info, io.BytesIO(payload))
    return path


MEMBERS = {"b/9.txt": b"nine", "b/10.txt": b"ten", ".hidden": b"-", "big.txt": b"x" * 5000}


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: zipped(folder / "day.zip", MEMBERS),
        lambda folder: tarred(folder / "day.tgz", MEMBERS),
        lambda folder: tarred(folder / "day.tar", MEMBERS, "w"),
    ],
)
def test_the_members_of_an_archive_are_items(tmp_path, make):
    """Zip and tar: each member by its own name and time; the limit holds for each; a second run reads none."""
    path = make(tmp_path)
    items, problems, saved = read(open_source(str(tmp_path), max_item_bytes=LIMIT))
    assert names(items) == [f"{path.name}!b/9.txt", f"{path.name}!b/10.txt", f"{path.name}!big.txt"]
    assert isinstance(items[2], DeadLetter)
    assert items[0].received_at.year in {1970, 2026}
    assert not problems
    assert list(saved) == [path.name]
    assert read(open_source(str(tmp_path), max_item_bytes=LIMIT), saved)[0] == []


def test_an_archive_goes_on_where_it_was_left(tmp_path):
    """A run that ended between two members does not hand the first ones out again."""
    zipped(tmp_path / "day.zip", MEMBERS)
    source = open_source(str(tmp_path), max_item_bytes=LIMIT)
    first = next(source.read({}))
    assert isinstance(first, Reading)
    rest, _, _ = read(source, {first.position.unit: first.position})
    assert names(rest) == ["day.zip!b/10.txt", "day.zip!big.txt"]


def test_a_gzip_file_is_one_item(tmp_path):
    """What was one file before it was packed is one item after."""
    (tmp_path / "a.xml.gz").write_bytes(gzip.compress(b"<a/>"))
    (item,), _, _ = read(open_source(str(tmp_path), max_item_bytes=LIMIT))
    assert (item.name, item.payload) == ("a.xml.gz!a.xml", b"<a/>")


@pytest.mark.parametrize("pack", ["zip", "gz"])
def test_a_zip_bomb_is_refused_with_a_reason(tmp_path, pack):
    """A thousandfold expansion is stopped at the allowance, in bounded memory."""
    payload = bytes(80 * 1024 * 1024)
    if pack == "zip":
        zipped(tmp_path / "bomb.zip", {"bomb.txt": payload}, zipfile.ZIP_DEFLATED)
    else:
        (tmp_path / "bomb.gz").write_bytes(gzip.compress(payload, 9))
    items, problems, _ = read(open_source(str(tmp_path), max_item_bytes=LIMIT))
    assert items == []
    assert "zip bomb" in problems[0].reason


@pytest.mark.parametrize("length", [0, 3, 30, 60, 100, 150, 250])
@pytest.mark.parametrize("make", [lambda path: zipped(path, MEMBERS), lambda path: tarred(path, MEMBERS)])
def test_a_damaged_archive_says_so_and_keeps_what_could_be_read(tmp_path, make, length):
    """A half transferred archive raises nothing; every pass over it ends."""
    path = make(tmp_path / "day.bin")
    path.write_bytes(path.read_bytes()[:length])
    source = open_source(str(tmp_path), max_item_bytes=LIMIT)
    items, problems, saved = read(source)
    assert items or problems
    assert names(read(source, saved)[0]) == []


def test_an_encrypted_member_is_named_and_the_rest_goes_on(tmp_path):
    """The remedy is told: unpack it with its password."""
    path = zipped(tmp_path / "day.zip", {"a.txt": b"a", "b.txt": b"b"})
    packed = bytearray(path.read_bytes())
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(packed)
    items, problems, _ = read(open_source(str(path), max_item_bytes=LIMIT))
    assert names(items) == [f"{path}!b.txt"]
    assert "password" in problems[0].reason


def test_a_file_named_alone_is_shown_with_its_folder_and_keeps_its_place_in_the_feed(tmp_path):
    """Two files of one name, named on one command line, are told apart; receipts do not depend on how a path is written."""
    (tmp_path / "a.txt").write_bytes(b"a")
    items, _, positions = read(open_source(str(tmp_path / "a.txt"), max_item_bytes=LIMIT))
    assert names(items) == [str(tmp_path / "a.txt")]
    assert list(positions) == ["a.txt"]


def test_declared_hints_travel_with_the_item(tmp_path):
    """A configured source says what the bytes may not."""
    (tmp_path / "a.txt").touch()
    settings = SourceSettings(name="drop", location=str(tmp_path), provider="dpa", format="iptc7901", language="de")
    (item,), _, _ = read(open_source(settings, max_item_bytes=LIMIT))
    assert (item.feed, item.declared_provider, item.declared_format, item.declared_language) == ("drop", "dpa", "iptc7901", "de")
