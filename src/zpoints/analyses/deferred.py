"""An analysis' measure function, imported at its first use: reading params.yaml needs the Config alone."""

import importlib
from collections.abc import Callable
from typing import Any


def measure_of(package: str) -> Callable[[str], Any]:
    """The `__getattr__` of an analysis' package, which takes `measure` from its sub-package `method`."""

    def getattribute(name: str) -> Any:
        if name != "measure":
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return importlib.import_module(f"{package}.method").measure

    return getattribute
