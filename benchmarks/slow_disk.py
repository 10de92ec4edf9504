"""Do bounded dirty pages keep a copy of many small files to a slow disk from stalling? The posts' claim on USB disks.

    sudo python benchmarks/slow_disk.py DIR [--files 40000] [--rounds 10] [--save docs/results/slow_disk.csv]

DIR is a folder on the slow disk. In each round as many files of 10 kB are copied there from memory with either setting
of the kernel, in turn, and removed again:

bounded     vm.dirty_bytes of 48 MiB, vm.dirty_background_bytes of 16 MiB, as in the posts
unbounded   vm.dirty_ratio of 20, vm.dirty_background_ratio of 10, the kernel's own

A line of the table is a round: MB/s until all is on the disk (syncfs), and the longest time that one file took, in
seconds. The settings from before come back at the end. A disk of 130 MB/s, the posts' best rate, can be made on Linux
with cgroups of version 1 (their limit of requests counts before these are merged, so it says nothing of seeks):

    truncate -s 2G disk.img && losetup --direct-io=on /dev/loop0 disk.img
    mkfs.ext4 -q /dev/loop0 && mkdir slow && mount /dev/loop0 slow
    echo "7:0 130000000" > /sys/fs/cgroup/blkio/blkio.throttle.write_bps_device
"""

import argparse
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

VM = Path("/proc/sys/vm")
SETTINGS = {
    "bounded": {"dirty_bytes": 48 << 20, "dirty_background_bytes": 16 << 20},
    "unbounded": {"dirty_ratio": 20, "dirty_background_ratio": 10},
}
SIZE = 10_000  # bytes of a file: near those of CelebA's


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--files", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--save", type=Path, metavar="CSV", help="write the rounds there")
    options = parser.parse_args()
    content = np.random.default_rng(0).bytes(SIZE)
    rows = []
    with settings_restored():
        for number in range(options.rounds):
            names = list(SETTINGS)[:: 1 if number % 2 == 0 else -1]
            measured = {name: copied(options.folder / "copy", content, options.files, name) for name in names}
            row = {"round": number + 1} | {name: measured[name][0] for name in SETTINGS}
            rows.append(row | {f"{name}_longest": measured[name][1] for name in SETTINGS})
            print(rows[-1], flush=True)
    table = pd.DataFrame(rows)
    print(f"medians of {options.rounds} rounds\n{table.drop(columns='round').median().to_string()}")
    if options.save:
        table.to_csv(options.save, index=False, lineterminator="\n", float_format="%.4g")


@contextmanager
def settings_restored() -> Iterator[None]:
    """Of each pair (bytes, ratio) one is in force and the other reads 0."""
    before = {name: (VM / name).read_text() for setting in SETTINGS.values() for name in setting}
    try:
        yield
    finally:
        for name, value in before.items():
            if value.strip() != "0":
                (VM / name).write_text(value)


def copied(folder: Path, content: bytes, files: int, setting: str) -> tuple[float, float]:
    """MB/s of one copy, and the seconds of its slowest file. Nothing is waiting to be written when it begins."""
    for name, value in SETTINGS[setting].items():
        (VM / name).write_text(str(value))
    subprocess.run(["sync"], check=True)
    folder.mkdir()
    longest = 0.0
    begin = last = time.monotonic()
    for number in range(files):
        (folder / f"{number:06}.jpg").write_bytes(content)
        now = time.monotonic()
        longest, last = max(longest, now - last), now
    subprocess.run(["sync", "--file-system", str(folder)], check=True)
    rate = files * len(content) / 1e6 / (time.monotonic() - begin)
    shutil.rmtree(folder)
    return rate, longest


if __name__ == "__main__":
    if os.geteuid():
        raise SystemExit("error: this sets vm.dirty_bytes of the machine: run it as root")
    main()
