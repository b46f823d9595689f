"""Teachers: fine-tuned, asked, distilled, from the command line and from Python."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from emoconv import EmotionDetector
from emoconv.bundle import read_bundle
from emoconv.cli import main
from emoconv.data import read
from emoconv.errors import ConfigError, DataError, DataNotFoundError, LabelError
from emoconv.labels import GOEMOTIONS, LabelSet
from emoconv.train.soft_labels import ask_teachers, soft_labels
from emoconv.train.teacher import BundleTeacher, TransformerTeacher, load_teacher, read_label_map
from teachers import make_encoder
from trainings import SMALL

TEXTS = ["thank you so much", "i hate it", "", "the day was not burning"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return make_encoder(tmp_path_factory.mktemp("encoder") / "bert")


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def finetune(encoder, tiny, output, *more):
    options = ["--base", encoder, "--data", tiny, "--output", output, "--batch-size", 16]
    return run("finetune", *options, *more)


@pytest.fixture(scope="module")
def teacher(encoder, tiny, tmp_path_factory):
    folder = tmp_path_factory.mktemp("teacher") / "teacher"
    result = finetune(encoder, tiny, folder, "--epochs", 2, "--learning-rate", 0.01)
    assert (0, f"{folder}\n") == (result.exit_code, result.stdout)
    return folder


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "small.json"
    path.write_text(json.dumps(SMALL))
    return path


@pytest.fixture
def unlabelled(tmp_path, tiny):
    """Texts, one of them held out in test.tsv but for case and signs, and a blank line."""
    path = tmp_path / "texts.txt"
    held_out = read(tiny / "test.tsv").texts[0]
    lines = [*TEXTS, held_out.upper() + " !", *(f"so much love {i}" for i in range(20))]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def distill(recipe, tiny, unlabelled):
    def invoke(*arguments):
        common = ["--data", tiny, "--recipe", recipe, "--set", "training.epochs=2"]
        return run("distill", *common, "--texts", unlabelled, *arguments)

    return invoke


def test_fine_tuning_learns_and_says_so_an_epoch_a_line(encoder, tiny, tmp_path):
    result = finetune(encoder, tiny, tmp_path / "t", "--epochs", 3, "--learning-rate", 0.01)
    rows = [line for line in result.stderr.splitlines() if line.startswith("epoch ")]
    losses = [float(row.split("loss ")[1].split(",")[0]) for row in rows]
    assert 3 == len(losses)
    assert losses[2] < losses[0]


def test_fine_tuning_keeps_the_labels_names(teacher):
    config = json.loads((teacher / "config.json").read_text())
    assert list(GOEMOTIONS.names) == list(config["id2label"].values())


def test_fine_tuning_twice_gives_the_same_teacher(encoder, tiny, teacher, tmp_path):
    finetune(encoder, tiny, tmp_path / "t", "--epochs", 2, "--learning-rate", 0.01)
    again = TransformerTeacher(str(tmp_path / "t"), GOEMOTIONS)
    assert TransformerTeacher(str(teacher), GOEMOTIONS).fingerprint == again.fingerprint


def test_fine_tuning_does_not_write_over_a_folder(encoder, tiny, teacher):
    result = finetune(encoder, tiny, teacher)
    assert (2, True) == (result.exit_code, "give --overwrite to replace it" in result.stderr)


def test_an_encoder_that_is_not_there_is_one_line(tiny, tmp_path):
    result = finetune(tmp_path / "nowhere", tiny, tmp_path / "t")
    assert 1 == result.exit_code
    assert "no encoder that transformers can load" in result.stderr
    assert not (tmp_path / "t").exists()


def test_a_teacher_answers_a_text_the_same_in_any_company(teacher):
    classifier = TransformerTeacher(str(teacher), GOEMOTIONS)
    together = classifier.logits(TEXTS)
    assert ((4, 28), np.float32) == (together.shape, together.dtype)
    for row, text in zip(together, TEXTS, strict=True):
        np.testing.assert_allclose(classifier.logits([text])[0], row, atol=0.05)


def test_a_bundle_as_a_teacher_gives_its_own_logits(tiny_bundle):
    detector = EmotionDetector.load(tiny_bundle)
    teacher = load_teacher(str(tiny_bundle), GOEMOTIONS)
    assert isinstance(teacher, BundleTeacher)
    found = detector.bundle.calibration.apply(teacher.logits(TEXTS))
    np.testing.assert_allclose(detector.predict_proba(TEXTS), found, atol=1e-5)


def test_a_teachers_labels_may_come_in_another_order(tiny_bundle):
    turned = LabelSet(tuple(reversed(GOEMOTIONS.names)))
    ours, theirs = (load_teacher(str(tiny_bundle), labels) for labels in (GOEMOTIONS, turned))
    np.testing.assert_array_equal(ours.logits(TEXTS), theirs.logits(TEXTS)[:, ::-1])
    assert ours.fingerprint != theirs.fingerprint


def test_a_label_map_takes_the_largest_of_several(teacher):
    two = LabelSet(("good", "bad"))
    mapping = {"joy": "good", "love": "good", "anger": "bad", "fear": None}
    found = TransformerTeacher(str(teacher), two, label_map=mapping).logits(TEXTS)
    every = TransformerTeacher(str(teacher), GOEMOTIONS).logits(TEXTS)
    joy, love, anger = (every[:, GOEMOTIONS.index(n)] for n in ("joy", "love", "anger"))
    np.testing.assert_array_equal(np.stack([np.maximum(joy, love), anger], axis=1), found)


@pytest.mark.parametrize(
    ("mapping", "error", "message"),
    [
        (None, ConfigError, "has no label for good, bad; it has admiration, amusement"),
        ({"joy": "good"}, ConfigError, "has no label for bad"),
        ({"joi": "good"}, ConfigError, "the label map names joi"),
        ({"joy": "goood"}, LabelError, "did you mean"),
    ],
)
def test_labels_that_do_not_fit_are_one_line(teacher, mapping, error, message):
    with pytest.raises(error) as caught:
        TransformerTeacher(str(teacher), LabelSet(("good", "bad")), label_map=mapping)
    assert message in str(caught.value)


@pytest.mark.parametrize("content", ["[1]", '{"joy": 1}', "{"])
def test_a_label_map_that_is_none_is_one_line(tmp_path, content):
    (tmp_path / "map.json").write_text(content)
    with pytest.raises(DataError) as caught:
        read_label_map(tmp_path / "map.json")
    assert str(caught.value).startswith(f"{tmp_path / 'map.json'}: ")


def test_a_label_map_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(DataNotFoundError):
        read_label_map(tmp_path / "map.json")


def test_a_bundle_takes_no_label_map(tiny_bundle):
    with pytest.raises(ConfigError, match="leave out the label map"):
        load_teacher(str(tiny_bundle), GOEMOTIONS, label_map={"joy": "joy"})


class Counting:
    """A teacher that counts what it is asked; label 0 holds in texts with an x."""

    name, fingerprint, width = "counting", "1", 2

    def __init__(self):
        self.asked = 0

    def logits(self, texts):
        self.asked += len(texts)
        return np.array([[6.0 if "x" in t else -6.0, 0.0] for t in texts], dtype=np.float32)


def test_answers_are_kept_and_not_asked_for_again(tmp_path, monkeypatch):
    monkeypatch.setattr("emoconv.train.soft_labels._SHARD", 2)
    teacher, heard = Counting(), []
    texts = ["x", "a", "b", "c", "x"]
    first = ask_teachers([teacher], texts, cache=tmp_path, on_texts=heard.append)
    again = ask_teachers([teacher], texts, cache=tmp_path)
    np.testing.assert_array_equal(first, again)
    assert (5, [2, 2, 1]) == (teacher.asked, heard)
    np.testing.assert_allclose([0.9975, 0.0025, 0.0025, 0.0025, 0.9975], first[:, 0], atol=1e-3)
    ask_teachers([teacher], [*texts[:4], "new"], cache=tmp_path)
    assert 6 == teacher.asked  # the last shard alone


def test_several_teachers_give_their_mean_log_odds(tmp_path):
    class Other(Counting):
        fingerprint = "2"

        def logits(self, texts):
            return -Counting.logits(self, texts) / 2

    both = ask_teachers([Counting(), Other()], ["x"], cache=tmp_path)
    np.testing.assert_allclose(1 / (1 + np.exp(-(6 - 3) / 2)), both[0, 0], atol=1e-3)


def test_a_scout_finds_the_texts_with_rare_labels(tmp_path):
    texts = [f"{i} x" if i % 10 == 0 else f"{i}" for i in range(200)]
    options = {"train": ["x"], "texts": texts, "rarity": np.array([10.0, 1.0]), "limit": 40}
    soft = soft_labels([Counting()], **options, scout=Counting(), cache=tmp_path)
    assert (40, 40) == (len(soft.texts), len(set(soft.texts)))
    assert 20 == sum("x" in text for text in soft.texts)
    blind = soft_labels([Counting()], **options, cache=tmp_path)
    assert sum("x" in text for text in blind.texts) < 15


def test_distilling_writes_a_model_and_says_what_was_left_out(distill, teacher, tmp_path):
    cache = tmp_path / "answers"
    result = distill("--teacher", teacher, "--output", tmp_path / "m", "--cache", cache)
    assert (0, f"{tmp_path / 'm'}\n") == (result.exit_code, result.stdout)
    assert "left out 1 texts that equal one of dev or test" in result.stderr
    bundle = read_bundle(tmp_path / "m")
    made_by = bundle.provenance["distillation"]
    assert ["teacher"] == [t["name"] for t in made_by["teachers"]]
    assert (23, 2) == (made_by["texts"], len(bundle.history))
    assert "distill" in (tmp_path / "m" / "README.md").read_text()
    assert {"m", "answers", "small.json", "texts.txt"} == {p.name for p in tmp_path.iterdir()}


def test_distilling_from_several_teachers_with_a_limit(distill, teacher, tiny_bundle, tmp_path):
    teachers = ["--teacher", teacher, "--teacher", tiny_bundle, "--scout", tiny_bundle]
    result = distill(*teachers, "--limit", 10, "--output", tmp_path / "m")
    assert 0 == result.exit_code, result.stderr
    made_by = read_bundle(tmp_path / "m").provenance["distillation"]
    assert (10, 2, "bundle") == (
        made_by["texts"],
        len(made_by["teachers"]),
        made_by["scout"]["name"],
    )
    assert (tmp_path / "m.answers").is_dir()


def test_distilling_twice_gives_the_same_model(distill, teacher, tmp_path):
    for name in ("a", "b"):
        distill("--teacher", teacher, "--output", tmp_path / name, "--cache", tmp_path / "c")
    first, second = (read_bundle(tmp_path / name) for name in ("a", "b"))
    for name, array in first.weights.items():
        np.testing.assert_array_equal(array, second.weights[name])


def test_a_teacher_that_is_not_there_is_one_line(distill, tmp_path):
    result = distill("--teacher", tmp_path / "nobody", "--output", tmp_path / "m")
    assert 1 == result.exit_code
    assert 1 == result.stderr.count("emoconv: error: ")
    assert "no sequence classifier that transformers can load" in result.stderr
    assert not (tmp_path / "m").exists()
