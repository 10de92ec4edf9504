"""Properties of what the later stages and the sweeps read: whatever the bytes, a result or a line.

As in tests/datasets/fuzzing.py, a property is a function of a folder and of Hypothesis' data, and says whether the
input was accepted. One file of a whole folder is damaged at a time.
"""

import contextlib
import io
import json
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
from hypothesis import strategies as st

import zpoints
from tests.contract.lab import make_labels, make_latents
from tests.datasets.fuzzing import spoil
from tests.datasets_support import IMAGES, write_raw
from zpoints.config.explorer import Explorer
from zpoints.config.models import ExternalEntry
from zpoints.config.reader import Params, read
from zpoints.config.samplers import Samplers
from zpoints.config.split import Split
from zpoints.errors import UserError
from zpoints.latents.directions import UNITS
from zpoints.measurement import Measurement, NotMeasurable
from zpoints.shards.store import Shards

ROOT = Path(__file__).resolve().parents[1]
MODELS = ("ae", "vae")
N_TRAIN, N_HELD_OUT, Z_DIM, SIZE = 90, 30, 3, 2
DRAWN = st.integers(0, 9).map(lambda number: number == 0)
# Of the analyses whose inputs are z-points and labels, as few of everything as they allow.
QUICK: dict[str, dict] = {
    "radius": {"bootstrap": 100, "null_points": 1000},
    "posterior": {},
    "components": {"subsample": 60},
    "pca": {"subsample": 40, "n_repeats": 2, "n_neighbors": 3, "n_plotted": 20},
    "gaussianity": {"subsample": 40, "n_repeats": 2, "n_axes": 2},
    "clusters": {"k": [2, 3, 4], "k_labels": 3, "n_nulls": 3, "n_init": 2, "n_silhouette": 30},
    "tsne": {"points": [60], "settings": [{"perplexity": 4, "iterations": 8}], "n_neighbors": 3, "subsample": 40},
    "attributes": {"min_count": 10},
}


CLAIMS = """same: {row: 1, claim: c, test: equivalent, number: loss, a: vae_tiny, b: ae, margin: 0.03, relative: true}
range: {row: 2, claim: c, test: range, number: peak, minus: loss, a: ae, low: 0, high: 1}
share: {row: 3, claim: c, test: share, number: share, a: ae, low: 0.5, high: 1}
more: {row: 4, claim: c, test: different, number: peak, over: loss, a: ae, b: vae, primary: false}
"""


@cache
def _params() -> Params:
    return read(ROOT / "params.yaml", ["models={ae: {kind: ae, z_dim: 3}, vae: {kind: vae, z_dim: 3, fact: 1}}"])


def _is_clear(error: UserError, *begins: Path | str) -> bool:
    return all(line.startswith(tuple(map(str, begins))) and line.isprintable() for line in error.args)


def sweeps(folder: Path, data: st.DataObject) -> bool:
    """Sweeps name models with folders of their own, all of which could be trained; or each fault is a line."""
    from zpoints.sweeps.settings import models_of, read_sweeps, resolved

    spoil(_write_sweeps, folder, data)
    path = folder / "sweeps.yaml"
    try:
        known = read_sweeps(path, _sweep_params())
        models = models_of(tuple(known), known, _sweep_params())
    except UserError as error:
        assert _is_clear(error, path, *_names_of(path)), error.args
        return False
    assert models and len({model.name for model in models}) == len(models)
    for model in models:
        assert re.fullmatch(r"[a-zA-Z0-9_.x-]+", model.name) and ".." not in model.name, model.name
        assert json.dumps(resolved(model.entry, _sweep_params()), allow_nan=False)
    return True


@cache
def _sweep_params() -> Params:
    return read(ROOT / "params.yaml")


def _names_of(path: Path) -> list[str]:
    """The names of the sweeps in a file, with which errors about two models of one name begin."""
    try:
        return [f"{name}:" for name in json.loads(path.read_text())]
    except (ValueError, TypeError):  # a number is no mapping
        return ["seeds:", "fact:", "z_dim:"]


def claims(folder: Path, data: st.DataObject) -> bool:
    """Claims are judged by the trainings, in finite numbers; or the file at fault is named."""
    from stages.claims import claims as judge

    spoil(_write_claims, folder, data)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            judge(folder / "claims.yaml", folder / "replicates", docs=False, out=folder / "out")
    except UserError as error:
        assert _is_clear(error, folder / "claims.yaml", folder / "replicates"), error.args
        assert not (folder / "out").exists()
        return False
    for row in json.loads((folder / "out" / "claims.json").read_text(), parse_constant=_never).values():
        assert row["p"] is None or 0 <= row["p"] <= 1, row
    return True


def _never(constant: str) -> float:
    raise AssertionError(f"{constant} in JSON")


def external_latents(folder: Path, data: st.DataObject) -> bool:
    """Another program's z-points are finite, a row for each image; or the file at fault is named."""
    from zpoints.latents import external
    from zpoints.latents.store import Latents
    from zpoints.models.external import external_fingerprint, write_external

    spoil(_write_external, folder, data)
    alone = data.draw(st.booleans())
    source = folder / "points" / "mu.npy" if alone else folder / "points"
    entry = ExternalEntry(kind="external", latents=str(source), z_dim=Z_DIM)
    try:
        (folder / "model").mkdir()
        write_external(entry, folder / "model")
        shards = Shards.open(folder / "shards")
        found = external.external_latents(entry, shards, external_fingerprint(entry, folder / "model"))
        (folder / "latents").mkdir()
        found.write(folder / "latents")
    except UserError as error:
        assert _is_clear(error, folder), error.args
        return False
    again = Latents.open(folder / "latents")
    assert again.mu.shape == (N_TRAIN + N_HELD_OUT, Z_DIM) and (again.logvar is None) == alone
    return True


def explorer_inputs(folder: Path, data: st.DataObject) -> bool:
    """The page is written from shards, z-points, directions and maps that fit; or the file at fault is named."""
    from types import SimpleNamespace

    from tests.lab import VAE
    from zpoints.explorer import page
    from zpoints.latents.trained import Trained

    spoil(_write_explorer, folder, data)
    network = SimpleNamespace(size=SIZE, decoder=None, encoder=None)
    trained = Trained("vae", network, MODEL)  # type: ignore[arg-type]
    (folder / "page").mkdir()
    inputs = [folder / name for name in ("latents", "models", "measurements")]
    cheap = {
        "STATIC": (),
        "RUNTIME": {},
        "to_onnx": lambda model, precision: b"",
        "decoder_bytes": lambda model, precision: b"",
        "refuse_missing_extra": lambda: None,
    }
    black = {"open": lambda *_: trained, "decode": lambda self, z: np.zeros((len(z), SIZE, SIZE, 3), np.uint8)}
    try:
        with mock.patch.multiple(page, **cheap), mock.patch.multiple(Trained, **black):
            shards = Shards.open(folder / "shards")
            page.write_explorer(folder / "page", {"vae": VAE}, shards, *inputs, Explorer(), Samplers(mixture=2))
    except UserError as error:
        assert _is_clear(error, folder), error.args
        return False
    for path in (folder / "page" / "data").iterdir():
        assert re.fullmatch(r"[a-z0-9_-]+\.js", path.name), path.name
        assert path.read_text("utf-16").startswith("zpointsChunk(")
    return True


MODEL = "0" * 64


def comparison_tables(folder: Path, data: st.DataObject) -> bool:
    """All models' numbers and tables are gathered, finite; or the measurement at fault is named."""
    from zpoints.report.comparison import write_comparison, write_metrics
    from zpoints.report.results import Run

    name = spoil(_write_measurements, folder, data, "measurements")
    params = _params_for(name.split("/")[2])
    (folder / "comparison").mkdir()
    (folder / "metrics").mkdir()
    try:
        run = Run(params, folder / "measurements")
        write_comparison(run, folder / "comparison")
        write_metrics(run, folder / "metrics")
    except UserError as error:
        assert _is_clear(error, folder / "measurements", "tsne of "), error.args
        return False
    for path in (folder / "comparison" / "models.json", *(folder / "metrics").iterdir()):
        json.loads(path.read_text(), parse_constant=_never)
    return True


def reports(folder: Path, data: st.DataObject) -> bool:
    """The report of one analysis is made, its words are escaped; or the file at fault is named."""
    import matplotlib.pyplot as plt

    from stages.report import report
    from zpoints.report import page

    name = spoil(_write_report, folder, data)
    analysis = name.split("/")[2] if name.count("/") > 2 else name.split("/")[1] if "/pairs/" in name else "radius"
    params = _params_for(analysis)
    # Pixels take most of the time: all figures are made, and some are drawn.
    nothing, embedded = (lambda *_: None), (lambda *_: page.EmbeddedFigure("", 1, 1, ""))
    undrawn = mock.patch.multiple(page, rendered=nothing, write_png=nothing, embed=embedded)
    drawing = contextlib.nullcontext() if data.draw(DRAWN) else undrawn
    try:
        with mock.patch("stages.report.parameters", lambda *_: params), drawing:
            none = dict.fromkeys(("explorer", "replicates", "claims"), folder / "none")
            report(folder / "comparison", folder / "measurements", out=folder / "out", **none)
    except UserError as error:
        assert _is_clear(error, folder / "measurements", folder / "comparison"), error.args
        assert not (folder / "out" / "report").exists()
        return False
    finally:
        plt.close("all")
    html = (folder / "out" / "report" / "index.html").read_text()
    assert html.count("<script") == 1 and "\x1b" not in html  # the page's own
    return True


def _params_for(analysis: str) -> Params:
    """The params with this analysis alone."""
    params = _params()
    chosen = {name: config for name, config in params.analyses.items() if name == analysis}
    return Params(params._blocks, chosen)


def raw_folders(folder: Path, data: st.DataObject) -> bool:
    """What download brought becomes shards, each label at its image; or the file at fault is named."""
    from zpoints.shards.build import build_shards

    spoil(_write_raw, folder, data)
    (folder / "shards").mkdir()
    try:
        build_shards(folder / "raw", folder / "shards", IMAGES, Split(train=0.5), workers=1)
    except UserError as error:
        assert _is_clear(error, folder), error.args
        return False
    shards = Shards.open(folder / "shards")
    assert 0 < len(shards) <= 4 and shards.read(np.arange(len(shards))).shape[1:] == (8, 8, 3)
    return True


def task_states(folder: Path, data: st.DataObject) -> bool:
    """What a sweep has done is a table with a line for each model; or the file at fault is named."""
    from zpoints.sweeps.progress import table

    spoil(_write_tasks, folder, data)
    try:
        lines = table(folder)
    except UserError as error:
        assert _is_clear(error, folder), error.args
        return False
    assert all(0 <= line.done <= line.total and f"{line.name}{line.note}".isprintable() for line in lines)
    return True


def _write_sweeps(folder: Path) -> None:
    shutil.copy(ROOT / "sweeps.yaml", folder)


def _write_claims(folder: Path) -> None:
    (folder / "claims.yaml").write_text(CLAIMS)
    (folder / "replicates").mkdir()
    rng = np.random.default_rng(0)
    names = ("loss", "peak", "share")
    lines = [",".join(("model", "group", "seed", *names))]
    for group in ("ae", "vae_tiny", "vae"):
        for seed in range(3):
            lines.append(
                ",".join((f"{group}-s{seed}", group, str(seed), *(f"{x:.4f}" for x in rng.random(len(names)))))
            )
    (folder / "replicates" / "trainings.csv").write_text("\n".join(lines) + "\n")


def _write_shards(folder: Path) -> None:
    from tests.lab import make_shards

    folder.mkdir()
    latents = make_latents(N_TRAIN, N_HELD_OUT, Z_DIM)
    make_shards(folder, N_TRAIN + N_HELD_OUT, SIZE)
    labels = make_labels(latents)
    np.save(folder / "split.npy", latents.split)
    np.save(folder / "attributes.npy", labels.attributes)
    np.save(folder / "factors.npy", labels.factors)
    index = json.loads((folder / "index.json").read_text()) | {"train": N_TRAIN, "held_out": N_HELD_OUT}
    index |= {"attributes": list(labels.attribute_names), "factors": list(labels.factor_names)}
    (folder / "index.json").write_text(json.dumps(index))


def _write_external(folder: Path) -> None:
    _write_shards(folder / "shards")
    (folder / "points").mkdir()
    latents = make_latents(N_TRAIN, N_HELD_OUT, Z_DIM)
    for name in ("mu", "logvar", "z"):
        np.save(folder / "points" / f"{name}.npy", getattr(latents, name))


def _write_explorer(folder: Path) -> None:
    _write_shards(folder / "shards")
    (folder / "latents" / "vae").mkdir(parents=True)
    latents = make_latents(N_TRAIN, N_HELD_OUT, Z_DIM)
    replaced = type(latents)(latents.kind, MODEL, latents.mu, latents.logvar, latents.z, latents.split)
    replaced.write(folder / "latents" / "vae")
    arrays = {kind: np.ones((2, Z_DIM), np.float32) for kind in UNITS}
    numbers = {"directions": {"model": MODEL, "names": ["Smiling", "Male"], "z_dim": Z_DIM}}
    Measurement(numbers, {}, arrays).write(folder / "measurements" / "vae" / "attributes", "measure attributes")
    for analysis in ("tsne", "clusters"):
        _measured(analysis, "vae").write(folder / "measurements" / "vae" / analysis, f"measure {analysis}")


@cache
def _measured(analysis: str, model: str) -> Measurement:
    latents = make_latents(N_TRAIN, N_HELD_OUT, Z_DIM, vae=model == "vae")
    try:
        return zpoints.measure(analysis, latents, labels=make_labels(latents), **QUICK[analysis])
    except NotMeasurable as reason:  # a plain autoencoder has no posterior
        return Measurement.missing(str(reason))


def _write_measurements(folder: Path) -> None:
    import pandas as pd

    for model in MODELS:
        for analysis in QUICK:
            _measured(analysis, model).write(folder / "measurements" / model / analysis, f"measure {analysis}")
        history = pd.DataFrame({"epoch": [1, 2], "reco": [2.0, 1.0], "val_reco": [2.0, 1.5]})
        layers = pd.DataFrame({"part": ["encoder"], "layer": ["conv"], "output": ["4x4x4"], "parameters": [100]})
        speed = pd.DataFrame({"epoch": [1], "seconds": [1.0], "images_per_second": [600.0]})
        tables = {"history": history, "parameters": layers, "speed": speed}
        Measurement({"epochs": 2}, tables).write(folder / "measurements" / model / "training", "train")


def _write_report(folder: Path) -> None:
    from zpoints.report.comparison import write_comparison
    from zpoints.report.results import Run

    _write_measurements(folder)
    (folder / "comparison").mkdir()
    chosen = {name: config for name, config in _params().analyses.items() if name in QUICK}
    write_comparison(Run(Params(_params()._blocks, chosen), folder / "measurements"), folder / "comparison")
    numbers = {"source": "toy", "images": 120, "train": N_TRAIN, "held_out": N_HELD_OUT, "size": SIZE, "skipped": []}
    (folder / "measurements" / "prepare.json").write_text(json.dumps(numbers))


def _write_raw(folder: Path) -> None:
    write_raw(folder / "raw", 4)


def _write_tasks(folder: Path) -> None:
    addresses = {"vae": "train@vae", "vae-s3": "sweeps/vae-s3/dvc.yaml:train"}
    tasks = [{"model": model, "address": address, "done": False} for model, address in addresses.items()]
    (folder / "tasks.json").write_text(json.dumps({"pid": 1, "started": 1.0, "tasks": tasks}))
    (folder / "vae-s3.train.state").write_text(json.dumps({"state": "running", "time": 1.0}))
    (folder / "vae-s3.train.log").write_text("Epoch 2/10\n")


PROPERTIES: dict[str, Callable[[Path, st.DataObject], bool]] = {
    "raw folders": raw_folders,
    "sweeps": sweeps,
    "claims": claims,
    "task states": task_states,
    "external latents": external_latents,
    "explorer's inputs": explorer_inputs,
    "comparison's inputs": comparison_tables,
    "report's inputs": reports,
}
