"""How fast the train step is: beside stock Keras, beside PyTorch, and as a share of the machine's own GEMM rate.

    python benchmarks/train_step.py [--model vae-batch ...] [--rounds 5] [--steps 5] [--torch-python PATH]
                                    [--feeding DIR] [--images 200000] [--json FILE]

All contenders train the network of the posts (96 x 96, filters 32 to 256, z_dim 256, batch 128) from the same weights
on the same batch in memory, with the same noise:
ours      zpoints.models.autoencoder.build(...).train_step, compiled as `fit` does it
keras     stock layers, keras.optimizers.Adam and a GradientTape step, in float32 and under mixed_bfloat16
torch     channels_last and fused Adam, eager and torch.compile, float32 and bfloat16 autocast; where PyTorch is
          installed (pip install -e '.[bench]', or in another environment: --torch-python)

Each runs in a process of its own; rounds are taken in turn, one process computing at a time, and medians compared. The
first 20 steps, which are not timed, show that all compute the same: the loss of step 1 and of step 20 beside that of
stock Keras in float32. Losses, KL and optimizer are float32 for all. GFLOP are counted from the layers' shapes
(contenders/network.py); the GEMM rate is the best that numpy, TensorFlow and PyTorch reach at a few shapes.

With --feeding, each table also has a row for fit from shards (written into DIR) beside its
own bare step, and one for encode.
"""

import argparse
import contextlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import feeding
import numpy as np
from _timing import QUIET, Contender, in_turn, machine
from contenders import network

REFERENCE = "keras float32"
# name: module, dtype of the multiplications, options
CONTENDERS: dict[str, tuple[str, str, dict[str, object]]] = {
    "ours float32": ("ours", "float32", {"precision": "float32"}),
    "ours bfloat16": ("ours", "bfloat16", {"precision": "bfloat16"}),
    "keras float32": ("stock", "float32", {"policy": "float32"}),
    "keras mixed_bfloat16": ("stock", "bfloat16", {"policy": "mixed_bfloat16"}),
    "torch eager float32": ("pytorch", "float32", {"dtype": "float32", "compiled": False}),
    "torch eager bfloat16": ("pytorch", "bfloat16", {"dtype": "bfloat16", "compiled": False}),
    "torch compile float32": ("pytorch", "float32", {"dtype": "float32", "compiled": True}),
    "torch compile bfloat16": ("pytorch", "bfloat16", {"dtype": "bfloat16", "compiled": True}),
}
# library, dtype
GEMM = (
    ("numpy", "float32"),
    ("tensorflow", "float32"),
    ("torch", "float32"),
    ("tensorflow", "bfloat16"),
    ("torch", "bfloat16"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", nargs="+", choices=network.MODELS, default=list(network.MODELS), help="default: all")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=list(CONTENDERS), help="of the contenders")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=5, help="steps of a contender in a round")
    parser.add_argument("--torch-python", default=sys.executable, metavar="PATH", help="the Python that has PyTorch")
    parser.add_argument("--feeding", type=Path, metavar="DIR", help="measure fit and encode too, with shards in DIR")
    parser.add_argument("--images", type=int, default=200_000, help="in these shards")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()

    figures = {"machine": machine(), "batch": network.BATCH, "rounds": options.rounds, "steps": options.steps}
    print(f"{figures['machine']}; batch {network.BATCH}, {options.rounds} rounds of {options.steps} steps")
    figures["models"] = {}
    for model in options.model:
        figures["models"][model] = measure(model, options.only, options.rounds, options.steps, options.torch_python)
        if options.feeding:
            figures["models"][model]["feeding"] = {
                CONTENDERS[name][1]: feeding.measure(
                    model, CONTENDERS[name][1], options.feeding, options.images, options.rounds, 4 * options.steps
                )
                for name in options.only
                if name.startswith("ours")
            }
        report(model, figures["models"][model])
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def measure(model: str, names: list[str], rounds: int, steps: int, torch_python: str) -> dict[str, Any]:
    """All contenders and the GEMM rates, in turn."""
    python = {"pytorch": torch_python, "torch": torch_python}
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        start = Path(folder, "start.npz")
        np.savez(start, **network.start(model))

        def begin(name: str, module: str, python: str, **options: object) -> Contender:
            contender = Contender(name, f"contenders.{module}", python, **options)
            stack.callback(contender.end)
            print(f"  {model}: {name}: {contender.error or 'ready'}", file=sys.stderr, flush=True)
            return contender

        steppers, products = [], []
        for name in names:
            module, _, options = CONTENDERS[name]
            interpreter = python.get(module, sys.executable)
            steppers.append(begin(name, module, interpreter, model=model, start=start, **options))
        for library, dtype in GEMM:
            interpreter = python.get(library, sys.executable)
            products.append(begin(f"{library} {dtype}", "gemm", interpreter, library=library, dtype=dtype))
        in_turn(steppers + products, rounds, steps)
    return evaluate(model, steppers, products)


def evaluate(model: str, steppers: list[Contender], products: list[Contender]) -> dict[str, Any]:
    """Plain figures: rates and ratios; a contender that failed has its reason in place of them."""
    gemm = {one.name: one.ready["flops"] / one.median / 1e9 for one in products if not one.error}
    peak = {dtype: max((rate, name) for name, rate in gemm.items() if name.endswith(dtype)) for dtype in dtypes(gemm)}
    rates = {one.name: network.BATCH / one.median for one in steppers if not one.error}
    losses = {one.name: one.ready["losses"] for one in steppers if not one.error}
    best_torch = max((rate for name, rate in rates.items() if name.startswith("torch")), default=None)
    flops = network.step_flops(model)
    rows = {}
    for one in steppers:
        if one.error:
            rows[one.name] = {"error": one.error}
            continue
        rate, dtype = rates[one.name], CONTENDERS[one.name][1]
        gflops = rate * flops / 1e9
        rows[one.name] = {
            "images_per_second": rate,
            "step_seconds": one.seconds,
            "cores_busy_with_others": one.others,
            "gflop_per_second": gflops,
            "gemm_share": gflops / peak[dtype][0] if dtype in peak else None,
            "against_keras_float32": rate / rates[REFERENCE] if REFERENCE in rates else None,
            "against_best_torch": rate / best_torch if best_torch else None,
            "losses": [losses[one.name][0], losses[one.name][-1]],
            "loss_differences": [losses[one.name][at] / losses[REFERENCE][at] - 1 for at in (0, -1)]
            if REFERENCE in losses
            else None,
            "versions": one.ready["versions"],
        }
    return {
        "mflop_per_image_and_step": flops / 1e6,
        "gemm_gflop_per_second": gemm,
        "gemm_shapes": {one.name: one.ready["shape"] for one in products if not one.error},
        "gemm_errors": {one.name: one.error for one in products if one.error},
        "gemm_best": {dtype: {"rate": rate, "by": name.split()[0]} for dtype, (rate, name) in peak.items()},
        "contenders": rows,
    }


def dtypes(gemm: dict[str, float]) -> list[str]:
    return sorted({name.split()[1] for name in gemm}, reverse=True)


def report(model: str, figures: dict[str, Any]) -> None:
    """The table of one model."""
    rows = figures["contenders"]
    versions = {key: value for row in rows.values() for key, value in row.get("versions", {}).items()}
    counted = f"{figures['mflop_per_image_and_step']:.1f} MFLOP per image and step"
    print(f"\n{model}: " + ", ".join([counted, *(f"{library} {version}" for library, version in versions.items())]))
    for dtype, best in figures["gemm_best"].items():
        shape = "x".join(map(str, figures["gemm_shapes"][f"{best['by']} {dtype}"]))
        others = ", ".join(
            f"{name.split()[0]} {rate:.0f}"
            for name, rate in figures["gemm_gflop_per_second"].items()
            if name.endswith(dtype) and not name.startswith(best["by"])
        )
        print(f"GEMM {dtype}: {best['rate']:.0f} GFLOP/s ({best['by']}, m x k x n {shape}; {others})")
    for name, error in figures["gemm_errors"].items():
        print(f"GEMM {name}: failed: {error}")
    print(f"{'':24}{'images/s':>9}{'x keras':>9}{'x torch':>9}{'of GEMM':>9}{'loss 1':>10}{'difference':>12}", end="")
    print(f"{f'loss {network.CHECK_STEPS}':>10}{'difference':>12}")
    for name, row in rows.items():
        if "error" in row:
            print(f"{name:24} failed: {row['error']}")
            continue
        print(f"{name:24}{row['images_per_second']:9.1f}", end="")
        print(f"{number(row['against_keras_float32'], '.2f')}{number(row['against_best_torch'], '.2f')}", end="")
        print(number(row["gemm_share"], ".0%"), end="")
        for loss, difference in zip(row["losses"], row["loss_differences"] or (None, None), strict=True):
            print(f"{loss:10.2f}{number(difference, '+.1e', 12)}", end="")
        print()
    for precision, fed in figures.get("feeding", {}).items():
        name = f"fit, {precision}"
        print(f"{name:24}{fed['fit_images_per_second']:9.1f}  {fed['fit_share']:.1%} of its bare step ", end="")
        print(
            f"(by CPU time {fed['fit_cpu_share']:.1%}); {fed['images']} images, {feeding.memory(fed['fit_peak_bytes'])}"
        )
    for fed in list(figures.get("feeding", {}).values())[:1]:
        print(f"{'encode, float32':24}{fed['encode_images_per_second']:9.1f}", end="")
        print(f"{'':18}{number(fed['encode_share'], '.0%')}  {feeding.memory(fed['encode_peak_bytes'])}")
    print(
        "x keras: against stock Keras float32; x torch: against the best PyTorch; difference: relative to keras float32"
    )
    others = [cores for row in rows.values() for cores in row.get("cores_busy_with_others", ())]
    if others and max(others) > QUIET:
        print(f"Other processes kept {min(others):.2f} to {max(others):.2f} cores busy meanwhile: not a quiet machine.")


def number(value: float | None, style: str, width: int = 9) -> str:
    return f"{'-' if value is None else format(value, style):>{width}}"


if __name__ == "__main__":
    main()
