"""What is written as a file is read from there, cut into the same shards from wherever."""

import csv
import io
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoconv.scoring import pieces
from emoconv.scoring.inputs import find_inputs
from emoconv.scoring.pieces import Piece, Reject, shards
from emoconv.scoring.readers import delimited, json_lines, lines, open_reader

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.lists(
    st.sampled_from('",\n\r\t\0\\é😂 a'), max_size=12
).map("".join)
line_text = any_text.map(lambda text: text.replace("\n", " ").replace("\r", " "))
row_lists = st.lists(st.tuples(any_text, any_text), max_size=12)
blocks = st.sampled_from([7, 64, 2**20])
encodings = st.sampled_from(["utf-8", "utf-16", "utf-32-be"])


def with_reader(content, name, use, *, block=2**20, **options):
    """What is done with a reader of a file whose blocks are of a size."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK_BYTES", block)
        patch.setattr(json_lines, "BLOCK_BYTES", block)
        patch.setattr(delimited, "ROW_BYTES", max(block, 512))
        patch.setattr(delimited, "_HEADER_BYTES", max(block, 512))
        patch.setattr(pieces, "SHARD_ROWS", 3)
        patch.setattr(pieces, "SHARD_BYTES", 40)
        path = Path(folder) / name
        path.write_bytes(content)
        options = {"column": "text", "on_error": "skip", **options}
        return use(lambda: open_reader(find_inputs([str(path)])[0], **options))


def rows_of(opened):
    return [tuple(row.values()) for piece in opened().read(0) for row in piece.batch.to_pylist()]


@given(row_lists, st.sampled_from(["\r\n", "\n"]), blocks, encodings)
def test_csv_comes_back(rows, end, block, encoding):
    out = io.StringIO(newline="")
    # With LF as the end, the writer would leave a lone CR in a text unquoted.
    quoting = csv.QUOTE_ALL if end == "\n" else csv.QUOTE_MINIMAL
    writer = csv.writer(out, lineterminator=end, quoting=quoting)
    writer.writerow(["text", "n"])
    writer.writerows(rows)
    content = out.getvalue().encode(encoding)
    assert rows == with_reader(content, "a.csv", rows_of, block=block, encoding=encoding)


@given(st.lists(any_text, max_size=12), blocks)
def test_csv_of_one_column_comes_back(texts, block):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([text] for text in ["text", *texts])
    found = with_reader(out.getvalue().encode(), "a.csv", rows_of, block=block)
    assert [(text,) for text in texts] == found


@given(st.lists(line_text, max_size=12), st.sampled_from(["\n", "\r\n"]), blocks, encodings)
def test_lines_come_back(texts, end, block, encoding):
    content = "".join(text + end for text in texts).encode(encoding)
    found = with_reader(content, "a.txt", rows_of, block=block, encoding=encoding)
    texts = [texts[0].removeprefix("\ufeff"), *texts[1:]] if texts else []
    assert [(text,) for text in texts] == found or encoding == "utf-16"
    assert len(texts) == len(found)


@given(st.lists(st.tuples(any_text, st.integers(-9, 9)), min_size=1), st.booleans(), blocks)
def test_json_lines_come_back(rows, ascii_only, block):
    written = [json.dumps({"text": t, "n": n}, ensure_ascii=ascii_only) for t, n in rows]
    content = "\n".join(written).encode()
    assert rows == with_reader(content, "a.jsonl", rows_of, block=block)
    found = with_reader(content, "a.jsonl", rows_of, block=block, whole_lines=True)
    assert [(text, line) for (text, _), line in zip(rows, written, strict=True)] == found


# Files of good and of bad rows: what the shards of all of it are, and of what is left of it.

good_csv, bad_csv = st.just(b"a,1\n"), st.sampled_from([b"b\n", b"\xff,2\n", b"c,1,2\n"])
good_json = st.sampled_from([b'{"text":"a"}\n', b'{"text":"a long one of many bytes"}\n'])
bad_json = st.sampled_from([b"[]\n", b'{"text":1}\n', b'{"text":"\xff"}\n', b"\n"])
good_line, bad_line = st.sampled_from([b"a\n", b"\n"]), st.just(b"\xff\n")
FILES = st.one_of(
    st.tuples(st.just("a.csv"), st.just(b"text,n\n"), st.lists(good_csv | bad_csv, max_size=25)),
    st.tuples(
        st.just("a.jsonl"), st.just(b'{"text":"a"}\n'), st.lists(good_json | bad_json, max_size=25)
    ),
    st.tuples(st.just("a.txt"), st.just(b""), st.lists(good_line | bad_line, max_size=25)),
)


def without_path(reject):
    return reject.line, reject.reason, reject.raw, reject.before


def shards_from(opened, start):
    reader = opened()
    found = shards(reader.read(start), first=reader.first(start), start=start)
    return [(shard.batch.to_pylist(), list(map(without_path, shard.rejects))) for shard in found]


def check_tails(opened):
    """Check that from the end of each shard on the others follow, and return all."""
    whole = shards_from(opened, 0)
    done = 0
    for number, (rows, _) in enumerate(whole, start=1):
        done += len(rows)
        if done:
            assert whole[number:] == shards_from(opened, done)
    return whole


@given(FILES, st.sampled_from(["skip", "null"]), blocks, st.booleans())
def test_a_run_that_goes_on_finds_the_same_shards(file, on_error, block, whole):
    name, head, rows = file
    content = head + b"".join(rows)
    options = {"on_error": on_error, "whole_lines": whole}
    found = with_reader(content, name, check_tails, block=block, **options)
    assert found == with_reader(content, name, check_tails, **options)


@given(st.integers(0, 30), st.integers(1, 9))
def test_a_run_that_goes_on_in_parquet_finds_the_same_shards(rows, group):
    sink = pa.BufferOutputStream()
    table = pa.table({"text": pa.array([str(n) * (n % 20) for n in range(rows)], pa.string())})
    pq.write_table(table, sink, row_group_size=group)
    found = with_reader(sink.getvalue().to_pybytes(), "a.parquet", check_tails)
    assert table.to_pylist() == [row for batch, _ in found for row in batch]


@st.composite
def pieced(draw):
    """Rows, rejects among them, and both in pieces."""
    rows = draw(st.lists(st.text("a", max_size=30), max_size=30))
    places = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=8)))
    cuts = sorted({0, len(rows), *draw(st.lists(st.integers(0, len(rows)), max_size=6))})
    given_on, rejects = [], [Reject("f", n, "bad", b"", place) for n, place in enumerate(places)]
    for start, end in zip(cuts, [*cuts[1:], len(rows)], strict=True):
        inside = [found for found in rejects if found.before <= end]
        rejects = rejects[len(inside) :]
        batch = pa.record_batch({"text": pa.array(rows[start:end], pa.string())})
        given_on.append(Piece(batch, inside))
    return rows, places, given_on


@given(pieced())
def test_shards_have_every_row_and_reject_once_and_in_order(found):
    rows, places, given_on = found
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "SHARD_ROWS", 4)
        patch.setattr(pieces, "SHARD_BYTES", 60)
        cut = list(shards(given_on))
        again = list(
            shards(
                [
                    Piece(
                        pa.Table.from_batches([p.batch for p in given_on])
                        .combine_chunks()
                        .to_batches()[0],
                        [r for p in given_on for r in p.rejects],
                    )
                ]
                if rows
                else given_on
            )
        )
    assert rows == [text for shard in cut for text in shard.batch.column("text").to_pylist()]
    assert places == [reject.before for shard in cut for reject in shard.rejects]
    assert [shard.batch for shard in again] == [shard.batch for shard in cut]
    assert [shard.rejects for shard in again] == [shard.rejects for shard in cut]
    end = 0
    for shard in cut:
        end += shard.batch.num_rows
        assert all(reject.before <= end for reject in shard.rejects)
