import pyarrow as pa
import pytest

from emoconv.errors import DataError
from emoconv.scoring.arrow_files import stream_to_file


def converted(tmp_path, batches):
    with pa.ipc.new_stream(str(tmp_path / "a.arrows"), batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    stream_to_file(tmp_path / "a.arrows", tmp_path / "a.arrow")
    with pa.OSFile(str(tmp_path / "a.arrow")) as source:
        return pa.ipc.open_file(source).read_all()


def batch(kinds, **columns):
    index = columns.pop("index", pa.int32())
    column = (
        pa.array(kinds, pa.string()).dictionary_encode().cast(pa.dictionary(index, pa.string()))
    )
    return pa.record_batch({"kind": column, "n": pa.array(range(len(kinds)), pa.int64())})


def test_batches_stay_what_they_are(tmp_path):
    batches = [pa.record_batch({"n": [1, 2]}), pa.record_batch({"n": [3]})]
    assert pa.Table.from_batches(batches) == converted(tmp_path, batches)


def test_dictionaries_become_one(tmp_path):
    batches = [batch(["a", "b", None]), batch([]), batch(["c", "b", "a"]), batch(["c"])]
    found = converted(tmp_path, batches)
    assert ["a", "b", None, "c", "b", "a", "c"] == found["kind"].to_pylist()
    assert batches[0].schema == found.schema
    assert ["a", "b", "c"] == found["kind"].chunk(3).dictionary.to_pylist()


def test_a_dictionary_that_grows_too_large_is_said_with_what_to_do(tmp_path):
    kinds = [str(n) for n in range(190)]
    batches = [batch(some, index=pa.int8()) for some in (kinds[:100], kinds[90:])]
    message = r"column 'kind' has 190 values in its dictionaries, too many for int8; write a stream"
    with pytest.raises(DataError, match=message):
        converted(tmp_path, batches)
