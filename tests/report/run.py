"""A small finished run on disk, with everything the report reads, made in a moment."""

import json
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from stages.compare import compare
from tests.pipeline.declarations import ROOT
from zpoints.outs import write_csv, write_json
from zpoints.params.models import Models
from zpoints.params.reader import read
from zpoints.params.sampling import Sampling
from zpoints.report.inputs import Folders, Inputs, read_inputs
from zpoints.sampling.registry import samplers

SIZE, PICTURES, EPOCHS = 16, 12, 5
AE = {"kind": "ae", "z_dim": 4, "filters": [4, 8]}
TINY = {"kind": "vae", "z_dim": 4, "filters": [4, 8], "fact": 1e-5}
VAE = {"kind": "vae", "z_dim": 4, "filters": [4, 8], "fact": 0.02, "loss": "mse"}
MODELS = {"ae": AE, "vae_tiny": TINY, "vae": VAE}


def make_run(root: Path, models: dict[str, dict] = MODELS, source: str = "toy") -> Path:
    """Write a run of these models below `root`; returns its params file."""
    params = root / "params.yaml"
    content = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    content["images"]["size"], content["models"] = SIZE, models
    content["sampling"] = {"images": PICTURES, "uniform": [2.0, 10.0], "seed": 0}
    params.write_text(json.dumps(content), encoding="utf-8")
    entries = read(params)[Models]
    metrics = {"source": source, "images": 40, "train": 30, "held_out": 10, "size": SIZE, "shards": 1, "skipped": []}
    write_json(root / "measurements/prepare.json", metrics)
    for place, name in enumerate(entries):
        _make_model(root, name, models[name], np.random.default_rng(place), samplers(read(params)[Sampling]))
    compare(models=root / "models", measurements=root / "measurements", params=params, out=root / "comparison")
    return params


def folders(root: Path) -> Folders:
    """Where `make_run` wrote its results."""
    return Folders(root / "comparison", root / "measurements", root / "samples", root / "models")


def inputs(root: Path) -> Inputs:
    """The run as the report reads it."""
    params = read(root / "params.yaml")
    return read_inputs(params[Models], samplers(params[Sampling]), folders(root))


def _make_model(root: Path, name: str, entry: dict, rng: np.random.Generator, kinds: list[str]) -> None:
    vae, bce = entry["kind"] == "vae", entry.get("loss", "bce") == "bce"
    measurements, model, samples = (root / part / name for part in ("measurements", "models", "samples"))
    history = [_epoch(epoch, vae, bce, rng) for epoch in range(1, EPOCHS + 1)]
    write_csv(model / "history.csv", history)
    write_json(model / "model.json", {"format": 1, "size": SIZE, "model": entry, "training": {"epochs": EPOCHS}})
    layers = [("encoder", "conv_1", "8x8x4", 112), ("encoder", "mu", "4", 516), ("decoder", "dense", "128", 640)]
    columns = ("part", "layer", "output", "parameters")
    write_csv(model / "parameters.csv", [dict(zip(columns, layer, strict=True)) for layer in layers])

    last = {key: value for key, value in history[-1].items() if key != "epoch"}
    held_out = {key.removeprefix("val_"): last.pop(key) for key in list(last) if key.startswith("val_")}
    for terms in (last, held_out):
        if bce:
            terms["reco_above_floor"] = terms["reco"] - terms["floor"]
    totals = {"encoder": 628, "decoder": 640, "total": 1268}
    write_json(
        measurements / "training.json", {"epochs": EPOCHS, "parameters": totals, "train": last, "held_out": held_out}
    )

    laws = {kind: rng.random(20) for kind in (("mu", "z") if vae else ("mu",))}
    law = {key: float(rng.uniform(1, 20)) for key in ("mean", "std", "min", "max", "peak")}
    law |= {"quantile": {"0.5": float(rng.uniform(1, 20))}, "share": {"12 to 24": float(rng.random())}}
    write_json(measurements / "radius.json", {"z_dim": 4, **dict.fromkeys(laws, law)})
    shares = {kind: values / values.sum() for kind, values in laws.items()} | {"chi": np.eye(20)[4]}
    rows = [{"radius": 0.5 * k + 0.25, **{kind: law[k] for kind, law in shares.items()}} for k in range(20)]
    write_csv(measurements / "radius.csv", rows)

    noise = {"mu": {"norm_of_mean": float(rng.random()), "std_mean": float(rng.random())}}
    if vae:
        noise["logvar"] = {"mean": -12.3, "min": -20.1, "max": -0.5}
        noise["displacement"] = {"component_max": 0.26, "radius_change_relative_mean": 6e-5}
        noise["balance"] = {"mean": 1.02}
    write_json(measurements / "noise.json", noise)
    bins = [{"logvar": k - 13.75, "share": 0.25} for k in range(4)] if vae else []
    write_csv(measurements / "logvar.csv", bins, ("logvar", "share"))

    make_shape(measurements, rng)
    write_json(measurements / "samples.json", {kind: {"radius_mean": 2.1, "radius_std": 0.7} for kind in kinds})
    samples.mkdir(parents=True)
    np.save(samples / "originals.npy", np.random.default_rng(99).integers(0, 256, _SHAPE, np.uint8))
    for kind in ("reconstructions", *kinds):
        np.save(samples / f"{kind}.npy", rng.integers(0, 256, _SHAPE, np.uint8))


def make_shape(folder: Path, rng: np.random.Generator) -> None:
    """Measurements of the axes and of the shape of one cloud, with all numbers different."""
    describe = lambda *keys: {key: float(rng.uniform(0.1, 1)) for key in keys}  # noqa: E731
    axes = {"axes": 4, "origin": describe("mahalanobis", "gaussian_median", "farther", "gaussian_farther")}
    axes["shape"] = {
        kind: {"skewness": describe("mean_abs"), "excess_kurtosis": describe("mean")} for kind in ("mu", "null")
    }
    axes["normality"] = {"mu": {"failing": 3}, "null": {"failing": 0}}
    axes["correlation"] = {kind: describe("beyond_chance", "mean_abs") for kind in ("mu", "null")}
    write_json(folder / "components.json", axes)
    levels = ("0.5", "0.8", "0.9", "0.95", "0.99")
    cloud = {kind: describe("participation_ratio", "first_share") for kind in ("mu", "independent")}
    counts = {kind: {"components": dict.fromkeys(levels, int(rng.integers(1, 5)))} for kind in cloud}
    ends = ("mean", "low", "high")
    kinds = ("two_nn", "levina_bickel", "distance", "density_contrast")
    near = {kind: {"mu": describe(*ends), "null": describe(*ends), "ratio": describe(*ends)} for kind in kinds}
    write_json(folder / "pca.json", {kind: cloud[kind] | counts[kind] for kind in cloud} | {"neighbourhood": near})
    shares = {kind: rng.random(8) for kind in ("strongest", "median", "normal")}
    histogram = {"deviation": np.arange(8) - 3.5} | {kind: values / values.sum() for kind, values in shares.items()}
    below = np.cumsum([0.4, 0.3, 0.2, 0.1])
    spectrum = {"rank": np.arange(1, 5), "cumulative": below, "independent_cumulative": np.arange(1, 5) / 4}
    drawn = {kind: rng.standard_normal(30) for kind in ("first", "second", "null_first", "null_second")}
    for file, columns in {"components_histogram": histogram, "pca": spectrum, "scores": drawn}.items():
        lines = [dict(zip(columns, line, strict=True)) for line in zip(*columns.values(), strict=True)]
        write_csv(folder / f"{file}.csv", lines)


_SHAPE = (PICTURES, SIZE, SIZE, 3)


def _epoch(epoch: int, vae: bool, bce: bool, rng: np.random.Generator) -> dict[str, float]:
    floor, reco = (100.0, 100 + float(rng.uniform(10, 90))) if bce else (0.0, float(rng.uniform(10, 90)))
    row = {"epoch": epoch, "total": reco, "reco": reco, **({"kl": 0.0178} if vae else {})}
    row |= {"val_total": reco + 1, "val_reco": reco + 1, **({"val_kl": 0.02} if vae else {})}
    row |= {"val_mse": 0.0056, "val_psnr": 22.5}
    return row | ({"floor": floor, "val_floor": floor + 0.5} if bce else {})
