"""The commands and programs that the pages show can be run as they stand, on small data."""

import re
import shlex
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from emoconv.bundle import shipped_bundle
from emoconv.cli import main
from emoconv.data import read, read_table

DOCS = Path(__file__).parents[2] / "docs"
LABELS = ("joy", "anger", "sadness")


def blocks(page, language):
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def commands(page):
    """The emoconv commands of a page but for those that fetch files from elsewhere."""
    lines = [line for block in blocks(page, "bash") for line in block.splitlines()]
    words = [shlex.split(line) for line in lines]
    return [w[1:] for w in words if w[0] == "emoconv" and w[1] != "download"]


def write_tables(tiny):
    """Write what the pages call reviews.csv, reviews-dev.csv and comments.tsv."""
    for part, name in (("train", "reviews"), ("dev", "reviews-dev")):
        dataset = read(tiny / f"{part}.tsv")
        y = dataset.y[:, [dataset.labels.index(label) for label in LABELS]].astype(int)
        rows = [
            f'{i},"{text}",{",".join(map(str, row))}'
            for i, (text, row) in enumerate(zip(dataset.texts, y.tolist(), strict=True))
            if '"' not in text
        ]
        table = "\n".join([f"id,text,{','.join(LABELS)}", *rows])
        Path(f"{name}.csv").write_text(table, encoding="utf-8")
    dataset = read(tiny / "train.tsv")
    names = dataset.labels.decode(dataset.y)
    rows = [f"{text}\t{';'.join(n)}" for text, n in zip(dataset.texts, names, strict=True)]
    Path("comments.tsv").write_text("\n".join(["comment\temotions", *rows]), encoding="utf-8")


def write_raw_files(folder):
    """Write the raw release's three files; their comments have ids of the train part."""
    content = (folder / "goemotions_1.csv").read_text(encoding="utf-8").replace(",r00", ",c00")
    for number in (1, 2, 3):
        (folder / f"goemotions_{number}.csv").write_text(content, encoding="utf-8")


@pytest.fixture
def workplace(tiny, tmp_path, monkeypatch):
    """An empty folder with the data in the places that the pages name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMOCONV_TRAIN_SET", "model.filters=8 training.epochs=2")
    shutil.copytree(tiny, "data/goemotions")
    shutil.copytree(tiny, "data/goemotions_raw")
    write_raw_files(Path("data/goemotions_raw"))
    write_tables(tiny)
    return tmp_path


def run(words):
    main(words, prog_name="emoconv", standalone_mode=False)


def run_in_a_shell(words, monkeypatch, capsys):
    """Run a command, with what follows ``<`` as standard input, and ``>`` as output."""
    if "<" not in words:
        run(words)
        return
    read_from, _, write_to = words[words.index("<") + 1 :]
    capsys.readouterr()
    with Path(read_from).open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        run(words[: words.index("<")])
    Path(write_to).write_text(capsys.readouterr().out, encoding="utf-8")


def test_the_training_page_runs(workplace, capsys):
    Path("recipe.json").write_text(blocks("how-to/train.md", "json")[0], encoding="utf-8")

    for words in commands("how-to/train.md"):
        run(words)
    names = {}
    for block in blocks("how-to/train.md", "python"):
        exec(compile(block, "train.md", "exec"), names)  # noqa: S102 - our own page

    assert (262, 28) == names["targets"].shape
    assert {"my-model", "reviews-model", "comments-model", "checked-model", "small-model"} <= {
        path.name for path in workplace.iterdir()
    }
    assert "I did not see that coming!\t" in capsys.readouterr().out


def test_the_page_on_more_data_runs(workplace):
    data = read("data/goemotions/train.tsv")
    columns = {"text": list(data.texts), "labels": data.labels.decode(data.y)}
    pq.write_table(pa.table(columns), "comments.parquet")

    for words in commands("how-to/train-bigger.md"):
        run(words)
    for block in blocks("how-to/train-bigger.md", "python"):
        exec(compile(block, "train-bigger.md", "exec"), {})  # noqa: S102 - our own page

    assert {"my-model", "big-model"} <= {path.name for path in workplace.iterdir()}
    assert read_table("reviews.csv", label_columns=LABELS).fingerprint() == (
        read_table("reviews.parquet", label_columns=LABELS).fingerprint()
    )


def test_the_evaluation_page_runs(workplace, tiny_bundle, capsys):
    shutil.copytree(tiny_bundle, workplace / "my-model")
    Path("mapping.json").write_text(blocks("how-to/evaluate.md", "json")[0], encoding="utf-8")
    for name, mood in (("theirs", "joy"), ("their-dev", "boredom")):
        rows = f"text,mood\nso happy,{mood}\nscared of it,fear\n"
        Path(f"{name}.csv").write_text(rows, encoding="utf-8")

    for words in commands("how-to/evaluate.md"):
        run(words)

    printed = capsys.readouterr().out
    assert "grouping mapping.json: the data's own labels; not judged: boredom" in printed
    assert "grouping ekman: the model's labels, grouped" in printed
    assert "share either with a train row" in printed


@pytest.mark.skipif(
    not (shipped_bundle() / "config.json").exists(), reason="the shipped bundle is not trained yet"
)
@pytest.mark.usefixtures("workplace")
def test_the_scoring_page_runs(tiny, capsys, monkeypatch):
    texts = read(tiny / "train.tsv").texts[:50]
    table = pa.table({"id": range(50), "body": texts})
    Path("archive").mkdir()
    pq.write_table(table, "comments.parquet")
    pq.write_table(table, "archive/comments.parquet")
    pyarrow.csv.write_csv(table, "archive/comments.csv")
    pyarrow.csv.write_csv(table, "comments.csv")
    Path("torn.csv").write_text("id,body\n1,so happy\n2\n3,so sad\n", encoding="utf-8")
    Path("comments.txt").write_text("\n".join(texts), encoding="utf-8")
    monkeypatch.setenv("EMOCONV_BENCH_SECONDS", "0.01")
    monkeypatch.setattr("emoconv.speed._ROUNDS", 2)

    names = {}
    for block in blocks("how-to/score.md", "python"):
        exec(compile(block, "score.md", "exec"), names)  # noqa: S102 - our own page
    names["connection"].close()
    for words in commands("how-to/score.md"):
        run_in_a_shell(words, monkeypatch, capsys)

    assert (2, 28) == names["probabilities"].shape
    assert ["id", "body", "labels", "top_label"] == pq.read_schema("emotions.parquet").names
    assert 50 == pq.read_metadata("emotions.parquet").num_rows
    assert ["body", "labels", "probabilities"] == names["found"].schema.names[1:]
    assert {"comments.csv", "comments.parquet"} == {path.name for path in Path("scored").iterdir()}
    assert 50 == len(Path("top.jsonl").read_text(encoding="utf-8").splitlines())
    assert 2 == len(Path("mended.csv").read_text(encoding="utf-8").splitlines()[1:])
    assert "50 texts of " in capsys.readouterr().out


@pytest.mark.skipif(
    not (shipped_bundle() / "config.json").exists(), reason="the shipped bundle is not trained yet"
)
def test_the_first_page_runs(capsys):
    for block in blocks("index.md", "python"):
        exec(compile(block, "index.md", "exec"), {})  # noqa: S102 - our own page
    for words in commands("index.md"):
        run(words)

    assert "gratitude" in capsys.readouterr().out
