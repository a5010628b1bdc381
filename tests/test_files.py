"""Outputs appear whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from mt import files
from mt.errors import InputError, OutputError


def test_a_failed_write_leaves_the_old_file_and_no_scraps(tmp_path, monkeypatch):
    target = tmp_path / "x.txt"
    files.write_text(target, "old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"x\.txt: cannot write: No space left on device"):
        files.write_text(target, "new")
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


def test_a_written_file_has_the_mode_of_any_new_file(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("x")
    files.write_text(tmp_path / "ours", "x")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.parametrize("place", ["/proc/nothing/x.txt", "{tmp}/file/x.txt", "{tmp}/dir"])
def test_an_unwritable_place_is_one_clear_error(tmp_path, place):
    (tmp_path / "file").write_text("")
    (tmp_path / "dir").mkdir()
    path = Path(place.format(tmp=tmp_path))
    with pytest.raises(OutputError, match="cannot write: "):
        files.write_text(path, "x")


@pytest.mark.parametrize("place", ["/proc/nothing", "{tmp}/file", "{tmp}/file/below"])
def test_a_directory_that_cannot_be_made(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write: "):
        files.make_directory(Path(place.format(tmp=tmp_path)))


def test_missing_file_and_directory_are_input_errors(tmp_path):
    with pytest.raises(InputError, match="expected a file, found nothing there"):
        files.read_bytes(tmp_path / "no")
    with pytest.raises(InputError, match="expected a file, found a directory"):
        files.read_bytes(tmp_path)


def test_a_new_directory_is_whole_or_absent(tmp_path):
    final = tmp_path / "model"
    with pytest.raises(RuntimeError), files.new_directory(final) as scratch:
        (scratch / "a").write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
    with files.new_directory(final) as scratch:
        (scratch / "a").write_text("whole")
    assert (final / "a").read_text() == "whole"
    assert list(tmp_path.iterdir()) == [final]


def test_the_first_of_two_writers_wins_and_the_second_does_no_harm(tmp_path):
    final = tmp_path / "model"
    with files.new_directory(final) as slow:
        (slow / "a").write_text("second")
        with files.new_directory(final) as fast:
            (fast / "a").write_text("first")
    assert (final / "a").read_text() == "first"
    assert list(tmp_path.iterdir()) == [final]


def test_a_link_is_followed_and_a_pipe_is_written_to(tmp_path):
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    files.write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"
    files.write_text(Path("/dev/null"), "gone")
    assert Path("/dev/null").is_char_device()


def test_a_part_file_has_its_name_when_it_is_whole_and_not_before(tmp_path):
    target = tmp_path / "x.txt"
    target.write_text("old")
    part = files.PartFile(target)
    part.write("猫\n")
    mark = part.mark()
    part.write("犬" * 100_000)  # more than a buffer
    part.back(mark)
    part.write("鳥\n")
    assert target.read_text() == "old"
    digest, size = part.commit()
    assert target.read_text("utf-8") == "猫\n鳥\n"
    assert (digest, size) == (files.sha256_file(target), target.stat().st_size)
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]
    part.discard()
    assert target.exists()
    plain = tmp_path / "plain"
    plain.write_text("x")
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.parametrize("moment", ["write", "commit", "discard"])
def test_a_part_file_that_fails_or_is_given_up_leaves_the_old_one_and_no_scraps(tmp_path, monkeypatch, moment):
    target = tmp_path / "x.txt"
    target.write_text("old")
    part = files.PartFile(target)
    if moment == "discard":
        part.write("new")
        part.discard()
    else:
        monkeypatch.setattr(os, "fsync", _full)
        if moment == "write":
            monkeypatch.setattr(part, "_file", _Full(part._file))
        with pytest.raises(OutputError, match=r"x\.txt: cannot write: No space left on device"):
            part.write("new")
            part.commit()
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


def _full(_):
    raise OSError(28, "No space left on device")


class _Full:
    write = staticmethod(_full)

    def __init__(self, file):
        self.close = file.close


@pytest.mark.parametrize("place", ["/proc/nothing/x.txt", "{tmp}/file/x.txt", "{tmp}/dir", "/dev/full"])
def test_a_part_file_where_none_can_be(tmp_path, place):
    (tmp_path / "file").write_text("")
    (tmp_path / "dir").mkdir()
    with pytest.raises(OutputError, match="cannot write: "):
        part = files.PartFile(Path(place.format(tmp=tmp_path)))
        part.write("x")
        part.commit()


def test_a_part_file_follows_links_and_writes_to_devices(tmp_path):
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    part = files.PartFile(tmp_path / "link")
    part.write("new")
    part.commit()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"
    device = files.PartFile(Path("/dev/null"))
    device.write("gone")
    device.commit()
    assert Path("/dev/null").is_char_device()


def test_what_a_killed_process_left_is_taken_away_and_what_a_living_one_writes_is_not(tmp_path):
    killed, other = tmp_path / ".x.txt.abcd1234.partial", tmp_path / ".x.txt.y.txt.abcd1234.partial"
    killed.write_text("half")
    other.write_text("half")
    living = files.PartFile(tmp_path / "y.txt")
    part = files.PartFile(tmp_path / "x.txt")
    assert not killed.exists()
    assert other.exists()  # of another file
    files._left.clear()  # as in a new process
    files.PartFile(tmp_path / "y.txt").discard()
    living.write("whole")
    living.commit()
    part.discard()
    assert (tmp_path / "y.txt").read_text() == "whole"


@pytest.mark.skipif(os.name != "posix", reason="an open file cannot be taken away elsewhere")
def test_what_a_killed_writer_left_goes_with_the_next_write_and_what_is_open_stays(tmp_path):
    killed = tmp_path / ".x.json.abc.partial"
    killed.write_bytes(b"half")
    living = files.PartFile(tmp_path / "y.json")
    files.write_bytes(tmp_path / "x.json", b"whole")
    files.write_bytes(tmp_path / "y.json", b"by another")
    assert not killed.exists()
    living.write("mine")
    living.commit()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.json", "y.json"]
    assert (tmp_path / "y.json").read_text() == "mine"


def test_a_file_that_was_taken_for_a_leftover_is_made_again(tmp_path, monkeypatch):
    lock, taken = files._lock, []

    def late(handle):
        if not taken:  # between its making and its locking, another process that looks for leftovers is quicker
            taken.extend(tmp_path.glob(".x.*"))
            taken[0].unlink()
        return lock(handle)

    monkeypatch.setattr(files, "_lock", late)
    files.write_bytes(tmp_path / "x", b"whole")
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
    assert taken
