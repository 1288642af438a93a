"""Weights in the files of another program."""

from __future__ import annotations

import random
import zipfile

import pytest
import torch
from torch import nn

from support.mutants import mutate_bytes
from wmframe.errors import CheckpointError, MissingError, UsageError
from wmframe.interfaces import Layout
from wmframe.training.checkpoint import newest_checkpoint, read_weights, save_weights
from wmframe.training.layouts import read_layout, read_tensors, write_layout


class Shouting(Layout):
    """Names are ours in capitals, in ``w.pt``; each also stands there as its copy."""

    def names(self, file, names):
        known = [name for name in names if name.isupper()]
        return {name: name.removeprefix("COPY_").lower() for name in known}

    def files(self, names):
        found = {name.upper(): name for name in names if name.islower()}
        return {"w.pt": found} if found else {}

    def derive(self, weights):
        return {"count": torch.tensor(len(weights))}


def test_what_was_written_comes_back(tmp_path):
    weights = {"a": torch.randn(2, 3).t(), "b": torch.arange(3), "Odd": torch.ones(1)}
    exported = write_layout(weights, Shouting(), tmp_path, partial=True)
    assert (exported.counts, exported.lost) == ({"w.pt": 2}, ("Odd",))
    imported = read_layout(tmp_path, Shouting())
    assert torch.equal(imported.weights["a"], weights["a"])
    assert imported.weights["b"].dtype == torch.int64
    assert imported.derived == ("count",)
    assert not imported.odd


def test_what_the_layout_has_no_place_for_is_not_dropped_unasked(tmp_path):
    weights = {"a": torch.ones(1), "Odd": torch.ones(1), "count": torch.tensor(1)}
    with pytest.raises(UsageError, match=r"no place for\n  Odd\n") as caught:
        write_layout(weights, Shouting(), tmp_path / "new")
    assert "--partial" in caught.value.hint
    assert not (tmp_path / "new").exists()
    exported = write_layout(weights, Shouting(), tmp_path / "new", partial=True)
    assert (exported.counts, exported.lost) == ({"w.pt": 2}, ("Odd",))


def test_names_that_do_not_match_are_listed_with_their_file(tmp_path):
    torch.save({"A": torch.ones(1), "huh": torch.ones(1)}, tmp_path / "w.pt")
    imported = read_layout(tmp_path / "w.pt", Shouting())
    assert (imported.odd, imported.counts) == (("w.pt: huh",), {"w.pt": 1})


@pytest.mark.parametrize(("value", "odd"), [(1.0, ()), (2.0, ("w.pt: COPY_A",))])
def test_a_copy_has_to_be_equal(tmp_path, value, odd):
    torch.save({"A": torch.ones(1), "COPY_A": torch.full((1,), value)}, tmp_path / "w.pt")
    imported = read_layout(tmp_path, Shouting())
    assert imported.odd == odd
    assert float(imported.weights["a"]) == 1.0


def test_a_file_of_another_layout_is_refused(tmp_path):
    torch.save({"huh": torch.ones(1)}, tmp_path / "w.pt")
    with pytest.raises(CheckpointError, match="knows"):
        read_layout(tmp_path, Shouting())
    with pytest.raises(UsageError, match="none of the weights"):
        write_layout({"Huh": torch.ones(1)}, Shouting(), tmp_path)


@pytest.mark.parametrize("content", [nn.Linear(1, 1), [torch.ones(1)], {"a": 1.0}])
def test_whatever_is_no_tensor_by_name_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "w.pt")
    with pytest.raises(CheckpointError, match="something else"):
        read_tensors(tmp_path / "w.pt")


class Trap:
    """Writes a file when it is unpickled carelessly."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_nothing_in_a_file_is_executed(tmp_path):
    torch.save({"A": Trap(tmp_path / "sprung")}, tmp_path / "w.pt")
    with pytest.raises(CheckpointError) as caught:
        read_tensors(tmp_path / "w.pt")
    assert not (tmp_path / "sprung").exists()
    assert "weights_only" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 half a file"])
def test_a_damaged_file_is_named(tmp_path, content):
    (tmp_path / "w.pt").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"w\.pt is damaged"):
        read_tensors(tmp_path / "w.pt")


def test_a_folder_without_files_is_missing(tmp_path):
    with pytest.raises(MissingError):
        read_layout(tmp_path, Shouting())


def test_saved_weights_are_a_whole_checkpoint(tmp_path):
    path = tmp_path / "deep" / "start"
    save_weights(path, {"a": torch.ones(2)})
    assert newest_checkpoint(path) == path
    assert torch.equal(read_weights(path)["a"], torch.ones(2))
    assert [p.name for p in path.parent.iterdir()] == ["start"]
    with pytest.raises(UsageError, match="there already"):
        save_weights(path, {})


def old_format(path):
    torch.save({"A": torch.ones(3)}, path, _use_new_zipfile_serialization=False)


def packed(path):
    torch.save({"A": torch.zeros(100_000)}, path)
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)


def endless_view(path):
    torch.save({"A": torch.ones(1).expand(2**40)}, path)


def sparse(path):
    size = (2**20, 2**20)
    torch.save({"A": torch.sparse_coo_tensor([[0], [1]], [1.0], size, check_invariants=True)}, path)


def nowhere(path):
    torch.save({"A": torch.ones(2**40, device="meta")}, path)


@pytest.mark.parametrize("make", [old_format, packed, endless_view, sparse, nowhere])
def test_what_claims_more_than_its_file_holds_is_refused(tmp_path, make):
    make(tmp_path / "w.pt")
    with pytest.raises(CheckpointError, match=r"w\.pt"):
        read_tensors(tmp_path / "w.pt")


def test_mutants_are_named_or_read(tmp_path):
    torch.save({"A": torch.ones(3), "B": torch.ones(2, 2)}, tmp_path / "good.pt")
    content, path, draw = (tmp_path / "good.pt").read_bytes(), tmp_path / "w.pt", random.Random(0)
    for _ in range(150):
        path.write_bytes(mutate_bytes(content, draw))
        try:
            read_tensors(path)
        except CheckpointError as error:
            assert "w.pt" in error.message
