import pytest

from emoconv import EmotionDetector
from emoconv.errors import ConfigError, DataError, LabelError
from emoconv.grouping import GROUPINGS
from emoconv.service.description import describe, offered
from emoconv.service.settings import Limits
from emoconv.version import __version__
from untrained import LABELS, untrained_bundle


@pytest.fixture(scope="module")
def own():
    return EmotionDetector(untrained_bundle(), min_confidence=0.25)


@pytest.fixture(scope="module")
def shipped():
    return EmotionDetector.load(engine="reference")


@pytest.fixture
def moods(tmp_path):
    file = tmp_path / "moods.json"
    file.write_text('{"good": ["joy"], "bad": ["anger", "boredom"]}')
    return str(file)


def test_by_default_those_with_a_name_are_offered_if_the_model_can_have_them(own, shipped):
    assert [None, *GROUPINGS] == list(offered(shipped, None))
    assert [None] == list(offered(own, None))


def test_a_file_is_called_by_its_name_without_its_ending(own, moods):
    found = offered(own, [moods])
    assert [None, "moods"] == list(found)
    assert own is found[None]
    assert (("good", "bad"), 0.25) == (found["moods"].labels, found["moods"].min_confidence)


def test_a_grouping_that_the_model_cannot_have_is_said_where_it_was_asked_for(own):
    with pytest.raises(LabelError, match="which is not one of the model's 5 labels"):
        offered(own, ["ekman"])


@pytest.mark.parametrize("text", ["", "[]", '{"good": "joy"}'])
def test_a_file_that_is_not_as_it_should_be_is_said(own, tmp_path, text):
    (tmp_path / "moods.json").write_text(text)
    with pytest.raises(DataError, match=r"moods\.json"):
        offered(own, [str(tmp_path / "moods.json")])


def test_a_grouping_that_is_not_there_is_said(own):
    with pytest.raises(ConfigError, match="no grouping and no file 'ekmann'; did you mean 'ekman'"):
        offered(own, ["ekmann"])


def test_two_groupings_of_one_name_are_refused(own, moods):
    with pytest.raises(ConfigError) as caught:
        offered(own, [moods, moods])
    assert "two groupings are called 'moods'; give each once, by its own name" == str(caught.value)


def test_a_model_is_described_as_it_answers(own, moods):
    limits = Limits(texts=7, characters=8, sentences=9, explained=10, body_bytes=11)
    found = describe(offered(own, [moods]), limits)
    assert {
        "emoconv": __version__,
        "fingerprint": own.bundle.fingerprint(),
        "engine": "auto",
        "labels": [
            {"name": name, "threshold": 0.5, "sentiment": sentiment}
            for name, sentiment in zip(
                LABELS, ("positive", "negative", "ambiguous", "neutral", None), strict=True
            )
        ],
        "groupings": {
            "moods": [
                {"name": "good", "threshold": 0.5, "members": ["joy"]},
                {"name": "bad", "threshold": 0.5, "members": ["anger", "boredom"]},
            ]
        },
        "min_confidence": 0.25,
        "limits": {
            "texts": 7,
            "characters": 8,
            "sentences": 9,
            "explained": 10,
            "body_bytes": 11,
        },
    } == found


def test_every_label_of_goemotions_has_a_sentiment(shipped):
    found = describe(offered(shipped, None), Limits())["labels"]
    assert (28, False) == (len(found), None in [label["sentiment"] for label in found])
