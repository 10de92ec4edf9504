"""What a stage really imports and reads, from the source, and what dvc.yaml says of it.

    python -m tests.pipeline.declarations [STAGE ...]

rewrites code dependencies and params of these stages (all, without a name) in dvc.yaml, and leaves the rest as it is.

zpoints.config.reader also loads the blocks that a stage does not read, by name, to find faults anywhere in params.yaml.
They can stop a stage and never change its result, so they are no dependencies of it.
"""

import ast
import re
import sys
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML

from stages._hand import BY_HAND

ROOT = Path(__file__).resolve().parents[2]
ROOTS = {"zpoints": ROOT / "src" / "zpoints", "stages": ROOT / "stages"}
CODE = ("src/", "stages/")


def stage_names() -> list[str]:
    """All stages, from the files in stages/: commands by hand are none."""
    return sorted(path.stem for path in (ROOT / "stages").glob("[!_]*.py") if path.stem not in BY_HAND)


def per_model() -> set[str]:
    """The stages that dvc.yaml has once for each model."""
    entries = YAML(typ="safe", pure=True).load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    return {name for name, entry in entries.items() if "foreach" in entry}


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


def rewritten(text: str, stage: str) -> str:
    """The text of dvc.yaml with the code dependencies and params of this stage as they should be."""
    lines = text.splitlines()
    first = lines.index(f"  {stage}:") + 1
    last = next((at for at in range(first, len(lines)) if re.match(r" {0,2}\S", lines[at])), len(lines))
    block = _with_list(lines[first:last], "deps", imported_files(stage), keep=lambda path: not path.startswith(CODE))
    block = _with_list(block, "params", blocks_read(stage), keep=lambda key: False)
    return "\n".join([*lines[:first], *block, *lines[last:]]) + "\n"


def _with_list(block: list[str], key: str, entries: set[str], keep: Callable[[str], bool]) -> list[str]:
    """The lines of a stage with the list below `key` made anew: `entries`, and those of the old that are kept."""
    at = next((at for at, line in enumerate(block) if line.strip() == f"{key}:"), None)
    if at is None:
        return block
    indent = " " * (len(block[at]) - len(block[at].lstrip()) + 2) + "- "
    end = next((end for end in range(at + 1, len(block)) if not block[end].startswith(indent)), len(block))
    old = {line.removeprefix(indent) for line in block[at + 1 : end]}
    return [*block[: at + 1], *(indent + entry for entry in sorted({*entries, *filter(keep, old)})), *block[end:]]


if __name__ == "__main__":
    for name in sys.argv[1:] or stage_names():
        path = ROOT / "dvc.yaml"
        beside = path.with_suffix(".tmp")
        beside.write_text(rewritten(path.read_text(encoding="utf-8"), name), encoding="utf-8")
        beside.replace(path)
