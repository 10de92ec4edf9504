"""List the stages, a line each."""

import ast
from pathlib import Path


def main() -> None:
    """Print each stage's name and the first line of its docstring, without importing it."""
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        line = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        print(f"{path.stem:<10} {line}")
    print("\nRun one by hand: python -m stages.NAME [MODEL] [--help]. Run what is stale: dvc repro.")


if __name__ == "__main__":
    main()
