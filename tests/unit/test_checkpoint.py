import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from emoconv.errors import DataError
from emoconv.nn import TextCNN
from emoconv.train import checkpoint
from emoconv.train.checkpoint import Progress


@pytest.fixture
def run():
    """A network, its two optimizers two steps old, and the progress."""
    network = TextCNN(torch.randn(6, 3), kernel_widths=(1, 2), filters=2, labels=2)
    dense = [p for name, p in network.named_parameters() if name != "embedding.weight"]
    optimizers = [torch.optim.Adam(dense), torch.optim.SparseAdam([network.embedding.weight])]
    for _ in range(2):
        network(torch.tensor([[1, 2, 3]]), torch.tensor([3])).square().sum().backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
    rng = np.random.default_rng(7)
    rng.random(3)
    progress = Progress("run", 2, 1, [{"epoch": 1.0}], dict(rng.bit_generator.state))
    return network, optimizers, progress


def fresh():
    network = TextCNN(torch.zeros(6, 3), kernel_widths=(1, 2), filters=2, labels=2)
    dense = [p for name, p in network.named_parameters() if name != "embedding.weight"]
    return network, [torch.optim.Adam(dense), torch.optim.SparseAdam([network.embedding.weight])]


def write(path, run):
    network, optimizers, progress = run
    best = {name: tensor + 1 for name, tensor in network.state_dict().items()}
    checkpoint.save(path, progress, network=network, best=best, optimizers=optimizers)
    return best


def error_of(path, run="run"):
    network, optimizers = fresh()
    with pytest.raises(DataError) as caught:
        checkpoint.restore(path, run=run, network=network, optimizers=optimizers)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_run_comes_back_as_it_was(run, tmp_path):
    best = write(tmp_path / "c", run)
    state = torch.get_rng_state()
    torch.rand(5)
    network, optimizers = fresh()
    progress, found = checkpoint.restore(
        tmp_path / "c", run="run", network=network, optimizers=optimizers
    )
    assert run[2] == progress
    torch.testing.assert_close(run[0].state_dict(), network.state_dict(), rtol=0, atol=0)
    torch.testing.assert_close(best, found, rtol=0, atol=0)
    assert torch.equal(state, torch.get_rng_state())
    for expected, actual in zip(run[1], optimizers, strict=True):
        torch.testing.assert_close(
            expected.state_dict()["state"], actual.state_dict()["state"], rtol=0, atol=0
        )


def test_lazy_adam_goes_on_counting_in_whole_numbers(run, tmp_path):
    write(tmp_path / "c", run)
    network, optimizers = fresh()
    checkpoint.restore(tmp_path / "c", run="run", network=network, optimizers=optimizers)
    (state,) = optimizers[1].state_dict()["state"].values()
    assert (2, int) == (state["step"], type(state["step"]))


def test_nothing_unfinished_is_left(run, tmp_path):
    write(tmp_path / "c", run)
    assert ["c"] == [path.name for path in tmp_path.iterdir()]


def test_a_checkpoint_of_another_run_is_refused(run, tmp_path):
    write(tmp_path / "c", run)
    assert (
        f"{tmp_path / 'c'}: a checkpoint of a run with other settings, data or vectors; "
        "give those again, or --restart to start over" == error_of(tmp_path / "c", run="other")
    )


@pytest.mark.parametrize("keep", [0, 5, 100, -1])
def test_a_checkpoint_cut_short_is_refused(run, tmp_path, keep):
    write(tmp_path / "c", run)
    (tmp_path / "c").write_bytes((tmp_path / "c").read_bytes()[:keep])
    message = error_of(tmp_path / "c")
    assert message.startswith(f"{tmp_path / 'c'}: not a checkpoint (")
    assert message.endswith("); --restart starts over")


def test_a_folder_is_no_checkpoint(tmp_path):
    assert "not a checkpoint" in error_of(tmp_path)


@pytest.mark.parametrize("progress", [None, "{", "[]", '{"epochs": 3}'])
def test_safetensors_of_another_kind_are_refused(run, tmp_path, progress):
    write(tmp_path / "c", run)
    metadata = None if progress is None else {"progress": progress}
    save_file(load_file(tmp_path / "c"), tmp_path / "d", metadata=metadata)
    assert "not a checkpoint" in error_of(tmp_path / "d")
