"""What scoring on clusters has in common: folders that take their name when they are whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emoconv.errors import ConfigError
from emoconv.scoring.cluster import DONE, whole_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_takes_its_name_when_its_work_is_done(tmp_path: Path) -> None:
    output = tmp_path / "out"

    with whole_folder(output, overwrite=False) as partial:
        (partial / "1.parquet").write_bytes(b"new")
        assert not output.exists()

    assert [path.name for path in tmp_path.rglob("*.*")] == ["1.parquet"]
    assert (output / "1.parquet").read_bytes() == b"new"


def test_failed_work_leaves_nothing_and_takes_nothing(tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "1.parquet").write_bytes(b"old")

    def fail() -> None:
        with whole_folder(output, overwrite=True) as partial:
            (partial / "1.parquet").write_bytes(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert list(tmp_path.iterdir()) == [output]
    assert (output / "1.parquet").read_bytes() == b"old"


def test_what_killed_work_left_goes(tmp_path: Path) -> None:
    partial = tmp_path / "out.partial"
    (partial / "_temporary" / "0").mkdir(parents=True)
    for name in ("1.parquet", ".1.parquet.crc", DONE):
        (partial / name).touch()

    with whole_folder(tmp_path / "out", overwrite=False) as folder:
        assert not list(folder.iterdir())


@pytest.mark.parametrize("name", ["notes.txt", "journal.jsonl", "_temporary"])
def test_a_folder_of_that_name_which_is_somebody_elses_stays(tmp_path: Path, name: str) -> None:
    mine = tmp_path / "out.partial" / name
    mine.parent.mkdir()
    mine.write_text("mine")

    with (
        pytest.raises(ConfigError, match=rf"{name} is no shard, and would be lost"),
        whole_folder(tmp_path / "out", overwrite=True),
    ):
        pass

    assert mine.read_text() == "mine"
