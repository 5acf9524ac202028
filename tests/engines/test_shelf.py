"""The shelf: written whole or not at all, by one writer at a time."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from patron.engines.shelf import Shelf, digest, link_or_copy
from patron.ground.errors import RunMissing, ShelfBusy, ShelfFull

WRITES_AND_WAITS = """
import sys, time
from pathlib import Path
from patron.engines.shelf import Shelf

def make(folder):
    (folder / "part.txt").write_text("half of it")
    print("half", flush=True)
    time.sleep(600)

shelf = Shelf(Path(sys.argv[1]))
with shelf.hold():
    shelf.stage("facts", "new", make)
"""


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "shelf")


def writes(text):
    return lambda folder: (folder / "rows.txt").write_text(text)


def files_of(shelf):
    return sorted(str(path.relative_to(shelf.root)) for path in shelf.root.rglob("*") if path.is_file())


def finish(shelf, run_id, at):
    shelf.write_whole(
        shelf.root / "runs" / run_id,
        lambda folder: (folder / "manifest.json").write_text(json.dumps({"finished_at": at})),
    )


@pytest.fixture
def halfway(shelf):
    """A process that has written half a stage and goes no further."""
    command = [sys.executable, "-c", WRITES_AND_WAITS, str(shelf.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        yield process
        process.kill()


def test_a_stage_is_made_once(shelf):
    made = []

    def make(folder):
        made.append(folder.name)
        (folder / "rows.txt").write_text("1")

    home, was_there = shelf.stage("stages/segments", "key", make)
    again, was_there_again = shelf.stage("stages/segments", "key", make)
    assert (was_there, was_there_again, len(made)) == (False, True, 1)
    assert home == again == shelf.root / "stages" / "segments" / "key"
    assert (home / "rows.txt").read_text() == "1"


def test_another_key_is_another_folder(shelf):
    for key in ("a", "b"):
        shelf.stage("facts", key, writes(key))
    assert files_of(shelf) == ["facts/a/rows.txt", "facts/b/rows.txt"]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(1)])
def test_a_maker_that_raises_leaves_nothing(shelf, error):
    def make(folder):
        (folder / "part.txt").write_text("half of it")
        raise error

    with pytest.raises(type(error)):
        shelf.stage("facts", "key", make)
    assert files_of(shelf) == []
    assert list((shelf.root / "facts").iterdir()) == []
    assert shelf.stage("facts", "key", writes("whole")) == (shelf.root / "facts" / "key", False)


def test_readers_never_see_a_folder_that_is_being_filled(shelf):
    def make(folder):
        (folder / "rows.txt").write_text("1")
        assert not (shelf.root / "facts" / "key").exists()

    shelf.stage("facts", "key", make)
    assert files_of(shelf) == ["facts/key/rows.txt"]


def test_a_full_disk_is_told_in_words(shelf):
    def make(folder):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ShelfFull, match=r"Cannot write .+facts/key: the disk is full\.\nNext: free disk space"):
        shelf.stage("facts", "key", make)
    assert files_of(shelf) == []


def test_a_folder_without_permission_is_told_in_words(shelf, monkeypatch):
    def refuse(*_: object, **__: object) -> None:  # root may write anywhere, so the refusal is played
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(
        ShelfFull, match=r"Cannot write .+: Permission denied\.\nNext: .+ check the folder's permissions"
    ):
        shelf.stage("facts", "key", writes("1"))
    with pytest.raises(ShelfFull, match="Permission denied"), shelf.hold():
        pass


def test_a_shelf_under_a_file_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ShelfFull, match="Cannot write"), Shelf(tmp_path / "file" / "shelf").hold():
        pass


def test_a_killed_writer_leaves_the_old_state_and_the_next_one_sweeps(shelf, halfway):
    shelf.stage("facts", "old", writes("old"))
    halfway.send_signal(signal.SIGKILL)
    assert halfway.wait() == -signal.SIGKILL
    assert not (shelf.root / "facts" / "new").exists()
    assert [path for path in files_of(shelf) if "unfinished" in path]
    with shelf.hold():
        assert files_of(shelf) == ["facts/old/rows.txt", "lock"]
        assert shelf.stage("facts", "new", writes("new"))[1] is False


def test_a_second_writer_is_refused_with_what_to_do(shelf, halfway):
    with pytest.raises(ShelfBusy) as busy, shelf.hold():
        pytest.fail("two writers at once")
    assert str(busy.value) == (
        f"Another run is writing to {shelf.root}.\n"
        "Next: wait for it to finish, or start with --wait; reading is never blocked."
    )


def test_readers_are_not_blocked_by_a_writer(shelf, halfway):
    finish(shelf, "2024-a", "2024-07-01T00:00:00")
    shelf.point("current", "2024-a")
    assert shelf.run_folder().name == "2024-a"


def test_a_second_writer_can_wait(shelf):
    script = WRITES_AND_WAITS.replace("600", "0.2")
    command = [sys.executable, "-c", script, str(shelf.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with shelf.hold(wait_seconds=60):
            assert files_of(shelf) == ["facts/new/part.txt", "lock"]


def test_the_shelf_is_free_after_an_error(shelf):
    with pytest.raises(ValueError, match="no"), shelf.hold():
        raise ValueError("no")
    with shelf.hold():
        pass


def test_a_pointer_is_replaced_and_leaves_no_draft(shelf):
    shelf.root.mkdir()
    assert shelf.pointed("current") is None
    for text in ("first", "顾客"):
        shelf.point("current", text)
        assert shelf.pointed("current") == text
    assert files_of(shelf) == ["current"]


def test_runs_are_listed_by_when_they_finished(shelf):
    assert shelf.run_ids() == ()
    finish(shelf, "b", "2024-07-01T00:00:00")
    finish(shelf, "a", "2024-07-02T00:00:00")
    unfinished = shelf.root / "runs" / ".unfinished-c-1"
    unfinished.mkdir()
    (unfinished / "manifest.json").write_text(json.dumps({"finished_at": "2024-07-03T00:00:00"}))
    (shelf.root / "runs" / "no-manifest").mkdir()
    assert shelf.run_ids() == ("b", "a")


def test_a_run_answers_to_the_beginning_of_its_id(shelf):
    for run_id in ("2024-aa", "2024-ab"):
        finish(shelf, run_id, run_id)
    shelf.point("current", "2024-aa")
    assert shelf.run_folder().name == "2024-aa"
    assert shelf.run_folder("2024-ab").name == "2024-ab"
    with pytest.raises(RunMissing, match="'2024' names several runs"):
        shelf.run_folder("2024")
    with pytest.raises(
        RunMissing, match=r"'2025' names no finished run in .+\nIt has: 2024-aa, 2024-ab\.\nNext: `patron runs`"
    ):
        shelf.run_folder("2025")


def test_a_run_whose_id_begins_another_is_found(shelf):
    for run_id in ("2024", "2024-b"):
        finish(shelf, run_id, run_id)
    assert shelf.run_folder("2024").name == "2024"


def test_without_a_run_it_says_how_to_make_one(shelf):
    with pytest.raises(RunMissing, match=r"holds no finished run\.\nNext: `patron run` makes one\."):
        shelf.run_folder()


def test_a_file_gets_a_second_name(tmp_path):
    (tmp_path / "a").write_text("1")
    link_or_copy(tmp_path / "a", tmp_path / "deep" / "b")
    assert (tmp_path / "deep" / "b").read_text() == "1"


def test_a_file_is_copied_where_links_are_not_possible(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "a").write_text("1")
    link_or_copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text() == "1"


def test_a_digest_is_stable_and_tells_parts_apart():
    assert digest("facts", {"b": 1, "a": 2}) == digest("facts", {"a": 2, "b": 1}) == "2bfdfde039f939c4"
    assert len({digest("ab"), digest("a", "b"), digest(["a", "b"]), digest(Path("ab"), 1)}) == 4
