import json

import pytest

from emoconv.config import Config, ModelConfig, TextConfig, TrainingConfig
from emoconv.errors import ConfigError, DataNotFoundError
from emoconv.train import load_recipe, recipe_names
from emoconv.tuning.parameters import Choices, Range, shown
from emoconv.tuning.space import default_space_text, read_space

RATE = "training.learning_rate"


@pytest.fixture
def write(tmp_path):
    def write_file(content, name="space.toml"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write_file


@pytest.fixture
def read(write):
    """The space of a file around the default config."""

    def read_file(content, name="space.toml"):
        return read_space(Config(), write(content, name))

    return read_file


@pytest.mark.parametrize("recipe", recipe_names())
def test_every_recipe_lies_in_the_packages_space(recipe):
    config = load_recipe(recipe)
    start, space, _ = read_space(config)
    assert config == start == space.applied(config, space.values_of(config))
    for name, value in space.values_of(config).items():
        assert space.parameters[name].holds(value), name


def test_the_packages_space_says_why_of_each_setting():
    _, space, notes = read_space(load_recipe("small"))
    assert [] == notes
    assert 10 == len(space.parameters)
    assert all(parameter.why for parameter in space.parameters.values())


def test_the_packages_space_may_be_a_users_file(read):
    assert read_space(load_recipe("small"))[1].parameters.keys() == (
        read(default_space_text())[1].parameters.keys()
    )


def test_the_packages_space_is_widened_to_hold_the_recipe():
    config = Config(training=TrainingConfig(learning_rate=0.05, batch_size=100))
    _, space, notes = read_space(config)
    assert (0.0002, 0.05) == (space.parameters[RATE].low, space.parameters[RATE].high)
    assert 100 in space.parameters["training.batch_size"].values
    assert (
        "training.learning_rate is searched from 0.0002 to 0.05, log scale, to hold the recipe's "
        "0.05" in notes
    )


def test_what_no_range_can_hold_is_left_alone():
    config = Config(
        model=ModelConfig(filters=100), training=TrainingConfig(embedding_learning_rate=0)
    )
    _, space, notes = read_space(config)
    assert not {"model.filters", "training.embedding_learning_rate"} & space.parameters.keys()
    assert [
        "model.filters stays 100, which 64 to 512, step 64 has no place for",
        (
            "training.embedding_learning_rate stays 0, which 0.0002 to 0.008, log scale has no "
            "place for"
        ),
    ] == notes


def test_a_file_narrows(read):
    _, space, _ = read("[training]\nlearning_rate = { high = 0.002 }")
    assert (
        Range(low=0.0002, high=0.002, scale="log", why=space.parameters[RATE].why)
        == (space.parameters[RATE])
    )


def test_a_file_fixes_a_setting_in_the_recipe_too(read):
    start, space, notes = read("[training]\nepochs = 4\nlearning_rate = 0.003")
    assert (4, 0.003) == (start.training.epochs, start.training.learning_rate)
    assert RATE not in space.parameters
    assert ["training.epochs is 4 in every trial", f"{RATE} is 0.003 in every trial"] == notes


def test_a_file_extends(read):
    _, space, _ = read({"model": {"hidden": {"choices": [None, 64]}}}, "space.json")
    assert Choices(values=(None, 64)) == space.parameters["model.hidden"]
    assert RATE in space.parameters


def test_a_file_says_what_alone_is_searched(read):
    _, space, _ = read(f'search = ["{RATE}"]\n[training]\npatience = {{ low = 1, high = 9 }}')
    assert [RATE] == list(space.parameters)


def test_choices_are_as_their_setting_has_them(write):
    config = Config(training=TrainingConfig(learning_rate=1.0))
    path = write({"training": {"learning_rate": {"choices": [1, 0.5]}}}, "space.json")
    _, space, _ = read_space(config, path)
    assert "[1.0, 0.5]" == json.dumps(space.parameters[RATE].values)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[trainig]\nx = 1", "unknown part trainig; did you mean 'training'? (known: text, model"),
        ("[training]\nlearning_rat = 1", "unknown setting training.learning_rat; did you mean 'tr"),
        ("training = 1", "training is 1; expected a table of settings"),
        ("[training]\nepochs = 0", "training.epochs is 0; expected at least 1"),
        (
            "[training]\nlearning_rate = { hihg = 1 }",
            f"{RATE}: unknown field hihg; did you mean 'h",
        ),
        ("[training]\nepochs = { high = 3 }", "training.epochs: expected low and high, or choices"),
        (
            "[training]\nlearning_rate = { low = 1, high = 'a' }",
            f"{RATE}: high is 'a'; expected a n",
        ),
        (
            "[text]\nmin_count = { high = 2.5 }",
            "text.min_count: high is 2.5; expected a whole numb",
        ),
        (
            "[text]\nmin_count = { high = true }",
            "text.min_count: high is True; expected a whole nu",
        ),
        (
            "[text]\ntokenizer = { low = 1, high = 2 }",
            "text.tokenizer is no number; give choices in",
        ),
        ("[training]\nlearning_rate = { low = 0.1, high = 0.01 }", "low is 0.1 and high is 0.01"),
        (
            "[training]\nlearning_rate = { low = 0 }",
            "low is 0.0; expected a number above 0 on a lo",
        ),
        ("[training]\nlearning_rate = { step = 0.1 }", "a log scale has no step; leave one out"),
        (
            "[training]\nlearning_rate = { scale = 'lin' }",
            "scale is 'lin'; expected 'linear' or 'l",
        ),
        ("[training]\nword_dropout = { step = 0.4 }", "step is 0.4; expected one that leads from "),
        (
            "[training]\nword_dropout = { step = -0.1 }",
            "step is -0.1; expected one that leads from",
        ),
        (
            "[training]\nword_dropout = { high = 1.5 }",
            "word_dropout is 1.5; expected at least 0 an",
        ),
        ("[training]\nbatch_size = { choices = [64] }", "choices are [64]; expected two or more"),
        ("[training]\nbatch_size = { choices = [64, 64] }", "expected each of them once"),
        ("[training]\nbatch_size = { choices = 64 }", "expected choices, a list, and at most why"),
        ("[training]\nbatch_size = { choices = [1, 2], low = 1 }", "expected choices, a list, and"),
        (
            "[training]\nmonitor = { choices = ['loss', 'f1'] }",
            "training.monitor is 'f1'; expected",
        ),
        (
            "[training]\nlearning_rate = { low = 0.002 }",
            "is searched in 0.002 to 0.008, log scale,",
        ),
        ("[training]\nseed = { low = 0, high = 9 }", "training.seed is not searched: a lucky seed"),
        ("search = 'all'", "search is 'all'; expected a list of settings"),
        ("search = [1]", "search is [1]; expected a list of settings"),
        ("search = []", "nothing is left to search; expected one setting or more"),
        ("search = ['training.epochs']", "search names training.epochs, of which no range is kn"),
        (
            f"search = ['{RATE}']\n[training]\nlearning_rate = 0.001",
            f"{RATE} is fixed at 0.001 and in search",
        ),
        ("a = = 1", "not TOML: "),
    ],
)
def test_a_mistake_names_the_file_and_the_key(read, tmp_path, content, message):
    with pytest.raises(ConfigError) as caught:
        read(content)
    assert str(caught.value).startswith(f"{tmp_path / 'space.toml'}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [("{\n1", "space.json:2: not JSON: "), ("[]", "space.json: []; expected an object of text")],
)
def test_a_json_file_that_is_none_is_named(read, content, message):
    with pytest.raises(ConfigError) as caught:
        read(content, "space.json")
    assert message in str(caught.value)


def test_a_file_that_is_not_text_is_named(tmp_path):
    path = tmp_path / "space.toml"
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"space\.toml: not UTF-8 text"):
        read_space(Config(), path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataNotFoundError, match=r"none\.toml: no such file of a search space"):
        read_space(Config(), tmp_path / "none.toml")


def test_a_recipe_outside_a_users_choices_is_told_what_to_do(read):
    with pytest.raises(ConfigError) as caught:
        read("[text]\ntokenizer = { choices = ['plain', 'rich'] }\nmin_count = { low = 3 }")
    assert (
        "text.min_count is searched in 3 to 5, and the recipe to begin from has 2; widen it, or "
        "change the recipe: --set text.min_count=VALUE" in str(caught.value)
    )


def test_a_range_of_a_setting_that_may_be_null_needs_a_number_to_begin_from(write):
    path = write("[text]\nmax_tokens = { low = 5, high = 30 }")
    with pytest.raises(ConfigError, match="the recipe to begin from has null"):
        read_space(Config(), path)
    config = Config(text=TextConfig(max_tokens=20))
    assert "text.max_tokens" in read_space(config, path)[1].parameters


@pytest.mark.parametrize(
    ("parameter", "inside", "outside"),
    [
        (Range(low=1, high=5), [1, 3, 5], [0, 6, True, None, "3"]),
        (Range(low=64, high=512, step=64), [64, 448], [100, 32]),
        (Range(low=0.1, high=0.5, step=0.1), [0.1, 0.3, 0.5], [0.25]),
        (Choices(values=(None, [1, 2], 3)), [None, [1, 2], 3], [[2, 1], 1]),
    ],
)
def test_a_parameter_holds_its_values(parameter, inside, outside):
    assert all(parameter.holds(value) for value in inside)
    assert not any(parameter.holds(value) for value in outside)


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (Range(low=1, high=5), "1 to 5"),
        (Range(low=0.0002, high=0.008, scale="log"), "0.0002 to 0.008, log scale"),
        (Range(low=64, high=512, step=64), "64 to 512, step 64"),
        (Choices(values=(None, True, [1, 2], "rich")), "null, true, [1, 2], rich"),
    ],
)
def test_a_parameter_is_said_in_words(parameter, text):
    assert text == str(parameter)


def test_widened_choices_hold_a_value_once():
    choices = Choices(values=(1, 2))
    assert choices is choices.widened(2)
    assert (1, 2, None) == choices.widened(None).values


def test_numbers_are_shown_with_three_digits():
    assert ["0.00123", "12345", "false"] == [shown(0.0012345), shown(12345), shown(False)]
