import json

import pytest

from emoconv.config import Config, to_dict
from emoconv.errors import ConfigError, DataNotFoundError
from emoconv.train import load_recipe, override, recipe_names


def test_the_package_holds_three_recipes():
    assert ("blog", "default", "small") == recipe_names()


def test_the_blog_recipe_is_the_posts():
    config = load_recipe("blog")
    text, model, training = config.text, config.model, config.training
    assert ("plain", 9000, 20) == (text.tokenizer, text.max_words, text.max_tokens)
    assert (300, (3,), 256, 112) == (
        model.embedding_width,
        model.kernel_widths,
        model.filters,
        model.hidden,
    )
    assert (15, 100, 2e-4, 2e-4) == (
        training.epochs,
        training.batch_size,
        training.learning_rate,
        training.embedding_learning_rate,
    )
    assert (0.0, 0.0, 0.2, 0.0) == (
        training.word_dropout,
        training.embedding_dropout,
        training.feature_dropout,
        training.hidden_dropout,
    )
    assert ("loss", 2, "shared-micro") == (
        training.monitor,
        training.patience,
        training.threshold_rule,
    )


def test_an_unknown_recipe_says_what_may_have_been_meant():
    with pytest.raises(ConfigError) as caught:
        load_recipe("blogg")
    message = (
        "no recipe 'blogg'; did you mean 'blog'? (known: blog, default, small; or give a .json"
    )
    assert f"{message} file)" == str(caught.value)


def test_a_recipe_is_read_from_a_file(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(to_dict(override(Config(), ["model.filters=3"]))))
    assert 3 == load_recipe(str(path)).model.filters


def test_a_recipe_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"none\.json: no such recipe file"):
        load_recipe(str(tmp_path / "none.json"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{\n"text": }', ":2: not JSON: Expecting value"),
        (b"\xff\xfe{", ": not UTF-8 text; expected a recipe as JSON"),
    ],
)
def test_a_recipe_file_that_is_not_json_is_named(tmp_path, content, message):
    path = tmp_path / "mine.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_recipe(str(path))
    assert f"{path}{message}" == str(caught.value)


@pytest.mark.parametrize(
    ("setting", "part", "name", "value"),
    [
        ("training.epochs=3", "training", "epochs", 3),
        ("text.tokenizer=plain", "text", "tokenizer", "plain"),
        ('text.tokenizer="plain"', "text", "tokenizer", "plain"),
        ("model.kernel_widths=[2, 5]", "model", "kernel_widths", (2, 5)),
        ("model.hidden=null", "model", "hidden", None),
        ("training.learning_rate=1e-4", "training", "learning_rate", 1e-4),
    ],
)
def test_a_setting_is_replaced(setting, part, name, value):
    assert value == getattr(getattr(override(Config(), [setting]), part), name)


def test_a_later_setting_wins_and_the_rest_stays():
    config = override(load_recipe("blog"), ["training.seed=1", "training.seed=2"])
    assert (2, 256) == (config.training.seed, config.model.filters)


@pytest.mark.parametrize("setting", ["epochs=3", "training.epochs", "", "="])
def test_a_setting_of_another_form_is_refused(setting):
    with pytest.raises(ConfigError) as caught:
        override(Config(), [setting])
    assert f"setting {setting!r} is not of the form part.name=value" == str(caught.value)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("training.epoch=3", "unknown setting training.epoch; did you mean 'epochs'?"),
        ("trainin.epochs=3", "unknown setting trainin; did you mean 'training'?"),
        ("training.epochs=many", "training.epochs is 'many'; expected a whole number"),
        ("training.epochs=0", "training.epochs is 0; expected at least 1"),
    ],
)
def test_a_wrong_setting_is_refused(setting, message):
    with pytest.raises(ConfigError) as caught:
        override(Config(), [setting])
    assert str(caught.value).startswith(message)
