"""What is written as a data file is what is read; what is split is neither lost nor doubled."""

import csv
import io
import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from emoconv.data import Dataset, normalise, read, read_official, split_by_group
from emoconv.errors import DataError
from emoconv.labels import LabelSet

LABELS = LabelSet(("joy", "anger", "mixed feelings"))

any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
line_text = any_text.map(lambda s: s.replace("\n", " ").replace("\t", " ").replace("\r", " "))
names = st.lists(st.sampled_from(LABELS.names), unique=True, max_size=3)


def rows_of(texts):
    return st.lists(st.tuples(texts, names), min_size=1, max_size=8)


def read_back(content, name, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        dataset = read(path, labels=LABELS, **options)
    return list(zip(dataset.texts, map(set, dataset.labels.decode(dataset.y)), strict=True))


@given(rows_of(line_text.filter(str.strip)), st.sampled_from(["\n", "\r\n"]))
def test_the_official_format_comes_back(rows, end):
    rows = [(text, labels or ["joy"]) for text, labels in rows]
    lines = [
        f"{text}\t{','.join(str(LABELS.index(name)) for name in labels)}\tc{number}"
        for number, (text, labels) in enumerate(rows)
    ]
    content = ("\ufeff" + end.join([*lines, ""])).encode()
    expected = [(text, set(labels)) for text, labels in rows]
    assert expected == read_back(content, "t.tsv", format="official")


@given(rows_of(any_text), st.sampled_from(["\n", "\r\n"]))
def test_csv_comes_back(rows, end):
    out = io.StringIO(newline="")
    # With LF as the end, the writer would leave a lone CR in a text unquoted.
    quoting = csv.QUOTE_ALL if end == "\n" else csv.QUOTE_MINIMAL
    writer = csv.writer(out, lineterminator=end, quoting=quoting)
    writer.writerow(["text", "l"])
    writer.writerows((text, "|".join(labels)) for text, labels in rows)
    expected = [(text, set(labels)) for text, labels in rows]
    assert expected == read_back(out.getvalue().encode(), "t.csv", labels_column="l", separator="|")


@given(rows_of(line_text))
def test_tsv_comes_back(rows):
    lines = ["text\tl", *(f"{text}\t{','.join(labels)}" for text, labels in rows)]
    expected = [(text, set(labels)) for text, labels in rows]
    assert expected == read_back("\n".join(lines).encode() + b"\n", "t.tsv", labels_column="l")


@given(rows_of(any_text), st.booleans())
def test_json_lines_come_back(rows, ascii_only):
    lines = [json.dumps({"text": t, "l": ls}, ensure_ascii=ascii_only) for t, ls in rows]
    expected = [(text, set(labels)) for text, labels in rows]
    assert expected == read_back("\n".join(lines).encode(), "t.jsonl", labels_column="l")


@given(rows_of(any_text))
def test_parquet_comes_back(rows):
    y = LABELS.encode([labels for _, labels in rows])
    columns = {"text": [text for text, _ in rows], **dict(zip(LABELS.names, y.T, strict=True))}
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    expected = [(text, set(labels)) for text, labels in rows]
    assert expected == read_back(out.getvalue(), "t.parquet")


@given(st.binary(max_size=60), st.sampled_from(["t.tsv", "t.csv", "t.jsonl", "t.parquet", "t.gz"]))
def test_any_bytes_are_read_or_refused_in_one_line(content, name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        format_ = "official" if name == "t.gz" else None
        with pytest.raises(DataError) as error:
            read(path, format=format_, labels=LABELS, labels_column="l")
    assert str(error.value).startswith(str(path))


@given(line_text, st.lists(st.sampled_from(["1", "0,2", "3", "x", "", "1,"]), max_size=4))
def test_an_official_file_is_read_whole_or_refused(text, cells):
    lines = [f"{text}\t{cell}\tc1" for cell in cells]
    good = text.strip() and cells and all(cell in ("1", "0,2") for cell in cells)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.tsv"
        path.write_bytes("\n".join(lines).encode())
        if good:
            assert len(cells) == len(read_official(path, LABELS))
        else:
            with pytest.raises(DataError):
                read_official(path, LABELS)


@given(st.lists(st.sampled_from(["a", "b", "c", "d", "e", ""]), min_size=1), st.integers(0, 99))
def test_a_split_by_comment_is_a_partition_that_keeps_comments_whole(ids, seed):
    texts = [f"{number} {id_}" for number, id_ in enumerate(ids)]
    dataset = Dataset(texts, np.ones((len(ids), 1), dtype=bool), LabelSet(("joy",)), ids)
    try:
        parts = split_by_group(dataset, fractions={"train": 0.6, "test": 0.4}, seed=seed)
    except DataError:
        assume(False)
    assert sorted(texts) == sorted([*parts["train"].texts, *parts["test"].texts])
    assert not (set(parts["train"].ids) & set(parts["test"].ids)) - {""}


@given(any_text)
def test_normalising_twice_changes_nothing_and_case_and_space_do_not_count(text):
    once = normalise(text)
    assert once == normalise(once)
    assert once == normalise(f"  {text}\n")
