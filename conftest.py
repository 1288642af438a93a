"""For every test of the core and of plugins: choose OpenGL before MuJoCo is imported."""

from wmframe.envs.gl import configure

configure()
