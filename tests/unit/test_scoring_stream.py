import re
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest

import emoconv
from emoconv import EmotionDetector
from emoconv.errors import ConfigError, DataError
from emoconv.scoring import pieces, score

BUNDLE = Path(__file__).parents[1] / "data" / "bundle_v2"
TABLE = pa.table({"id": range(5), "text": ["Thank you!", "no", None, "so sad", "why?"]})


@pytest.fixture(scope="module")
def detector():
    return EmotionDetector.load(BUNDLE, engine="reference")


@pytest.fixture(scope="module")
def expected(detector):
    (batch,) = TABLE.to_batches()
    return pa.Table.from_batches([detector.predict_arrow(batch)])


def sources(folder):
    pq.write_table(TABLE, folder / "a.parquet")
    return {
        "table": TABLE,
        "batch": TABLE.to_batches()[0],
        "reader": TABLE.to_reader(max_chunksize=2),
        "dataset": pyarrow.dataset.dataset(folder / "a.parquet"),
        "polars": pl.from_arrow(TABLE),
        "pandas": pd.DataFrame(TABLE.to_pydict()),
    }


@pytest.mark.parametrize("kind", ["table", "batch", "reader", "dataset", "polars", "pandas"])
def test_whatever_streams_arrow_is_scored(kind, tmp_path, detector, expected):
    found = score(sources(tmp_path)[kind], detector=detector).read_all()
    assert expected.to_pydict() == found.to_pydict()


def test_the_package_has_it():
    assert score is emoconv.score


def test_the_shipped_model_is_the_default():
    assert ["gratitude"] == score(TABLE.slice(0, 1)).read_all()["top_label"].to_pylist()


def test_rows_keep_their_order_across_shards(monkeypatch, detector, expected):
    monkeypatch.setattr(pieces, "SHARD_ROWS", 2)
    reader = score(TABLE, detector=detector, columns=["labels", "top"])
    batches = list(reader)
    assert [2, 2, 1] == [batch.num_rows for batch in batches]
    assert expected.drop_columns("probabilities") == pa.Table.from_batches(batches)


def test_batches_are_read_when_they_are_wanted(monkeypatch, detector):
    monkeypatch.setattr(pieces, "SHARD_ROWS", 1)
    read = []

    def batches():
        for batch in pa.concat_tables([TABLE] * 4).to_batches(max_chunksize=1):
            read.append(batch)
            yield batch

    reader = score(pa.RecordBatchReader.from_batches(TABLE.schema, batches()), detector=detector)
    assert [] == read
    reader.read_next_batch()
    assert len(read) < 7


def test_the_schema_is_known_beforehand(detector):
    options = {"columns": ["top", "probabilities"], "probabilities": "columns", "prefix": "x_"}
    reader = score(TABLE.replace_schema_metadata({"a": "b"}), detector=detector, **options)
    assert reader.schema == reader.read_all().schema
    assert ["id", "text", "x_top_label", "x_probability_admiration"] == reader.schema.names[:4]
    assert {b"a": b"b"} == reader.schema.metadata


def test_no_rows_give_no_rows(detector):
    found = score(TABLE.slice(0, 0), detector=detector)
    assert (0, 5) == (found.read_all().num_rows, len(found.schema))


@pytest.mark.parametrize(
    ("source", "options", "error", "message"),
    [
        ([1], {}, TypeError, "expected a stream of Arrow batches, got list; give a pyarrow Table"),
        (TABLE, {"column": "body"}, DataError, "no column 'body' (the columns are id, text)"),
        (TABLE, {"column": "id"}, DataError, "column 'id' holds int64, expected strings; name an"),
        (
            TABLE.rename_columns(["labels", "text"]),
            {},
            DataError,
            "there is a column 'labels' already",
        ),
        (TABLE, {"columns": ["all"]}, ConfigError, "columns has 'all'; expected some of 'labels'"),
        (TABLE, {"probabilities": "lst"}, ConfigError, "probabilities is 'lst'; did you mean"),
    ],
)
def test_what_cannot_be_scored_is_said_at_once(source, options, error, message, detector):
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        score(source, detector=detector, **options)


def test_one_engine_scores_a_stream_whatever_its_batches(monkeypatch):
    monkeypatch.setattr("emoconv.detector.MANY_TEXTS", 3)
    found = [score(TABLE.to_reader(max_chunksize=size)).read_all() for size in (1, 5)]
    assert found[0] == found[1]
