import json

import numpy as np
import pyarrow as pa
import pytest

from emoconv.errors import DataError, DataNotFoundError, LabelError
from emoconv.scoring.summary import FORMAT_VERSION, Summary, summarize
from emoconv.scoring.summary_files import read_summary, write_summary
from emoconv.scoring.words import WordCounts

LABELS = ("joy", "anger")
TEXTS = ["", " \t", "a", "abc", None, "abcd", "é" * 7, "x" * 70_000]
CUTS = np.array([0.5, 0.25], dtype=np.float32)
PROBABILITIES = np.array(
    [
        [0.0, 0.0],
        [0.5, 0.0],
        [0.5, 0.25],
        [1.0, 0.0],
        [np.nan, np.nan],
        [0.0, 0.24],
        [0.04, 0.05],
        [0.0, 0.999],
    ],
    dtype=np.float32,
)
WORDS = WordCounts(np.array([1, 20, 21, 4]), np.array([0, 1, 2, 4]))


def summary(texts=TEXTS, probabilities=PROBABILITIES, words=WORDS, dtype=None):
    column = pa.array(texts, dtype or pa.string())
    return summarize(column, probabilities, labels=LABELS, cuts=CUTS, words=words)


def bins(counts):
    """The bins that are not empty."""
    return {place: count for place, count in enumerate(counts.tolist()) if count}


def test_rows_are_told_apart_from_missing_and_empty_texts():
    found = summary()
    assert (8, 1, 7, 2) == (found.rows, found.missing, found.texts, found.empty)


def test_a_label_holds_at_its_cut():
    found = summary()
    assert [3, 2] == found.label_counts.tolist()
    assert {0: 3, 1: 3, 2: 1} == bins(found.labels_per_text)


def test_probabilities_are_summed_without_those_of_missing_texts():
    np.testing.assert_allclose(summary().probability_sums, [2.04, 1.539], rtol=1e-6)


def test_lengths_are_of_characters_in_doubling_bins():
    found = summary()
    assert {0: 1, 1: 1, 2: 2, 3: 2, 17: 1} == bins(found.lengths)
    assert 2 + 1 + 3 + 4 + 7 + 70_000 == found.characters


def test_the_highest_probability_of_a_text_is_its_confidence():
    assert {0: 1, 1: 1, 4: 1, 10: 2, 19: 2} == bins(summary().confidences)


def test_shares_of_unknown_words_have_a_bin_for_none_and_ends_that_belong_to_them():
    found = summary()
    assert {0: 1, 1: 1, 2: 1, 20: 1} == bins(found.unknown_shares)
    assert (4, 46, 7) == (found.sampled, found.words, found.unknown_words)


def test_words_may_be_left_uncounted():
    found = summary(words=None)
    assert (0, 0, 0) == (found.sampled, found.words, found.unknown_words)


@pytest.mark.parametrize("dtype", [pa.string(), pa.large_string()])
def test_the_kind_of_column_makes_no_difference(dtype):
    whole = pa.array(TEXTS, dtype)
    chunked = pa.chunked_array([whole.slice(0, 3), whole.slice(3)])
    assert summary().to_dict() == summary(dtype=dtype).to_dict()
    of_chunks = summarize(chunked, PROBABILITIES, labels=LABELS, cuts=CUTS, words=WORDS)
    assert summary().to_dict() == of_chunks.to_dict()


@pytest.mark.parametrize("texts", [[], [None, None]])
def test_no_text_is_summarised_as_nothing(texts):
    found = summary(texts, np.full((len(texts), 2), np.nan, dtype=np.float32), words=None)
    nothing = Summary.nothing(LABELS).to_dict()
    assert nothing | {"rows": len(texts), "missing": len(texts)} == found.to_dict()


def test_the_json_is_for_people_too():
    about = summary().to_dict()
    joy = {
        "label": "joy",
        "texts": 3,
        "share": 0.4286,
        "mean_probability": 0.2914,
        "probability_sum": pytest.approx(2.04),
    }
    assert joy == about["labels"][0]
    assert (10_000, 0.1522) == (about["mean_characters"], about["unknown_words"]["share"])
    assert about["lengths"]["below"][:5] == [1, 2, 4, 8, 16]
    assert None is about["lengths"]["below"][-1]
    assert None is Summary.nothing(LABELS).to_dict()["labels"][0]["share"]


def test_summaries_of_other_labels_are_not_added():
    with pytest.raises(LabelError, match="different labels: joy, anger and joy"):
        Summary.nothing(LABELS) + Summary.nothing(["joy"])


def test_probabilities_are_of_these_texts_and_labels():
    with pytest.raises(DataError, match=r"shape \(8, 2\); expected \(1, 2\) for 1 texts and 2 "):
        summary(texts=["a"])


def test_a_file_gives_back_the_summary_and_what_was_kept_there(tmp_path):
    path = tmp_path / "summary.json"
    write_summary(summary(), path, about={"model": {"sha256": "0a"}, "run": "é"})
    found = read_summary(path)
    assert summary().to_dict() == found.summary.to_dict()
    assert {"model": {"sha256": "0a"}, "run": "é"} == found.about
    assert ["summary.json"] == [file.name for file in tmp_path.iterdir()]


def test_what_is_kept_beside_a_summary_does_not_overwrite_it(tmp_path):
    write_summary(summary(), tmp_path / "s.json", about={"rows": 0})
    assert 8 == read_summary(tmp_path / "s.json").summary.rows


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"none\.json"):
        read_summary(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"s\.json:1: not JSON: "),
        ("[" * 100_000, "not JSON that can be read"),
        ("[]", r"s\.json: no summary of `emoconv score`: 'the file' is \[\]; expected an object"),
        ("{}", "'format_version' is null; expected a count"),
    ],
)
def test_a_file_that_is_no_summary_is_said(tmp_path, content, message):
    path = tmp_path / "s.json"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        read_summary(path)


def changed(path, value):
    """The values of a summary with one of them changed."""
    values = json.loads(json.dumps(summary().to_dict()))
    inner = values
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return values


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["format_version"], FORMAT_VERSION + 1, "format_version is 2; .* reads up to 1: update"),
        (["format_version"], 0, "format_version is 0"),
        (["rows"], -1, "'rows' is -1; expected a count"),
        (["rows"], True, "'rows' is true; expected a count"),
        (["rows"], 2**63, "'rows' is 9223372036854775808; expected a count"),
        (["missing"], 2, "the counts do not add up: 'lengths' are 7, not 6"),
        (["labels"], {}, "'labels' is {}; expected a list of objects"),
        (["labels"], [1], "'labels' is 1; expected an object"),
        (["labels"], [], "a label set needs at least one label"),
        (["labels", 0, "label"], None, "'label' is null; expected a string"),
        (["labels", 0, "label"], "anger", "label 'anger' is given twice"),
        (["labels", 0, "texts"], 4, r"labels in 'labels_per_text' are 5, not 6"),
        (["labels", 0, "probability_sum"], "1", "'probability_sum' is \"1\"; expected a number"),
        (["labels", 0, "probability_sum"], float("nan"), "'probability_sum' is NaN; expected"),
        (["labels", 0, "probability_sum"], False, "'probability_sum' is false; expected"),
        (["lengths"], 3, "'lengths' is 3; expected an object"),
        (["lengths", "texts"], [7], r"'texts' is \[7\]; expected a list of 18 counts"),
        (["confidences", "texts"], [0.5] * 20, "'texts' is 0.5; expected a count"),
        (["confidences", "texts"], [0] * 20, "'confidences' are 0, not 7"),
        (["labels_per_text"], "x" * 90, r"'labels_per_text' is \"x{39}\.\.\.; expected a list of"),
        (["unknown_words"], None, "'unknown_words' is null; expected an object"),
    ],
)
def test_a_wrong_value_is_named(path, value, message):
    with pytest.raises(DataError, match=message):
        Summary.from_dict(changed(path, value))
