"""Pickling of a suite for a worker process."""

from __future__ import annotations

import importlib.util
import pickle
import sys
from typing import NamedTuple

from wmframe.errors import SimulatorError
from wmframe.interfaces.suite import EnvSuite


class PackedSuite(NamedTuple):
    """A pickled suite, and where its class is found: by import, or in a file.

    Classes of one-file plugins and of a user's script are in modules that cannot be imported by
    name; their file is loaded instead. A script is loaded as ``__mp_main__``, so what it keeps
    behind ``if __name__ == "__main__"`` does not run again.
    """

    module: str
    file: str | None
    content: bytes

    @classmethod
    def pack(cls, suite: EnvSuite) -> PackedSuite:
        """Pickle ``suite`` and note where its class comes from."""
        module = type(suite).__module__
        file = getattr(sys.modules.get(module), "__file__", None)
        return cls(module, file, pickle.dumps(suite))

    def unpack(self) -> EnvSuite:
        """The suite.

        Raises:
            SimulatorError: its class is in no file, as one from a notebook.
        """
        if self.module == "__main__" or not _importable(self.module):
            self._load_file()
        suite: EnvSuite = pickle.loads(self.content)
        return suite

    def _load_file(self) -> None:
        name = "__mp_main__" if self.module == "__main__" else self.module
        spec = importlib.util.spec_from_file_location(name, self.file) if self.file else None
        if spec is None or spec.loader is None:
            message = f"a worker process cannot load {self.module}, where the suite's class is"
            raise SimulatorError(message, "move the class to a file, or set processes = false")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = sys.modules[self.module] = module
        spec.loader.exec_module(module)


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):  # a parent is missing, or it has no spec
        return False
