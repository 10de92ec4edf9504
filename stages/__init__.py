"""One Typer command per stage of the pipeline. `python -m stages` lists them."""

import signal
import sys
from pathlib import Path

# A queued or temporary DVC run works in a copy of the project, and must import that copy's library.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

# Until the command runs, Ctrl-C ends the process at once: a traceback of half an import helps nobody.
if sys.argv[0] == "-m" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
