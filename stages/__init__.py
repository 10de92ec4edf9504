"""One Typer command per stage of the pipeline. `python -m stages` lists them."""

import sys
from pathlib import Path

# A queued or temporary DVC run works in a copy of the project, and must import that copy's library.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
