"""A GPU learns what the processor learns; skipped where there is none."""

import numpy as np
import pytest
import torch

from emoconv.bundle import read_bundle
from emoconv.train.loop import predict_logits
from emoconv.train.network import network_of
from emoconv.train.pipeline import preparation_of, train_network
from emoconv.train.placement import Placement
from trainings import Silent, small_config, train_small, weather

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")

PROCESSOR = Placement()
GPU = Placement(torch.device("cuda"))
NOTHING_DRAWN = ("training.word_dropout=0", "training.feature_dropout=0")


def trained(placement, *settings):
    data = weather(300)
    return train_network(
        data,
        weather(100, seed=1),
        config=small_config(*NOTHING_DRAWN, *settings),
        observer=Silent(),
        preparation=preparation_of(data),
        placement=placement,
    )


def test_where_nothing_is_drawn_both_learn_the_same_weights():
    one, other = trained(PROCESSOR), trained(GPU)
    for name, expected in one.network.state_dict().items():
        torch.testing.assert_close(
            other.network.state_dict()[name], expected, atol=2e-3, rtol=1e-3, msg=name
        )
    for row, expected in zip(other.history, one.history, strict=True):
        assert expected["train_loss"] == pytest.approx(row["train_loss"], abs=1e-4)


def test_the_network_is_back_in_the_processors_memory():
    assert {"cpu"} == {p.device.type for p in trained(GPU).network.parameters()}


def test_bfloat16_learns_as_well():
    last = [trained(GPU, f"training.precision={p}").history[-1] for p in ("float32", "bfloat16")]
    assert last[0]["dev_loss"] == pytest.approx(last[1]["dev_loss"], abs=0.02)


def test_a_gpu_says_of_texts_what_the_processor_says(tiny_bundle):
    bundle = read_bundle(tiny_bundle)
    encoded = trained(PROCESSOR).encoded_dev
    network = network_of(bundle)
    encoded = type(encoded)(encoded.ids % len(bundle.vocabulary), encoded.offsets)
    expected = predict_logits(network, encoded)
    found = predict_logits(network.to(GPU.device), encoded, GPU)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_run_that_was_cut_off_goes_on_with_the_same_numbers(tmp_path):
    settings = ("training.feature_dropout=0.3", "training.epochs=4")
    whole = train_small(weather(300), weather(100, seed=1), *settings, placement=GPU)
    heard = Silent()
    heard.epoch = lambda row: (
        (_ for _ in ()).throw(KeyboardInterrupt) if row["epoch"] == 2 else None
    )
    path = tmp_path / "checkpoint"
    with pytest.raises(KeyboardInterrupt):
        train_small(
            *(weather(300), weather(100, seed=1), *settings),
            observer=heard,
            checkpoint_path=path,
            placement=GPU,
        )
    rest = train_small(
        *(weather(300), weather(100, seed=1), *settings), checkpoint_path=path, placement=GPU
    )
    for name, weights in whole.weights.items():
        np.testing.assert_allclose(rest.weights[name], weights, atol=1e-4)
