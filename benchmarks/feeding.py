"""What feeding from shards costs: `fit` beside the bare train step, encoding beside the GEMM rate, and their memory.

    python benchmarks/feeding.py [--images 200000] [--model vae-affine] [--precision float32] [--steps 20] [--rounds 5]
                                 [--folder DIR] [--json FILE]

Synthetic shards of 96 x 96 images (200,000 are 5.5 GB) are written into a temporary folder in --folder and removed at
the end. Then, each in a process of its own, in turn, with the network of the posts at batch 128:
bare      train_step on one batch in memory, again and again
fit       zpoints.training.fit.fit: one turn of its loop, with the wait for its batch and its callbacks, after one epoch
          of all training images has been read
encode    zpoints.latents.encode.encode_images over the first shards, from the call to arrays on the disk
gemm      numpy and TensorFlow multiply matrices, float32

Medians of the rounds are compared; for fit and bare also those of CPU time, which depends less on what else the machine
does (that of fit includes reading ahead, which the wall clock may hide). Peaks of resident memory are those of whole
processes, TensorFlow included.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from _timing import QUIET, Contender, in_turn, machine
from contenders import network

SHARD_IMAGES = 4096
ENCODED_IMAGES = 5 * SHARD_IMAGES
LIBRARIES = ("numpy", "tensorflow")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=200_000)
    parser.add_argument("--steps", type=int, default=20, help="steps of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", choices=network.MODELS, default="vae-affine")
    parser.add_argument(
        "--precision", choices=("float32", "bfloat16", "float16"), default="float32", help="of training"
    )
    parser.add_argument("--folder", type=Path, help="where the shards are written (default: the system's)")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()

    figures = measure(options.model, options.precision, options.folder, options.images, options.rounds, options.steps)
    report(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def measure(model: str, precision: str, place: Path | None, images: int, rounds: int, steps: int) -> dict[str, Any]:
    """Plain figures of all that is measured; ends the program where something fails."""
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        free, needed = shutil.disk_usage(folder).free, images * network.SIZE**2 * 3
        if free < 1.1 * needed:
            sys.exit(f"error: {folder}: expected room for {needed / 1e9:.1f} GB, received {free / 1e9:.1f} GB")
        return _measure(model, precision, folder, images, rounds, steps)


def _measure(model: str, precision: str, folder: Path, images: int, rounds: int, steps: int) -> dict[str, Any]:
    write_shards(folder / "all", images)
    write_shards(folder / "first", min(images, ENCODED_IMAGES))
    np.savez(folder / "start.npz", **network.start(model))
    with contextlib.ExitStack() as stack:

        def begin(name: str, module: str, **options: object) -> Contender:
            contender = Contender(name, f"contenders.{module}", **options)
            stack.callback(contender.end)
            if contender.error:
                sys.exit(f"error: {name}: {contender.error}")
            return contender

        bare = begin("bare", "ours", model=model, start=folder / "start.npz", precision=precision)
        fit = begin("fit", "fitting", model=model, shards=folder / "all", precision=precision)
        encode = begin("encode", "encoding", model=model, shards=folder / "first")
        gemm = [begin(f"gemm {name}", "gemm", library=name, dtype="float32") for name in LIBRARIES]
        for _ in range(rounds):
            in_turn([bare, fit], 1, steps)
            in_turn([encode, *gemm], 1, 1)
        everyone = [bare, fit, encode, *gemm]
        for contender in everyone:
            if contender.error:
                sys.exit(f"error: {contender.name}: {contender.error}")
        rates = {name: one.ready["flops"] / one.median / 1e9 for name, one in zip(LIBRARIES, gemm, strict=True)}
        encoded = encode.ready["images"] / encode.median
        gflops = encoded * network.encoder_flops(model) / 1e9
        return {
            "machine": machine(),
            "model": model,
            "precision": precision,
            "images": images,
            "bare_images_per_second": network.BATCH / bare.median,
            "fit_images_per_second": network.BATCH / fit.median,
            "fit_share": bare.median / fit.median,
            "fit_cpu_share": statistics.median(bare.cpu_seconds) / statistics.median(fit.cpu_seconds),
            "fit_peak_bytes": fit.peak_bytes,
            "encoded_images": encode.ready["images"],
            "encode_images_per_second": encoded,
            "encode_mflop_per_image": network.encoder_flops(model) / 1e6,
            "encode_gflop_per_second": gflops,
            "encode_share": gflops / max(rates.values()),
            "encode_peak_bytes": encode.peak_bytes,
            "gemm_gflop_per_second": rates,
            "seconds": {one.name: one.seconds for one in everyone},
            "cpu_seconds": {one.name: one.cpu_seconds for one in everyone},
            "cores_busy_with_others": {one.name: one.others for one in everyone},
        }


def write_shards(folder: Path, images: int) -> None:
    """Shards of random pixels, the first 17/20 for training, on the disk when this returns."""
    folder.mkdir()
    block = np.random.default_rng(0).integers(0, 256, (SHARD_IMAGES, network.SIZE, network.SIZE, 3), dtype=np.uint8)
    counts = [min(SHARD_IMAGES, images - first) for first in range(0, images, SHARD_IMAGES)]
    files = [{"file": f"shard_{shard:03d}.npy", "images": count} for shard, count in enumerate(counts)]
    for entry in files:
        with (folder / entry["file"]).open("wb") as file:
            np.save(file, block[: entry["images"]])
            file.flush()
            os.fsync(file.fileno())  # or it would be written while the clock runs
    split = (np.arange(images) >= images * 17 // 20).astype(np.uint8)
    np.save(folder / "split.npy", split)
    np.save(folder / "ids.npy", np.array([f"{number:06d}" for number in range(1, images + 1)]))
    index = {
        "format": 1,
        "images": images,
        "size": network.SIZE,
        "shards": files,
        "attributes": [],
        "factors": [],
        "source": "toy",
        "train": int((split == 0).sum()),
        "held_out": int((split == 1).sum()),
    }
    (folder / "index.json").write_text(json.dumps(index))


def memory(peak: int | None) -> str:
    return f"peak resident memory {peak / 1e9:.2f} GB" if peak else "peak resident memory not told by this system"


def report(figures: dict[str, Any]) -> None:
    seconds = figures["seconds"]
    print(f"{figures['machine']}; {figures['model']} in {figures['precision']}, ", end="")
    print(f"{figures['images']} images, {len(seconds['fit'])} rounds")
    for bare, fit in zip(seconds["bare"], seconds["fit"], strict=True):
        print(f"  bare {bare * 1e3:7.1f} ms a step   fit {fit * 1e3:7.1f} ms   share {bare / fit:.3f}")
    print(f"bare:   {figures['bare_images_per_second']:.1f} images/s")
    print(f"fit:    {figures['fit_images_per_second']:.1f} images/s, {figures['fit_share']:.1%} of bare ", end="")
    print(f"(by CPU time {figures['fit_cpu_share']:.1%}); ", end="")
    print(memory(figures["fit_peak_bytes"]))
    print(f"encode: {figures['encode_images_per_second']:.0f} images/s ({figures['encoded_images']} images), ", end="")
    print(
        f"{figures['encode_gflop_per_second']:.0f} GFLOP/s at {figures['encode_mflop_per_image']:.1f} MFLOP, ", end=""
    )
    print(f"{figures['encode_share']:.1%} of GEMM; {memory(figures['encode_peak_bytes'])}")
    print(
        "gemm:   " + ", ".join(f"{name} {rate:.0f}" for name, rate in figures["gemm_gflop_per_second"].items()), end=""
    )
    print(" GFLOP/s, float32")
    others = [cores for rounds in figures["cores_busy_with_others"].values() for cores in rounds]
    if max(others) > QUIET:
        print(f"Other processes kept {min(others):.2f} to {max(others):.2f} cores busy meanwhile: not a quiet machine.")


if __name__ == "__main__":
    main()
