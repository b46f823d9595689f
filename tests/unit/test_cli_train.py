import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from emoconv.bundle import read_bundle
from emoconv.cli import main
from emoconv.data import read
from trainings import SMALL


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(SMALL))
    return path


@pytest.fixture
def train(recipe):
    def invoke(*arguments):
        settings = ["--recipe", recipe, "--set", "training.epochs=1", *arguments]
        return CliRunner().invoke(main, ["train", *map(str, settings)])

    return invoke


def test_a_folder_of_parts_gives_a_model(train, tiny, tmp_path):
    result = train("--data", tiny, "--output", tmp_path / "model")
    assert (0, f"{tmp_path / 'model'}\n") == (result.exit_code, result.stdout)
    bundle = read_bundle(tmp_path / "model")
    assert (1, "dev.tsv, 60 texts") == (len(bundle.history), bundle.thresholds.data)
    assert (tmp_path / "model" / "README.md").read_text().startswith("# Model card")
    assert {"model", "small.json"} == {path.name for path in tmp_path.iterdir()}


def test_an_epoch_is_a_line_on_standard_error(train, tiny, tmp_path):
    result = train("--data", tiny, "--output", tmp_path / "m", "--set", "training.epochs=2")
    number = r"\d\.\d+"
    line = (
        rf"epoch {{}}: loss {number}, dev loss {number}, micro F1 {number}, macro F1 {number}, "
        r"\d+\.\d s"
    )
    lines = result.stderr.splitlines()
    assert 2 == len(lines)
    assert all(re.fullmatch(line.format(i), text) for i, text in enumerate(lines, start=1))


def test_a_file_is_split_by_comment_when_no_dev_file_is_named(train, tiny, tmp_path):
    train("--train", tiny / "train.tsv", "--output", tmp_path / "model")
    bundle = read_bundle(tmp_path / "model")
    rows = [bundle.provenance[part]["rows"] for part in ("train", "dev")]
    assert 262 == sum(rows)
    assert f"a tenth of the comments, {rows[1]} texts" == bundle.thresholds.data


def test_a_dev_file_is_used(train, tiny, tmp_path):
    train("--train", tiny / "train.tsv", "--dev", tiny / "dev.tsv", "--output", tmp_path / "model")
    assert "dev.tsv, 60 texts" == read_bundle(tmp_path / "model").thresholds.data


def test_several_files_are_learnt_from_as_one(train, tiny, tmp_path):
    files = ["--train", tiny / "train.tsv", "--train", tiny / "test.tsv", "--dev", tiny / "dev.tsv"]
    train(*files, "--output", tmp_path / "model")
    assert 262 + 60 == read_bundle(tmp_path / "model").provenance["train"]["rows"]


def test_the_blog_protocol_warns(train, tiny, tmp_path):
    result = train(
        *("--train", tiny / "goemotions_1.csv", "--protocol", "blog"),
        *("--output", tmp_path / "model"),
    )
    assert 0 == result.exit_code
    assert re.match(r"--protocol blog: \d+ of \d+ test rows have a sibling", result.stderr)
    assert read_bundle(tmp_path / "model").thresholds.data.startswith("the blog protocol's test")


def test_the_blog_recipe_trains(tiny, tmp_path):
    result = CliRunner().invoke(
        main,
        [
            *(
                "train",
                "--recipe",
                "blog",
                "--data",
                str(tiny),
                "--output",
                str(tmp_path / "model"),
            ),
            *("--set", "training.epochs=1", "--set", "model.embedding_width=8"),
        ],
    )
    assert 0 == result.exit_code
    bundle = read_bundle(tmp_path / "model")
    assert ("shared-micro", 112) == (bundle.thresholds.rule, bundle.config.model.hidden)


def test_any_table_is_learnt_from(train, tmp_path):
    table = tmp_path / "mine.csv"
    rows = [f"{word} day {i},{label}" for i in range(20) for word, label in WEATHER]
    table.write_text("\n".join(["text,mood", *rows]) + "\n")
    result = train("--train", table, "--labels-column", "mood", "--output", tmp_path / "model")
    assert 0 == result.exit_code
    assert ("bad", "good") == read_bundle(tmp_path / "model").labels.names


WEATHER = [("sunny", "good"), ("rainy", "bad")]


def test_seed_is_short_for_its_setting(train, tiny, tmp_path):
    train("--data", tiny, "--output", tmp_path / "model", "--seed", 7)
    assert 7 == read_bundle(tmp_path / "model").config.training.seed


def test_vectors_are_started_from(train, tiny, tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("".join(f"{word} {'0.5 ' * 15}0.5\n" for word in ["the", "thanks", "love"]))
    result = train("--data", tiny, "--output", tmp_path / "model", "--vectors", path)
    assert 0 == result.exit_code
    bundle = read_bundle(tmp_path / "model")
    assert ["vectors.txt"] == bundle.provenance["vectors"]["files"]
    assert bundle.provenance["vectors"]["summary"] in result.stderr.splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give either --data FOLDER or --train FILE"),
        (["--data", "d", "--train", "t"], "give either --data FOLDER or --train FILE"),
        (["--data", "d", "--dev", "t"], "--dev and --protocol go with --train, not with --data"),
        (
            ["--data", "d", "--protocol", "blog"],
            "--dev and --protocol go with --train, not with --data",
        ),
        (["--data", "d", "--seed", "-1"], "-1 is not in the range x>=0"),
        (["--data", "d", "--set", "training.epoch=1"], "did you mean 'epochs'?"),
        (["--data", "d", "--set", "training.epochs=0"], "training.epochs is 0; expected at least"),
        (["--data", "d", "--recipe", "blok"], "no recipe 'blok'; did you mean 'blog'?"),
    ],
)
def test_wrong_use_is_said_and_nothing_is_written(train, tmp_path, arguments, message):
    result = train("--output", tmp_path / "model", *arguments)
    assert (2, "") == (result.exit_code, result.stdout)
    assert message in result.stderr
    assert ["small.json"] == [path.name for path in tmp_path.iterdir()]


def test_dev_and_the_blog_protocol_exclude_each_other(train, tiny, tmp_path):
    result = train(
        *("--train", tiny / "train.tsv", "--dev", tiny / "dev.tsv", "--protocol", "blog"),
        *("--output", tmp_path / "model"),
    )
    assert 2 == result.exit_code
    assert "--protocol blog makes its own split; leave out --dev" in result.stderr


def test_output_is_asked_for(train, tiny):
    result = train("--data", tiny)
    assert 2 == result.exit_code
    assert "Missing option '--output'" in result.stderr


def test_a_place_that_is_taken_is_said_before_training(train, tiny, tiny_bundle):
    result = train("--data", tiny, "--output", tiny_bundle)
    assert (
        1,
        f"emoconv: error: {tiny_bundle} is there already; --overwrite replaces it\n",
    ) == (result.exit_code, result.stderr)


def test_a_model_is_overwritten_where_that_is_wanted(train, tiny, tmp_path):
    output = tmp_path / "model"
    train("--data", tiny, "--output", output)
    result = train("--data", tiny, "--output", output, "--overwrite", "--seed", 3)
    assert (0, 3) == (result.exit_code, read_bundle(output).config.training.seed)


def test_a_wrong_vectors_file_leaves_nothing_behind(train, tiny, tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("the 1 2 3\nday 1 2 3\n")
    result = train("--data", tiny, "--output", tmp_path / "model", "--vectors", path)
    assert 2 == result.exit_code
    assert f"emoconv: error: {path} holds vectors of width 3, and the recipe has" in result.stderr
    assert {"small.json", "vectors.txt"} == {p.name for p in tmp_path.iterdir()}


def test_a_folder_of_tables_is_read_by_its_columns(tmp_path, tiny):
    for part in ("train", "dev"):
        rows = (tiny / f"{part}.tsv").read_text(encoding="utf-8").splitlines()
        lines = ["text\temotion", *(row.split("\t")[0] + "\tjoy" for row in rows[:20])]
        (tmp_path / f"{part}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    output = tmp_path / "model"
    result = CliRunner().invoke(
        main,
        [
            *("train", "--data", str(tmp_path), "--labels-column", "emotion"),
            *("--output", str(output), "--set", "model.filters=2", "--set", "training.epochs=1"),
        ],
    )
    assert (0, str(output)) == (result.exit_code, result.output.splitlines()[-1])


@pytest.fixture
def parquet(tiny, tmp_path):
    """The small data set as Parquet, train and dev."""

    def write(part):
        data = read(tiny / f"{part}.tsv")
        labels = [[data.labels.names[i] for i in row.nonzero()[0]] for row in data.y]
        columns = {"text": list(data.texts), "labels": labels, "id": list(data.ids)}
        pq.write_table(pa.table(columns), tmp_path / f"{part}.parquet", row_group_size=50)
        return tmp_path / f"{part}.parquet"

    return [write(part) for part in ("train", "dev")]


def test_a_streamed_training_gives_the_same_weights(train, parquet, tmp_path):
    files = ["--train", parquet[0], "--dev", parquet[1], "--labels-column", "labels"]
    for name, more in (("whole", []), ("streamed", ["--stream"])):
        result = train(*files, "--output", tmp_path / name, *more)
        assert 0 == result.exit_code, result.stderr
    one, other = (read_bundle(tmp_path / name) for name in ("whole", "streamed"))
    assert one.provenance == other.provenance
    for name, weights in one.weights.items():
        np.testing.assert_array_equal(weights, other.weights[name])
    names = {path.name for path in tmp_path.iterdir()}
    assert {"whole", "streamed", "small.json", "train.parquet", "dev.parquet"} == names


def test_a_streamed_training_holds_out_a_tenth(train, parquet, tmp_path):
    output = tmp_path / "model"
    files = ["--train", parquet[0], "--labels-column", "labels", "--id-column", "id"]
    assert 0 == train(*files, "--stream", "--output", output).exit_code
    bundle = read_bundle(output)
    rows = [bundle.provenance[part]["rows"] for part in ("train", "dev")]
    assert 262 == sum(rows)
    assert f"a tenth of the comments, {rows[1]} texts" == bundle.thresholds.data


def test_a_streamed_training_that_fails_leaves_nothing(train, parquet, tmp_path):
    files = ["--train", parquet[0], "--dev", tmp_path / "no.parquet", "--labels-column", "labels"]
    result = train(*files, "--stream", "--output", tmp_path / "model")
    assert (1, f"emoconv: error: {tmp_path / 'no.parquet'}: no such file\n") == (
        result.exit_code,
        result.stderr,
    )
    assert {"small.json", *(p.name for p in parquet)} == {p.name for p in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "folder"], "--stream goes with --train, and not with --protocol or --votes"),
        (["--train", "a.parquet", "--protocol", "blog"], "--stream goes with --train, and not"),
        (["--train", "a.parquet", "--votes", "v.csv"], "--stream goes with --train, and not"),
        ([], "give --train FILE.parquet to stream"),
    ],
)
def test_a_stream_is_of_parquet_files_and_their_labels(train, tmp_path, arguments, message):
    result = train(*arguments, "--stream", "--output", tmp_path / "model")
    assert 2 == result.exit_code
    assert message in result.stderr


def test_a_device_that_is_none_is_a_usage_error(train, tiny, tmp_path):
    result = train("--data", tiny, "--output", tmp_path / "m", "--device", "tpu")
    message = "emoconv: error: device 'tpu' is none of auto, cpu, cuda and cuda:N\n"
    assert (2, message) == (result.exit_code, result.stderr)
