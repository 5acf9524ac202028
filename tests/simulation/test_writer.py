from __future__ import annotations

from errno import EACCES, ENOSPC
from pathlib import Path

import pytest

from patron.ground.errors import ShelfFull
from patron.simulation.writer import whole_or_nothing


def write_and_fail(out: Path, number: int) -> None:
    with whole_or_nothing(out) as folder:
        (folder / "half.parquet").write_text("half")
        raise OSError(number, "as the disk would say")


def test_a_full_disk_is_said_in_words_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ShelfFull, match="No room left while writing"):
        write_and_fail(tmp_path / "shop", ENOSPC)
    assert list(tmp_path.iterdir()) == []


def test_other_failures_pass_through(tmp_path: Path) -> None:
    with pytest.raises(PermissionError):
        write_and_fail(tmp_path / "shop", EACCES)


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    with whole_or_nothing(tmp_path) as folder:
        (folder / "whole.txt").write_text("whole")
    assert (tmp_path / "whole.txt").read_text() == "whole"
