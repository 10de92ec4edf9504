"""List the stages and the commands by hand, a line each."""

import ast
from pathlib import Path

from stages._hand import BY_HAND


def main() -> None:
    """Print each command's name and the first line of its docstring, without importing it."""
    paths = sorted(Path(__file__).parent.glob("[!_]*.py"))
    width = max(len(path.stem) for path in paths)
    for by_hand in (False, True):
        if by_hand:
            print("\nBy hand alone, no part of the pipeline:\n")
        for path in paths:
            if (path.stem in BY_HAND) == by_hand:
                line = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
                print(f"{path.stem:<{width}} {line}")
    print("\nRun one: python -m stages.NAME [MODEL] [--help]. Run what is stale: dvc repro.")


if __name__ == "__main__":
    main()
