import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emoconv.doctor import line_numbers, write_rows
from emoconv.doctor.copying import check_copy
from emoconv.errors import DataError


@pytest.mark.parametrize(
    ("name", "format_", "content", "lines", "copy"),
    [
        ("a.tsv", "official", b"x\t1\tc1\ny\t2\tc2\nz\t3\tc3", [1, 2, 3], b"x\t1\tc1\nz\t3\tc3"),
        (
            "a.tsv",
            "tsv",
            b'text\tl\r\nx\t1\r\n"y\t2\r\nz\t3\r\n',
            [2, 3, 4],
            b"text\tl\r\nx\t1\r\nz\t3\r\n",
        ),
        (
            "a.tsv",
            "tsv",
            b"text\tl\nx\ry\t1\ny\t2\nz\t3\n\n",
            [2, 3, 4],
            b"text\tl\nx\ry\t1\nz\t3\n\n",
        ),
        (
            "a.csv",
            "csv",
            b'\xef\xbb\xbftext,l\n"a\nb",1\n"c\r\n""d""",2\n007,3\n',
            [2, 4, 6],
            b'text,l\n"a\nb",1\n007,3\n',
        ),
        (
            "a.jsonl",
            "jsonl",
            b'{"t": 1}\n{"t":2}\n{ "t": 3}\n',
            [1, 2, 3],
            b'{"t": 1}\n{ "t": 3}\n',
        ),
    ],
)
def test_rows_are_copied_to_the_byte(tmp_path, *, name, format_, content, lines, copy):
    path, output = tmp_path / name, tmp_path / "new" / f"b.{name[2:]}"
    path.write_bytes(content)
    assert lines == list(line_numbers(path, format_))
    write_rows(path, format_, [0, 2], output)
    assert copy == output.read_bytes()
    assert [output] == list(output.parent.iterdir())


def test_a_packed_file_has_a_packed_copy(tmp_path):
    path, output = tmp_path / "a.csv.gz", tmp_path / "b.csv.gz"
    path.write_bytes(gzip.compress(b"text,l\nx,1\ny,2\n"))
    write_rows(path, "csv", [1], output)
    assert b"text,l\ny,2\n" == gzip.decompress(output.read_bytes())


def test_parquet_keeps_its_columns_and_types(tmp_path):
    path, output = tmp_path / "a.parquet", tmp_path / "b.parquet"
    table = pa.table({"text": ["x", "y"], "n": pa.array([1, 2], pa.int8()), "l": [["joy"], []]})
    pq.write_table(table, path)
    assert [1, 2] == list(line_numbers(path, "parquet"))
    write_rows(path, "parquet", [1], output)
    assert table.slice(1) == pq.read_table(output)


@pytest.mark.parametrize(
    ("name", "copy", "message"),
    [
        ("a.tsv", "b.csv", "a copy of a.tsv has its format; expected a name that ends in .tsv"),
        ("a.tsv", "b.tsv.gz", "expected a name that ends in .tsv$"),
        ("a.tsv.gz", "b.tsv", "expected a name that ends in .tsv.gz"),
        ("a.tsv", "a.tsv", "this is the file itself; name another for its copy"),
    ],
)
def test_a_copy_that_does_not_fit_is_refused(tmp_path, name, copy, message):
    with pytest.raises(DataError, match=message):
        check_copy(tmp_path / name, "official", tmp_path / copy)
