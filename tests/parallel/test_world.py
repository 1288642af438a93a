"""Who is who, without other processes."""

from __future__ import annotations

import pytest
import torch

from wmframe.errors import UsageError
from wmframe.parallel import collectives
from wmframe.parallel.launch import joined, own_device
from wmframe.parallel.world import World, entered, is_main, per_rank, rank, single_process, size
from wmframe.training.rng import process_seed

LAUNCHED = {
    "RANK": "5",
    "WORLD_SIZE": "8",
    "LOCAL_RANK": "1",
    "MASTER_ADDR": "localhost",
    "MASTER_PORT": "1",
}


def test_the_launcher_says_who_a_process_is():
    assert World.launched(LAUNCHED) == World(rank=5, size=8, local=1)
    for name in LAUNCHED:
        partly = {key: value for key, value in LAUNCHED.items() if key != name}
        assert World.launched(partly) == World()


def test_without_a_launcher_nothing_is_joined_and_nothing_changes(monkeypatch):
    for name in LAUNCHED:
        monkeypatch.delenv(name, raising=False)
    x = torch.ones(2, requires_grad=True)
    with joined():
        assert (rank(), size(), is_main()) == (0, 1, True)
        assert collectives.mean(x) is x
        assert collectives.gather_rows(x) is x
        assert collectives.gather("a") == ["a"]
        assert collectives.broadcast_object("a") == "a"
        assert collectives.all_reduce_sum([1, 2.5]) == [1, 2.5]
        assert collectives.all_true(True)
        assert not collectives.all_true(False)
        collectives.barrier()
    assert not torch.distributed.is_initialized()


def test_a_process_may_compute_by_itself_for_a_while():
    with entered(World(1, 2)):
        with single_process():
            assert (rank(), size()) == (0, 1)
        assert (rank(), size()) == (1, 2)
    assert size() == 1


def test_what_cannot_be_divided_is_refused_with_a_number_that_can():
    with entered(World(1, 3)):
        assert per_rank(6, "batch") == 2
        with pytest.raises(UsageError, match=r"batch is 7(.|\n)*multiple of 3"):
            per_rank(7, "batch")


def test_each_process_takes_a_gpu_of_its_own(monkeypatch):
    chosen = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    assert own_device("cuda:1") == "cuda:1"
    with entered(World(3, 4, local=1)):
        assert own_device("cpu") == "cpu"
        assert own_device("cuda") == "cuda:1"
        assert chosen == [1]
        with pytest.raises(UsageError, match="a GPU of its own"):
            own_device("cuda:0")
    with entered(World(2, 4, local=2)), pytest.raises(UsageError, match="there are 2"):
        own_device("cuda")


def test_the_first_process_draws_what_a_single_one_draws():
    seeds = set()
    for number in range(3):
        with entered(World(number, 3)):
            seeds |= {process_seed(7), process_seed(7, 100)}
    assert process_seed(7) == 7
    assert len(seeds) == 6
