"""Claims about emoconv.data.checks."""

import json

import numpy as np
import pytest

from emoconv.data import Dataset, check_leaks, normalise, read_official_split
from emoconv.data.checks import known_rows
from emoconv.errors import DataError
from emoconv.labels import LabelSet

LABELS = LabelSet(("joy", "anger"))


def part(*rows, ids=None):
    """Return a data set of (text, label names) rows."""
    texts = [text for text, _ in rows]
    y = LABELS.encode([names.split() for _, names in rows])
    return Dataset(texts, y, LABELS, ids)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thanks, that FIXED it!!", "thanks that fixed it"),
        ("  two\twords\n", "two words"),
        ("snake_case", "snake case"),
        ("Straße", "strasse"),
        ("ﬁne ①", "fine 1"),
        ("don't / don\u2019t", "don t don t"),
        (": )", ":)"),
        ("😂 😂", "😂😂"),
        (" ", ""),
    ],
)
def test_texts_are_normalised(text, expected):
    assert expected == normalise(text)


def test_blank_strings_are_never_known():
    known = known_rows(["a", "", " "], ["a", "", " ", "b", "a"])
    assert [True, False, False, False, True] == known.tolist()


def test_what_parts_share_is_counted_in_rows_of_the_second():
    parts = {
        "train": part(("Nice!", "joy"), ("boo", "anger"), ("hm", ""), ids=["c1", "c2", ""]),
        "dev": part(("other", "joy"), ids=["c9"]),
        "test": part(("nice", "joy"), ("NICE", "joy"), ("boo", ""), ids=["c1", "c1", ""]),
    }
    overlaps = {(o.first, o.second): o for o in check_leaks(parts).overlaps}
    assert [("train", "dev"), ("train", "test"), ("dev", "test")] == list(overlaps)
    shared = overlaps["train", "test"]
    assert (2, 1, 3) == (shared.ids, shared.texts, shared.normalised_texts)
    none = overlaps["train", "dev"]
    assert (0, 0, 0) == (none.ids, none.texts, none.normalised_texts)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (part(("boo", ""), ids=["c2"]), False),
        (part(("nice", ""), ids=["c2"]), False),
        (part(("Nice!", ""), ids=["c2"]), True),
        (part(("boo", ""), ids=["c1"]), True),
        (part(("boo", "")), False),
    ],
)
def test_a_leak_is_a_shared_id_or_exact_text(second, expected):
    first = part(("Nice!", "joy"), ids=["c1"])
    assert expected is check_leaks({"a": first, "b": second}).leaks


def test_one_part_alone_cannot_leak():
    assert not check_leaks({"a": part(("x", "joy"), ("x", "joy"))}).leaks


def test_repeated_texts_with_other_labels_are_conflicts():
    a = part(("Nice!", "joy"), ("boo", "anger"), ("boo!", "anger"), ("once", "joy"))
    b = part(("nice", ""))
    report = check_leaks({"a": a, "b": b})
    assert (2, 1) == (report.repeated_texts, report.conflicting_texts)


def test_labels_are_compared_by_name_across_label_sets():
    other = Dataset(["nice"], np.array([[False, True]]), LabelSet(("anger", "joy")))
    report = check_leaks({"a": part(("nice", "joy")), "b": other})
    assert (1, 0) == (report.repeated_texts, report.conflicting_texts)


def test_a_part_is_summed_up():
    (summary,) = check_leaks({"a": part(("x", "joy anger"), (" ", ""), ("z", "joy"))}).parts
    assert ("a", 3, 1, 1) == (
        summary.name,
        summary.rows,
        summary.rows_without_label,
        summary.empty_texts,
    )
    assert {"joy": 2, "anger": 1} == summary.label_counts


def test_the_report_goes_to_json():
    report = check_leaks({"a": part(("x", "joy")), "b": part(("y", "joy"))})
    found = json.loads(json.dumps(report.to_dict()))
    assert {
        "parts": [
            {
                "name": name,
                "rows": 1,
                "rows_without_label": 0,
                "empty_texts": 0,
                "label_counts": {"joy": 1, "anger": 0},
            }
            for name in "ab"
        ],
        "overlaps": [{"first": "a", "second": "b", "ids": 0, "texts": 0, "normalised_texts": 0}],
        "repeated_texts": 0,
        "conflicting_texts": 0,
    } == found


def test_no_parts_are_an_error():
    with pytest.raises(DataError) as error:
        check_leaks({})
    assert str(error.value) == "no parts to check, expected at least one"


@pytest.mark.real_data
def test_what_the_published_split_shares_is_known(real_data):
    folder = real_data / "goemotions"
    report = check_leaks(read_official_split(folder))
    overlaps = {(o.first, o.second): (o.ids, o.texts, o.normalised_texts) for o in report.overlaps}
    assert {
        ("train", "dev"): (0, 43, 113),
        ("train", "test"): (0, 37, 109),
        ("dev", "test"): (0, 13, 40),
    } == overlaps
    assert (377, 178) == (report.repeated_texts, report.conflicting_texts)
