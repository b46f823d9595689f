"""Claims about the command ``emoconv data votes``."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from emoconv.cli.data import data
from emoconv.data import read_votes
from emoconv.errors import DataError
from emoconv.labels import GOEMOTIONS

RAW = Path(__file__).parents[1] / "data" / "goemotions" / "goemotions_1.csv"


def run(*arguments):
    result = CliRunner().invoke(data, ["votes", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def part(tmp_path, *ids, name="train.tsv"):
    path = tmp_path / name
    path.write_text("".join(f"text {id_}\t27\t{id_}\n" for id_ in ids))
    return path


def test_only_comments_of_the_official_part_are_counted(tmp_path):
    output = tmp_path / "new" / "votes.tsv"
    train = part(tmp_path, "r0003", "x1", "r0004")
    result = run(RAW, "--official", train, "--output", output)
    assert (
        f"{output}: 2 of 3 comments have votes, 1 of them of two raters or more\n" == result.stdout
    )
    votes = read_votes(output, GOEMOTIONS)
    assert (("r0004", "r0003"), [1, 3]) == (votes.ids, votes.raters.tolist())


def test_several_parts_are_taken_together(tmp_path):
    parts = [part(tmp_path, "r0003"), part(tmp_path, "r0005", "r0003", name="more.tsv")]
    options = [argument for path in parts for argument in ("--official", path)]
    output = tmp_path / "votes.csv"
    run(RAW, *options, "--output", output)
    assert {"r0003", "r0005"} == set(read_votes(output, GOEMOTIONS).ids)


def test_raw_files_are_taken_together(tmp_path):
    again = tmp_path / "goemotions_2.csv"
    again.write_bytes(RAW.read_bytes())
    output = tmp_path / "votes.tsv"
    run(RAW, again, "--official", part(tmp_path, "r0003"), "--output", output)
    assert [6] == read_votes(output, GOEMOTIONS).raters.tolist()


def test_the_official_part_must_be_named(tmp_path):
    result = run(RAW, "--output", tmp_path / "votes.tsv")
    assert (2, True) == (result.exit_code, "Missing option '--official'" in result.stderr)


def test_a_raw_file_given_twice_is_refused(tmp_path):
    options = ["--official", part(tmp_path, "r0003"), "--output", tmp_path / "votes.tsv"]
    result = run(RAW, RAW, *options)
    assert 2 == result.exit_code
    assert f"{RAW} is given twice; each of its raters would count twice" in result.stderr


def test_a_file_that_is_there_is_replaced_only_if_asked(tmp_path):
    output = tmp_path / "votes.tsv"
    output.write_text("mine")
    options = [RAW, "--official", part(tmp_path, "r0003"), "--output", output]
    with pytest.raises(DataError) as error:
        run(*options)
    assert f"{output}: is there already; --overwrite replaces it" == str(error.value)
    assert "mine" == output.read_text()
    run(*options, "--overwrite")
    assert ("r0003",) == read_votes(output, GOEMOTIONS).ids


def test_files_that_do_not_go_together_are_told(tmp_path):
    train = part(tmp_path, "x1")
    with pytest.raises(DataError) as error:
        run(RAW, "--official", train, "--output", tmp_path / "votes.tsv")
    assert f"no row of {RAW} is on a comment of {train}" == str(error.value)
    assert [train] == list(tmp_path.iterdir())
