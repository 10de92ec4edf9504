"""List the commands: those of the pipeline in its order, the analyses, and the commands by hand, a line each."""

import ast
from pathlib import Path

from stages._command import errors_in_a_line
from stages._hand import BY_HAND
from zpoints.analyses import discovery

ORDER = (
    "download",
    "prepare",
    "train",
    "encode",
    "features",
    "measure",
    "tidy",
    "compare",
    "gather",
    "explore",
    "report",
)


def main() -> None:
    """Print each command's name and the first line of its docstring, without importing it."""
    paths = {path.stem: path for path in sorted(Path(__file__).parent.glob("[!_]*.py"))}
    stages = [*ORDER, *sorted(paths.keys() - {*ORDER, *BY_HAND})]
    questions = [name for name in discovery.names() if (discovery.FOLDER / name / "method" / "__init__.py").exists()]
    _print("Pipeline:", {name: _first_line(paths[name]) for name in stages})
    _print("Analyses, each by `measure`:", {name: discovery.first_line(name) for name in questions})
    _print("By hand alone, no part of the pipeline:", {name: _first_line(paths[name]) for name in BY_HAND})
    print(
        "Run one: python -m stages.NAME [--help], or python -m stages.measure ANALYSIS [MODEL]."
        " Run what is stale: dvc repro."
    )


def _print(title: str, lines: dict[str, str]) -> None:
    width = max(map(len, lines), default=0)
    print(title, "", *(f"  {name:<{width}}  {line}" for name, line in lines.items()), "", sep="\n")


def _first_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]


if __name__ == "__main__":
    with errors_in_a_line():
        main()
