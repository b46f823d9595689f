import gzip
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emoconv.errors import ConfigError, DataError, LabelError
from emoconv.monitoring import trend as trend_module
from emoconv.monitoring.scored import read_scored
from emoconv.monitoring.times import Every
from emoconv.monitoring.trend import Trend, TrendBuilder
from emoconv.scoring.inputs import find_inputs

LABELS = ["joy", "anger"]
ROWS = [
    ("2024-01-01T10:00:00Z", ["joy"], [0.5, 0.25]),
    ("2024-01-01T23:59:59Z", ["anger", "joy"], [0.5, 0.75]),
    ("2024-01-03T00:00:00Z", [], [0.25, 0.0]),
    ("2024-01-03T01:00:00Z", None, None),
    (None, ["joy"], [0.5, 0.0]),
    ("soon", ["joy"], [0.5, 0.0]),
]
EXPECTED = [
    ("2024-01-01", "joy", "2", "2", "1", "0.5"),
    ("2024-01-01", "anger", "2", "1", "0.5", "0.5"),
    ("2024-01-02", "joy", "0", "0", "", ""),
    ("2024-01-02", "anger", "0", "0", "", ""),
    ("2024-01-03", "joy", "1", "0", "0", "0.25"),
    ("2024-01-03", "anger", "1", "0", "0", "0"),
]


def table(rows=ROWS, *, form="list", prefix="", metadata=True, time=None):
    """Rows as `emoconv score` writes them into a table of types."""
    times, held, probabilities = (list(column) for column in zip(*rows, strict=True))
    labels = pa.array(held, pa.list_(pa.string()))
    columns = [("created", pa.array(times, time)), ("text", pa.nulls(len(rows), pa.string()))]
    columns.append((f"{prefix}labels", labels))
    if form == "columns":
        for i, label in enumerate(LABELS):
            values = [None if row is None else row[i] for row in probabilities]
            columns.append((f"{prefix}probability_{label}", pa.array(values, pa.float32())))
    elif form is not None:
        kind = pa.list_(pa.float32(), 2) if form == "list" else pa.list_(pa.float32())
        columns.append((f"{prefix}probabilities", pa.array(probabilities, kind)))
    fields = [
        pa.field(
            name,
            values.type,
            metadata={"labels": json.dumps(LABELS)}
            if metadata and name.endswith("probabilities")
            else None,
        )
        for name, values in columns
    ]
    return pa.table([values for _, values in columns], schema=pa.schema(fields))


def write_text(path, *, separator):
    """Rows as it writes them into CSV or TSV."""
    lines = [separator.join(["created", "text", "labels", "probability_joy", "probability_anger"])]
    for time, held, found in ROWS:
        names = ",".join(held or [])
        quoted = f'"{names}"' if separator == "," else names
        lines.append(separator.join([time or "", "so", quoted, *map(str, found or ["", ""])]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_json_lines(path, rows=ROWS):
    lines = [
        json.dumps(
            {
                "created": time,
                "labels": held,
                "probabilities": found and dict(zip(LABELS, found, strict=True)),
            }
        )
        for time, held, found in rows
    ]
    content = "\n".join(lines).encode()  # the last line has no end
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def write_arrow(path, found):
    opened = pa.ipc.new_stream if path.suffix == ".arrows" else pa.ipc.new_file
    with opened(path, found.schema) as writer:
        writer.write_table(found, max_chunksize=4)


def written(path, **options):
    """Write the rows in the format that the name says."""
    name = path.name
    if name.endswith((".csv", ".tsv")):
        write_text(path, separator="," if name.endswith("v") and "csv" in name else "\t")
    elif ".jsonl" in name:
        write_json_lines(path)
    elif name.endswith(".parquet"):
        pq.write_table(table(**options), path)
    else:
        write_arrow(path, table(**options))
    return path


def follow(*paths, every="1d", prefix="", time="created", known=lambda: LABELS):
    builder = TrendBuilder(Every.parse(every))
    for file in find_inputs([str(path) for path in paths]):
        for found in read_scored(file, time=time, prefix=prefix, known=known):
            builder.add(found, file=file.name)
    return builder.trend()


@pytest.mark.parametrize(
    "name", ["a.parquet", "a.arrow", "a.arrows", "a.csv", "a.tsv", "a.jsonl", "a.jsonl.gz"]
)
def test_every_format_gives_the_same_trend(tmp_path, name):
    found = follow(written(tmp_path / name))
    assert EXPECTED == list(found.rows())
    skipped = found.skipped
    if name.endswith((".csv", ".tsv")):  # an empty value is a string, of no time
        assert (1, 0, 2) == (skipped.missing_texts, skipped.missing_times, skipped.unreadable_times)
        assert f"{name}, row 5: ''" == skipped.first_unreadable
    else:
        assert (1, 1, 1) == (skipped.missing_texts, skipped.missing_times, skipped.unreadable_times)
        assert f"{name}, row 6: 'soon'" == skipped.first_unreadable


@pytest.mark.parametrize("form", ["list", "lists", "columns"])
@pytest.mark.parametrize("prefix", ["", "emoconv_"])
def test_every_form_of_probabilities_is_read(tmp_path, form, prefix):
    path = written(tmp_path / "a.parquet", form=form, prefix=prefix)
    assert EXPECTED == list(follow(path, prefix=prefix).rows())


def test_without_probabilities_labels_are_counted_as_they_come(tmp_path):
    found = follow(written(tmp_path / "a.parquet", form=None))
    assert [(*row[:5], "") for row in EXPECTED] == list(found.rows())


def test_lists_without_names_are_those_of_the_model(tmp_path):
    path = written(tmp_path / "a.parquet", metadata=False)
    assert EXPECTED == list(follow(path).rows())
    message = "lists of 2 probabilities for 1 labels; name the model that made them: --model"
    with pytest.raises(DataError, match=message):
        follow(path, known=lambda: ["joy"])


def test_files_of_a_folder_are_added_up(tmp_path):
    for name in ("a.parquet", "b.jsonl", "c.csv"):
        written(tmp_path / name)
    found = follow(tmp_path)
    assert [6, 0, 3] == found.texts.tolist()
    assert [[6, 3], [0, 0], [0, 0]] == found.counts.tolist()


def test_rows_without_a_text_are_no_rows_of_other_labels(tmp_path):
    write_json_lines(tmp_path / "a.jsonl", [ROWS[3], ROWS[3], *ROWS, ROWS[3]])
    found = follow(tmp_path / "a.jsonl")
    assert (EXPECTED, 4) == (list(found.rows()), found.skipped.missing_texts)


def test_times_of_numbers_are_in_periods_of_less_than_a_day(tmp_path):
    rows = [(1_704_103_200 + 900 * i, ["joy"], [0.5, 0.0]) for i in (0, 0, 2)]
    pq.write_table(table(rows), tmp_path / "a.parquet")
    found = list(follow(tmp_path / "a.parquet", every="15min").of(["joy"]).rows())
    starts = ["2024-01-01T10:00:00Z", "2024-01-01T10:15:00Z", "2024-01-01T10:30:00Z"]
    assert list(zip(starts, "201", strict=True)) == [(row[0], row[2]) for row in found]


def test_labels_are_given_in_the_order_asked_for(tmp_path):
    found = follow(written(tmp_path / "a.parquet")).of(["anger", "joy"])
    assert [("anger", "joy"), [1, 2]] == [found.labels, found.counts[0].tolist()]


@pytest.mark.parametrize(
    ("names", "message"),
    [(["jo"], "did you mean 'joy'"), (["joy", "joy"], "given twice"), ([], "at least one label")],
)
def test_labels_that_are_not_there_are_said(tmp_path, names, message):
    found = follow(written(tmp_path / "a.parquet"))
    with pytest.raises(LabelError, match=message):
        found.of(names)


def moving(counts, texts=1_000):
    """A trend with these counts, (P, L)."""
    counts = np.array(counts)
    labels = tuple("abcdef"[: counts.shape[1]])
    edges = np.arange(len(counts) + 1) * np.timedelta64(86_400, "s") + np.datetime64(0, "s")
    sizes = np.full(len(counts), texts)
    sums = np.zeros(counts.shape)
    return Trend(labels, Every(1, "d"), edges, sizes, counts, sums, trend_module.Skipped())


def test_what_moved_most_beyond_chance_is_chosen_and_not_what_is_rare():
    # a: large and still; b: doubles; c: moves by chance; d: moves much, in 3 texts of 1,000
    found = moving([[500, 50, 100, 0], [500, 100, 106, 6], [501, 50, 98, 0]])
    assert ("b", "c", "a", "d") == found.most_moved(9)
    assert ("b", "c") == found.most_moved(2)
    assert ("c", "a", "d") == found.most_moved(9, without=["b"])


def test_labels_that_never_or_always_hold_have_not_moved():
    assert ("c", "b", "a") == moving([[0, 1_000, 10], [0, 1_000, 20]]).most_moved(3)


def test_periods_without_texts_move_nothing():
    found = moving([[10, 10], [0, 0], [10, 30]])
    found.texts[1] = 0
    assert ("b", "a") == found.most_moved(2)


def test_too_many_periods_are_said(tmp_path, monkeypatch):
    monkeypatch.setattr(trend_module, "MOST_PERIODS", 2)
    path = written(tmp_path / "a.parquet")
    message = "3 periods of one day each, from 2024-01-01T00:00:00 to 2024-01-03T00:00:00, and 2 "
    with pytest.raises(ConfigError, match=message):
        follow(path)
    with pytest.raises(ConfigError, match="3 periods of one hour each"):
        follow(path, every="1h")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS[3:5], "no row has a text and a time$"),
        (ROWS[3:], "no row has a text and a time; the first time .*: a.parquet, row 3: 'soon'"),
    ],
)
def test_nothing_to_follow_is_said(tmp_path, rows, message):
    pq.write_table(table(rows, time=pa.string()), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=message):
        follow(tmp_path / "a.parquet")


def test_files_of_two_models_are_not_added_up(tmp_path):
    written(tmp_path / "a.parquet")
    written(tmp_path / "b.parquet", form=None)
    with pytest.raises(DataError, match=r"b\.parquet: its probabilities are not of the same label"):
        follow(tmp_path)


def test_a_label_without_a_probability_is_said(tmp_path):
    pq.write_table(table([(1, ["love"], [0.0, 0.0])]), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="label 'love' holds and has no probability"):
        follow(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"labels": [["joy"]]}, "no column 'created' for times .--time names it.*are labels"),
        ({"created": [1]}, "no column 'labels' for the labels that hold"),
        ({"created": [True], "labels": [["joy"]]}, "the column of times holds values of type bool"),
        ({"created": [1], "labels": [3]}, "the labels are of type int64; expected lists of names"),
        (
            {"created": [1], "labels": [["joy"]], "probabilities": ["x"]},
            "column 'probabilities' is of type string; expected lists of numbers",
        ),
        (
            {"created": [1], "labels": [["joy"]], "probability_joy": ["x"]},
            "a probability is no number: ",
        ),
    ],
)
def test_a_table_of_another_kind_is_said(tmp_path, columns, message):
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    with pytest.raises(DataError, match=rf"a\.parquet: {message}"):
        follow(tmp_path / "a.parquet")


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.arrows", "a.csv", "a.jsonl"])
def test_a_file_of_another_format_is_said(tmp_path, name):
    (tmp_path / name).write_text('{"a"\n"b","\n')
    with pytest.raises(DataError, match=name):
        follow(tmp_path / name)


def test_lines_have_no_columns(tmp_path):
    (tmp_path / "a.txt").write_text("so\n")
    with pytest.raises(DataError, match=r"a\.txt: a file of lines has no columns"):
        follow(tmp_path / "a.txt")
