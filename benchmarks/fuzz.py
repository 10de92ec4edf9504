"""Feed hostile archives, label files, images, answers of servers, params and outs of every stage to their readers.

    python benchmarks/fuzz.py [--examples 10000] [--seconds 3600] [--only images] [--seed 0] [--json FILE]

The properties are those of tests/datasets/fuzzing.py and tests/fuzzing_outs.py: whatever the bytes, a reader returns
a valid result or raises the one error of this project, within SLOW seconds of computing. Printed are the number of
inputs and the seconds for each; a counterexample is printed as it was drawn, since making it smaller takes longer than
finding it, and ends the run with exit code 1.
"""

import argparse
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests import fuzzing_outs
from tests.datasets import fuzzing

PROPERTIES = fuzzing.PROPERTIES | fuzzing_outs.PROPERTIES
SLOW, HANGS = 5.0, 120.0  # seconds of computing, and on the clock of a busy machine, that no input may take
BATCH = 50  # inputs between two looks at the clock


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=10_000, help="inputs for each property")
    parser.add_argument("--seconds", type=float, default=3600, help="end each property after this time")
    parser.add_argument("--only", choices=list(PROPERTIES), help="one property alone")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other inputs")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()

    warnings.simplefilter("error")
    warnings.simplefilter("default", DeprecationWarning)  # of libraries, as in the tests
    figures = {}
    for name, check in PROPERTIES.items():
        if options.only in (None, name):
            figures[name] = run(check, options.examples, options.seconds, options.seed)
            print(
                "{}: {inputs} inputs in {seconds:.0f} s, the slowest {slowest:.2f} s".format(name, **figures[name]),
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def run(check, examples: int, seconds: float, number: int) -> dict[str, float]:
    """Number of inputs tried, and seconds; raises what a counterexample raises, with the input printed."""
    tried, slowest = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:

        @settings(
            max_examples=BATCH,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
        )
        @given(data=st.data())
        def holds(data: st.DataObject) -> None:
            nonlocal tried, slowest
            begin, computing = time.perf_counter(), time.process_time()
            check(Path(folder), data)
            if tried:  # the first one imports what its reader needs
                slowest = max(slowest, time.process_time() - computing)
                assert slowest < SLOW and time.perf_counter() - begin < HANGS, f"{slowest:.1f} s"
            tried += 1

        start = time.perf_counter()
        for batch in range(-(-examples // BATCH)):
            seed(number * 1_000_000 + batch)(holds)()
            if time.perf_counter() - start > seconds:
                break
    return {"inputs": tried, "seconds": time.perf_counter() - start, "slowest": slowest}


if __name__ == "__main__":
    main()
