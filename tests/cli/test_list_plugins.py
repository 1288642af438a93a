"""``wmframe list-plugins``: what it shows, and that it stays light."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("torch", "attrs", "attr", "cattrs", "gymnasium", "numpy", "mujoco", "pydantic", "rich")


def test_each_plugin_has_a_line_with_version_distribution_kinds_and_state(fresh_wmframe):
    outcome = fresh_wmframe("list-plugins")
    lines = {line.split()[0]: line.split(None, 4) for line in outcome.out.splitlines()}
    assert outcome.code == 0
    assert lines["acme"] == ["acme", "2.0", "wmframe-acme", "suite", "ok"]
    assert lines["NAME"] == ["NAME", "VERSION", "DISTRIBUTION", "KINDS", "STATE"]


def test_a_broken_plugin_is_shown_with_its_cause(fresh_wmframe):
    outcome = fresh_wmframe("list-plugins")
    line = next(line for line in outcome.out.splitlines() if line.startswith("rotten"))
    assert "broken: RuntimeError: no licence (wmframe_rotten/plugin.py:1)" in line
    assert outcome.err == ""


def test_components_are_listed_and_broken_plugins_named(fresh_wmframe):
    out = fresh_wmframe("list-plugins", "--components").out
    assert ["suite", "acme", "robot", "tasks"] in [line.split() for line in out.splitlines()]
    assert "rotten (wmframe-rotten 1.0) is broken: RuntimeError" in out


def test_json_holds_everything(fresh_wmframe):
    records = json.loads(fresh_wmframe("list-plugins", "--json", "--components").out)
    by_name = {record["name"]: record for record in records}
    assert by_name["acme"] == {
        "name": "acme",
        "version": "2.0",
        "distribution": "wmframe-acme",
        "kinds": ["suite"],
        "state": "ok",
        "cause": "",
        "hint": "",
        "components": [{"kind": "suite", "name": "acme", "summary": "robot tasks"}],
    }
    assert by_name["rotten"]["state"] == "broken"


def test_nothing_heavy_is_imported():
    code = (
        "import sys\nfrom wmframe.cli import main\n"
        "try: main(['list-plugins', '--components'])\n"
        f"finally: print('heavy:', *(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "heavy:"
