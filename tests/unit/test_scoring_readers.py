"""Claims about emoconv.scoring.readers: every format's rows, and what becomes of bad ones."""

import contextlib
import gzip
import io
import json
import sys
import threading
import time

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from emoconv.errors import ConfigError, DataError
from emoconv.scoring import pieces
from emoconv.scoring.inputs import Input, find_inputs
from emoconv.scoring.pieces import shards
from emoconv.scoring.readers import (
    LINE,
    columnar,
    delimited,
    feed,
    json_lines,
    lines,
    objects,
    open_reader,
    stream,
)

NEW = ("labels", "top_label")


@pytest.fixture
def opened(tmp_path):
    """A function that writes a file and opens a reader of it."""

    def open_(content, name="a.csv", *, column="text", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_reader(find_inputs([str(path)])[0], column=column, **options)

    return open_


@pytest.fixture
def rows_of(opened):
    """A function that gives the rows of a file as tuples, and its rejects."""

    def read(content, name="a.csv", *, on_error="skip", **options):
        found = list(opened(content, name, on_error=on_error, **options).read(0))
        rows = [tuple(row.values()) for piece in found for row in piece.batch.to_pylist()]
        rejects = [reject for piece in found for reject in piece.rejects]
        return rows, [(reject.line, reject.raw, reject.before) for reject in rejects]

    return read


@pytest.fixture
def complaint(opened, tmp_path):
    """A function that gives what is said of a file, without its path."""

    def of(content, name="a.csv", *, error=DataError, **options):
        with pytest.raises(error) as found:
            list(opened(content, name, **options).read(0))
        assert "\n" not in str(found.value)
        return str(found.value).removeprefix(f"{tmp_path / name}:").removeprefix(" ")

    return of


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of which a small file has many."""
    monkeypatch.setattr(delimited, "ROW_BYTES", 64)
    monkeypatch.setattr(delimited, "_HEADER_BYTES", 16)
    monkeypatch.setattr(lines, "BLOCK_BYTES", 64)
    monkeypatch.setattr(lines, "ROW_BYTES", 128)
    monkeypatch.setattr(json_lines, "BLOCK_BYTES", 64)


def zstd(content):
    return pa.Codec("zstd").compress(content, asbytes=True)


def table_bytes(table, kind, **options):
    sink = pa.BufferOutputStream()
    if kind == "parquet":
        pq.write_table(table, sink, **options)
    else:
        new = pa.ipc.new_file if kind == "arrow" else pa.ipc.new_stream
        with new(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
            writer.write_table(table)
    return sink.getvalue().to_pybytes()


# Every format of text: what it is packed with, and how it is encoded.

TEXTS = {
    "a.csv": "text,n\na,1\né,2\n",
    "a.tsv": "text\tn\na\t1\né\t2\n",
    "a.jsonl": '{"text":"a","n":"1"}\n{"text":"é","n":"2"}\n',
    "a.txt": "a\né\n",
}


def expected_of(name):
    return [("a",), ("é",)] if name == "a.txt" else [("a", "1"), ("é", "2")]


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_file_is_its_rows(rows_of, name):
    assert (expected_of(name), []) == rows_of(TEXTS[name], name)


@pytest.mark.parametrize("name", TEXTS)
def test_the_last_line_needs_no_end(rows_of, name):
    assert (expected_of(name), []) == rows_of(TEXTS[name].removesuffix("\n"), name)


@pytest.mark.parametrize("name", TEXTS)
def test_lines_may_end_as_on_windows(rows_of, name):
    assert (expected_of(name), []) == rows_of(TEXTS[name].replace("\n", "\r\n"), name)


@pytest.mark.parametrize("name", TEXTS)
def test_a_byte_order_mark_is_no_part_of_the_text(rows_of, name):
    assert (expected_of(name), []) == rows_of("\ufeff" + TEXTS[name], name)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252"])
@pytest.mark.parametrize("name", TEXTS)
def test_text_may_be_of_another_encoding(rows_of, name, encoding):
    content = TEXTS[name].encode(encoding)
    assert (expected_of(name), []) == rows_of(content, name, encoding=encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8"])
@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be"])
def test_utf_16_is_told_by_its_mark(complaint, codec, encoding):
    content = ("\ufeff" * (codec != "utf-16") + "text\n").encode(codec)
    expected = "this is UTF-16; give --encoding utf-16"
    assert expected == complaint(content, encoding=encoding)


def test_utf_16_that_is_cut_is_an_error(complaint):
    content = "text,n\na,1\n".encode("utf-16")[:-1]
    assert complaint(content, encoding="utf-16").startswith("not utf-16: ")


def test_an_encoding_of_half_characters_is_an_error(complaint):
    assert complaint(b"text\n+2AA-\n", encoding="utf-7").startswith("not utf-7: ")


@pytest.mark.parametrize("encoding", ["utf-9", "hex", "undefined", "a\0"])
def test_an_encoding_has_to_be_one_of_text(complaint, encoding):
    expected = f"no encoding {encoding!r}; known are utf-8, "
    assert complaint("text\n", error=ConfigError, encoding=encoding).startswith(expected)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_file_may_be_packed(rows_of, name):
    content = TEXTS[name].encode()
    assert (expected_of(name), []) == rows_of(gzip.compress(content), name + ".gz")
    assert (expected_of(name), []) == rows_of(zstd(content), name + ".zst")


@pytest.mark.parametrize("name", TEXTS)
def test_a_packed_file_may_be_of_several_parts(rows_of, name):
    content = TEXTS[name].encode()
    parts = [content[:2], content[2:-2], b"", content[-2:]]
    assert (expected_of(name), []) == rows_of(b"".join(map(gzip.compress, parts)), name + ".gz")
    assert (expected_of(name), []) == rows_of(b"".join(map(zstd, parts)), name + ".zst")


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(("pack", "ending"), [(gzip.compress, ".gz"), (zstd, ".zst")])
def test_a_packed_file_that_is_cut_is_an_error(complaint, name, pack, ending):
    packed = pack(TEXTS[name].encode() * 50)
    assert "cannot be read (Truncated compressed stream)" == complaint(packed[:-6], name + ending)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(("pack", "ending"), [(gzip.compress, ".gz"), (zstd, ".zst")])
def test_a_packed_file_that_is_broken_is_an_error(complaint, name, pack, ending):
    packed = bytearray(pack(TEXTS[name].encode()))
    packed[2] ^= 0xFF
    assert complaint(bytes(packed), name + ending).startswith("cannot be read (")


def test_what_is_packed_may_break_far_behind_the_header(complaint, monkeypatch):
    monkeypatch.setattr(delimited, "ROW_BYTES", 2**16)
    content = b"text,n\n" + b"".join(b"%d,1\n" % n for n in range(400_000))
    packed = gzip.compress(content, 1)
    expected = "cannot be read (Truncated compressed stream)"
    assert expected == complaint(packed[: len(packed) // 2], "a.csv.gz")


@pytest.mark.parametrize("name", TEXTS)
def test_rows_that_are_not_utf_8_are_put_aside(rows_of, name):
    content = TEXTS[name].encode() + TEXTS[name].replace("é", "a").encode().splitlines()[-1] + b"\n"
    content = content.replace("é".encode(), b"\xe9\xff")
    rows, rejects = rows_of(content, name)
    bad = content.splitlines()[-2]
    assert [expected_of(name)[0], ("a", "2")[: len(rows[0])]] == rows
    assert [(len(content.splitlines()) - 1, bad, 1)] == rejects


@pytest.mark.parametrize("name", TEXTS)
def test_rows_that_are_not_utf_8_fail_at_first(complaint, name):
    content = TEXTS[name].encode().replace("é".encode(), b"\xe9\xff")
    expected = (
        f"{len(content.splitlines())}: byte 0xe9 is not UTF-8 (if the file is of another "
        "encoding, give --encoding); mend it, or put such rows aside by --on-error skip (or null)"
    )
    assert expected == complaint(content, name)


def test_rows_that_are_not_utf_8_may_stay_as_nulls(rows_of):
    rows, rejects = rows_of(b"text,n\na,1\n\xe9,2\nb,\xff\n", on_error="null")
    assert [("a", "1"), (None, "2"), ("b", None)] == rows
    assert [(3, b"\xe9,2", 1), (4, b"b,\xff", 2)] == rejects
    rows, rejects = rows_of(b"a\n\xff\nb\n", "a.txt", on_error="null")
    assert ([("a",), (None,), ("b",)], [(2, b"\xff", 1)]) == (rows, rejects)
    content = b'{"text":"a"}\n{"text":"\xff"}\n'
    rows, rejects = rows_of(content, "a.jsonl", on_error="null", whole_lines=True)
    assert ([("a", '{"text":"a"}'), (None, None)], [(2, b'{"text":"\xff"}', 1)]) == (rows, rejects)


@pytest.mark.parametrize(
    ("name", "packing"), [("a.csv", None), ("a.txt", None), ("a.jsonl", None), ("a.csv", "gzip")]
)
def test_standard_input_is_read(monkeypatch, name, packing):
    content = TEXTS[name].encode()
    source = io.BytesIO(gzip.compress(content) if packing else content)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(source))
    kind = {"txt": "lines"}.get(name[2:], name[2:])
    reader = open_reader(Input("-", kind, packing, "standard input"), column="text")
    found = list(reader.read(0))
    assert 0 == reader.size == found[0].position
    assert expected_of(name) == [tuple(row.values()) for row in found[0].batch.to_pylist()]


def test_messages_about_standard_input_say_so(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"text,a\nx\n")))
    reader = open_reader(Input("-", "csv", None, "standard input"), column="text")
    with pytest.raises(DataError, match=r"^standard input:2: 1 field, expected 2"):
        list(reader.read(0))


@pytest.mark.parametrize("name", TEXTS)
def test_a_reader_knows_how_far_it_is(opened, name):
    reader = opened(TEXTS[name], name)
    assert {reader.size} == {piece.position for piece in reader.read(0)}
    assert len(TEXTS[name].encode()) == reader.size
    assert 0 == reader.first(7)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_of_ten_megabytes_is_a_text(rows_of, name):
    long = "a" * 10_000_000
    rows, rejects = rows_of(TEXTS[name].replace("é", long), name)
    assert [long] == [row[0] for row in rows[1:]]
    assert [] == rejects


@pytest.mark.parametrize(
    ("name", "line", "what"),
    [
        ("a.csv", 3, "a row of more than 16 MiB: is a quote never closed?"),
        ("a.txt", 2, "a line of more than 16 MiB: are line ends missing?"),
        ("a.jsonl", 2, "a line of more than 16 MiB: are line ends missing?"),
    ],
)
def test_a_row_of_forty_megabytes_is_none(complaint, name, line, what):
    content = TEXTS[name].replace("é", "a" * 40_000_000)
    assert f"{line}: {what}" == complaint(content, name)


# Lines.


def test_an_empty_file_has_no_lines(rows_of):
    assert ([], []) == rows_of("", "a.txt")
    assert ([], []) == rows_of(b"", "a.txt.gz")


def test_empty_lines_are_texts_and_other_line_ends_are_none(rows_of):
    content = "a\n\n \n\rb\u2028\x85\x0b\0\n"
    assert ([("a",), ("",), (" ",), ("\rb\u2028\x85\x0b\0",)], []) == rows_of(content, "a.txt")


def test_lines_have_a_column_of_the_name_that_is_wanted(opened):
    reader = opened("a\n", "a.txt", column="comment")
    assert ["comment"] == reader.names == reader.schema.names


@pytest.mark.usefixtures("small_blocks")
def test_lines_may_be_cut_by_blocks(rows_of):
    expected = [("é" * (n % 23),) for n in range(200)]
    assert (expected, []) == rows_of("\n".join(text for (text,) in expected) + "\n", "a.txt")


@pytest.mark.usefixtures("small_blocks")
def test_bad_lines_keep_their_numbers_from_block_to_block(rows_of):
    content = b"".join(b"\xff%d\n" % n if n % 7 == 0 else b"%d\n" % n for n in range(100))
    rows, rejects = rows_of(content, "a.txt")
    assert [(str(n),) for n in range(100) if n % 7] == rows
    assert [(n + 1, b"\xff%d" % n, n - -(-n // 7)) for n in range(0, 100, 7)] == rejects


# CSV and TSV.


@pytest.mark.parametrize("content", ["", "\n", "\r\n\n", "\ufeff", "\ufeff\n"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_a_table_has_a_header(complaint, name, content):
    assert "the file is empty; expected a header" == complaint(content, name)


@pytest.mark.parametrize("header", ["text,n", "text,n\n", "text,n\r\n\r\n", "\n\ntext,n"])
def test_a_header_may_be_all(rows_of, opened, header):
    assert ([], []) == rows_of(header)
    assert ["text", "n"] == opened(header).names
    assert ([], []) == rows_of(header.replace(",", "\t"), "a.tsv")
    assert ["text", "n"] == opened(header.replace(",", "\t"), "a.tsv").names


def test_names_of_columns_may_be_quoted_and_over_lines(opened):
    reader = opened('"te""xt","a\r\nb,c",\nx,1,2\n')
    assert ['te"xt', "a\r\nb,c", ""] == reader.names
    assert [["x", "1", "2"]] == [
        list(row.values()) for row in next(reader.read(0)).batch.to_pylist()
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("text,n,text\n", "1: column 'text' is there twice"),
        ('text,"n\na,1\n', "1: the header is no CSV (unexpected end of data)"),
        (b"text,\xff\n", "1: byte 0xff is not UTF-8 (if the file is of another encoding, give"),
        (b"x," * 600_000, "1: the header does not end in 1048576 bytes"),
    ],
)
def test_a_wrong_header_is_an_error(complaint, content, expected):
    assert complaint(content).startswith(expected)


def test_a_broken_byte_behind_the_header_is_not_its_fault(rows_of):
    assert ([("b",)], [(2, b"\xff", 0)]) == rows_of(b"text\n\xff\nb\n")


def test_values_of_csv_stay_as_they_are(rows_of):
    content = 'text,n\n"a ""b"",\r\n c",007\n  x ,\n"",NA\na"b,1\n"a"b,2\n\0,3\n'
    expected = [
        ('a "b",\r\n c', "007"),
        ("  x ", ""),
        ("", "NA"),
        ('a"b', "1"),
        ("ab", "2"),
        ("\0", "3"),
    ]
    assert (expected, []) == rows_of(content)


def test_values_of_tsv_have_no_quotes(rows_of):
    assert ([('"a', '""'), ("b,", '"')], []) == rows_of('text\tn\n"a\t""\nb,\t"\n', "a.tsv")


def test_a_column_of_types_stays_one_of_strings(opened):
    assert [pa.string()] * 2 == opened("text,n\na,1\n").schema.types


def test_blank_lines_are_no_rows_of_several_columns(rows_of):
    assert ([("a", "1"), ("b", "2")], []) == rows_of("text,n\n\na,1\n\n\r\nb,2\n\n")


def test_blank_lines_are_empty_texts_of_one_column(rows_of):
    assert ([("",), ("a",), ("",), ("",)], []) == rows_of('text\n\na\n""\n\n')
    assert ([("",), ("a",), ("",)], []) == rows_of("text\n\na\n\n", "a.tsv")


@pytest.mark.parametrize("blank", ["\n", "\r\n\n"])
def test_blank_lines_may_come_before_the_header(rows_of, blank):
    assert ([("a",), ("",)], []) == rows_of(blank + "text\na\n\n")


def test_ragged_rows_are_put_aside(rows_of):
    content = "text,n\na,1\nb\nc,2,3\n   \nd,4\ne"
    expected = [(3, b"b", 1), (4, b"c,2,3", 1), (5, b"   ", 1), (7, b"e", 2)]
    assert ([("a", "1"), ("d", "4")], expected) == rows_of(content)
    assert (
        [("a", "1"), ("d", "4")],
        [(line, raw.replace(b",", b"\t"), n) for line, raw, n in expected],
    ) == (rows_of(content.replace(",", "\t"), "a.tsv"))


def test_ragged_rows_may_stay_as_nulls(rows_of):
    rows, rejects = rows_of("text,n\na,1\nb\nc,2,3\nd,4\n", on_error="null")
    assert [("a", "1"), (None, None), (None, None), ("d", "4")] == rows
    assert [(3, b"b", 1), (4, b"c,2,3", 2)] == rejects


@pytest.mark.parametrize(("row", "count"), [("b", "1 field"), ("b,c,d", "3 fields")])
def test_ragged_rows_fail_at_first(complaint, row, count):
    expected = (
        f"3: {count}, expected 2; mend it, or put such rows aside by --on-error skip (or null)"
    )
    assert expected == complaint(f"text,n\na,1\n{row}\nc,2\n")


def test_rows_may_all_be_ragged(rows_of):
    assert ([], [(2, b"a", 0), (3, b"b", 0)]) == rows_of("text,n\na\nb\n")
    assert ([], [(2, b"a", 0), (3, b"b", 0)]) == rows_of("text\tn\na\nb\n", "a.tsv")


@pytest.mark.parametrize(
    ("content", "rows", "rejects"),
    [
        ('text,n\na,1\n"b,2\nc,3\n', [("a", "1")], [(3, b'"b,2\nc,3', 1)]),
        ('text,n\n"b,2\nc,3', [], [(2, b'"b,2\nc,3', 0)]),
        ('text,n\na,1\nb,"2\n', [("a", "1")], [(3, b"b,2", 1)]),
        ('text\na\n"b\nc\n', [("a",)], [(3, b"b\nc", 1)]),
        ('text\na\nb,"c\n', [("a",)], [(3, b'b,"c', 1)]),
        ('text,n\na,1\n"', [("a", "1")], [(3, b'"', 1)]),
    ],
)
def test_a_quote_that_is_never_closed_is_told(rows_of, complaint, content, rows, rejects):
    assert (rows, rejects) == rows_of(content)
    expected = f"{rejects[0][0]}: a quote that opens in this row is never closed; mend it"
    assert complaint(content).startswith(expected)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
@pytest.mark.parametrize("on_error", ["skip", "null"])
def test_bad_rows_keep_their_places_from_block_to_block(rows_of, name, on_error):
    content, expected, aside = b"text,n\n", [], []
    for n in range(300):
        row = b"%d" % n + (b",\xff" if n % 11 == 0 else b"" if n % 7 == 0 else b",x")
        content += row + b"\n"
        good = n % 11 and n % 7
        if not good:
            aside.append((n + 2, row, len(expected)))
        if good or on_error == "null":
            expected.append(
                (str(n), "x") if good else (str(n), None) if n % 11 == 0 else (None, None)
            )
    if name == "a.tsv":
        content = content.replace(b",", b"\t")
        aside = [(line, row.replace(b",", b"\t"), before) for line, row, before in aside]
    assert (expected, aside) == rows_of(content, name, on_error=on_error)


@pytest.mark.usefixtures("small_blocks")
def test_blocks_of_bad_rows_only_do_not_stop_the_reader(rows_of, monkeypatch):
    monkeypatch.setattr(feed, "_PATIENCE_S", 0.001)
    content = "text,n\n" + "a,1\n" * 10 + "bad\n" * 500 + "b,2\n"
    rows, rejects = rows_of(content)
    assert [("a", "1")] * 10 + [("b", "2")] == rows
    assert [(line, b"bad", 10) for line in range(12, 512)] == rejects


def test_what_else_pyarrow_finds_wrong_is_said_in_a_line(complaint, monkeypatch):
    def open_csv(*_, **__):
        raise pa.ArrowInvalid("CSV parse error: of a new kind.\nin row 7")

    monkeypatch.setattr(pa.csv, "open_csv", open_csv)
    assert "2: CSV parse error: of a new kind" == complaint("text,n\na,1\n")


@pytest.mark.usefixtures("small_blocks")
def test_a_table_is_not_read_far_ahead_of_who_uses_it(opened):
    reader = opened("text,n\n" + "aaaaaaaaaa,1\n" * 2000)
    found = reader.read(0)
    next(found)
    time.sleep(0.05)
    first = reader._stream.position
    assert len(list(found)) > 100
    assert first < 12 * 64 < reader.size


@pytest.mark.usefixtures("small_blocks")
def test_who_stops_reading_closes_the_file(opened):
    reader = opened("text,n\n" + "aaaaaaaaaa,1\n" * 2000)
    found = reader.read(0)
    next(found)
    found.close()
    with pytest.raises(ValueError, match="closed"):
        reader._stream.read(1)


class Text:
    """A text of blocks, as a feed reads it."""

    def __init__(self, *blocks):
        self._blocks = [*blocks, b"", b""]

    def read(self, _size):
        return self._blocks.pop(0)


@pytest.mark.parametrize("blocks", [[b"a\n"], [b"a"], [b"a\r"], [b"a", b"b"], []])
def test_a_feed_puts_a_row_after_the_last(monkeypatch, blocks):
    monkeypatch.setattr(feed, "_AHEAD", 9)
    fed = feed.Feed(Text(*blocks), last=b"end")
    found = b"".join(iter(lambda: fed.read(9), b""))
    gap = b"" if not blocks or blocks[-1].endswith((b"\n", b"\r")) else b"\n"
    assert b"".join(blocks) + gap + b"end" == found


def test_a_feed_without_a_last_row_is_its_text(monkeypatch):
    monkeypatch.setattr(feed, "_AHEAD", 9)
    fed = feed.Feed(Text(b"a"), last=b"")
    assert b"a" == b"".join(iter(lambda: fed.read(9), b""))
    assert (True, False, False) == (fed.readable(), fed.writable(), fed.seekable())
    fed.close()
    assert b"" == fed.read(9)


def wait_for(condition):
    for _ in range(1000):
        if condition():
            break
        time.sleep(0.005)


def test_a_feed_waits_until_what_was_read_is_used():
    fed = feed.Feed(Text(*[b"a"] * 9), last=b"")
    read = []
    reading = threading.Thread(
        target=lambda: read.extend(iter(lambda: fed.read(9), b"")), daemon=True
    )
    reading.start()
    wait_for(lambda: len(read) == feed._AHEAD)
    time.sleep(0.02)
    assert feed._AHEAD == len(read)
    assert "batch" == fed.following(iter(["batch"]))
    wait_for(lambda: len(read) > feed._AHEAD)
    fed.end()
    reading.join(5)
    assert feed._AHEAD + 1 == len(read)


def test_a_feed_does_not_wait_for_rows_that_wait_for_it(monkeypatch):
    monkeypatch.setattr(feed, "_PATIENCE_S", 0.001)
    fed = feed.Feed(Text(*[b"a"] * 9), last=b"")

    def batches():
        reading = threading.Thread(target=lambda: list(iter(lambda: fed.read(9), b"")))
        reading.start()
        reading.join()
        yield "batch"

    assert "batch" == fed.following(batches())
    assert None is fed.following(iter([]))


# JSON Lines.


def test_json_has_the_types_of_its_first_lines(opened):
    content = '{"text":"a","n":1,"x":1,"b":true,"l":[1],"o":{"k":null}}\n{"text":"b","x":2.5}\n'
    reader = opened(content, "a.jsonl")
    expected = {
        "text": pa.string(),
        "n": pa.int64(),
        "x": pa.float64(),
        "b": pa.bool_(),
        "l": pa.list_(pa.int64()),
        "o": pa.struct([("k", pa.string())]),
    }
    assert expected == dict(zip(reader.names, reader.schema.types, strict=True))
    first = {"text": "a", "n": 1, "x": 1.0, "b": True, "l": [1], "o": {"k": None}}
    second = {"text": "b", "n": None, "x": 2.5, "b": None, "l": None, "o": None}
    assert [first, second] == next(reader.read(0)).batch.to_pylist()


def test_what_looks_like_a_time_stays_a_string(rows_of):
    content = '{"text":"2020-01-01","t":["2020-01-01T00:00:00Z"]}\n'
    assert ([("2020-01-01", ["2020-01-01T00:00:00Z"])], []) == rows_of(content, "a.jsonl")


def test_json_lines_may_travel_whole(opened):
    content = '\n {"n": 1, "text": "a"} \r\n\n{"text":null}\n{"x":[{}]}\n'
    reader = opened(content, "a.jsonl", whole_lines=True, forbidden=NEW)
    assert ["n", "text", "x"] == reader.names
    assert ["text", LINE] == reader.schema.names
    rows = [tuple(row.values()) for row in next(reader.read(0)).batch.to_pylist()]
    assert [("a", ' {"n": 1, "text": "a"} '), (None, '{"text":null}'), (None, '{"x":[{}]}')] == rows


def test_types_of_other_keys_do_not_matter_to_whole_lines(rows_of):
    content = '{"text":"a","n":1}\n{"text":"b","n":"x"}\n{"text":"c","n":[{}]}\n'
    assert 3 == len(rows_of(content, "a.jsonl", whole_lines=True)[0])


BAD_LINES = {
    "[1]": "JSON, but an array; expected an object",
    "3": "JSON, but a number; expected an object",
    "null": "JSON, but null; expected an object",
    '"x"': "JSON, but a string; expected an object",
    "true": "JSON, but a boolean; expected an object",
    '{"text":"b"': "not JSON (Expecting ',' delimiter, character 12)",
    "{b}": "not JSON (Expecting property name enclosed in double quotes, character 2)",
    '{"text":"b"} {"text":"c"}': "more than one value in a line of JSON",
    '{"text":"b"} null {"text":"c"}': "more than one value in a line of JSON",
    '{"text":"b"},': "more than one value in a line of JSON",
    '{"text":"b"}\0': "more than one value in a line of JSON",
    '{"text":"\0"}': "not JSON (Invalid control character at, character 10)",
    '{"text":1}': "key 'text' holds a number, expected a string",
    '{"text":["b"]}': "key 'text' holds an array, expected a string",
    '{"text":"b","text":"c"}': "key 'text' is there twice",
    '{"text":"\\ud800"}': "The surrogate pair in string is invalid",
    '{"text":"b","l":' + "[" * 600 + "]" * 600 + "}": "JSON of more than 500 objects and lists",
    '{"text":"b","l":' + "[" * 200_000 + "]" * 200_000 + "}": "JSON of more than 500 objects and",
}


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("bad", BAD_LINES)
def test_lines_that_are_no_objects_are_put_aside(rows_of, complaint, bad, whole):
    content = '{"text":"a"}\n' * 3 + bad + '\n{"text":"d"}\n'
    rows, rejects = rows_of(content, "a.jsonl", whole_lines=whole)
    assert list("aaad") == [row[0] for row in rows]
    assert [(4, bad.encode(), 3)] == rejects
    found = complaint(content, "a.jsonl", whole_lines=whole)
    assert found.startswith(f"4: {BAD_LINES[bad]}")


def test_an_object_over_two_lines_is_not_taken_for_two(rows_of):
    content = '{"text":"x"}\n{"text":\n"a"}\n{"text":"b"} {"text":"c"}\n'
    rows, rejects = rows_of(content, "a.jsonl", whole_lines=True)
    assert [("x", '{"text":"x"}')] == rows
    assert [2, 3, 4] == [line for line, _, _ in rejects]


@pytest.mark.parametrize("whole", [True, False])
def test_bad_lines_of_json_may_stay_as_nulls(rows_of, whole):
    content = '{"text":"a"}\n[]\n{"text":1}\n{"text":"b"}\n'
    rows, rejects = rows_of(content, "a.jsonl", whole_lines=whole, on_error="null")
    assert ["a", None, None, "b"] == [row[0] for row in rows]
    assert [(2, b"[]", 1), (3, b'{"text":1}', 2)] == rejects
    if whole:  # an object stays what it is, without a text
        assert [None, '{"text":1}'] == [row[1] for row in rows[1:3]]


def test_values_of_another_type_are_put_aside(rows_of, complaint):
    content = '{"text":"a","n":1}\n{"text":"b","n":"x"}\n{"text":"c","n":2}\n'
    assert ([("a", 1), ("c", 2)], [(2, b'{"text":"b","n":"x"}', 1)]) == rows_of(content, "a.jsonl")
    expected = "2: key 'n' holds a string, expected a number; mend it"
    assert complaint(content, "a.jsonl").startswith(expected)


@pytest.mark.usefixtures("small_blocks")
def test_new_keys_behind_the_first_lines_are_told(complaint):
    content = '{"text":"a"}\n' * 10 + '{"text":"b","n":1}\n'
    expected = (
        "11: a key that the first lines do not have ('n'); write JSON Lines, which keeps each "
        "line as it is"
    )
    assert complaint(content, "a.jsonl").startswith(expected)
    content = '{"text":"a","o":{}}\n' * 10 + '{"text":"b","o":{"n":1}}\n'
    expected = "11: a key that the first lines do not have (inside one); write JSON Lines"
    assert complaint(content, "a.jsonl").startswith(expected)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    "line",
    [
        '{"text":"b","labels":1}',
        '{"text":"b","labels" : null}',
        '{"text":"b","l\\u0061bels":null}',
    ],
)
@pytest.mark.parametrize("on_error", ["fail", "skip", "null"])
def test_a_line_that_has_a_new_key_already_is_an_error(complaint, line, on_error):
    content = '{"text":"a"}\n' * 10 + line + "\n"
    expected = "11: there is a key 'labels' already; give the new ones a prefix, such as"
    options = {"whole_lines": True, "forbidden": NEW, "on_error": on_error}
    assert complaint(content, "a.jsonl", **options).startswith(expected)


def test_a_new_key_inside_another_is_no_clash(rows_of):
    content = '{"text":"\\"labels\\":","o":{"labels":1},"x":"\\u003c"}\n{"labels":\n'
    rows, rejects = rows_of(content, "a.jsonl", whole_lines=True, forbidden=NEW)
    assert (1, 1) == (len(rows), len(rejects))


def test_an_escaped_pair_of_surrogates_is_a_character(rows_of):
    assert ([("😂",)], []) == rows_of('{"text":"\\ud83d\\ude02"}\n', "a.jsonl")


@pytest.mark.parametrize("content", ["", "\n", " \r\n\t\n", "\ufeff"])
def test_json_lines_has_a_line(complaint, content):
    assert "no line; expected a JSON object a line" == complaint(content, "a.jsonl")


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("on_error", ["fail", "skip"])
def test_a_file_without_one_object_is_none_of_json_lines(complaint, whole, on_error):
    content = "\n" + json.dumps([{"text": "a"}], indent=1)
    expected = "2: not JSON (Expecting value, character 2)"
    options = {"whole_lines": whole, "on_error": on_error}
    assert expected == complaint(content, "a.jsonl", **options)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("end", ["", "\n", "\n{}\n"])
def test_the_first_line_may_be_longer_than_a_block(rows_of, monkeypatch, whole, end):
    monkeypatch.setattr(json_lines, "BLOCK_BYTES", 4)
    content = "\n" * 10 + '{"text":"a"}' + end
    rows, rejects = rows_of(content, "a.jsonl", whole_lines=whole)
    assert (["a", None][: len(rows)], []) == ([row[0] for row in rows], rejects)


def test_a_first_line_of_forty_megabytes_is_none(complaint):
    content = '{"text":"' + "a" * 40_000_000 + '"}\n'
    assert complaint(content, "a.jsonl").startswith("1: not JSON (Unterminated string")


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("whole", [True, False])
def test_bad_lines_of_json_are_found_among_many(rows_of, whole):
    content, expected, aside = "", [], []
    for n in range(500):
        bad = n % 50 == 7 or 100 < n < 130
        line = f'{{"text":{n}}}' if bad else f'{{"text":"{n}"}}'
        content += line + "\n" * (1 + n % 3)
        if bad:
            aside.append(line.encode())
        else:
            expected.append(str(n))
    rows, rejects = rows_of(content, "a.jsonl", whole_lines=whole)
    assert expected == [row[0] for row in rows]
    assert aside == [raw for _, raw, _ in rejects]
    assert [content.split("\n").index(raw.decode()) + 1 for raw in aside] == [
        n for n, _, _ in rejects
    ]


def test_a_fault_without_a_place_is_looked_for_by_halves():
    assert (3, 4, 1) == (
        objects._good_before("bad in row 3", 8),
        objects._good_before("bad", 8),
        objects._good_before("bad in row 0", 8),
    )
    assert 4 == objects._good_before("bad in row 9", 8)


def test_brackets_in_strings_are_not_deep(rows_of):
    line = json.dumps({"text": '["{\\' * 600})
    assert 1 == len(rows_of(line + "\n", "a.jsonl")[0])


def test_many_short_lists_are_not_deep(rows_of):
    line = json.dumps({"text": "a", "l": [[]] * 600})
    assert 1 == len(rows_of(line + "\n", "a.jsonl")[0])


# Parquet and Arrow.

TABLE = pa.table(
    {
        "text": ["a", None, "c", "d", "e"],
        "d": pa.array(["x", "y", "x", None, "z"]).dictionary_encode(),
        "l": [[{"k": 1}], None, [], [{"k": None}], [None]],
        "w": pa.array(["a", None, "c", "d", "e"], pa.large_string()),
        "t": pa.array([1, 2, 3, 4, None], pa.timestamp("us", tz="UTC")),
    }
).replace_schema_metadata({"made": "by a test"})
VIEWS = pa.table({"text": pa.array(["a", "a longer text than fits", None], pa.string_view())})


def read_all(reader, start=0):
    return pa.Table.from_batches([piece.batch for piece in reader.read(start)], reader.schema)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "arrows"])
def test_columns_of_every_type_pass_as_they_are(opened, kind):
    reader = opened(table_bytes(TABLE, kind), f"a.{kind}")
    assert TABLE.schema == reader.schema
    assert 0 == reader.first(0)
    assert TABLE.schema.names == reader.names
    assert b"by a test" == reader.schema.metadata[b"made"]
    assert TABLE == read_all(reader)


@pytest.mark.parametrize("kind", ["arrow", "arrows"])
@pytest.mark.parametrize("packing", ["lz4", "zstd"])
def test_buffers_of_arrow_may_be_packed(opened, kind, packing):
    content = table_bytes(TABLE, kind, compression=packing)
    assert TABLE == read_all(opened(content, f"a.{kind}"))


@pytest.mark.parametrize("kind", ["arrow", "arrows"])
def test_strings_of_arrow_may_be_views(opened, kind):
    assert VIEWS == read_all(opened(table_bytes(VIEWS, kind), f"a.{kind}"))


@pytest.mark.parametrize("kind", ["parquet", "arrow", "arrows"])
def test_a_table_of_no_rows_is_read(opened, kind):
    reader = opened(table_bytes(TABLE.slice(0, 0), kind), f"a.{kind}")
    assert TABLE.slice(0, 0) == read_all(reader)


@pytest.mark.parametrize(("pack", "ending"), [(gzip.compress, ".gz"), (zstd, ".zst")])
def test_a_stream_may_be_packed(opened, pack, ending):
    content = table_bytes(TABLE, "arrows")
    half = len(content) // 2
    reader = opened(pack(content[:half]) + pack(content[half:]), "a.arrows" + ending)
    assert TABLE == read_all(reader)


def test_a_stream_may_come_from_standard_input(monkeypatch):
    source = io.TextIOWrapper(io.BytesIO(table_bytes(TABLE, "arrows")))
    monkeypatch.setattr(sys, "stdin", source)
    reader = open_reader(Input("-", "arrows", None, "standard input"), column="text")
    assert 0 == reader.size
    assert TABLE == read_all(reader)


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_what_is_read_from_both_ends_does_not(kind):
    with pytest.raises(DataError, match=f"^{kind} cannot be read from standard input, as its end"):
        open_reader(Input("-", kind, None, "standard input"), column="text")


@pytest.mark.parametrize("kind", ["parquet", "arrow", "arrows"])
def test_positions_end_at_the_size(opened, kind):
    reader = opened(table_bytes(TABLE, kind), f"a.{kind}")
    last = [piece.position for piece in reader.read(0)][-1]
    assert reader.size == last + (8 if kind == "arrows" else 0)  # a stream's end is not a batch


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("parquet", "not a Parquet file"),
        ("arrow", "not an Arrow IPC file (a stream ends with .arrows)"),
        ("arrows", "not an Arrow IPC stream"),
    ],
)
@pytest.mark.parametrize("content", [b"", b"text,n\na,1\n" * 9])
def test_what_is_of_another_format_is_told(complaint, kind, what, content):
    assert complaint(content, f"a.{kind}").startswith(what)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "arrows"])
def test_a_table_that_is_cut_is_an_error(complaint, kind):
    content = table_bytes(TABLE, kind)
    found = complaint(content[: len(content) * 3 // 5], f"a.{kind}")
    assert found.startswith(("not a", "broken Arrow ("))


@pytest.mark.parametrize("kind", ["parquet", "arrow", "arrows"])
def test_a_table_with_a_changed_byte_is_read_or_an_error(opened, kind):
    content = table_bytes(TABLE, kind)
    for place in range(0, len(content), 11):
        changed = content[:place] + bytes([content[place] ^ 0xA5]) + content[place + 1 :]
        with contextlib.suppress(DataError):
            read_all(opened(changed, f"a.{kind}"))


def test_strings_that_are_not_utf_8_are_an_error(complaint):
    table = pa.table({"text": pa.array([b"a", b"\xff"]).view(pa.string())})
    for kind, what in (("parquet", "Parquet"), ("arrow", "Arrow"), ("arrows", "Arrow")):
        found = complaint(table_bytes(table, kind), f"a.{kind}")
        assert found.startswith(f"broken {what} (In column 0: Invalid: Invalid UTF8 sequence")


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.arrows", "a.csv", "a.txt"])
def test_a_file_that_has_gone_is_not_found(tmp_path, name):
    kind = {"txt": "lines"}.get(name[2:], name[2:])
    with pytest.raises(FileNotFoundError):
        open_reader(Input(str(tmp_path / name), kind, None, name), column="text")


@pytest.mark.parametrize(("start", "first"), [(0, 0), (1, 0), (2, 2), (3, 2), (4, 4), (5, 5)])
def test_parquet_is_read_from_the_row_group_of_a_row(opened, start, first):
    reader = opened(table_bytes(TABLE, "parquet", row_group_size=2), "a.parquet")
    assert first == reader.first(start)
    found = list(reader.read(start))
    assert TABLE.slice(first)["text"].to_pylist() == [
        text for piece in found for text in piece.batch.column("text").to_pylist()
    ]
    assert [5][: len(found)] == [piece.position for piece in found][-1:]


@pytest.mark.parametrize("groups", [1, 7, 100])
def test_shards_do_not_depend_on_row_groups(opened, monkeypatch, groups):
    monkeypatch.setattr(pieces, "SHARD_ROWS", 16)
    monkeypatch.setattr(columnar, "SHARD_ROWS", 10)
    table = pa.table({"text": [str(n) for n in range(100)]})
    reader = opened(table_bytes(table, "parquet", row_group_size=groups), "a.parquet")
    assert [16] * 6 + [4] == [shard.batch.num_rows for shard in shards(reader.read(0))]


def test_other_batches_of_a_stream_are_an_error(complaint):
    content = table_bytes(TABLE, "arrows")
    assert complaint(content[:-300], "a.arrows").startswith("broken Arrow (")


def test_a_text_in_the_range_of_stand_ins_is_left_alone(rows_of):
    assert ([("\U0010ffff",)], []) == rows_of("\U0010ffff\n", "a.txt")


def test_bytes_are_restored_from_stand_ins():
    text = "aé" + chr(0x10FFFF) + chr(0x10FF80)
    assert "aé".encode() + b"\xff\x80" == stream.restored(text)
    assert stream.what_is_broken(text).startswith("byte 0xff is not UTF-8")
