import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoconv.config import Config, ModelConfig, TextConfig, TrainingConfig, from_dict, to_dict
from emoconv.errors import ConfigError

PARTS = {"text": TextConfig, "model": ModelConfig, "training": TrainingConfig}

counts = st.integers(1, 10**6)
shares = st.floats(0, 1, exclude_max=True)
configs = st.builds(
    Config,
    text=st.builds(
        TextConfig,
        tokenizer=st.sampled_from(["rich", "plain"]),
        min_count=counts,
        max_words=st.none() | counts,
        max_tokens=st.none() | counts,
    ),
    model=st.builds(
        ModelConfig,
        embedding_width=counts,
        kernel_widths=st.lists(counts, min_size=1, max_size=4, unique=True).map(tuple),
        filters=counts,
        hidden=st.none() | counts,
    ),
    training=st.builds(
        TrainingConfig,
        epochs=counts,
        batch_size=counts,
        learning_rate=st.floats(0, 1, exclude_min=True),
        embedding_learning_rate=st.floats(0, 1),
        word_dropout=shares,
        embedding_dropout=shares,
        feature_dropout=shares,
        hidden_dropout=shares,
        monitor=st.sampled_from(["loss", "micro_f1", "macro_f1", "average_precision"]),
        patience=counts,
        threshold_rule=st.sampled_from(
            ["shared-micro", "shared-macro", "per-label", "per-label-balanced"]
        ),
        seed=st.integers(0, 2**63 - 1),
    ),
)


def message(part, name, value):
    with pytest.raises(ConfigError) as caught:
        from_dict(Config, {part: {name: value}})
    return str(caught.value)


@pytest.mark.parametrize(
    ("part", "name", "value", "expected"),
    [
        ("text", "min_count", 0, "at least 1"),
        ("text", "max_words", 0, "at least 1, or null"),
        ("text", "max_tokens", -1, "at least 1, or null"),
        ("text", "tokenizer", "poor", "one of 'rich', 'plain'"),
        ("model", "embedding_width", 0, "at least 1"),
        ("model", "filters", 0, "at least 1"),
        ("model", "hidden", 0, "1 or more, or null"),
        ("training", "epochs", 0, "at least 1"),
        ("training", "batch_size", 0, "at least 1"),
        ("training", "patience", 0, "at least 1"),
        ("training", "learning_rate", 0.0, "above 0 and at most 1"),
        ("training", "learning_rate", 1.5, "above 0 and at most 1"),
        ("training", "embedding_learning_rate", -0.1, "between 0 and 1"),
        ("training", "word_dropout", 1.0, "at least 0 and below 1"),
        ("training", "embedding_dropout", -0.5, "at least 0 and below 1"),
        ("training", "feature_dropout", 1.0, "at least 0 and below 1"),
        ("training", "hidden_dropout", 2.0, "at least 0 and below 1"),
        ("training", "seed", -1, "between 0 and 2**63 - 1"),
        ("training", "seed", 2**63, "between 0 and 2**63 - 1"),
    ],
)
def test_a_value_out_of_range_is_refused_with_its_name_and_range(part, name, value, expected):
    assert f"{part}.{name} is {value!r}; expected {expected}" == message(part, name, value)


@pytest.mark.parametrize("widths", [[], [1, 1], [0, 1]])
def test_kernel_widths_are_distinct_and_at_least_1(widths):
    expected = f"model.kernel_widths is {tuple(widths)}; expected distinct widths of at least 1"
    assert expected == message("model", "kernel_widths", widths)


def test_not_a_number_is_no_rate():
    assert "training.learning_rate is nan" in message("training", "learning_rate", math.nan)


@pytest.mark.parametrize(
    ("part", "name", "value", "expected"),
    [
        ("model", "filters", True, "a whole number"),
        ("model", "filters", "8", "a whole number"),
        ("model", "filters", 8.0, "a whole number"),
        ("model", "filters", None, "a whole number"),
        ("model", "hidden", "no", "a whole number"),
        ("model", "kernel_widths", 3, "a list"),
        ("model", "kernel_widths", "123", "a list"),
        ("training", "learning_rate", True, "a number"),
        ("training", "learning_rate", "fast", "a number"),
        ("training", "learning_rate", None, "a number"),
        ("training", "monitor", None, "one of 'loss', 'micro_f1', 'macro_f1', 'average_precision'"),
        ("text", "tokenizer", ["rich"], "one of 'rich', 'plain'"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(part, name, value, expected):
    assert f"{part}.{name} is {value!r}; expected {expected}" == message(part, name, value)


def test_a_wrong_width_in_the_list_is_refused():
    assert "model.kernel_widths is '2'; expected a whole number" == message(
        "model", "kernel_widths", [1, "2"]
    )


@pytest.mark.parametrize("value", [None, 3, [], "rich"])
def test_a_part_that_is_no_object_is_refused(value):
    with pytest.raises(ConfigError, match=r"text is .*; expected an object"):
        from_dict(Config, {"text": value})


def test_a_config_that_is_no_object_is_refused():
    with pytest.raises(ConfigError, match=r"^the config is \[\]; expected an object$"):
        from_dict(Config, [])


def test_an_unknown_setting_says_what_may_have_been_meant():
    assert message("training", "epoch", 3).startswith(
        "unknown setting training.epoch; did you mean 'epochs'? (known here: epochs, batch_size, "
    )


def test_an_unknown_part_says_what_is_known():
    with pytest.raises(ConfigError) as caught:
        from_dict(Config, {"zzz": {}})
    assert "unknown setting zzz (known here: text, model, training)" == str(caught.value)


def test_a_whole_number_is_a_rate():
    rate = from_dict(TrainingConfig, {"learning_rate": 1}).learning_rate
    assert (1.0, float) == (rate, type(rate))


def test_what_is_absent_takes_its_default():
    assert Config() == from_dict(Config, {"text": {}})


@given(configs)
def test_a_config_comes_back_from_json(config):
    assert config == from_dict(Config, json.loads(json.dumps(to_dict(config))))


def test_what_a_bundle_of_format_1_leaves_out_is_as_it_was_then():
    config = from_dict(Config, {})
    assert ("float16", 256) == (config.model.embedding_storage, config.model.filters)
    assert ("constant", "float32") == (config.training.schedule, config.training.precision)
    assert (15, 128, 1e-3) == (
        config.training.epochs,
        config.training.batch_size,
        config.training.learning_rate,
    )
