import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from emoconv import EmotionDetector
from emoconv.bundle import read_bundle
from emoconv.cli import main
from emoconv.labels import GOEMOTIONS
from emoconv.migration import KerasInput, keras_probabilities, pad_sequences
from keras_files import LENGTH, random_network, write_h5, write_words


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A network and its word index in the working folder."""
    monkeypatch.chdir(tmp_path)
    write_h5("best_model.h5", random_network())
    write_words("words.json")
    return ("best_model.h5", "--word-index", "words.json", "--output", "model")


def convert(*arguments):
    return CliRunner().invoke(main, ["convert", *map(str, arguments)])


def error_of(code, *arguments):
    result = convert(*arguments)
    assert (code, "", 1) == (result.exit_code, result.stdout, result.stderr.count("\n"))
    return result.stderr


def test_a_model_is_written_that_answers_as_the_network_did(files):
    result = convert(*files)
    assert (0, "") == (result.exit_code, result.stderr)
    found = EmotionDetector.load("model").predict_proba(["w1 w2 w3", "w7", ""])
    shape = KerasInput(LENGTH, padding="post", truncating="pre")
    ids = pad_sequences([[1, 2, 3], [7], []], shape)
    np.testing.assert_allclose(found, keras_probabilities(random_network(), ids), atol=1e-5)


def test_it_says_what_was_made_and_in_what_it_differs(files):
    lines = convert(*files).stdout.splitlines()
    assert "model: 28 labels, 40 words" == lines[0]
    assert lines[1].startswith("compared with Keras' network on drawn words: at most ")
    assert "apart in texts of up to 7 words" in lines[1]
    assert ["note: Texts of more than 7 known", "note: Of texts of more than 10 k"] == [
        line[:32] for line in lines[2:]
    ]


def test_a_model_that_is_nowhere_alike_says_how_far_it_is(files):
    write_h5("best_model.h5", random_network(padding="same"))
    lines = convert(*files).stdout.splitlines()
    assert lines[1].startswith("compared with Keras' network on drawn words: probabilities are at")
    card = Path("model/README.md").read_text(encoding="utf-8")
    assert "get Keras' probabilities" not in card


def test_the_bundle_tells_where_it_came_from(files):
    convert(*files)
    origin = read_bundle(Path("model")).provenance["keras"]
    assert ("best_model.h5", "words.json", "2.3.0-tf") == tuple(
        origin[name] for name in ("file", "word_index", "version")
    )
    assert (10, "post", "pre", 7) == tuple(
        origin[name] for name in ("length", "padding", "truncating", "alike_words")
    )
    assert {64} == {len(origin[name]) for name in ("sha256", "word_index_sha256")}
    assert 2 == len(origin["differences"])


def test_the_card_says_how_it_was_made(files, tmp_path):
    convert(*files, "--threshold", 0.4)
    card = (tmp_path / "model/README.md").read_text(encoding="utf-8")
    assert "converted by `emoconv convert` from `best_model.h5`" in card
    assert "Texts of at most 7 words of the index get Keras' probabilities" in card
    assert "- Of texts of more than 10 known words Keras kept the last 10" in card
    assert "Every label has the threshold 0.4" in card


def test_the_posts_threshold_is_the_default(files):
    convert(*files)
    assert [np.float32(0.25)] * 28 == EmotionDetector.load("model").thresholds.tolist()
    assert GOEMOTIONS.names == EmotionDetector.load("model").labels


@pytest.mark.parametrize("content", ["joy\n\n anger \n", '["joy", "anger"]'])
def test_labels_may_be_given(files, tmp_path, content):
    write_h5("best_model.h5", random_network(labels=2))
    (tmp_path / "labels").write_text(content, encoding="utf-8")
    assert 0 == convert(*files, "--labels", "labels").exit_code
    assert ("joy", "anger") == EmotionDetector.load("model").labels


@pytest.mark.parametrize("content", ["joy\njoy\n", '["joy", 3]', "[", "", b"\xff"])
def test_a_list_of_labels_that_is_none_is_refused(files, tmp_path, content):
    (tmp_path / "labels").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert "labels: no list of label names: " in error_of(1, *files, "--labels", "labels")


def test_outputs_without_names_are_to_be_named(files):
    write_h5("best_model.h5", random_network(labels=27))
    assert "the network has 27 outputs; name them with --labels" in error_of(2, *files)


def test_the_length_is_asked_for_where_the_file_does_not_tell_it(files):
    def change(model, _):
        config = model["config"]["layers"][0]["config"]
        config.update(input_length=None, batch_input_shape=[None, None])

    write_h5("best_model.h5", random_network(), change=change)
    assert "give --max-length, the maxlen of pad_sequences" in error_of(2, *files)
    assert "up to 9 words" in convert(*files, "--max-length", 12).stdout


def test_a_length_that_is_not_the_networks_is_refused(files):
    expected = "--max-length is 12, and the network was built for texts of 10"
    assert expected in error_of(2, *files, "--max-length", 12)
    assert 0 == convert(*files, "--max-length", LENGTH).exit_code


def test_padding_truncating_and_num_words_are_those_of_keras(files):
    options = ("--padding", "pre", "--truncating", "post", "--num-words", 31)
    assert "30 words" in convert(*files, *options).stdout
    bundle = EmotionDetector.load("model").bundle
    assert LENGTH == bundle.config.text.max_tokens
    assert ("pre", "post") == tuple(
        bundle.provenance["keras"][name] for name in ("padding", "truncating")
    )


def test_a_model_that_is_there_is_replaced_only_if_that_is_asked(files):
    convert(*files)
    assert "model is there already; --overwrite replaces it" in error_of(1, *files)
    assert 0 == convert(*files, "--overwrite").exit_code


@pytest.mark.parametrize("broken", ["best_model.h5", "words.json"])
def test_nothing_is_written_of_files_that_are_not_what_they_should_be(files, tmp_path, broken):
    (tmp_path / broken).write_text("?")
    assert f"{broken}: not a" in error_of(1, *files)
    assert {"best_model.h5", "words.json"} == {path.name for path in tmp_path.iterdir()}


def test_the_posts_own_index_is_read(files):
    index = {**{f"w{i}": i for i in range(1, 41)}, None: 41}
    write_words("words.json", json.dumps(index))
    assert convert(*files).stdout.startswith("model: 28 labels, 40 words\n")
