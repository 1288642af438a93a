"""For every test of a plugin: choose OpenGL before MuJoCo is imported."""

from wmframe.envs.gl import configure

configure()
