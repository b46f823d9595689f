import gzip
import struct
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from emoconv.embeddings import read_vectors
from emoconv.errors import ConfigError, DataError, DataNotFoundError

GLOVE = "the 1 -2.5 0\nglad 0.5 1e-3 4\n❤️ 7 8 9\n"
HEADED = "3 3\n" + GLOVE
EXPECTED = np.array([[1, -2.5, 0], [0.5, 1e-3, 4], [7, 8, 9]], dtype=np.float32)


def binary(rows, *, header=None, end=b"\n"):
    body = b"".join(w.encode() + b" " + struct.pack(f"<{len(v)}f", *v) + end for w, v in rows)
    return (header or f"{len(rows)} {len(rows[0][1])}\n").encode() + body


BINARY = binary(list(zip(("the", "glad", "❤️"), EXPECTED.tolist(), strict=True)))


@pytest.fixture
def write(tmp_path):
    def write_file(content, name="v.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


@pytest.fixture
def write_zip(tmp_path):
    def write_archive(members, name="v.zip"):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return path

    return write_archive


def message_of(path, *args, error=DataError, **kwargs):
    with pytest.raises(error) as caught:
        read_vectors(path, *args, **kwargs)
    assert type(caught.value) is error
    return str(caught.value)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("content", [GLOVE.encode(), HEADED.encode(), BINARY])
def test_every_format_is_told_from_its_first_bytes(write, content, packed):
    vectors = read_vectors(write(gzip.compress(content) if packed else content))
    assert ("the", "glad", "❤️") == vectors.words
    np.testing.assert_array_equal(EXPECTED, vectors.matrix)
    assert (np.float32, 3, 3) == (vectors.matrix.dtype, vectors.width, len(vectors))


def test_the_matrix_can_be_written_to(write):
    vectors = read_vectors(write(GLOVE))
    vectors.matrix[0] = 5
    assert [5, 5, 5] == vectors.matrix[0].tolist()


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_binary_is_read_with_and_without_line_feeds(write, end):
    rows = [("a", [1.0, 2.0]), ("b", [3.0, 4.0])]
    vectors = read_vectors(write(binary(rows, end=end)))
    assert (("a", "b"), [[1, 2], [3, 4]]) == (vectors.words, vectors.matrix.tolist())


def test_binary_is_read_across_chunks(write):
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(3000, 300)).astype(np.float32)
    rows = [(f"word{i}", row) for i, row in enumerate(matrix.tolist())]
    vectors = read_vectors(write(binary(rows)))
    np.testing.assert_array_equal(matrix, vectors.matrix)


def test_trailing_spaces_and_carriage_returns_are_no_fields(write):
    vectors = read_vectors(write("2 2 \r\na 1 2 \r\nb 3 4 \r\n"))
    assert (("a", "b"), [[1, 2], [3, 4]]) == (vectors.words, vectors.matrix.tolist())


def test_a_last_line_needs_no_line_feed(write):
    assert ("a", "b") == read_vectors(write("a 1 2\nb 3 4")).words


def test_a_word_may_hold_spaces_of_any_kind(write):
    words = ("the", ". . .", "to name@domain.com", ".\u00a0.", "a\u0085b", "in\u2028out", "")
    text = "".join(f"{word} 1 2 3\n" for word in words)
    assert words == read_vectors(write(text)).words
    assert (". . .",) == read_vectors(write(text), {". . ."}).words
    assert () == read_vectors(write(text), {".", "to"}).words


def test_only_the_words_asked_for_are_kept_in_file_order(write):
    vectors = read_vectors(write(GLOVE), ["glad", "the", "absent"])
    assert ("the", "glad") == vectors.words
    np.testing.assert_array_equal(EXPECTED[:2], vectors.matrix)


def test_no_word_found_is_an_empty_matrix_of_the_right_width(write):
    assert (0, 3) == read_vectors(write(GLOVE), {"absent", "\ud800"}).matrix.shape


def test_variation_selectors_of_the_file_do_not_hide_a_word(write):
    assert ("❤️",) == read_vectors(write(GLOVE), {"❤"}).words
    assert ("❤️",) == read_vectors(write(GLOVE), {"❤️"}).words
    joined = "👩\u200d❤️\u200d👩"
    vectors = read_vectors(write(f"a 1\n{joined} 2\n☺︎ 3\n"), {"👩\u200d❤\u200d👩", "☺"})
    assert ((joined, "☺︎"), [[2], [3]]) == (vectors.words, vectors.matrix.tolist())


def test_the_first_of_a_repeated_word_wins(write):
    vectors = read_vectors(write("a 1 2\nb 3 4\na 5 6\n"))
    assert (("a", "b"), [[1, 2], [3, 4]]) == (vectors.words, vectors.matrix.tolist())


def test_numbers_that_no_one_asks_for_are_not_looked_at(write):
    assert ("b",) == read_vectors(write(b"a 1 x\nb 3 4\n\xff 5 6\n"), {"b"}).words


def test_limit_looks_at_the_first_rows_only(write):
    assert ("the", "glad") == read_vectors(write(GLOVE), limit=2).words
    assert ("glad",) == read_vectors(write(GLOVE), {"glad", "❤"}, limit=2).words
    assert ("the",) == read_vectors(write(BINARY), limit=1).words


def test_limit_reads_a_file_that_holds_less_than_its_header_promises(write):
    assert 2 == len(read_vectors(write("5 2\na 1 2\nb 3 4\n"), limit=2))


def test_a_limit_below_one_is_refused(write):
    message = message_of(write(GLOVE), limit=0, error=ConfigError)
    assert "limit must be at least 1, got 0" == message


@pytest.mark.parametrize(
    ("layout", "content"),
    [("glove", GLOVE.encode()), ("word2vec", HEADED.encode()), ("word2vec-binary", BINARY)],
)
def test_a_format_can_be_named(write, layout, content):
    np.testing.assert_array_equal(EXPECTED, read_vectors(write(content), format=layout).matrix)


def test_naming_the_format_settles_what_the_first_bytes_leave_open(write):
    headlike = write("7 1\n8 2\n")
    assert "promises 7 words" in message_of(headlike)
    assert ("7", "8") == read_vectors(headlike, format="glove").words
    textlike = write(binary([("a", struct.unpack("<1f", b"0.25"))], end=b""))
    assert [[0.25]] == read_vectors(textlike).matrix.tolist()
    expected = [list(struct.unpack("<1f", b"0.25"))]
    assert expected == read_vectors(textlike, format="word2vec-binary").matrix.tolist()


def test_an_unknown_format_is_refused(write):
    assert (
        "expected format glove, word2vec, word2vec-binary or None, got 'golve';"
        " did you mean 'glove'?"
    ) == message_of(write(GLOVE), format="golve", error=ConfigError)


def test_a_gzip_file_is_known_by_its_content_not_its_name(write):
    assert 3 == len(read_vectors(write(gzip.compress(GLOVE.encode()), "v.vec")))


def test_the_only_member_of_a_zip_needs_no_name(write_zip):
    np.testing.assert_array_equal(EXPECTED, read_vectors(write_zip({"a.txt": GLOVE})).matrix)


def test_a_member_of_a_zip_is_named_in_the_path_or_beside_it(write_zip):
    path = write_zip({"d/": "", "d/a.txt": "x 1 2\n", "b.txt": GLOVE}, "v.ZIP")
    assert 3 == read_vectors(f"{path}:b.txt").width
    assert 2 == read_vectors(path, member="d/a.txt").width


def test_a_file_whose_own_name_looks_like_a_member_is_read(write):
    assert 3 == len(read_vectors(write(GLOVE, "v.zip:a.txt")))


def test_a_zip_of_several_files_asks_for_a_name(write_zip):
    path = write_zip({f"v.{n}d.txt": GLOVE for n in (50, 100)})
    assert (
        f"{path}: the zip file holds 2 files, name one of them as in '{path}:v.50d.txt':"
        " v.50d.txt, v.100d.txt"
    ) == message_of(path)


def test_a_long_list_of_members_is_cut(write_zip):
    path = write_zip({f"{n}.txt": GLOVE for n in range(12)})
    assert message_of(path).endswith(": " + ", ".join(f"{n}.txt" for n in range(10)) + ", ...")


def test_an_unknown_member_names_the_nearest(write_zip):
    path = write_zip({"v.50d.txt": GLOVE, "v.100d.txt": GLOVE})
    assert (
        f"{path}: the zip file holds v.50d.txt, v.100d.txt, and no 'v.100.txt';"
        " did you mean 'v.100d.txt'?"
    ) == message_of(f"{path}:v.100.txt")


def test_a_member_of_what_is_no_zip_is_refused(write):
    path = write(GLOVE)
    assert f"{path}: not a zip file, so it has no member 'a'" == message_of(path, member="a")


def test_a_zip_of_folders_only_is_refused(write_zip):
    path = write_zip({"d/": ""})
    assert f"{path}: the zip file holds no files" == message_of(path)


def test_an_error_in_a_member_names_zip_member_and_line(write_zip):
    path = write_zip({"a.txt": "a 1 2\nb 3\n"})
    assert (f"{path}:a.txt:2: expected a word and 2 numbers, found 2 fields, b'b 3'") == message_of(
        path
    )


def test_a_zip_cut_short_is_refused(write_zip):
    path = write_zip({"a.txt": GLOVE})
    path.write_bytes(path.read_bytes()[:-30])
    assert (
        f"{path}: the compressed data is cut short or broken (File is not a zip file);"
        " fetch the file again"
    ) == message_of(path)


def test_a_zip_with_a_broken_member_is_refused(write_zip):
    path = write_zip({"a.txt": GLOVE})
    data = bytearray(path.read_bytes())
    crc_in_directory = data.index(b"PK\x01\x02") + 16
    data[crc_in_directory] ^= 1
    path.write_bytes(data)
    assert (
        f"{path}:a.txt: the compressed data is cut short or broken"
        " (Bad CRC-32 for file 'a.txt'); fetch the file again"
    ) == message_of(path)


def test_an_encrypted_member_is_refused(write_zip):
    path = write_zip({"a.txt": GLOVE})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    message = message_of(path)
    assert message.startswith(f"{path}: cannot unpack 'a.txt' (File 'a.txt' is encrypted")


def test_a_missing_file_names_the_nearest(write):
    path = write(GLOVE, "reddit.txt").with_name("redit.txt")
    assert (f"{path}: there is no such file; did you mean 'reddit.txt'?") == message_of(
        path, error=DataNotFoundError
    )


def test_a_file_in_a_missing_folder_is_refused(tmp_path):
    path = tmp_path / "no" / "v.txt"
    assert f"{path}: there is no such file" == message_of(path, error=DataNotFoundError)


def test_a_folder_is_refused(tmp_path):
    message = message_of(tmp_path)
    assert f"{tmp_path}: this is a folder: expected a file of word vectors" == message


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)])
def test_an_empty_file_is_refused(write, content):
    path = write(content)
    assert f"{path}: the file is empty" == message_of(path)


@pytest.mark.parametrize(
    ("row", "fields"), [("b 3", 2), ("", 0), ("3 4", 2), ("b 3 4 5", 4), ("b c 3 4 5", 5)]
)
def test_a_wrong_width_names_the_line(write, row, fields):
    path = write(f"a 1 2\n{row}\nc 5 6\n")
    assert (
        f"{path}:2: expected a word and 2 numbers, found {fields} fields, {row.encode()!r}"
    ) == message_of(path, {"c"})


def test_a_wrong_width_in_a_headed_file_names_the_line(write):
    path = write("2 3\na 1 2\nb 3 4\n")
    assert (f"{path}:2: expected a word and 3 numbers, found 3 fields, b'a 1 2'") == message_of(
        path
    )


@pytest.mark.parametrize("number", ["0.1x", "nan", "-inf", "1e39", "", "1,5", "2\t3"])
def test_a_broken_number_names_the_line(write, number):
    path = write(f"a 1 2 3\nb 4 {number} 6\n")
    assert (
        f"{path}:2: number 2 of the vector of 'b' is {number!r}: expected a finite number"
    ) == message_of(path)


def test_a_broken_number_in_the_first_line_names_it(write):
    path = write("a x 2\nb 3 4\n")
    assert (
        f"{path}:1: number 1 of the vector of 'a' is 'x': expected a finite number"
    ) == message_of(path)


def test_a_broken_number_in_a_binary_file_names_the_word(write):
    path = write(binary([("a", [1.0, 2.0]), ("b", [3.0, float("nan")])]))
    assert (
        f"{path}: word 2: number 2 of the vector of 'b' is 'nan': expected a finite number"
    ) == message_of(path)


def test_a_word_that_is_not_utf8_names_the_line(write):
    path = write(b"a 1 2\nb\xff 3 4\n")
    assert f"{path}:2: the word b'b\\xff' is not UTF-8" == message_of(path)


def test_a_word_that_is_not_utf8_in_a_binary_file_names_the_word(write):
    path = write(binary([("a", [1.0, 2.0])]).replace(b"a ", b"\xc3 "))
    assert f"{path}: word 1: the word b'\\xc3' is not UTF-8" == message_of(path)


def test_fewer_words_than_promised_are_refused(write):
    path = write("5 2\na 1 2\nb 3 4\n")
    assert (
        f"{path}:1: the header promises 5 words, and there are 2: the file may be cut short"
        " (limit=2 reads it as it is)"
    ) == message_of(path)


def test_a_header_alone_is_refused(write):
    path = write("5 2\n")
    assert (
        f"{path}:1: the header promises 5 words, and there are 0: the file may be cut short"
    ) == message_of(path)


def test_more_words_than_promised_are_refused(write):
    path = write("1 2\na 1 2\nb 3 4\n")
    assert f"{path}:3: the header promises 1 words, and there are more" == message_of(path)


@pytest.mark.parametrize("header", ["0 3", "3 0", "3 16385"])
def test_a_header_of_impossible_numbers_is_refused(write, header):
    path = write(f"{header}\na 1 2 3\n")
    assert (
        f"{path}:1: expected the number of words and the width of their vectors, as in"
        f" b'400000 300', found b'{header}\\n'"
    ) == message_of(path)


def test_a_named_format_with_a_header_needs_one(write):
    path = write(GLOVE)
    assert (
        f"{path}:1: expected the number of words and the width of their vectors, as in"
        " b'400000 300', found b'the 1 -2.5 0\\n'"
    ) == message_of(path, format="word2vec")


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n", "the 1 2\n".encode("utf-16")])
def test_what_is_no_file_of_word_vectors_is_refused(write, content):
    path = write(content)
    first = content[: content.index(b"\n") + 1]
    assert (
        f"{path}:1: expected a word and its numbers, parted by spaces, found {first!r}"
    ) == message_of(path, {"the"})


def test_a_very_long_line_is_refused(write):
    path = write(b"a 1 2\n" + b"x" * (50 << 20))
    assert (
        f"{path}:2: a line of 1,048,576 bytes or more: expected a file of word vectors"
    ) == message_of(path)


def test_a_binary_file_cut_short_names_the_word(write):
    path = write(BINARY[:-6])
    assert (
        f"{path}: word 3: the file ends here, and its header promises 3 words: it may be cut short"
    ) == message_of(path)


def test_a_binary_file_with_more_than_promised_is_refused(write):
    path = write(binary([("a", [1.0, 2.0]), ("b", [3.0, 4.0])], header="1 2\n"))
    assert f"{path}: word 1: the header promises 1 words, and there is more" == message_of(path)


def test_a_binary_file_without_words_is_refused(write):
    path = write(b"2 3\n" + b"\0" * (4 << 20))
    assert (f"{path}: word 1: expected a word, a space and 3 float32 numbers") == message_of(
        path, format="word2vec-binary"
    )


def test_a_gzip_file_cut_short_names_the_line(write):
    rng = np.random.default_rng(0)
    text = "".join(f"word{i} {rng.normal():.6f} 2\n" for i in range(200_000)).encode()
    path = write(gzip.compress(text)[:-1000])
    message = message_of(path, {"word1"})
    before, _, after = message.partition(": the ")
    assert (
        "compressed data is cut short or broken (Compressed file ended before the"
        " end-of-stream marker was reached); fetch the file again"
    ) == after
    line = int(before.removeprefix(f"{path}:"))
    assert text.count(b"\n", 0, len(text) - (2 << 20)) < line <= 200_000


def test_a_gzip_file_with_rubbish_inside_is_refused(write):
    data = bytearray(gzip.compress(GLOVE.encode() * 1000))
    data[40:60] = b"\xff" * 20
    path = write(bytes(data))
    assert message_of(path).startswith(f"{path}: the compressed data is cut short or broken (")


def test_memory_stays_near_the_matrix(write):
    width, asked, every = 300, 4000, 5
    numbers = " ".join(f"{0.01 * i:.4f}" for i in range(width))
    text = "".join(f"w{i} {numbers}\n" for i in range(asked * every)).encode()
    path = write(gzip.compress(text, compresslevel=1))
    words = {f"w{i}" for i in range(0, asked * every, every)}
    del text
    tracemalloc.start()
    try:
        vectors = read_vectors(path, words)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (asked, width) == vectors.matrix.shape
    # besides the matrix: an eighth to grow in, a few chunks of 1 MiB, the words; the file is 42 MB
    assert peak - vectors.matrix.nbytes < 8 << 20


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("emoji2vec.300d.txt.gz", (1661, 300)),
        ("glove.6B.100d.10k.int8.txt.gz", (10_000, 100)),
        ("glove.6B.50d.20k.txt.gz", (20_002, 50)),
    ],
)
def test_published_files_are_read_whole(real_data, name, shape):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        vectors = read_vectors(real_data / "vectors" / name)
    assert shape == vectors.matrix.shape
