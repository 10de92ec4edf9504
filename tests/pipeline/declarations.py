"""What each entry of dvc.yaml declares, and what its commands really import and read, from the source."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from zpoints.analyses import discovery

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {"zpoints": ROOT / "src" / "zpoints", "stages": ROOT / "stages"}
GROUPS = {
    "measure": "analyses",
    "measure_images": "image_analyses",
    "measure_samplers": "sampler_analyses",
    "measure_directions": "direction_analyses",
    "measure_pairs": "pair_analyses",
}
# They can stop a stage and cannot change its result, so no stage depends on them.
EXEMPT = {
    "zpoints",
    "zpoints.analyses",
    "zpoints.analyses.deferred",
    "zpoints.analyses.discovery",
    "zpoints.analyses.feasibility",
    "zpoints.analyses.inputs",
    "zpoints.artifacts",
    "zpoints.config",
    "zpoints.config.block",
    "zpoints.config.monitoring",
    "zpoints.config.reader",
    "zpoints.config.yaml",
    "zpoints.errors",
    "zpoints.latents.images",
    "zpoints.files",
    "zpoints.measurement",
    "zpoints.progress",
    "zpoints.reading",
}
# The params that an input of a measure function is made from.
PARAMS_OF_INPUT = {
    "feature_space": {"features.face", "features.min_faces", "features.space", "features.weights"},
    "reference": {"features"},
    "samplers": {"samplers"},
    "spaces": {"models"},
    "entries": {"models", "training"},
}


def entries() -> dict[str, dict[str, Any]]:
    """The stages of dvc.yaml, templates not filled in; `do` of a foreach is unpacked."""
    stages = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    return {name: entry.get("do", entry) for name, entry in stages.items()}


def analyses_of(entry: str) -> list[str]:
    """The analyses that an entry serves: all of its group."""
    group = GROUPS[entry]
    return [name for name in discovery.names() if discovery.config_class(name).group == group]


def declared_code(entry: str, analysis: str = "") -> set[str]:
    """Code among an entry's dependencies, for one analysis."""
    paths = (path.replace("${item.analysis}", analysis) for path in entries()[entry].get("deps", []))
    return {path for path in paths if path.startswith("src/")}


def imported_code(entry: str, analysis: str = "") -> set[str]:
    """All files below src/ that decide what an entry's command does, for one analysis."""
    if entry in GROUPS:
        roots = {f"zpoints.analyses.{analysis}.method", f"zpoints.analyses.{analysis}.config"}
        roots |= {module for need in needs_of(analysis) for module in modules_of_input(need)}
    else:
        roots = {f"stages.{entry}"}
        if entry in ("compare", "report"):
            parts = ("presentation", "pairs") if entry == "compare" else ("presentation",)
            roots |= {f"zpoints.analyses.{name}.{part}" for name in discovery.presented() for part in parts}
    files = {module_file(module) for module in closure(roots)}
    return {
        str(file.relative_to(ROOT))
        for file in files
        if file and file.is_relative_to(SOURCES["zpoints"]) and not holds_docstring_only(file)
    }


def needs_of(analysis: str) -> set[str]:
    """The names of the arguments of an analysis' measure function, from its source."""
    path = discovery.FOLDER / analysis / "method" / "__init__.py"
    function = next(node for node in parsed(path).body if isinstance(node, ast.FunctionDef) and node.name == "measure")
    return {argument.arg for argument in function.args.args} - {"config"}


def modules_of_input(need: str) -> set[str]:
    """The modules with which analyses/inputs.py opens an input: those that its property and what it calls name."""
    tree = parsed(discovery.FOLDER / "inputs.py")
    imported = dict(_imports(tree.body))
    properties = {
        node.name: node
        for top in tree.body
        if isinstance(top, ast.ClassDef) and top.name == "Inputs"
        for node in top.body
        if isinstance(node, ast.FunctionDef)
    }
    classes = {top.name: top for top in tree.body if isinstance(top, ast.ClassDef)}
    modules: set[str] = set()
    waiting: list[ast.AST] = [properties[need]]
    while waiting:
        node = waiting.pop()
        modules |= {module for _, module in _imports(ast.walk(node))}
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name):
                modules |= {imported[inner.id]} if inner.id in imported else set()
                waiting += [classes.pop(inner.id)] if inner.id in classes else []
            elif isinstance(inner, ast.Attribute) and inner.attr in properties and inner.attr != "_model":
                waiting.append(properties.pop(inner.attr))
    return {module for module in modules if module.startswith("zpoints.")}


def covers(declared: str, file: str) -> bool:
    """Whether a dependency, a file or a folder, covers a file."""
    return file == declared or file.startswith(f"{declared}/")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_file(module: str) -> Path | None:
    """The file of a module of this project, None for any other module."""
    head, *rest = module.split(".")
    if head not in SOURCES:
        return None
    place = SOURCES[head].joinpath(*rest)
    for candidate in (place.with_suffix(".py"), place / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


@cache
def imported_modules(path: Path) -> frozenset[str]:
    """Modules of this project that a file imports anywhere, also inside functions; packages on the way included.

    What is imported for type checkers alone is left out.
    """
    found = set()
    for node in executed(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    parents = {".".join(name.split(".")[:end]) for name in found for end in range(1, len(name.split(".")))}
    return frozenset(name for name in found | parents if module_file(name))


def closure(roots: Iterable[str]) -> set[str]:
    """All modules that these import, directly or not; what is exempt is left out, with what it alone imports.

    The __init__.py of an analysis re-exports for notebooks; a stage imports its parts.
    """
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        exempt = module in EXEMPT or module in {f"zpoints.analyses.{name}" for name in discovery.presented()}
        if module in seen or exempt or not (file := module_file(module)):
            continue
        seen.add(module)
        waiting += imported_modules(file)
    return seen


def executed(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes below, without what stands under `if TYPE_CHECKING:`."""
    yield tree
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"):
            yield from executed(node)


def holds_docstring_only(path: Path) -> bool:
    """Whether a package's __init__.py is a docstring and no more, so that it cannot change a result."""
    return path.name == "__init__.py" and len(parsed(path).body) <= 1


def _imports(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """Names and the modules they come from."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, node.module
