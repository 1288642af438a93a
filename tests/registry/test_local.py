"""One-file plugins that a recipe names."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest

from wmframe.config import load_object
from wmframe.errors import MissingError, PluginError
from wmframe.registry import Registry, current, registry, use_local

SOURCE = """
from wmframe.plugin import Component, impl

class Net:
    pass

@impl
def wmframe_components():
    yield Component("encoder", "{name}.net", target="{name}:Net")
"""


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    """Forget local plugins and import paths afterwards."""
    monkeypatch.setattr(current, "_local", ())
    monkeypatch.setattr(sys, "path", list(sys.path))


@pytest.fixture
def local_file(tmp_path):
    def write(name, source=SOURCE):
        file = tmp_path / f"{name}.py"
        file.write_text(source.replace("{name}", name))
        return file

    return write


def test_a_file_is_a_plugin_named_by_its_stem(local_file):
    file = local_file("local_one")
    plugin = Registry.discover([file]).plugin("local_one")
    assert (plugin.state, plugin.distribution, plugin.version) == ("ok", str(file), "local")
    assert load_object(plugin.components[0].target).__name__ == "Net"


def test_its_classes_can_be_pickled_for_worker_processes(local_file):
    file = local_file("local_two")
    component = Registry.discover([file]).find("encoder", "local_two.net")
    data = pickle.dumps(load_object(component.target)())
    code = f"import sys, pickle; sys.path[:] = {sys.path!r}; print(pickle.loads({data!r}))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "local_two.Net" in printed.stdout


def test_local_plugins_join_the_process_wide_registry(local_file):
    assert use_local([local_file("local_three")]) is registry()
    use_local([local_file("local_four")])
    names = {component.name for component in registry().components("encoder")}
    assert {"local_three.net", "local_four.net"} <= names


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(MissingError, match="nowhere"):
        use_local([tmp_path / "nowhere.py"])


def test_a_broken_file_is_an_error_since_it_was_asked_for(local_file):
    file = local_file("local_broken", "raise RuntimeError('typo')")
    with pytest.raises(PluginError, match="typo"):
        use_local([file])
    assert registry().plugin("wmframe").state == "ok"
    assert all(plugin.name != "local_broken" for plugin in registry().plugins)


@pytest.mark.parametrize("name", ["random", "sys", "numpy"])
def test_a_file_named_like_another_module_is_refused(local_file, name):
    plugin = Registry.discover([local_file(name)]).plugin(name)
    assert f"has the name '{name}'" in plugin.cause
    assert plugin.hint == f"rename {name}.py"


def test_a_file_named_like_an_installed_plugin_clashes(local_file):
    file = local_file("wmframe")
    causes = [p.cause for p in Registry.discover([file]).plugins if p.name == "wmframe"]
    assert len(causes) == 2
    assert all(str(file) in cause for cause in causes)
