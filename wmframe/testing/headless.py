"""A pytest plugin (``-p wmframe.testing.headless``): choose OpenGL before MuJoCo is imported."""

from __future__ import annotations

from wmframe.envs.gl import configure

configure()
