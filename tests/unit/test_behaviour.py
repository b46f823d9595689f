import json

import numpy as np
import pytest

from emoconv import EmotionDetector
from emoconv.behaviour import Case, Family, load_families, run
from emoconv.behaviour.rules import applies, passes
from emoconv.errors import DataError, DataNotFoundError
from emoconv.labels import GOEMOTIONS

LABELS = ("joy", "anger", "neutral")


class Fixed:
    """A model that answers from a table."""

    labels = LABELS
    thresholds = np.array([0.5, 0.5, 0.5], dtype=np.float32)

    def __init__(self, answers):
        self.answers = answers

    def predict_proba(self, texts, /):
        return np.array([self.answers[text] for text in texts], dtype=np.float32)


def judged(rule, *rows, **case):
    probabilities = np.array(rows, dtype=np.float32)
    return passes(
        Case(texts=("",) * len(rows), **case),
        rule,
        labels=LABELS,
        probabilities=probabilities,
        decisions=probabilities >= 0.5,
    )


@pytest.mark.parametrize(
    ("row", "case", "expected"),
    [
        ([0.6, 0.1, 0.1], {"wanted": (("joy", "love"),)}, True),
        ([0.4, 0.1, 0.6], {"wanted": (("joy", "love"),)}, False),
        ([0.6, 0.1, 0.1], {"wanted": (("joy",), ("anger",))}, False),
        ([0.6, 0.7, 0.1], {"wanted": (("joy",), ("anger",))}, True),
        ([0.6, 0.7, 0.1], {"wanted": (("joy",),), "unwanted": ("anger",)}, False),
        ([0.4, 0.1, 0.1], {"unwanted": ("joy", "anger")}, True),
        ([0.4, 0.5, 0.1], {"unwanted": ("joy", "anger")}, False),
    ],
)
def test_wanted_labels_hold_and_unwanted_do_not(row, case, expected):
    assert expected == judged("holds", row, **case)


@pytest.mark.parametrize(
    ("before", "after", "rises", "keeps"),
    [
        (0.5, 0.6, True, True),
        (0.5, 0.5, False, True),
        (0.5, 0.42, False, True),
        (0.5, 0.38, False, False),
        (0.96, 0.95, True, True),
        (0.96, 0.89, False, True),
    ],
)
def test_a_probability_rises_or_is_kept(before, after, rises, keeps):
    rows = ([before, 0.9, 0], [after, 0.1, 0])
    assert rises == judged("rises", *rows, labels=("joy", "love"))
    assert keeps == judged("keeps", *rows, labels=("joy", "love"))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(0.6, 0.69, True), (0.6, 0.71, False), (0.49, 0.51, False), (0.2, 0.2, True)],
)
def test_nothing_changes_by_much(before, after, expected):
    assert expected == judged("unchanged", [0.1, before, 0.3], [0.1, after, 0.3])


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"wanted": (("joy", "love"),)}, True),
        ({"wanted": (("joy",), ("love",))}, False),
        ({"unwanted": ("love", "fear")}, False),
        ({"unwanted": ("love", "joy")}, True),
        ({"wanted": (("joy",),), "unwanted": ("love",)}, True),
        ({"labels": ("love",)}, False),
        ({"labels": ("joy", "love")}, True),
        ({}, True),
    ],
)
def test_a_model_is_asked_for_labels_that_it_has(case, expected):
    assert expected == applies(Case(texts=("",), **case), LABELS)


def test_rates_are_of_the_cases_that_could_be_asked():
    holds = Family(
        "words",
        "About words.",
        "holds",
        (
            Case(texts=("happy",), wanted=(("joy",),)),
            Case(texts=("sad",), unwanted=("joy",)),
            Case(texts=("mad",), wanted=(("anger",),)),
            Case(texts=("eek",), wanted=(("fear",),)),
        ),
    )
    terms = Family(
        "terms",
        "About terms.",
        "unchanged",
        (
            Case(texts=("a x", "a big x"), term="big", group="size"),
            Case(texts=("a y", "a big y"), term="big", group="size"),
            Case(texts=("a x", "a red x"), term="red", group="colour"),
        ),
    )
    results = run(
        Fixed(
            {
                "happy": [0.9, 0, 0],
                "sad": [0, 0.2, 0.9],
                "mad": [0.1, 0.2, 0.9],
                "eek": [0, 0, 0],
                "a x": [0, 0.1, 0.9],
                "a y": [0, 0.1, 0.8],
                "a big x": [0, 0.6, 0.9],
                "a big y": [0, 0.2, 0.8],
                "a red x": [0, 0.1, 0.85],
            }
        ),
        [holds, terms],
    )
    words = results["words"]
    assert (3, 2, 1, 2 / 3) == (words.cases, words.passed, words.skipped, words.rate)
    assert words.interval == pytest.approx((0.2077, 0.9385), abs=1e-4)
    assert pytest.approx(2 / 3) == results.mean_rate
    expected = (
        "4 of 6 cases passed in 2 families; mean of their rates 66.7%; 1 skipped for want of labels"
    )
    assert expected == results.summary
    assert [("mad",), ("a x", "a big x")] == [one.case.texts for one in results.failures]
    big, red = results.terms
    assert ("terms", "size", "big", "anger", 1) == (
        *(big.family, big.group, big.term),
        *(big.label, big.decisions),
    )
    assert (0.5, pytest.approx(0.3), pytest.approx(0.3)) == (
        *(big.result.rate, big.negative),
        big.change,
    )
    assert ("neutral", pytest.approx(-0.05), 0) == (red.label, red.change, red.decisions)
    found = json.loads(json.dumps(results.to_dict()))
    assert expected == found["summary"]
    assert {
        "family": "terms",
        "texts": ["a x", "a big x"],
        "answers": [["neutral"], ["anger", "neutral"]],
    } == found["failures"][1]
    assert {"term": "big", "passed": 1, "negative": 0.3}.items() <= found["terms"][0].items()
    with pytest.raises(KeyError):
        results["colours"]


def test_a_model_without_any_of_the_labels_has_no_rate():
    family = Family("words", "", "holds", (Case(texts=("eek",), wanted=(("fear",),)),))
    results = run(Fixed({"eek": [0, 0, 0]}), [family])
    assert (None, None, None) == (
        *(results["words"].rate, results["words"].interval),
        results.mean_rate,
    )
    assert "mean of their rates -; 1 skipped" in results.summary


def test_there_are_enough_cases_and_no_text_is_asked_twice_in_a_family():
    families = load_families()
    assert 16 == len(families) == len({family.name for family in families})
    for family in families:
        assert 30 <= len(family.cases)
        texts = [case.texts for case in family.cases]
        assert len(texts) == len(set(texts))
        assert all(text == text.strip() for case in texts for text in case)
    assert 792 == sum(len(family.cases) for family in families)


def test_cases_ask_for_emotions_that_there_are():
    for family in load_families():
        for case in family.cases:
            wanted = [label for group in case.wanted for label in group]
            assert {*wanted, *case.unwanted, *case.labels} <= set(GOEMOTIONS.names)
            assert not set(wanted) & set(case.unwanted)


def test_the_shipped_model_does_what_the_page_says():
    results = run(EmotionDetector.load(engine="reference"))
    assert results["plain emotion"].rate > 0.9
    assert results["neutral facts"].rate > 0.9
    assert results["identity terms"].rate > 0.95


GOOD = {"name": "f", "about": "", "rule": "holds", "cases": [{"text": "a", "any": ["joy"]}]}


def with_changes(**changes):
    return {key: value for key, value in (GOOD | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"cases.json:1: not JSON"),
        ("[]", r"with format_version 1"),
        ('{"format_version": 2}', r"with format_version 1"),
        ('{"format_version": 1}', r"expected a list of families, at least one"),
        (
            '{"format_version": 1, "families": [3]}',
            r"a family is 3; expected an object with a name",
        ),
        (with_changes(rule="hold"), r"family 'f': no rule 'hold'; did you mean 'holds'\?"),
        (with_changes(rule=None), r"family 'f': family setting rule is missing"),
        (with_changes(colour=1), r"family 'f': unknown family setting colour"),
        (with_changes(cases=[]), r"family 'f' has no cases"),
        (with_changes(cases=[{"text": "a"}]), r"the case \('a',\) lacks what the rule 'holds'"),
        (with_changes(cases=[{"texts": ["a"]}], rule="unchanged"), r"lacks what the rule"),
        (with_changes(cases=[{"texts": ["a", "b"]}], rule="rises"), r"lacks what the rule"),
        (with_changes(cases=[{"text": 3, "any": ["joy"]}]), r"family 'f': \[3\] are no texts"),
        (with_changes(cases=[{"text": "a", "any": "joy"}]), r"'joy' is no list of labels"),
        (with_changes(cases=[{"any": ["joy"]}]), r"family 'f': "),
    ],
)
def test_cases_that_are_not_as_expected_are_refused(tmp_path, content, message):
    path = tmp_path / "cases.json"
    if isinstance(content, dict):
        content = json.dumps({"format_version": 1, "families": [content]})
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        load_families(path)


def test_a_file_of_cases_that_is_not_there_is_missed(tmp_path):
    with pytest.raises(DataNotFoundError, match="no such file"):
        load_families(tmp_path / "cases.json")
