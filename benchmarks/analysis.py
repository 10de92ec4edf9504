"""Time and peak resident memory of each analysis of z-points, and how they grow with the number of images.

    python benchmarks/analysis.py [--stages radius pca] [--sizes 20000 170000] [--z-dim 256]
        [--params params.celeba.yaml] [--set-param KEY=VALUE] [--rounds 1] [--folder DIR] [--json FILE]

These are the questions below `analyses:`; tsne is left out unless it is named (benchmarks/tsne.py measures it). Each
runs as its users run it, `python -m stages.measure NAME vae --out ...`, in a process of its own, one after the other,
on made-up z-points (contenders/latents.py: an off-centre Gaussian with correlated axes, and a tail), with shards of
their images. Both are written into a temporary folder in --folder and removed at the end; 170,000 x 256 need 0.6 GB.

Printed are the least seconds of the rounds, start of Python and imports included; the peak of resident memory, in
which pages of the mapped z-points count that the process has touched; and the power p of the growth, seconds ~ n^p from
the smallest to the largest size: 1 is linear, 2 quadratic. What does not grow, as the start, makes p smaller.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _timing import QUIET, busy_seconds, machine

from zpoints.analyses import discovery

ROOT = Path(__file__).resolve().parents[1]
MODEL = "vae"
APART = {"tsne"}  # takes its time by itself: benchmarks/tsne.py


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = z_point_analyses()
    parser.add_argument("--stages", nargs="+", choices=known, help="default: all but tsne")
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 60_000, 170_000], help="numbers of images")
    parser.add_argument("--z-dim", type=int, default=256)
    parser.add_argument("--params", type=Path, default=ROOT / "params.celeba.yaml", help="what the stages read")
    parser.add_argument("--set-param", "-S", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the z-points are written (default: the system's)")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()

    stages = options.stages or sorted(set(known) - APART)
    sizes = sorted(set(options.sizes))
    given = [f"--params={options.params.resolve()}", *(f"--set-param={text}" for text in options.set_param)]
    figures: dict[str, Any] = {"machine": machine(), "z_dim": options.z_dim, "stages": {name: {} for name in stages}}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for size in sizes:
            data = Path(folder) / str(size)
            write(data, size, options.z_dim)
            for name in stages:
                rounds = [measure(name, data, given) for _ in range(options.rounds)]
                one = figures["stages"][name][size] = min(rounds, key=lambda told: told["seconds"])
                print(f"{size:>8,} {name:<12} {one['seconds']:8.1f} s {megabytes(one)}", flush=True)
    figures["growth"] = {name: growth(told) for name, told in figures["stages"].items()}
    report(figures, sizes)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def z_point_analyses() -> list[str]:
    """The analyses of z-points and labels."""
    return [name for name in discovery.names() if discovery.config_class(name).group == "analyses"]


def write(data: Path, size: int, z_dim: int) -> None:
    """Write made-up z-points and shards, by another process: what this one maps would count for those it starts."""
    command = [sys.executable, "-m", "contenders.latents", str(data), str(size), str(z_dim)]
    if subprocess.run(command, cwd=Path(__file__).parent).returncode:
        sys.exit("error: the z-points could not be written")


def measure(name: str, data: Path, given: list[str]) -> dict[str, Any]:
    """Seconds, CPU seconds and peak of one run of a stage; ends the program where it fails."""
    with tempfile.TemporaryDirectory(dir=data) as folder, tempfile.TemporaryFile() as printed:
        folders = [f"--latents={data / 'latents'}", f"--shards={data / 'shards'}"]
        command = [sys.executable, "-m", "stages.measure", name, MODEL, *folders, *given]
        start, busy = time.perf_counter(), busy_seconds()
        process = subprocess.Popen([*command, f"--out={folder}/out"], cwd=ROOT, stdout=printed, stderr=printed)
        # Waited for by its number, since that tells what this one process has used.
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            printed.seek(0)
            last = printed.read().decode(errors="replace").strip().rpartition("\n")[2]
            sys.exit(f"error: {name}: ended with code {process.returncode}: {last}")
        cpu = used.ru_utime + used.ru_stime
        return {
            "seconds": seconds,
            "cpu_seconds": cpu,
            "peak_bytes": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            "cores_busy_with_others": max(0.0, busy_seconds() - busy - cpu) / seconds,
        }


def growth(told: dict[int, dict[str, Any]]) -> dict[str, float]:
    """Powers of the growth of seconds, and of memory, with the number of images; none of one size alone."""
    small, large = min(told), max(told)
    if small == large:
        return {}
    keys = ("seconds", "cpu_seconds", "peak_bytes")
    return {key: math.log(told[large][key] / told[small][key]) / math.log(large / small) for key in keys}


def report(figures: dict[str, Any], sizes: list[int]) -> None:
    print(f"\n{figures['machine']}; z_dim {figures['z_dim']}")
    print(f"{'':<12}" + "".join(f"{size:>22,}" for size in sizes) + f"{'seconds ~ n^p':>16}{'memory ~ n^p':>14}")
    for name, told in figures["stages"].items():
        cells = "".join(f"{told[size]['seconds']:>10.1f} s {megabytes(told[size])}" for size in sizes)
        powers = figures["growth"][name]
        tail = f"{powers['seconds']:>16.2f}{powers['peak_bytes']:>14.2f}" if powers else ""
        print(f"{name:<12}{cells}{tail}")
    for size in sizes:
        print(f"all at {size:,}: {sum(told[size]['seconds'] for told in figures['stages'].values()) / 60:.1f} minutes")
    busy = max(one["cores_busy_with_others"] for told in figures["stages"].values() for one in told.values())
    if busy > QUIET:
        print(f"note: other processes kept up to {busy:.1f} cores busy meanwhile")


def megabytes(one: dict[str, Any]) -> str:
    return f"{one['peak_bytes'] / 1e6:>6.0f} MB"


if __name__ == "__main__":
    main()
