"""What a stage really imports and reads, from the source, and what dvc.yaml says of it.

zpoints.params.reader also loads the blocks that a stage does not read, by name, to find faults anywhere in params.yaml.
They can stop a stage and never change its result, so they are no dependencies of it.
"""

import ast
import re
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
ROOTS = {"zpoints": ROOT / "src" / "zpoints", "stages": ROOT / "stages"}
CODE = ("src/", "stages/")


def stage_names() -> list[str]:
    """All stages, from the files in stages/."""
    return sorted(path.stem for path in (ROOT / "stages").glob("[!_]*.py"))


def module_file(module: str) -> Path | None:
    """The file of a module of this project, None for any other module."""
    head, *rest = module.split(".")
    if head not in ROOTS:
        return None
    place = ROOTS[head].joinpath(*rest)
    for candidate in (place.with_suffix(".py"), place / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def imported_modules(path: Path) -> set[str]:
    """Modules of this project that a file imports anywhere, also inside functions; packages on the way included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    parents = {".".join(name.split(".")[:end]) for name in found for end in range(1, len(name.split(".")))}
    return {name for name in found | parents if module_file(name)}


def imported_files(stage: str) -> set[str]:
    """All files that decide what a stage does, relative to the project: modules, and data files beside them."""
    seen: set[str] = set()
    waiting = [f"stages.{stage}", "stages"]
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += imported_modules(module_file(module))  # type: ignore[arg-type]
    files = {module_file(module) for module in seen}
    data = {
        other
        for file in files
        if file and file.is_relative_to(ROOTS["zpoints"])
        for other in file.parent.iterdir()
        if other.is_file() and other.suffix != ".py"
    }
    return {str(file.relative_to(ROOT)) for file in files | data if file and not holds_docstring_only(file)}


def holds_docstring_only(path: Path) -> bool:
    """Whether a package's __init__.py is a docstring and no more, so that it cannot change a result."""
    return path.name == "__init__.py" and len(ast.parse(path.read_text(encoding="utf-8")).body) <= 1


def blocks_read(stage: str) -> set[str]:
    """Keys of params.yaml that a stage reads, as dvc.yaml should list them: `params[Block]` is the only way to read."""
    tree = ast.parse((ROOT / "stages" / f"{stage}.py").read_text(encoding="utf-8"))
    keys = {
        alias.name: node.module.rsplit(".", 1)[1]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("zpoints.params.")
        for alias in node.names
    }
    read = {
        keys[node.slice.id]
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name) and node.slice.id in keys
    }
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return read | ({"models.${key}"} if "model_entry" in calls else set())


def declared(stage: str) -> dict:
    """The stage's entry in dvc.yaml: `cmd`, `deps`, `params`, `outs`, `metrics`, templates not filled in."""
    entry = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"][stage]
    return entry.get("do", entry)


def declared_files(stage: str) -> set[str]:
    """Code among the stage's dependencies in dvc.yaml."""
    return {path for path in declared(stage)["deps"] if path.startswith(CODE)}


def declared_outs(stage: str) -> list[str]:
    """Paths of outs and metrics in dvc.yaml."""
    entry = declared(stage)
    return [
        path if isinstance(path, str) else next(iter(path)) for path in entry.get("outs", []) + entry.get("metrics", [])
    ]


def literal_paths(stage: str) -> set[str]:
    """Paths below data/ that stand in a stage's source, with `${key}` for the model's name."""
    source = (ROOT / "stages" / f"{stage}.py").read_text(encoding="utf-8")
    plain = set(re.findall(r'Path\("(data/[^"]+)"\)', source))
    return plain | {f"{path}/${{key}}" for path in re.findall(r'Path\("(data/[^"]+)", model\)', source)}
