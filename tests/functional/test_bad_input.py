"""Whatever comes in, the answer is one line, an exit code, and nothing half done."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from emoconv.bundle import FORMAT_VERSION
from emoconv.cli import main
from trainings import SMALL

LONG = 50 * 10**6
TABLE = ["--labels-column", "mood"]


def parquet(texts, moods):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"text": texts, "mood": moods}), sink)
    return sink.getvalue().to_pybytes()


FILES = {
    "missing": ("gone.tsv", None, [], "no such file"),
    "a folder": ("folder.tsv", "folder", [], "this is a folder, expected a file"),
    "no known ending": ("data.xyz", b"a\n", [], "the ending does not name a format"),
    "empty": ("empty.tsv", b"", [], "the file is empty"),
    "only line ends": ("empty.csv", b"\n\n", [], "the file is empty"),
    "binary": ("binary.tsv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", [], "a binary file"),
    "UTF-16": ("u16.tsv", "hello\t3\tid\n".encode("utf-16"), [], "looks like UTF-16"),
    "not UTF-8": ("latin.tsv", b"a\t3\tid1\ncaf\xe9\t3\tid2\n", [], ":2: byte 0xe9 is not UTF-8"),
    "a line of 50 MB": ("long.tsv", b"x" * LONG + b"\t3\tid\n", [], "50,000,0"),
    "a row of 50 MB": (
        "long.csv",
        b"text,mood\nfine,joy\n" + b"x" * LONG + b",joy\n",
        TABLE,
        ":3: not CSV as in RFC 4180 (field larger than field limit",
    ),
    "wrong columns": ("cols.csv", b"comment,mood\nhi,joy\n", TABLE, "no column 'text'"),
    "no labels column": ("cols.csv", b"text,moods\nhi,joy\n", TABLE, "did you mean 'moods'?"),
    "columns not named": ("cols.csv", b"text,x\nhi,joy\n", [], "which column"),
    "too few fields": ("a.tsv", b"fine\t3\tid1\nhello\t3\n", [], ":2: 2 tab-separated fields"),
    "a label outside": (
        "a.tsv",
        b"fine\t3\tid1\nhi\t28\tid2\n",
        [],
        ":2: label number '28' is not",
    ),
    "a row of no label": ("a.tsv", b"fine\t3\tid1\nhi\t\tid2\n", [], ":2: no label"),
    "no label at all": ("a.csv", b"text,mood\nhi,\nho,\n", TABLE, "no label"),
    "a null text": ("a.parquet", parquet(["hi", None], ["joy", "joy"]), TABLE, "holds null"),
    "a number for a text": (
        "a.parquet",
        parquet([0.5, float("nan")], ["joy", "joy"]),
        TABLE,
        ":1: column 'text' holds 0.5, expected a text",
    ),
    "a null label": ("a.parquet", parquet(["hi", "ho"], ["joy", None]), TABLE, ":2: column 'mood'"),
    "no parquet": ("a.parquet", b"PAR1 and more", TABLE, "a.parquet: "),
    "no JSON": ("a.jsonl", b'{"text": "hi", "mood": "joy"}\n{"text"\n', TABLE, ":2: "),
    "half a gzip": ("a.tsv.gz", b"\x1f\x8b\x08\x00half", [], "not a whole gzip file"),
}


@pytest.fixture
def place(tmp_path):
    """Write a file of the table above and return its path and options."""

    def write(kind):
        name, content, options, message = FILES[kind]
        path = tmp_path / name
        if content == "folder":
            path.mkdir()
        elif content is not None:
            path.write_bytes(content)
        return path, options, message

    return write


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(SMALL))
    return path


def one_line_of(*arguments, code=1, stdin=None):
    """Run a command that fails; return its one line."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)
    assert SystemExit is type(result.exception)
    assert (code, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("emoconv: error: ")
    assert 1 == result.stderr.count("\n")
    assert len(result.stderr) < 1000
    return result.stderr


@pytest.mark.parametrize("kind", FILES)
def test_train_says_what_is_wrong_with_a_file(place, recipe, tmp_path, kind):
    path, options, message = place(kind)
    before = sorted(tmp_path.iterdir())
    output = ["--recipe", recipe, "--output", tmp_path / "model"]
    line = one_line_of("train", "--train", path, *options, *output)
    assert message in line
    assert str(path) in line
    assert before == sorted(tmp_path.iterdir())


@pytest.mark.parametrize(
    "kind", sorted(FILES.keys() - {"no label at all"})
)  # measured as what it is
def test_evaluate_says_what_is_wrong_with_a_file(place, tiny_bundle, kind):
    path, options, message = place(kind)
    line = one_line_of("evaluate", path, *options, "--model", tiny_bundle)
    assert message in line
    assert str(path) in line


RAW = Path(__file__).parents[1] / "data" / "goemotions" / "goemotions_1.csv"


@pytest.mark.parametrize(
    "kind",
    ["missing", "a folder", "empty", "binary", "UTF-16", "not UTF-8", "wrong columns"],
)
def test_data_votes_says_what_is_wrong_with_a_raw_file(place, tiny, tmp_path, kind):
    path, _, message = place(kind)
    message = "expected the 37 columns" if kind == "wrong columns" else message
    before = sorted(tmp_path.iterdir())
    options = ["--official", tiny / "train.tsv", "--output", tmp_path / "votes.tsv"]
    line = one_line_of("data", "votes", RAW, path, *options)
    assert message in line
    assert str(path) in line
    assert before == sorted(tmp_path.iterdir())


@pytest.mark.parametrize(
    "kind", ["missing", "a folder", "empty", "binary", "too few fields", "a label outside"]
)
def test_data_votes_says_what_is_wrong_with_an_official_file(place, tmp_path, kind):
    path, _, message = place(kind)
    line = one_line_of(
        *("data", "votes", RAW, "--official", path, "--output", tmp_path / "votes.tsv")
    )
    assert message in line
    assert str(path) in line


def test_evaluate_names_a_label_that_the_model_does_not_know(tmp_path, tiny_bundle):
    path = tmp_path / "a.csv"
    path.write_text("text,mood\nfine,joy\nhi,joyful\n")
    assert (
        f"emoconv: error: {path}:3: label 'joyful' is not one of the 28 known labels; "
        "did you mean 'joy'?\n"
    ) == one_line_of("evaluate", path, *TABLE, "--model", tiny_bundle)


def test_train_names_a_dev_label_that_training_does_not_have(tmp_path, recipe):
    for name, mood in (("train", "joy"), ("dev", "joyy")):
        (tmp_path / f"{name}.csv").write_text(f"text,mood\nhi,{mood}\n")
    line = one_line_of(
        *("train", "--train", tmp_path / "train.csv", "--dev", tmp_path / "dev.csv", *TABLE),
        *("--recipe", recipe, "--output", tmp_path / "model"),
    )
    assert f"{tmp_path / 'dev.csv'}:2: label 'joyy' is not one of the 1 known labels" in line


@pytest.mark.parametrize("missing", ["folder", "train.tsv", "dev.tsv"])
def test_train_says_which_part_of_a_folder_is_missing(tiny, tmp_path, recipe, missing):
    data = tmp_path / "data"
    if missing != "folder":
        shutil.copytree(tiny, data)
        (data / missing).unlink()
    line = one_line_of("train", "--data", data, "--recipe", recipe, "--output", tmp_path / "model")
    assert str(data / ("train.tsv" if missing == "folder" else missing)) in line
    assert "'emoconv download goemotions' fetches them" in line


@pytest.mark.parametrize("content", ["GIF89a\0", "the 1 2\nday 1\n", ""])
def test_train_says_what_is_wrong_with_vectors(tiny, tmp_path, recipe, content):
    path = tmp_path / "vectors.txt"
    path.write_text(content)
    before = sorted(tmp_path.iterdir())
    line = one_line_of(
        *("train", "--data", tiny, "--recipe", recipe, "--vectors", path),
        *("--output", tmp_path / "model"),
    )
    assert str(path) in line
    assert before == sorted(tmp_path.iterdir())


def test_train_says_that_it_may_not_write(tiny, tmp_path, recipe):
    (tmp_path / "file").write_text("")
    line = one_line_of(
        *("train", "--data", tiny, "--recipe", recipe, "--output", tmp_path / "file" / "model")
    )
    assert str(tmp_path / "file") in line


def spoil(kind, folder):
    """Spoil a copy of a bundle; return what is to be said of it."""
    if kind == "missing":
        shutil.rmtree(folder)
        return "no such folder"
    if kind == "a file":
        shutil.rmtree(folder)
        folder.write_text("")
        return "no such folder"
    if kind == "no bundle":
        (folder / "config.json").unlink()
        return "no bundle: it has no config.json"
    if kind == "cut short":
        content = (folder / "weights.safetensors").read_bytes()
        (folder / "weights.safetensors").write_bytes(content[:5000])
        return "the bundle was cut short or changed: copy it again"
    head = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**head, "format_version": FORMAT_VERSION + 1}))
    return "upgrade it: pip install -U emoconv"


@pytest.mark.parametrize("kind", ["missing", "a file", "no bundle", "cut short", "newer"])
@pytest.mark.parametrize("command", ["detect", "evaluate", "info"])
def test_a_command_says_what_is_wrong_with_a_model(tiny, tiny_bundle, tmp_path, command, kind):
    folder = Path(shutil.copytree(tiny_bundle, tmp_path / "model"))
    message = spoil(kind, folder)
    argument = {"detect": ["hello"], "evaluate": [tiny / "test.tsv"], "info": []}[command]
    line = one_line_of(command, *argument, "--model", folder)
    assert message in line
    assert str(folder) in line


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        (b"x" * LONG, "standard input:1: a line of more than 10,000,000 bytes"),
        ("hello\n".encode("utf-16"), "standard input:1: byte 0xff is not UTF-8"),
        (b"\x89PNG\r\n", "standard input:1: byte 0x89 is not UTF-8"),
    ],
)
def test_detect_says_what_is_wrong_with_its_input(tiny_bundle, stdin, message):
    assert message in one_line_of("detect", "--model", tiny_bundle, stdin=stdin)
