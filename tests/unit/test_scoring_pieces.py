"""Claims about emoconv.scoring.pieces: rejects as JSON, and rows cut into shards."""

import base64
import json

import pyarrow as pa
import pytest

from emoconv.scoring import pieces
from emoconv.scoring.pieces import Piece, Reject, shards


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(pieces, "SHARD_ROWS", 4)
    monkeypatch.setattr(pieces, "SHARD_BYTES", 100)


def batch(*texts, kind=None):
    return pa.record_batch({"text": pa.array(texts, kind or pa.string())})


def reject(before, line=1):
    return Reject(file="f.csv", line=line, reason="bad", raw=b"x", before=before)


def cut(*given, **options):
    return [
        (shard.batch.column("text").to_pylist(), [found.before for found in shard.rejects])
        for shard in shards(given, **options)
    ]


def test_a_reject_is_a_line_of_json():
    found = Reject(file="é.csv", line=3, reason="two\nlines", raw='"ü'.encode(), before=0)
    expected = {"file": "é.csv", "line": 3, "reason": "two\nlines", "raw": '"ü'}
    assert expected == json.loads(found.to_json())
    assert 1 == found.to_json().count("\n")


def test_a_reject_that_is_not_utf_8_is_there_in_base64_too():
    found = json.loads(Reject("f", 1, "bad", b"a\xffb", 0).to_json())
    assert ("a\ufffdb", b"a\xffb") == (found["raw"], base64.b64decode(found["raw_base64"]))


def test_the_replacement_character_itself_is_utf_8():
    assert "raw_base64" not in json.loads(Reject("f", 1, "bad", "\ufffd".encode(), 0).to_json())


def test_a_piece_is_cut_into_shards():
    given = Piece(batch(*"abcdefghi"))
    assert [(list("abcd"), []), (list("efgh"), []), (["i"], [])] == cut(given)


def test_small_pieces_are_joined():
    given = [Piece(batch(letter)) for letter in "abcdef"]
    assert [(list("abcd"), []), (list("ef"), [])] == cut(*given)


def test_of_no_rows_there_is_no_shard():
    assert [] == cut()
    assert [] == cut(Piece(batch()))


def test_a_shard_ends_with_the_row_that_passes_its_bytes():
    given = Piece(batch("a" * 50, "b" * 50, "c", "d", "e"))
    assert [3, 2] == [len(rows) for rows, _ in cut(given)]


def test_a_row_of_many_bytes_ends_its_shard():
    given = Piece(batch("a", "b" * 1000, "c", "d" * 1000))
    assert [["a", "b" * 1000], ["c", "d" * 1000]] == [rows for rows, _ in cut(given)]


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.string_view()]
)
def test_bytes_count_in_strings_of_every_kind(kind):
    assert [2, 1] == [len(rows) for rows, _ in cut(Piece(batch("a", "b" * 101, "c", kind=kind)))]


def test_nulls_and_dictionaries_count_for_nothing():
    long = batch(None, "a" * 60, None, kind=pa.dictionary(pa.int32(), pa.string()))
    assert [3] == [len(rows) for rows, _ in cut(Piece(long))]
    assert [3] == [len(rows) for rows, _ in cut(Piece(batch(None, None, "a")))]


def test_pieces_with_dictionaries_of_their_own_are_joined():
    kind = pa.dictionary(pa.int32(), pa.string())
    given = [Piece(batch("a", "b", kind=kind)), Piece(batch("b", "c", kind=kind))]
    assert [(list("abbc"), [])] == cut(*given)


def test_rejects_go_with_the_rows_behind_them():
    given = Piece(batch(*"abcdef"), [reject(0), reject(3), reject(4), reject(5)])
    assert [(list("abcd"), [0, 3]), (list("ef"), [4, 5])] == cut(given)


@pytest.mark.parametrize("rows", [3, 4, 7, 8])
def test_rejects_behind_the_last_row_go_with_it(rows):
    found = cut(Piece(batch(*"abcdefgh"[:rows])), Piece(batch(), [reject(rows)]))
    assert [[]] * (len(found) - 1) + [[rows]] == [rejects for _, rejects in found]


def test_rejects_without_rows_are_a_shard_of_none():
    assert [([], [0, 0])] == cut(Piece(batch(), [reject(0)]), Piece(batch(), [reject(0)]))


@pytest.mark.parametrize("start", [0, 4, 8, 9])
def test_rows_before_the_start_are_passed_over_with_their_rejects(start):
    given = [
        Piece(batch(*"abc"), [reject(0), reject(2)]),
        Piece(batch(*"defgh"), [reject(4)]),
        Piece(batch("i"), [reject(8), reject(9)]),
    ]
    whole = cut(*given)
    assert whole[(start + 3) // 4 :] == cut(*given, start=start)


def test_a_reader_may_begin_between_the_first_row_and_the_start():
    assert [(["e", "f"], [])] == cut(Piece(batch(*"def")), first=3, start=4)


def test_a_shard_knows_how_far_the_file_was_read():
    given = [Piece(batch(*"abcde"), position=10), Piece(batch("f"), position=20)]
    assert [10, 20] == [shard.position for shard in shards(given)]
