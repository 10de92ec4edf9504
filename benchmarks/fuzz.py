"""Feed hostile archives, label files, images, answers of servers, params and outs of every stage to their readers.

    python benchmarks/fuzz.py [--examples 10000] [--seconds 3600] [--only images ...] [--seed 0] [--json FILE]

The properties are those of tests/datasets/fuzzing.py, tests/fuzzing_outs.py and tests/fuzzing_stages.py: whatever the
bytes, a reader returns a valid result or raises the one error of this project, within SLOW seconds of computing.
Printed is a line of a table for each: inputs, how many were refused, how many accepted and found valid, what one costs,
and the slowest. With --json, a run that was cut off goes on where it was.
A counterexample is printed as it was drawn, since making it smaller takes longer than finding it; the others are still
tried, and the exit code is 1.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # or they wait for each other
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests import fuzzing_outs, fuzzing_stages
from tests.datasets import fuzzing

PROPERTIES = fuzzing.PROPERTIES | fuzzing_outs.PROPERTIES | fuzzing_stages.PROPERTIES
SLOW, HANGS = 5.0, 3600.0  # seconds of computing, and on the clock: a busy machine leaves a process waiting for minutes
BATCH = 50  # inputs between two looks at the clock
MAX_FAULTS = 3  # of one reader, after which it is left
FIGURES = ("inputs", "accepted", "faults", "batches", "seconds", "slowest")  # of each reader


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=10_000, help="inputs for each property")
    parser.add_argument("--seconds", type=float, default=3600, help="end each property after this time")
    parser.add_argument("--only", nargs="+", choices=list(PROPERTIES), help="these properties alone")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other inputs")
    parser.add_argument("--json", type=Path, help="keep the figures there, and go on from them")
    options = parser.parse_args()

    warnings.simplefilter("error")
    warnings.simplefilter("default", DeprecationWarning)  # of libraries, as in the tests
    figures: dict[str, dict[str, Any]] = {}
    if options.json and options.json.exists():
        figures = json.loads(options.json.read_text())
    print("| input | damaged ones tried | refused | accepted, and valid | each, ms | slowest, s |\n" + "|---" * 6 + "|")
    for name in options.only or PROPERTIES:
        found = figures.setdefault(name, dict.fromkeys(FIGURES, 0))
        with tempfile.TemporaryDirectory() as folder:
            batches = run(PROPERTIES[name], Path(folder), options.seed, found)
            end = time.perf_counter() + options.seconds
            while found["inputs"] < options.examples and found["faults"] < MAX_FAULTS and time.perf_counter() < end:
                next(batches)
                if options.json:
                    options.json.with_suffix(".new").write_text(json.dumps(figures, indent=2) + "\n")
                    options.json.with_suffix(".new").replace(options.json)
        counts = f"{found['inputs']:,} | {found['inputs'] - found['accepted']:,} | {found['accepted']:,}"
        each = 1000 * found["seconds"] / max(1, found["inputs"])
        print(f"| {name} | {counts} | {each:.0f} | {found['slowest']:.2f} |", flush=True)
    if any(found["faults"] for found in figures.values()):
        sys.exit(1)


def run(check: Callable[[Path, Any], bool], folder: Path, number: int, found: dict[str, float]) -> Iterator[None]:
    """Try a batch of inputs at each step, and add it to what was found; prints each counterexample."""

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
        begin, computing = time.perf_counter(), time.process_time()
        verdict = check(folder, data)
        assert isinstance(verdict, bool)
        took = time.process_time() - computing
        if not first:  # which imports what its reader needs
            found["slowest"] = max(found["slowest"], took)
            found["seconds"] += took
            assert took < SLOW and time.perf_counter() - begin < HANGS, f"{took:.1f} s"
        first.clear()
        found["inputs"] += 1
        found["accepted"] += verdict

    first = [True]
    while True:
        found["batches"] += 1
        try:
            seed(number * 1_000_000 + found["batches"])(holds)()
        except Exception:
            found["faults"] += 1
            traceback.print_exc()
        yield


if __name__ == "__main__":
    main()
