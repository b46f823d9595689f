"""The compiled tokeniser and its tables, by example."""

import hashlib
import re
import runpy
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from emoconv.errors import ConfigError
from emoconv.text import SPECIALS, Encoder, Vocabulary, count_tokens, get_tokenizer
from emoconv.text.characters import fold, lower
from emoconv.text.compiled import CompiledEncoder
from emoconv.text.tables import character_tables, token_table

PAGE = (Path(__file__).parents[2] / "docs/reference/tokenizer.md").read_text(encoding="utf-8")
VOCABULARY = Vocabulary([*SPECIALS, "so", "happy", "sooo", "é"])
UNKNOWN, CAPS, LONG, SO, HAPPY, SOOO = 1, 7, 8, 9, 10, 11
SLOW = runpy.run_path(str(Path(__file__).with_name("test_text_tokenizer.py")))["UNITS"]
PARTS = ("train", "dev", "test")
FINGERPRINTS = {  # those of the reference
    "rich": "2fe4093a811928a0e38bda5a6871c149ed743fb9042e7433fc732603b079be52",
    "plain": "9c2f640f6001f221810230038c5a1aea2683d032597869d9d1646c0e2df65ffc",
}


def compiled(vocabulary=VOCABULARY, *, tokenizer="rich", max_tokens=None):
    return CompiledEncoder(vocabulary, tokenizer=tokenizer, max_tokens=max_tokens)


def ids(texts, **options):
    encoded = compiled(**options).encode_arrow(pa.array(texts, pa.string()))
    return [part.tolist() for part in np.split(encoded.ids, encoded.offsets[1:-1])]


def lists(encoded):
    return encoded.ids.tolist(), encoded.offsets.tolist()


def examples(start, end):
    """The rows of two code spans between two headings of the page, with escapes decoded."""
    part = PAGE[PAGE.index(f"\n{start}\n") : PAGE.index(f"\n{end}\n")]
    rows = re.findall(r"^\| `(.*)` \| `(.*)` \|$", part, flags=re.MULTILINE)
    return [tuple(re.sub(r"\\u(\w{4})", lambda m: chr(int(m[1], 16)), c) for c in r) for r in rows]


@pytest.mark.parametrize(
    ("tokenizer", "text", "expected"),
    [
        *(("rich", *row) for row in examples("### Examples", "## Plain")),
        *(("plain", *row) for row in examples("## Plain", "## Vocabulary and ids")),
    ],
    ids=ascii,
)
def test_the_examples_of_the_page_hold(tokenizer, text, expected):
    words = sorted(set(expected.split()) - set(SPECIALS))
    vocabulary = Vocabulary([*SPECIALS, *words])

    (found,) = ids([text], vocabulary=vocabulary, tokenizer=tokenizer)

    assert expected == " ".join(vocabulary.tokens[i] for i in found)


@pytest.mark.parametrize(
    ("token", "expected"),
    examples("### Tokens that the vocabulary lacks", "### The length limit"),
    ids=ascii,
)
def test_the_examples_of_stand_ins_hold(token, expected):
    words = re.search(r"With the vocabulary `(.*)` after the specials", PAGE)
    vocabulary = Vocabulary([*SPECIALS, *words[1].split()])

    (found,) = ids([token], vocabulary=vocabulary)

    assert expected == vocabulary.tokens[found[0]]


def test_texts_lie_end_to_end_with_their_offsets():
    encoded = compiled().encode_arrow(pa.array(["so happy", "", "Happy SO"]))

    assert ([SO, HAPPY, HAPPY, CAPS, SO], [0, 2, 2, 5]) == lists(encoded)
    assert (np.int32, np.int64) == (encoded.ids.dtype, encoded.offsets.dtype)


@pytest.mark.parametrize("dtype", [pa.string(), pa.large_string()])
@pytest.mark.parametrize("array", [[], [None], [""], [None, ""]])
def test_arrays_without_content_have_no_ids(dtype, array):
    encoded = compiled().encode_arrow(pa.array(array, dtype))

    assert ([], [0] * (len(array) + 1)) == lists(encoded)


def test_an_empty_array_may_lack_its_buffers():
    array = pa.Array.from_buffers(pa.string(), 0, [None, None, pa.py_buffer(b"")])

    assert ([], [0]) == lists(compiled().encode_arrow(array))


def test_a_null_is_an_empty_text_even_where_bytes_lie_under_it():
    offsets, content = pa.array(["so", "happy"]).buffers()[1:]
    array = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x02"), offsets, content])

    assert ([HAPPY], [0, 0, 1]) == lists(compiled().encode_arrow(array))


def test_a_run_of_capitals_does_not_go_on_in_the_next_text():
    assert [[CAPS, SO], [CAPS, SO, SO]] == ids(["SO", "SO SO"])


@pytest.mark.parametrize("limit", range(5))
def test_the_limit_keeps_the_first_tokens(limit):
    assert [[CAPS, SOOO, LONG, HAPPY][:limit]] * 2 == ids(["SOOOO happy"] * 2, max_tokens=limit)


def test_the_limit_counts_known_words_only_in_plain_mode():
    assert [[SO, HAPPY]] == ids(["what a so very happy so"], tokenizer="plain", max_tokens=2)


def test_a_word_has_no_more_ids_than_characters():
    loud = ["AA", "AAA", "A'S", "A'LL'S", "AAA'S", "NN'T", "AAAN'T", "'S", "A"]

    assert all(len(found) <= len(text) for text, found in zip(loud, ids(loud), strict=True))
    assert [[CAPS, UNKNOWN, LONG]] == ids(["AAA"])


def test_an_unknown_tokenizer_is_refused():
    with pytest.raises(ConfigError, match="no tokenizer 'fast'"):
        compiled(tokenizer="fast")


def test_threads_at_once_have_no_share_in_each_others_texts():
    data = np.frombuffer("So SOOO happy 😂 don't! ".encode() * 2_000, dtype=np.uint8)
    encoder, alone = compiled(), compiled().encode_buffer(data, np.array([0, len(data)]))

    with ThreadPoolExecutor(4) as pool:
        several = pool.map(lambda _: encoder.encode_buffer(data, np.array([0, len(data)])), "8time")

    assert all(lists(alone) == lists(encoded) for encoded in several)


@pytest.mark.parametrize("tokenizer", ["rich", "plain"])
def test_ids_of_the_small_data_never_change(tiny, tokenizer):
    content = [(tiny / f"{part}.tsv").read_text(encoding="utf-8") for part in PARTS]
    texts = [line.split("\t")[0] for part in content for line in part.splitlines()]
    counts = count_tokens((t.text for t in get_tokenizer(tokenizer)(text)) for text in texts)
    vocabulary = Vocabulary.build(counts, min_count=2)

    lines = [" ".join(map(str, i)) for i in ids(texts, vocabulary=vocabulary, tokenizer=tokenizer)]

    assert FINGERPRINTS[tokenizer] == hashlib.sha256("\n".join(lines).encode()).hexdigest()


@pytest.mark.real_data
@pytest.mark.parametrize("tokenizer", ["rich", "plain"])
@pytest.mark.parametrize("max_words", [None, 2_000])
def test_all_of_goemotions_has_the_ids_of_the_reference(real_data, tokenizer, max_words):
    files = [real_data / "goemotions" / f"{part}.tsv" for part in PARTS]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    texts = [line.split("\t")[0] for line in lines]
    counts = count_tokens((t.text for t in get_tokenizer(tokenizer)(text)) for text in texts)
    vocabulary = Vocabulary.build(counts, max_words=max_words)

    encoded = compiled(vocabulary, tokenizer=tokenizer).encode_arrow(pa.array(texts))

    assert lists(Encoder(vocabulary, tokenizer=tokenizer).encode_batch(texts)) == lists(encoded)


def seconds(encoder, text):
    data, offsets = np.frombuffer(text.encode(), dtype=np.uint8), np.array([0, len(text.encode())])
    start = time.thread_time()
    encoder.encode_buffer(data, offsets)
    return time.thread_time() - start


@pytest.mark.parametrize("tokenizer", ["rich", "plain"])
@pytest.mark.parametrize("end", ["1a", ":a"])
@pytest.mark.parametrize("unit", SLOW, ids=ascii)
def test_five_times_the_text_takes_about_five_times_the_time(tokenizer, unit, end):
    encoder = compiled(tokenizer=tokenizer)
    text = unit.encode("utf-8", "ignore").decode() * (40_000 // len(unit))
    encoder.encode_arrow(pa.array([text]))

    for _ in range(5):  # the machine may be busy; a quadratic rule is slow every time
        once, more = seconds(encoder, text + end), seconds(encoder, text * 5 + end)
        if more < 10 * once + 0.005:
            return
    pytest.fail(f"{once:.3f} s, and {more:.3f} s for five times the text")


def test_the_tables_fold_and_lower_every_code_point_as_the_reference_does():
    tables, codes = character_tables(), np.arange(0x110000)
    pages = tables.pages[codes >> 8].astype(np.int64)
    classes = tables.classes[tables.rows[pages << 8 | codes & 255]]
    text = "".join(map(chr, codes))

    folded = np.where(classes["folded"] < 0, codes, classes["folded"])

    assert fold(text) == "".join(map(chr, folded))
    assert lower(text) == "".join(map(chr, codes + classes["shift"]))
    assert np.array_equal(codes[:128], tables.ascii["raw"])
    for name in ("folded", "lowered", "kind"):
        whole = {"folded": folded, "lowered": codes + classes["shift"], "kind": classes["kind"]}
        assert np.array_equal(whole[name][:128], tables.ascii[name])


def test_tokens_lie_end_to_end_in_code_points():
    table = token_table(Vocabulary([*SPECIALS, "é", "😂a", "\ud800"]))

    assert [ord("é"), ord("😂"), ord("a"), 0xD800] == table.points[-4:].tolist()
    assert [1, 2, 1] == np.diff(table.starts)[-3:].tolist()
    assert len(table.slots) >= 2 * 12
    assert {-1} == set(table.slots.tolist())
