"""Feed hostile archives, label files, images, answers of servers, shards and params to their readers.

    python benchmarks/fuzz.py [--examples 10000] [--only images] [--seed 0] [--json FILE]

The properties are those of tests/datasets/fuzzing.py: whatever the bytes are, a reader returns a result or raises the
one error of this project. Printed are the number of inputs and seconds for each; a counterexample is printed as it was
drawn, since making it smaller takes longer than finding it, and ends the run with exit code 1.
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

from tests.datasets.fuzzing import PROPERTIES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=10_000, help="inputs for each property")
    parser.add_argument("--only", choices=list(PROPERTIES), help="one property alone")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other inputs")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()

    warnings.simplefilter("error")
    figures = {}
    for name, check in PROPERTIES.items():
        if options.only in (None, name):
            figures[name] = run(check, options.examples, options.seed)
            print(f"{name}: {figures[name]['inputs']} inputs in {figures[name]['seconds']:.0f} s, all told")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def run(check, examples: int, number: int) -> dict[str, float]:
    """Number of inputs tried, and seconds; raises what a counterexample raises, with the input printed."""
    tried = 0
    with tempfile.TemporaryDirectory() as folder:

        @seed(number)
        @settings(
            max_examples=examples,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=[Phase.generate],
            report_multiple_bugs=False,
        )
        @given(data=st.data())
        def holds(data: st.DataObject) -> None:
            nonlocal tried
            tried += 1
            check(Path(folder), data)

        start = time.perf_counter()
        holds()
    return {"inputs": tried, "seconds": time.perf_counter() - start}


if __name__ == "__main__":
    main()
