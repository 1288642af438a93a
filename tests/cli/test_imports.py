"""``wmframe import-checkpoint`` and ``export-checkpoint``."""

from __future__ import annotations

import sys

import pytest
import torch

from wmframe.registry import current, use_local
from wmframe.training.checkpoint import save_weights

PLUGIN = """
from wmframe.interfaces import Layout
from wmframe.plugin import Component, impl

class Other(Layout):
    def names(self, file, names):
        return {name: name[1:] for name in names if name.startswith("x")}

    def files(self, names):
        return {"model.pt": {f"x{name}": name for name in names if name not in ("own", "lost")}}

    def derive(self, weights):
        import torch
        return {"own": torch.tensor(1)}

@impl
def wmframe_components():
    yield Component("layout", "otherlab", target="otherlab:Other", summary="its files")
"""


@pytest.fixture(autouse=True)
def otherlab(tmp_path, monkeypatch):
    """A plugin with a layout of that name, forgotten afterwards."""
    monkeypatch.setattr(current, "_local", ())
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "otherlab", raising=False)
    (tmp_path / "otherlab.py").write_text(PLUGIN)
    use_local([tmp_path / "otherlab.py"])


@pytest.fixture
def foreign(tmp_path):
    path = tmp_path / "theirs.pt"
    torch.save({"xa": torch.arange(3.0), "huh": torch.ones(1)}, path)
    return path


def test_there_and_back_again(wmframe, foreign, tmp_path):
    words = ("--layout", "otherlab", "--out", str(tmp_path / "ours"))
    imported = wmframe("import-checkpoint", str(foreign), *words)
    assert imported.code == 0
    assert "theirs.pt  1 tensors" in imported.out
    assert "did not match:\n  theirs.pt: huh\n" in imported.out
    assert "  own\n" in imported.out
    words = ("--layout", "otherlab", "--out", str(tmp_path / "back"))
    exported = wmframe("export-checkpoint", str(tmp_path / "ours"), *words)
    assert exported.code == 0
    assert "not in the files, derived from them:\n  own\n" in exported.out
    back = torch.load(tmp_path / "back" / "model.pt", weights_only=True)
    assert list(back) == ["xa"]
    assert torch.equal(back["xa"], torch.arange(3.0))


def test_an_export_that_would_lose_weights_fails_and_names_them(wmframe, tmp_path):
    save_weights(tmp_path / "ours", {"a": torch.ones(1), "lost": torch.ones(1)})
    words = ("export-checkpoint", tmp_path / "ours", "--layout", "otherlab", "--out")
    outcome = wmframe(*words, tmp_path / "out")
    assert (outcome.code, outcome.out) == (2, "")
    assert "this layout has no place for\n  lost\n" in outcome.err
    assert not (tmp_path / "out").exists()
    outcome = wmframe(*words, tmp_path / "out", "--partial")
    assert outcome.code == 0
    assert "omitted, no place in the layout:\n  lost\n" in outcome.out


def test_an_unknown_layout_is_missing(wmframe, foreign, tmp_path):
    words = ("--layout", "otherlap", "--out", str(tmp_path / "ours"))
    outcome = wmframe("import-checkpoint", str(foreign), *words)
    assert outcome.code == 4
    assert "otherlab" in outcome.err


def test_an_existing_checkpoint_is_not_replaced(wmframe, foreign, tmp_path):
    words = ("--layout", "otherlab", "--out", str(tmp_path))
    outcome = wmframe("import-checkpoint", str(foreign), *words)
    assert outcome.code == 2
    assert "there already" in outcome.err
