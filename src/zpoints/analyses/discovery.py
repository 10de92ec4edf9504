"""The analyses there are, found by their folders."""

import importlib
import inspect
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from zpoints.config.block import AnalysisConfig
from zpoints.errors import UserError

FOLDER = Path(__file__).parent
PACKAGE = "zpoints.analyses"
PAIRS = "_pairs"  # in place of a model's name, which begins with a letter: the folder of pair_analyses
# The groups of params.yaml and what each hands to its analyses; each group is one stage of dvc.yaml.
GROUPS = {
    "analyses": "z-points and labels",
    "image_analyses": "the model and the images too",
    "sampler_analyses": "what samplers draw, and features of real images",
    "direction_analyses": "the directions that the analysis `attributes` found",
    "pair_analyses": "the z-points of all models",
}


@cache
def names() -> tuple[str, ...]:
    """All analyses that can be measured, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/config.py")))


@cache
def presented() -> tuple[str, ...]:
    """All analyses that the table and the report show, in the order of their POSITION."""
    found = sorted(path.parent.name for path in FOLDER.glob("*/presentation.py"))
    return tuple(sorted(found, key=lambda name: (presentation(name).POSITION, name)))


def measured(name: str) -> bool:
    """Whether it is measured by a stage of its own; `training`, say, is shown and comes from the stage `train`."""
    return name in names()


def config_class(name: str) -> type[AnalysisConfig]:
    """The class of an analysis' block in params.yaml."""
    return _module(name, "config").Config


def measure_function(name: str) -> Callable[..., Any]:
    """The function that answers the question."""
    return _module(name, "method").measure


def needs(function: Callable[..., Any]) -> frozenset[str]:
    """The inputs that a measure function asks for: the names of its arguments."""
    return frozenset(inspect.signature(function).parameters)


def pairs_function(name: str) -> Callable[..., Any] | None:
    """The function that sets all models' measurements side by side; None where the analysis has none."""
    return _module(name, "pairs").pairs if (FOLDER / name / "pairs.py").exists() else None


def presentation(name: str) -> ModuleType:
    """How its numbers are called and its figures drawn."""
    return _module(name, "presentation")


def first_line(name: str) -> str:
    """The question, in a line."""
    import ast

    source = (FOLDER / name / "method" / "__init__.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def _module(name: str, part: str) -> ModuleType:
    if not (FOLDER / name / "__init__.py").exists():
        raise UserError(f"ANALYSIS: expected one of {', '.join(names())}, received {name}")
    return importlib.import_module(f"{PACKAGE}.{name}.{part}")
