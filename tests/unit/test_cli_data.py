"""Claims about the command ``emoconv data check`` and the options for reading a table."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from emoconv.cli.data import data
from emoconv.cli.reading import TableOptions, table_options
from emoconv.errors import DataError, DataNotFoundError

TINY = Path(__file__).parents[1] / "data" / "goemotions"


def run(*arguments):
    result = CliRunner().invoke(data, ["check", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def saved(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    return path


def test_a_folder_is_reported_part_by_part():
    lines = run(TINY).stdout.splitlines()
    assert [
        "part   rows  without label  empty texts",
        "train   262              0            0",
        "dev      60              0            0",
        "test     60              0            0",
        "",
        "label           train  dev  test",
        "admiration         10    2     3",
    ] == lines[:7]
    assert [
        "",
        "known rows       by id  by text  by normalised text",
        "dev from train       0        0                   1",
        "test from train      0        0                   1",
        "test from dev        0        0                   0",
        "",
        "2 normalised texts are on several rows, 1 of them with conflicting labels.",
    ] == lines[34:]


def test_files_are_parts_named_by_their_stems(tmp_path):
    first = saved(tmp_path, "a.tsv", "nice\t17\tc1\n")
    second = saved(tmp_path, "b.tsv", "boo\t2\tc2\n")
    found = json.loads(run(first, second, "--json").stdout)
    assert ["a", "b"] == [part["name"] for part in found["parts"]]


def test_files_of_one_name_are_named_in_full(tmp_path):
    (tmp_path / "x").mkdir()
    first = saved(tmp_path, "a.tsv", "nice\t17\tc1\n")
    second = saved(tmp_path / "x", "a.tsv", "boo\t2\tc2\n")
    found = json.loads(run(first, second, "--json").stdout)
    assert [str(first), str(second)] == [part["name"] for part in found["parts"]]


def test_raw_files_together_are_one_part():
    path = TINY / "goemotions_1.csv"
    found = json.loads(run(path, path, "--json").stdout)
    assert [("raw", 56)] == [(part["name"], part["rows"]) for part in found["parts"]]
    assert (4, []) == (found["unclear_rows_left_out"], found["overlaps"])


def test_unclear_rows_are_reported():
    lines = run(TINY / "goemotions_1.csv").stdout.splitlines()
    assert "2 rows that raters marked as very unclear are left out." == lines[2]


@pytest.mark.parametrize(
    ("other", "expected"), [("boo\t2\tc2\n", 0), ("boo\t2\tc1\n", 1), ("nice\t2\tc2\n", 1)]
)
def test_strict_fails_on_a_leak(tmp_path, other, expected):
    first = saved(tmp_path, "a.tsv", "nice\t17\tc1\n")
    second = saved(tmp_path, "b.tsv", other)
    assert expected == run(first, second, "--strict").exit_code
    assert 0 == run(first, second).exit_code


def test_tables_of_other_labels_are_reported_side_by_side(tmp_path):
    first = saved(tmp_path, "a.csv", "comment,l\nnice,joy|love\n")
    second = saved(tmp_path, "b.csv", "comment,l\nboo,anger\n")
    lines = run(
        first, second, "--text-column=comment", "--labels-column=l", "--separator=|"
    ).stdout.splitlines()
    assert ["joy    1  0", "love   1  0", "anger  0  1"] == lines[5:8]


def test_the_protocol_of_the_post_is_counted_on_raw_rows():
    assert run(TINY / "goemotions_1.csv", "--protocol=blog", "--seed=1").stdout.splitlines() == [
        "2 rows that raters marked as very unclear are left out.",
        "22 train rows, 6 test rows, at random (seed 1)",
        "6 test rows (100.0%) share the comment with a train row",
        "6 test rows (100.0%) share the normalised text with a train row",
        "6 test rows (100.0%) share either with a train row",
    ]


def test_the_protocol_of_the_post_goes_to_json():
    found = run(TINY / "goemotions_1.csv", "--protocol=blog", "--seed=1", "--json").stdout
    assert json.loads(found) == {
        "seed": 1,
        "train_rows": 22,
        "test_rows": 6,
        "test_rows_same_id_in_train": 6,
        "test_rows_same_text_in_train": 6,
        "test_rows_sibling_in_train": 6,
        "unclear_rows_left_out": 2,
    }


def test_the_protocol_of_the_post_takes_one_table(tmp_path):
    path = saved(tmp_path, "t.csv", "text,l\n" + "nice,joy\n" * 10)
    found = run(path, "--protocol=blog", "--labels-column=l").stdout.splitlines()
    assert [
        "8 train rows, 2 test rows, at random (seed 0)",
        "0 test rows (0.0%) share the comment with a train row",
        "2 test rows (100.0%) share the normalised text with a train row",
        "2 test rows (100.0%) share either with a train row",
    ] == found


def test_the_protocol_of_the_post_does_not_take_a_split():
    with pytest.raises(DataError) as error:
        run(TINY, "--protocol=blog")
    assert str(error.value) == (
        "--protocol blog splits one table or the raw files, got 3: train, dev, test"
    )


def test_a_missing_file_is_passed_on(tmp_path):
    with pytest.raises(DataNotFoundError):
        run(tmp_path / "none.tsv")


def test_a_folder_without_the_split_is_passed_on(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"expected train\.tsv"):
        run(tmp_path)


@click.command()
@click.argument("path")
@click.option("--loud", is_flag=True)
@table_options
def example(path, *, loud, table):
    """Print what a table holds."""
    found = table.read(path)
    click.echo(f"{table.format_of(path)} {found.labels.names} {found.ids} {loud}")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--label-columns", "joy, anger"], "csv ('joy', 'anger') None False"),
        (["--labels-column", "l", "--id-column", "n"], "csv ('joy',) ('c1',) False"),
        (["--labels-column", "l", "--format", "csv", "--loud"], "csv ('joy',) None True"),
    ],
)
def test_any_command_can_have_the_options(tmp_path, options, expected):
    path = saved(tmp_path, "t.csv", "text,l,joy,anger,n\nnice,joy,1,0,c1\n")
    result = CliRunner().invoke(example, [str(path), *options], catch_exceptions=False)
    assert f"{expected}\n" == result.stdout


def test_an_option_may_be_an_environment_variable(tmp_path):
    path = saved(tmp_path, "t.csv", "text,l\nnice,joy\n")
    result = CliRunner().invoke(
        example, [str(path)], auto_envvar_prefix="X", env={"X_LABELS_COLUMN": "l"}
    )
    assert "csv ('joy',) None False\n" == result.stdout


def test_the_options_keep_the_commands_help():
    text = CliRunner().invoke(example, ["--help"]).stdout
    assert "Print what a table holds." in text
    assert "--separator" in text


def test_options_can_be_made_without_a_command():
    options = TableOptions(None, "text", None, None, None, ",")
    assert 60 == len(options.read(TINY / "dev.tsv"))
