"""Claims about emoconv.scoring.encoders: shards become one file that others read whole."""

import csv
import gzip
import io
import itertools
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.json as arrow_json
import pyarrow.parquet as pq
import pytest

from emoconv.annotation import annotate
from emoconv.errors import DataError
from emoconv.scoring.encoders import Added, encoder_of
from emoconv.scoring.readers import LINE

LABELS = ("joy", "an,ger", 'f"ear')
CUTS = np.array([0.5, 0.25, 0.5], dtype=np.float32)
ROWS = 7
TEXTS = ["a", 'b "quoted", so', None, "d\r\ne", "", "é😂\\", "\x01g"]
PLAIN = pa.record_batch({"id": pa.array(range(ROWS), pa.int64()), "text": TEXTS})
RICH = pa.record_batch(
    {
        "text": pa.array(TEXTS).dictionary_encode(),
        "n": pa.array([[{"k": n, "l": [str(n)]}] * (n % 3) or None for n in range(ROWS)]),
        "d": pa.array([["x", "y", None][n % 3] for n in range(ROWS)]).dictionary_encode(),
        "t": pa.array(range(ROWS), pa.timestamp("us", tz="UTC")),
        "w": pa.array(TEXTS, pa.large_string()),
    },
    metadata={"made": "by a test"},
)


PROBABILITIES = (np.arange(ROWS * len(LABELS), dtype=np.float32) % 8 / 8).reshape(ROWS, -1)
PROBABILITIES[[text is None for text in TEXTS]] = np.nan


def assembled(format_, batch=PLAIN, *, size=3, packing=None, form="list", **options):
    """A file of a batch in shards of some rows, and where each of them is."""
    if format_ in {"csv", "tsv"}:
        form = "columns"
    encoder = encoder_of(
        format_, packing=packing, schema=batch.schema, added=Added(LABELS, form=form, **options)
    )
    content, places = encoder.start(), []
    for start in range(0, batch.num_rows, size):
        part = batch.slice(start, size)
        numbers = PROBABILITIES[start : start + part.num_rows]
        scored = annotate(
            part,
            "text",
            labels=LABELS,
            predict_proba=lambda _, numbers=numbers: numbers,
            cuts=CUTS,
            columns=encoder.columns,
            form=form,
            prefix=options.get("prefix", ""),
        )
        shard = encoder.shard(scored, numbers)
        places.append((len(content), shard.footer))
        content += shard.content
    return content + encoder.end(places)


def expected(batch=PLAIN, form="list", **options):
    """What annotate makes of a batch at once."""
    scored = annotate(
        batch,
        "text",
        labels=LABELS,
        predict_proba=lambda _: PROBABILITIES[: batch.num_rows],
        cuts=CUTS,
        form=form,
        **options,
    )
    return pa.Table.from_batches([scored])


# Parquet.


@pytest.mark.parametrize("form", ["list", "columns"])
@pytest.mark.parametrize("batch", [PLAIN, RICH], ids=["plain", "rich"])
@pytest.mark.parametrize("size", [1, 3, 100])
def test_shards_of_parquet_are_one_file(batch, form, size):
    found = pq.read_table(pa.BufferReader(assembled("parquet", batch, form=form, size=size)))
    assert found.schema.equals(expected(batch, form).schema, check_metadata=False)
    assert expected(batch, form).to_pylist() == found.to_pylist()
    assert (batch.schema.metadata or {}).items() <= (found.schema.metadata or {}).items()


def test_a_shard_of_parquet_is_a_row_group_with_all_that_belongs_to_one():
    content = assembled("parquet", RICH)
    whole = pq.read_metadata(pa.BufferReader(content))
    assert (3, ROWS) == (whole.num_row_groups, whole.num_rows)
    assert [3, 3, 1] == [whole.row_group(n).num_rows for n in range(3)]
    spans = []
    for number in range(3):
        group = whole.row_group(number)
        for place in range(group.num_columns):
            column = group.column(place)
            start = column.data_page_offset
            if column.has_dictionary_page:
                start = min(start, column.dictionary_page_offset)
            spans.append((start, start + column.total_compressed_size))
            assert "ZSTD" == column.compression
    assert 4 == spans[0][0]
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    assert spans[-1][1] < len(content)


def test_statistics_of_parquet_are_those_of_each_shard():
    whole = pq.read_metadata(pa.BufferReader(assembled("parquet")))
    found = [whole.row_group(number).column(0).statistics for number in range(3)]
    assert [(0, 2, 3), (3, 5, 3), (6, 6, 1)] == [(s.min, s.max, s.num_values) for s in found]


@pytest.mark.parametrize("number", range(3))
def test_each_row_group_can_be_read_alone(number):
    file = pq.ParquetFile(pa.BufferReader(assembled("parquet", RICH)))
    assert (
        expected(RICH).slice(3 * number, 3).to_pylist() == file.read_row_group(number).to_pylist()
    )


def test_probabilities_have_no_dictionary_and_other_columns_do():
    group = pq.read_metadata(pa.BufferReader(assembled("parquet"))).row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]
    assert {
        "id": True,
        "text": True,
        "labels.list.element": True,
        "top_label": True,
        "probabilities.list.element": False,
    } == {column.path_in_schema: column.has_dictionary_page for column in columns}


def test_filters_of_parquet_find_their_row_groups(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(assembled("parquet"))
    assert [4, 5, 6] == pq.read_table(path, filters=[("id", ">", 3)])["id"].to_pylist()


def test_labels_of_probabilities_are_kept_in_parquet_and_arrow():
    for found in (
        pq.read_table(pa.BufferReader(assembled("parquet"))),
        pa.ipc.open_stream(assembled("arrow")).read_all(),
    ):
        names = found.schema.field("probabilities").metadata[b"labels"]
        assert list(LABELS) == json.loads(names)


def test_a_shard_of_no_rows_is_no_row_group():
    encoder = encoder_of("parquet", packing=None, schema=PLAIN.schema, added=Added(LABELS))
    none = pa.RecordBatch.from_pylist([], schema=expected().schema)
    shard = encoder.shard(none, PROBABILITIES[:0])
    assert (b"", b"") == (shard.content, shard.footer)
    whole = pq.read_metadata(pa.BufferReader(encoder.start() + encoder.end([(4, b"")])))
    assert (0, 0) == (whole.num_row_groups, whole.num_rows)


def test_a_type_that_parquet_has_not_is_told():
    schema = pa.schema([("text", pa.string()), ("u", pa.month_day_nano_interval())])
    with pytest.raises(DataError, match=r"^a column has no place in Parquet \(.*interval"):
        encoder_of("parquet", packing=None, schema=schema, added=Added(LABELS))


# Arrow.


@pytest.mark.parametrize("packing", [None, "gzip", "zstd"])
@pytest.mark.parametrize("batch", [PLAIN, RICH], ids=["plain", "rich"])
def test_shards_of_arrow_are_one_stream(batch, packing):
    content = assembled("arrows", batch, packing=packing)
    with pa.input_stream(pa.BufferReader(content), compression=packing) as stream:
        found = pa.ipc.open_stream(stream).read_all()
    assert found.schema.equals(expected(batch).schema, check_metadata=True)
    assert expected(batch).to_pylist() == found.to_pylist()
    assert 3 == found["text"].num_chunks


# CSV and TSV.


def csv_rows(content, separator=","):
    text = io.StringIO(content.decode(), newline="")
    if separator == ",":
        return list(csv.DictReader(text, strict=True))
    return list(csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE))


def csv_value(value):
    """What a value of annotate is in CSV."""
    if isinstance(value, list):
        return ",".join(value)
    if isinstance(value, float):
        return f"{value:.4f}"
    return "" if value is None else str(value)


def row_of(row):
    return {name: csv_value(value) for name, value in row.items()}


@pytest.mark.parametrize("size", [1, 3, 100])
def test_shards_of_csv_are_one_file(size):
    rows = [row_of(row) for row in expected(form="columns").to_pylist()]
    assert rows == csv_rows(assembled("csv", size=size))


def test_shards_of_tsv_are_one_file():
    batch = pa.record_batch({"text": ["a", 'b "c"', None, "d,"]})
    rows = [row_of(row) for row in expected(batch, form="columns").to_pylist()]
    content = assembled("tsv", batch)
    assert rows == csv_rows(content, "\t")
    assert (
        b'text\tlabels\ttop_label\tprobability_joy\tprobability_an,ger\tprobability_f"ear'
        == (content.splitlines()[0])
    )


def test_a_missing_text_has_empty_fields():
    line = assembled("csv").splitlines()[3]
    assert b"2,,,,,," == line


def test_tsv_tells_a_header_that_it_cannot_hold():
    batch = pa.record_batch({"text": ["a"], "x\ty": ["b"]})
    with pytest.raises(DataError, match=r"^column 'header' has a tab"):
        assembled("tsv", batch)


@pytest.mark.parametrize("format_", ["csv", "tsv"])
def test_a_type_that_csv_has_not_is_told_before_the_first_row(format_):
    with pytest.raises(DataError, match=r"^column 'n' is of type list<.*no place in CSV or TSV"):
        encoder_of(format_, packing=None, schema=RICH.schema, added=Added(LABELS, form="columns"))


# JSON Lines.


def json_row(row, prefix=""):
    """What a row of annotate is in JSON."""
    row = {name: round(v, 4) if isinstance(v, float) else v for name, v in row.items()}
    found = row.get(f"{prefix}probabilities")
    if found is not None:
        row[f"{prefix}probabilities"] = dict(zip(LABELS, found, strict=True))
    return row


@pytest.mark.parametrize("form", ["list", "columns"])
@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("prefix", ["", 'my"'])
def test_shards_of_json_lines_are_one_file(form, size, prefix):
    found = assembled("jsonl", form=form, size=size, prefix=prefix).decode().splitlines()
    rows = expected(form=form, prefix=prefix).to_pylist()
    assert [json_row(row, prefix) for row in rows] == [json.loads(line) for line in found]


def test_nested_columns_are_nested_in_json():
    found = [json.loads(line) for line in assembled("jsonl", RICH).splitlines()]
    rows = [json_row(row) for row in expected(RICH).to_pylist()]
    for row in rows:
        row["t"] = row["t"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert rows == found


@pytest.mark.parametrize("form", ["list", "columns"])
def test_lines_that_travel_whole_have_members_put_behind_theirs(form):
    lines = ['{"x": 1e5, "text":"a"}', " { } \t", '{"text":null,"o":{}}', None]
    batch = pa.record_batch({"text": [*TEXTS[:2], None, None], LINE: lines})
    probabilities = PROBABILITIES[[0, 1, 2, 2]]
    added = Added(LABELS, form=form)
    encoder = encoder_of("jsonl", packing=None, schema=batch.schema, added=added)
    scored = annotate(
        batch,
        "text",
        labels=LABELS,
        predict_proba=lambda _: probabilities,
        cuts=CUTS,
        columns=encoder.columns,
    )
    found = encoder.shard(scored, probabilities).content.decode().splitlines()
    starts = [
        '{"x": 1e5, "text":"a","labels"',
        ' {"labels"',
        '{"text":null,"o":{},"labels"',
        '{"la',
    ]
    assert starts == [line[: len(start)] for line, start in zip(found, starts, strict=True)]
    keys = [field.name for field in added.fields()]
    assert [["x", "text", *keys], keys, ["text", "o", *keys], keys] == [
        list(json.loads(line)) for line in found
    ]


def test_nothing_may_be_added():
    batch = pa.record_batch({"text": ["a"], LINE: ['{"x":1}']})
    encoder = encoder_of("jsonl", packing=None, schema=batch.schema, added=Added(LABELS, ()))
    assert b'{"x":1}\n' == encoder.shard(batch, PROBABILITIES[:1]).content
    encoder = encoder_of("csv", packing=None, schema=PLAIN.schema, added=Added(LABELS, ()))
    assert b"0,a\n" == encoder.shard(PLAIN.slice(0, 1), PROBABILITIES[:1]).content


def test_json_has_no_two_columns_of_a_name():
    schema = pa.schema([("text", pa.string()), ("a", pa.int64()), ("a", pa.int64())])
    with pytest.raises(DataError, match=r"^column 'a' is there twice, which JSON cannot hold$"):
        encoder_of("jsonl", packing=None, schema=schema, added=Added(LABELS))


def test_a_type_that_json_has_not_is_told_before_the_first_row():
    schema = pa.schema([("text", pa.string()), ("m", pa.map_(pa.string(), pa.int64()))])
    with pytest.raises(DataError, match=r"^column 'm' is of type map<.*no place in JSON"):
        encoder_of("jsonl", packing=None, schema=schema, added=Added(LABELS))


# What is packed, and what others read.


@pytest.mark.parametrize("format_", ["csv", "tsv", "jsonl", "arrows"])
def test_what_is_packed_is_the_same_within(format_):
    batch = PLAIN if format_ != "tsv" else PLAIN.slice(0, 3)
    plain = assembled(format_, batch)
    packed = assembled(format_, batch, packing="gzip")
    assert plain == gzip.decompress(packed)
    for packing in ("gzip", "zstd"):
        content = assembled(format_, batch, packing=packing)
        with pa.input_stream(pa.BufferReader(content), compression=packing) as stream:
            assert plain == stream.read()


@pytest.mark.parametrize(
    ("format_", "packing"),
    [
        ("parquet", None),
        *itertools.product(["csv", "tsv", "jsonl", "arrows"], [None, "gzip", "zstd"]),
    ],
)
def test_of_no_shards_there_is_a_file_of_no_rows(format_, packing):
    content = assembled(format_, PLAIN.slice(0, 0), packing=packing)
    with pa.input_stream(pa.BufferReader(content), compression=packing) as stream:
        plain = stream.read()
    if packing == "gzip":
        assert plain == gzip.decompress(content)
        assert b"" != content
    if format_ == "parquet":
        assert expected().slice(0, 0) == pq.read_table(pa.BufferReader(plain))
    elif format_ == "arrows":
        assert expected().slice(0, 0) == pa.ipc.open_stream(plain).read_all()
    elif format_ == "jsonl":
        assert b"" == plain
    else:
        assert 1 == plain.count(b"\n")
        assert plain.startswith((b"id,text,labels,", b"id\ttext\tlabels\t"))


def test_pyarrow_reads_csv_and_json_whole():
    table = arrow_csv.read_csv(
        pa.BufferReader(assembled("csv")),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
    )
    assert [text or "" for text in TEXTS] == table["text"].to_pylist()
    table = arrow_json.read_json(pa.BufferReader(assembled("jsonl")))
    assert TEXTS == table["text"].to_pylist()
    assert expected()["labels"].to_pylist() == table["labels"].to_pylist()


def test_polars_reads_every_format_whole():
    polars = pytest.importorskip("polars")
    rows = expected().to_pylist()
    for frame in (
        polars.read_parquet(io.BytesIO(assembled("parquet"))),
        polars.read_ipc_stream(io.BytesIO(assembled("arrows"))),
    ):
        assert [row["labels"] for row in rows] == frame["labels"].to_list()
        assert [row["probabilities"] for row in rows] == frame["probabilities"].to_list()
        assert TEXTS == frame["text"].to_list()
    frame = polars.read_csv(io.BytesIO(assembled("csv")))
    assert [text or "" for text in TEXTS] == [text or "" for text in frame["text"].to_list()]
    for packing in (None, "gzip", "zstd"):
        frame = polars.read_ndjson(io.BytesIO(assembled("jsonl", packing=packing)))
        assert TEXTS == frame["text"].to_list()
        assert rows[0]["probabilities"] == list(frame["probabilities"][0].values())


def test_polars_reads_nested_parquet_and_its_row_groups(tmp_path):
    polars = pytest.importorskip("polars")
    path = tmp_path / "a.parquet"
    path.write_bytes(assembled("parquet", RICH))
    frame = polars.scan_parquet(path).slice(2, 4).collect()
    assert expected(RICH)["n"].slice(2, 4).to_pylist() == frame["n"].to_list()
    path.write_bytes(assembled("parquet", PLAIN))
    assert [5, 6] == polars.scan_parquet(path).filter(polars.col("id") > 4).collect()[
        "id"
    ].to_list()


def test_duckdb_reads_every_format_whole(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    rows = expected().to_pylist()
    for name in ("parquet", "jsonl", "csv"):
        path = tmp_path / f"a.{name}"
        path.write_bytes(assembled(name))
        found = duckdb.sql(f"select * from '{path}' order by id").fetchall()  # noqa: S608 - our own
        assert list(range(ROWS)) == [row[0] for row in found]
    path = tmp_path / "a.parquet"
    found = duckdb.sql(f"select labels from '{path}' where id > 3 order by id").fetchall()  # noqa: S608 - same
    assert [(row["labels"],) for row in rows[4:]] == found


def test_many_shards_of_parquet_are_one_file():
    table = pq.read_table(pa.BufferReader(assembled("parquet", size=1)))
    assert pc.all(pc.equal(table["id"], pa.array(range(ROWS)))).as_py()
