"""How much faster the maps of zpoints.stats.tsne are than scikit-learn's, and how much memory they take.

    python benchmarks/tsne.py [--points 5000 10000 140000] [--theirs 5000 10000] [--z-dim 256] [--iterations 1000]
        [--latents FOLDER] [--json FILE]

Both make a map of the same points with perplexity 30, early exaggeration 12, a start from the principal axes and all
cores, each in a process of its own, one after the other. The points are those of --latents, or made up: a correlated
Gaussian off the origin. Ours is timed whole, with its search for neighbours, at each number of --points;
scikit-learn's (Barnes-Hut, the only one it has for so many) at each of --theirs. Beyond these it is extrapolated:
linear    their time grows with n: a floor, since a search tree of n points is never cheaper than that
log       with n ln n, the order of Barnes-Hut, from the largest that was measured
Ratios are theirs over ours; an extrapolated one is marked. Peaks of resident memory are those of whole processes.
What the maps are worth: the share of the 10 nearest neighbours of 5,000 points that are among the nearest in the map.
"""

import argparse
import contextlib
import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from _timing import QUIET, Contender, machine
from contenders.mapping import kept, points


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, nargs="+", default=[5_000, 10_000])
    parser.add_argument("--theirs", type=int, nargs="*", help="sizes for scikit-learn (default: those below 20,001)")
    parser.add_argument("--z-dim", type=int, default=256, help="of points that are made up")
    parser.add_argument("--iterations", type=int, default=1_000, help="more than scikit-learn's 250 exaggerated ones")
    parser.add_argument("--latents", type=Path, help="z-points of one model, such as data/latents/ae")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()

    theirs = options.theirs if options.theirs is not None else [size for size in options.points if size <= 20_000]
    if options.iterations <= 250:
        parser.error(f"--iterations: expected more than 250, received {options.iterations}")
    shared = {"z_dim": options.z_dim, "iterations": options.iterations}
    if options.latents:
        shared["latents"] = options.latents.resolve()
    measured: dict[str, dict[int, dict[str, Any]]] = {"zpoints": {}, "scikit-learn": {}}
    for size in sorted({*options.points, *theirs}):
        for library, sizes in (("zpoints", {*options.points, *theirs}), ("scikit-learn", theirs)):
            if size in sizes:
                measured[library][size] = measure(library, points=size, **shared)
                told = measured[library][size]
                print(
                    f"{library:<13} {size:>8,} points: {told['seconds']:8.1f} s, {told['kept']:.2%} of neighbours kept",
                    flush=True,
                )
    figures = {"machine": machine(), **{key: str(value) for key, value in shared.items()}, "measured": measured}
    figures["ratios"] = ratios(measured["zpoints"], measured["scikit-learn"])
    report(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def measure(library: str, **options: Any) -> dict[str, Any]:
    """Seconds, peak memory and worth of one map in a process of its own; ends the program where it fails."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        places = Path(folder) / "map.npy"
        one = Contender(library, "contenders.mapping", library=library, places=places, **options)
        stack.callback(one.end)
        one.run(1)
        if one.error:
            sys.exit(f"error: {library}: {one.error}")
        told = {
            "seconds": one.median,
            "cpu_seconds": one.cpu_seconds[0],
            "peak_bytes": one.peak_bytes,
            "cores_busy_with_others": one.others[0],
        }
        one.end()
        cloud = points(options["points"], options["z_dim"], options.get("latents"))
        return told | {"kept": kept(cloud, np.load(places))}


def ratios(ours: dict[int, dict[str, Any]], theirs: dict[int, dict[str, Any]]) -> dict[int, dict[str, float]]:
    """Theirs over ours at each size: `measured` where both were, `linear` and `log` where theirs is extrapolated."""
    found: dict[int, dict[str, float]] = {}
    for size, own in ours.items():
        if size in theirs:
            found[size] = {"measured": theirs[size]["seconds"] / own["seconds"]}
        elif theirs and size > max(theirs):
            largest = max(theirs)
            last, growth = theirs[largest]["seconds"], size / largest
            found[size] = {
                "linear": last * growth / own["seconds"],
                "log": last * growth * math.log(size) / math.log(largest) / own["seconds"],
            }
    return found


def report(figures: dict[str, Any]) -> None:
    print(f"\n{figures['machine']}; {figures['iterations']} iterations")
    print(f"{'points':>9} {'zpoints':>10} {'memory':>9} {'sklearn':>10} {'memory':>9}   theirs over ours")
    ours, theirs = figures["measured"]["zpoints"], figures["measured"]["scikit-learn"]
    for size, own in ours.items():
        other = theirs.get(size)
        cells = f"{other['seconds']:>8.1f} s {memory(other)}" if other else f"{'':>10} {'':>9}"
        shares = figures["ratios"].get(size, {})
        texts = [
            f"{ratio:.1f}" + ("" if how == "measured" else f" ({how}: extrapolated)") for how, ratio in shares.items()
        ]
        print(f"{size:>9,} {own['seconds']:>8.1f} s {memory(own)} {cells}   {', '.join(texts)}")
    busy = max(one["cores_busy_with_others"] for sizes in (ours, theirs) for one in sizes.values())
    if busy > QUIET:
        print(f"note: other processes kept up to {busy:.1f} cores busy meanwhile")


def memory(one: dict[str, Any]) -> str:
    return f"{one['peak_bytes'] / 1e6:>6.0f} MB" if one["peak_bytes"] else f"{'':>9}"


if __name__ == "__main__":
    main()
