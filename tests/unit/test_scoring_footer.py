"""Claims about emoconv.scoring.encoders.footer: a footer is copied but for its offsets."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from emoconv.scoring.encoders.footer import shift_offsets

TABLE = pa.table(
    {
        "a": pa.array(range(40)),
        "b": pa.array([str(n % 3) for n in range(40)]).dictionary_encode(),
        "c": [[{"x": n, "y": n % 2 == 0}] for n in range(40)],
        "é": [n / 7 for n in range(40)],
    }
)
OPTIONS = [
    {},
    {"write_page_index": True},
    {"row_group_size": 3},
    {"row_group_size": 1, "write_statistics": False, "use_dictionary": False},
    {"version": "1.0", "compression": "none", "write_page_checksum": True},
    {"sorting_columns": [pq.SortingColumn(0, descending=True)]},
]


def file_and_footer(**options):
    sink = pa.BufferOutputStream()
    pq.write_table(TABLE, sink, **options)
    content = sink.getvalue().to_pybytes()
    length = int.from_bytes(content[-8:-4], "little")
    return content, content[-8 - length : -8]


def with_footer(content, footer):
    return content + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def described(footer):
    return pq.read_metadata(pa.BufferReader(with_footer(b"PAR1", footer))).to_dict()


def offsets_of(description):
    names = ("dictionary_page_offset", "data_page_offset", "index_page_offset")
    return [
        column[name]
        for group in description["row_groups"]
        for column in group["columns"]
        for name in names
        if column.get(name) is not None
    ]


@pytest.mark.parametrize("options", OPTIONS)
def test_a_footer_that_is_moved_by_nothing_is_the_same(options):
    _, footer = file_and_footer(**options)
    assert footer == shift_offsets(footer, 0)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("by", [1, 100, 2**20, 2**40])
def test_offsets_are_moved_and_nothing_else(options, by):
    _, footer = file_and_footer(**options)
    before, after = described(footer), described(shift_offsets(footer, by))
    assert [offset + by for offset in offsets_of(before)] == offsets_of(after)
    for description in (before, after):
        del description["serialized_size"]
        for group in description["row_groups"]:
            for column in group["columns"]:
                for name in [name for name in column if name.endswith("offset")]:
                    del column[name]
    assert before == after
    assert footer == shift_offsets(shift_offsets(footer, by), -by)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("by", [1, 5000])
def test_pages_are_found_where_they_have_moved_to(options, by):
    content, footer = file_and_footer(**options)
    pages = content[4 : -8 - len(footer)]
    moved = with_footer(b"PAR1" + b"x" * by + pages, shift_offsets(footer, by))
    assert TABLE.to_pylist() == pq.read_table(pa.BufferReader(moved)).to_pylist()


def test_an_offset_of_nothing_stays_one():
    # FileMetaData with field 4, a list of one RowGroup with field 5 (file_offset, i64) of 0, or 1.
    for value, moved in ((0, 0), (2, 22)):
        footer = bytes([0x49, 0x1C, 0x56, value, 0x00, 0x00])
        assert bytes([0x49, 0x1C, 0x56, moved, 0x00, 0x00]) == shift_offsets(footer, 10)


def test_numbers_of_fields_may_be_written_out_and_lists_be_long():
    # Field 100, a list of 20 booleans of a byte each; then field 101, a double; 102, a byte.
    footer = bytes([0x09, 0xC8, 0x01, 0xF1, 20, *[1, 2] * 10, 0x17, *range(8), 0x13, 7, 0x00])
    assert footer == shift_offsets(footer, 10)


@pytest.mark.parametrize("part", range(0, 100, 9))
def test_a_footer_that_is_cut_is_none(part):
    _, footer = file_and_footer()
    with pytest.raises(ValueError, match=r"^not a Parquet footer: it ends too early$"):
        shift_offsets(footer[: len(footer) * part // 100], 1)


def test_a_footer_with_what_thrift_has_not_is_none():
    with pytest.raises(ValueError, match=r"^not a Parquet footer: no value is of kind 15$"):
        shift_offsets(b"\x1f\x00", 1)
