"""Say what `dvc repro` would run, and how long the quick start takes here."""

import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from stages._command import PARAMS, ParamsFile, run
from zpoints.config.data import Data
from zpoints.config.reader import read
from zpoints.progress import duration

# Of a stage of the quick start, on the two cores of docs/performance.md, with DVC's own time; `work` takes WORK there.
SECONDS = {
    **{"download": 15, "prepare": 4, "train": 25, "encode": 5, "features": 7},
    **{"measure": 3, "measure_images": 6, "measure_samplers": 6, "measure_directions": 9, "measure_pairs": 5},
    **{"tidy": 3, "compare": 3, "gather": 2, "explore": 15, "report": 15},
}
WORK = 0.084
QUICK = 5000  # toy faces: of more, or of other images, the time is not known


def plan(params: ParamsFile = PARAMS) -> None:
    """Print the stages that `dvc repro` would run; for the quick start's toy faces, how long they take about.

    Example: python -m stages.plan
    """
    from zpoints.sweeps.graph import stages

    data, found = read(params)[Data], stages(Path("."))
    stale = [stage.address for stage in found if stage.stale and not stage.cached]
    known = data.source == "toy" and data.toy.images <= QUICK
    print(described(stale, len(found), slowness() if known else None))


def described(stale: Iterable[str], total: int, slower: float | None) -> str:
    """The stages by kind and number. slower: how many times as long as in SECONDS they take; None for no estimate."""
    kinds = Counter(address.partition("@")[0] for address in stale)
    if not kinds:
        return f"Nothing to run: all {total} stages are up to date."
    named = ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in kinds.items())
    line = f"{kinds.total()} of {total} stages to run: {named}."
    if slower is None:
        return f"{line} Each tells the time left while it runs."
    return f"{line} About {duration(slower * sum(SECONDS.get(kind, 5) * count for kind, count in kinds.items()))} here."


def slowness() -> float:
    """How many times as long as there a little work takes here and now."""
    begin = time.perf_counter()
    sum(number * number for number in range(3_000_000))
    return (time.perf_counter() - begin) / WORK


if __name__ == "__main__":
    run(plan)
