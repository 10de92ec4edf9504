"""A small finished run on disk, with everything the report reads, made in a moment."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

from stages.compare import compare
from tests.pipeline.declarations import ROOT
from zpoints.comparison.topic import Topic
from zpoints.comparison.topics import TOPICS
from zpoints.artifacts import write_csv
from zpoints.artifacts import write_json
from zpoints.config.models import Models
from zpoints.config.reader import read
from zpoints.config.samplers import Sampling
from zpoints.report.inputs import Folders, Inputs, read_inputs
from zpoints.latents.samplers import samplers

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
    content["sampling"] = {"images": PICTURES, "uniform": [2.0, 10.0], "seed": 0} | {
        key: None for key in ("core", "mixture", "jitter")
    }
    params.write_text(json.dumps(content), encoding="utf-8")
    entries = read(params)[Models]
    metrics = {"source": source, "images": 40, "train": 30, "held_out": 10, "size": SIZE, "shards": 1, "skipped": []}
    write_json(root / "measurements/prepare.json", metrics)
    for place, name in enumerate(entries):
        _make_model(root, name, models[name], np.random.default_rng(place), samplers(read(params)[Sampling]))
    make_similarity(root / "similarity", list(entries))
    compare(models=root / "models", measurements=root / "measurements", params=params, out=root / "comparison")
    return params


def folders(root: Path) -> Folders:
    """Where `make_run` wrote its results."""
    parts = ("comparison", "measurements", "samples", "similarity", "models", "edits", "paths", "evaluation")
    return Folders(*(root / part for part in parts))


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

    for topic in TOPICS:
        make_measurement(topic, measurements, rng, vae)
    write_json(measurements / "samples.json", {kind: {"radius_mean": 2.1, "radius_std": 0.7} for kind in kinds})
    samples.mkdir(parents=True)
    np.save(samples / "originals.npy", np.random.default_rng(99).integers(0, 256, _SHAPE, np.uint8))
    for kind in ("reconstructions", *kinds):
        np.save(samples / f"{kind}.npy", rng.integers(0, 256, _SHAPE, np.uint8))


def make_similarity(folder: Path, names: list[str]) -> None:
    """All pairs, with numbers that differ."""
    rng = np.random.default_rng(5)
    parts = ("value", "low", "high", "null")
    pairs = [
        {"a": a, "b": b, "seed_alone": False}
        | {name: {part: float(rng.random()) for part in parts} for name in ("cka", "procrustes", "canonical")}
        for a, b in combinations(names, 2)
    ]
    counts = {"train": 30, "held_out": 10}
    write_json(folder / "similarity.json", {"models": names, "images": counts, "pairs": pairs})


def make_measurement(topic: Topic, folder: Path, rng: np.random.Generator, vae: bool) -> None:
    """A measurement with all numbers different, and its curves; training.json and the history are made elsewhere."""
    if topic.name == "training" or (topic.vae_only and not vae):
        return
    content: dict = {}
    for quantity in topic.quantities:
        first, *_ = quantity.place.split(".")
        if vae or first not in OF_VAES:
            keys = ("12 to 24", "14 to 19") if quantity.family else ("",)
            for key in keys:
                value: object = round(float(rng.uniform(1, 9)), 3)
                if quantity.form in ("count", "text"):
                    value = int(rng.integers(1, 99)) if quantity.form == "count" else "word"
                put(content, quantity.place.removesuffix("*") + key, value)
    if topic.name == "edits":
        content["analogies"] = [{"x": "Smiling", "y": "Male", "triples": 9, "both": 0.5, "before": 0.1, "null": 0.2}]
    if topic.name == "tsne":
        content |= {"neighbours": 3, "columns": ["row", "x", "y"]}
        (folder / "tsne").mkdir(parents=True)
        np.save(folder / "tsne" / "map_1.npy", np.column_stack([np.arange(9), rng.random((9, 2))]).astype(np.float32))
    write_json(folder / f"{topic.name}.json", content)
    for curve in topic.curves:
        if vae or not curve.vae_only:
            columns = {
                name: [f"{name} {row}" for row in range(8)] if name in curve.words else make_column(name, rng)
                for name in curve.columns
            }
            columns |= {
                name: make_column(name, rng) for name in OPTIONAL.get(curve.name, ()) if vae or name not in OF_VAES
            }
            lines = [dict(zip(columns, line, strict=True)) for line in zip(*columns.values(), strict=True)]
            write_csv(folder / f"{curve.name}.csv", lines)
        else:
            write_csv(folder / f"{curve.name}.csv", [], curve.columns)


# Places of measurements that a plain autoencoder has not.
OF_VAES = ("z", "logvar", "displacement", "balance")
COUNTED = ("map", "row", "cluster")
# Columns that a reader can do without.
OPTIONAL = {
    "radius": ("z",),
    "curvature": ("logvar", "predicted_at_mu"),
    "probes": ("attribute Male", "attribute Smiling"),
}
PLACES = ("radius", "logvar", "deviation", "rank")


def make_column(name: str, rng: np.random.Generator) -> np.ndarray:
    """Places along an axis ascend, numbers of things are 1; of all else, shares that add up to 1."""
    values = rng.random(8)
    if name in COUNTED:
        return np.ones(8, np.int64)
    return np.arange(1, 9) - 0.5 * (name != "rank") if name in PLACES else values / values.sum()


def put(content: dict, place: str, value: object) -> None:
    """Set the value at a dotted place."""
    *parents, last = place.split(".")
    for parent in parents:
        content = content.setdefault(parent, {})
    content[last] = value


_SHAPE = (PICTURES, SIZE, SIZE, 3)


def _epoch(epoch: int, vae: bool, bce: bool, rng: np.random.Generator) -> dict[str, float]:
    floor, reco = (100.0, 100 + float(rng.uniform(10, 90))) if bce else (0.0, float(rng.uniform(10, 90)))
    row = {"epoch": epoch, "total": reco, "reco": reco, **({"kl": 0.0178} if vae else {})}
    row |= {"val_total": reco + 1, "val_reco": reco + 1, **({"val_kl": 0.02} if vae else {})}
    row |= {"val_mse": 0.0056, "val_psnr": 22.5}
    return row | ({"floor": floor, "val_floor": floor + 0.5} if bce else {})
