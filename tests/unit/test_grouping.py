import json

import pytest

from emoconv.errors import ConfigError, DataError, LabelError
from emoconv.grouping import GROUPINGS, find_grouping
from emoconv.labels import EKMAN, GOEMOTIONS, LabelSet, Taxonomy


@pytest.mark.parametrize("name", ["ekman", "sentiment"])
def test_a_grouping_may_be_named(name):
    assert GROUPINGS[name] is find_grouping(name, GOEMOTIONS).taxonomy


def test_a_grouping_may_be_a_taxonomy():
    assert EKMAN is find_grouping(EKMAN, GOEMOTIONS).taxonomy


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_a_grouping_may_be_a_file(tmp_path, kind):
    path = tmp_path / "moods.json"
    path.write_text(json.dumps({"good": ["joy", "love"], "other": None}))
    found = find_grouping(kind(path), GOEMOTIONS)
    assert Taxonomy("moods.json", {"good": ("joy", "love")}) == found.taxonomy
    assert ("other",) == found.ignored


def test_what_is_neither_is_refused_with_what_there_is(tmp_path):
    with pytest.raises(ConfigError, match=r"no grouping and no file '.*/no\.json' \(known: 'ek"):
        find_grouping(tmp_path / "no.json", GOEMOTIONS)
    with pytest.raises(ConfigError, match=r"'sentimant'; did you mean 'sentiment'\?"):
        find_grouping("sentimant", GOEMOTIONS)


def test_a_file_that_is_no_mapping_is_named(tmp_path):
    path = tmp_path / "moods.json"
    path.write_text("[]")
    with pytest.raises(DataError, match=r"moods\.json: holds a list"):
        find_grouping(path, GOEMOTIONS)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({}, "grouping moods has no groups; expected at least one"),
        ({"good": ()}, "group 'good' of moods has no labels; give it some"),
        (
            {"good": ("joyy",)},
            (
                "group 'good' of moods has 'joyy', which is not one of the model's 2 labels; did "
                "you mean 'joy'?; give a grouping of the model's own labels"
            ),
        ),
    ],
)
def test_a_taxonomy_that_does_not_fit_the_model_is_refused(groups, message):
    with pytest.raises(LabelError) as raised:
        find_grouping(Taxonomy("moods", groups), LabelSet(("joy", "anger")))
    assert message == str(raised.value)
