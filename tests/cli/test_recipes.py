"""``wmframe validate``, ``explain`` and ``schema``."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def recipe(tmp_path):
    def write(text):
        file = tmp_path / "judge.toml"
        file.write_text(text)
        return str(file)

    return write


JUDGE = '[stages.judge]\nuse = "evaluate"\nsource = "runs/x"\n'


def test_a_valid_recipe_is_said_to_be(wmframe, recipe):
    outcome = wmframe("validate", recipe(JUDGE), "--set", "seed=2")
    assert outcome.code == 0
    assert outcome.out.endswith("is valid: judge (wmframe.evaluate)\n")


def test_faults_are_shown_with_their_lines_and_end_with_3(wmframe, recipe):
    outcome = wmframe("validate", recipe(JUDGE + "episods = 3\npolicy = 'best'\n"))
    assert outcome.code == 3
    assert outcome.out == ""
    assert "judge.toml:4: " in outcome.err
    assert "judge.toml:5: " in outcome.err
    assert "Traceback" not in outcome.err


def test_a_missing_plugin_ends_with_4(wmframe, recipe):
    outcome = wmframe("validate", recipe('[stages.judge]\nuse = "nobody.stage"\n'))
    assert outcome.code == 4
    assert "nobody" in outcome.err


def test_explain_says_who_set_a_value(wmframe, recipe):
    outcome = wmframe("explain", recipe(JUDGE), "stages.judge.episodes", "--set",
                      "stages.judge.episodes=7")  # fmt: skip
    assert outcome.code == 0
    assert outcome.out.startswith("stages.judge.episodes = 7\n")
    assert "--set" in outcome.out


def test_the_schema_is_json_that_knows_the_installed_components(wmframe):
    document = json.loads(wmframe("schema").out)
    assert "wmframe.online" in json.dumps(document)
