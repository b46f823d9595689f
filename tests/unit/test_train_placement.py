import numpy as np
import pytest
import torch

from emoconv.errors import ConfigError, DataError
from emoconv.train.placement import Placement, find_device, placed
from trainings import train_small, weather


@pytest.fixture
def gpus(monkeypatch):
    """Make torch say that it finds so many GPUs."""

    def there(count):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)

    return there


@pytest.mark.parametrize(
    ("count", "name", "expected"),
    [(0, "auto", "cpu"), (2, "auto", "cuda"), (2, "cpu", "cpu"), (2, "cuda:1", "cuda:1")],
)
def test_a_gpu_is_taken_where_there_is_one_unless_another_device_is_named(
    gpus, count, name, expected
):
    gpus(count)
    assert torch.device(expected) == find_device(name)


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:-1", "cpu:0", "mps"])
def test_another_name_is_no_device(gpus, name):
    gpus(1)
    with pytest.raises(
        ConfigError, match=f"^device '{name}' is none of auto, cpu, cuda and cuda:N"
    ):
        find_device(name)


@pytest.mark.parametrize(("count", "name"), [(0, "cuda"), (0, "cuda:0"), (1, "cuda:1")])
def test_a_gpu_that_is_not_there_is_said_to_be_missing(gpus, count, name):
    gpus(count)
    with pytest.raises(ConfigError, match=rf"^device {name} is not there: .* finds {count} GPUs"):
        find_device(name)


def test_without_torchrun_a_process_is_alone(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")  # other launchers set it as well
    with placed("cpu") as placement:
        assert Placement() == placement
        assert placement.is_first
        placement.wait()  # for nobody


@pytest.mark.parametrize(("device", "local_rank"), [("auto", "1"), ("cuda:0", "0")])
def test_each_process_of_torchrun_wants_a_gpu_of_its_own(gpus, monkeypatch, device, local_rank):
    gpus(1)
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "run")
    monkeypatch.setenv("LOCAL_RANK", local_rank)
    with pytest.raises(ConfigError, match=f"process {local_rank} here, --device is {device}, and"):
        placed(device).__enter__()


def test_a_process_of_torchrun_takes_the_gpu_of_its_number(gpus, monkeypatch):
    gpus(2)
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "run")
    monkeypatch.setenv("LOCAL_RANK", "1")
    taken, backends = [], []
    monkeypatch.setattr(torch.cuda, "set_device", taken.append)
    distributed = "emoconv.train.placement.distributed."
    monkeypatch.setattr(distributed + "init_process_group", lambda b, **_: backends.append(b))
    monkeypatch.setattr(distributed + "get_rank", lambda: 3)
    monkeypatch.setattr(distributed + "get_world_size", lambda: 4)
    monkeypatch.setattr(distributed + "destroy_process_group", lambda: backends.append("gone"))
    with placed() as placement:
        assert Placement(torch.device("cuda", 1), 3, 4) == placement
        assert not placement.is_first
    assert ([torch.device("cuda", 1)], ["nccl", "gone"]) == (taken, backends)


def test_processes_draw_other_numbers_in_each_epoch_and_the_same_ones_when_they_go_on():
    def drawn(epoch, rank):
        Placement(rank=rank, world_size=2).seed(7, epoch)
        return torch.rand(1).item()

    with torch.random.fork_rng(devices=[]):
        numbers = [drawn(epoch, rank) for epoch in (0, 1) for rank in (0, 1)]
        assert 4 == len(set(numbers))
        assert numbers[3] == drawn(1, 1)


def test_alone_on_a_processor_the_generator_is_left_as_it_was():
    before = torch.get_rng_state()
    Placement().seed(0, 3)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(("others", "expected"), [(1.0, True), (0.0, False)])
def test_processes_agree_where_all_say_the_same(monkeypatch, others, expected):
    monkeypatch.setattr(
        "emoconv.train.placement.distributed.all_reduce", lambda tensor: tensor.add_(others)
    )
    assert Placement(world_size=2).agrees(True) is expected
    assert Placement(world_size=2).agrees(False) is (not others)


def test_a_checkpoint_that_some_processes_lack_is_not_gone_on_from(monkeypatch, tmp_path):
    monkeypatch.setattr(Placement, "agrees", lambda _placement, _fact: False)
    path = tmp_path / "model.checkpoint"
    message = f"^{path}: only some of the processes find this checkpoint; put --output where"
    with pytest.raises(DataError, match=message):
        train_small(weather(40), weather(20, seed=1), checkpoint_path=path, placement=Placement())


@pytest.fixture
def twin(monkeypatch):
    """Make this the first of two processes that hold the same."""

    def gather(found, tensor):
        for place in found:
            place.copy_(tensor)

    distributed = "emoconv.train.placement.distributed."
    monkeypatch.setattr(distributed + "all_reduce", lambda tensor: tensor.mul_(2))
    monkeypatch.setattr(distributed + "all_gather", gather)
    return Placement(world_size=2)


def test_gradients_of_all_processes_are_added_up(twin):
    vectors = torch.nn.Embedding(5, 3, sparse=True)
    layer, idle = torch.nn.Linear(3, 2), torch.nn.Parameter(torch.zeros(1))
    layer(vectors(torch.tensor([1, 4, 1]))).square().sum().backward()
    parameters = [vectors.weight, *layer.parameters()]
    before = [parameter.grad.to_dense().clone() for parameter in parameters]

    twin.total_gradients([idle, *parameters])

    assert vectors.weight.grad.is_sparse
    for gradient, parameter in zip(before, parameters, strict=True):
        torch.testing.assert_close(2 * gradient, parameter.grad.to_dense())
    assert idle.grad is None


def test_a_process_without_a_word_adds_nothing(twin):
    vectors, layer = torch.nn.Embedding(5, 3, sparse=True, padding_idx=0), torch.nn.Linear(3, 2)
    layer(vectors(torch.tensor([0, 0]))).sum().backward()
    twin.total_gradients([vectors.weight, *layer.parameters()])
    assert not vectors.weight.grad.to_dense().any()


def test_sums_keep_shape_and_type(twin):
    found = twin.total(np.ones((2, 3), dtype=np.float32))
    assert (np.float32, [[2, 2, 2]] * 2) == (found.dtype, found.tolist())
