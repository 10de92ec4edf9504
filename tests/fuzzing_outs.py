"""Properties of everything that reads the project's own outs, and photographs: whatever the bytes, a result or a line.

As in tests/datasets/fuzzing.py, a property is a function of a folder and of Hypothesis' data, and says whether the
input was accepted.
"""

import io
import json
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from tests.datasets.fuzzing import spoil, spoilt, whole_files
from tests.datasets_support import jpeg
from zpoints.config.features import Features
from zpoints.errors import UserError
from zpoints.interactive.photograph import read_photograph
from zpoints.latents.directions import Directions
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement

IMAGES, Z_DIM, DIMENSION = 4, 2, 3
MODEL = "0" * 64
LOADED = st.integers(0, 19).map(lambda number: number == 0)
SPLIT = np.array([0, 0, 1, 1], np.uint8)
FEATURES = Features(images=100)


def _write_latents(folder: Path) -> None:
    points = np.arange(IMAGES * Z_DIM, dtype=np.float32).reshape(IMAGES, Z_DIM)
    for name in ("mu", "logvar", "z"):
        np.save(folder / f"{name}.npy", points)
    np.save(folder / "split.npy", SPLIT)
    index = {"format": 1, "kind": "vae", "images": IMAGES, "z_dim": Z_DIM, "model": MODEL, "seed": 0}
    (folder / "index.json").write_text(json.dumps(index))


def _write_measurement(folder: Path) -> None:
    table = pd.DataFrame({"epoch": [1, 2], "reco": [0.5, None], "name": ["a", "b,c"]})
    numbers = {"mean": 1.5, "quantile": {"0.5": -3}, "names": ["a", None, True]}
    Measurement(numbers, {"table": table}, {"pictures": np.zeros((2, 3, 3, 3), np.uint8)}).write(folder / "m", "m")


def _write_directions(folder: Path) -> None:
    arrays = {kind: np.ones((2, Z_DIM), np.float32) for kind in ("mean_difference", "normal")}
    numbers = {"directions": {"model": MODEL, "names": ["Smiling", "Male"], "z_dim": Z_DIM}}
    Measurement(numbers, {}, arrays).write(folder / "m", "m")


def _write_features(folder: Path) -> None:
    for name, rows in {"reference": [0], "scaler": [1], "held_out": [2, 3]}.items():
        np.save(folder / f"{name}_rows.npy", np.array(rows, np.int64))
        np.save(folder / f"{name}.npy", np.ones((len(rows), DIMENSION), np.float32))
    space = {"space": "onet", "dimension": DIMENSION}
    index = {"format": 3, "images": IMAGES, "features": space, "sharpness": 1.0}
    (folder / "index.json").write_text(json.dumps(index | {"settings": FEATURES.model_dump(mode="json")}))
    (folder / "controls.json").write_text(json.dumps({"held_out": {"kid": {"value": 0.1, "low": 0.0, "high": 1}}}))


def _write_model(folder: Path) -> None:
    from tests.lab import VAE
    from zpoints.config.training import Training
    from zpoints.models.autoencoder import build
    from zpoints.models.model_folder import save

    save(folder, build(VAE, 16, seed=0), Training(epochs=1, batch_size=4))


def _is_clear(error: UserError, folder: Path) -> bool:
    return all(line.startswith(str(folder)) and line.isprintable() for line in error.args)


def latents(folder: Path, data: st.DataObject) -> bool:
    """z-points are finite, of one length, and split in two; or the file at fault is named."""
    spoil(_write_latents, folder, data)
    try:
        found = Latents.open(folder)
    except UserError as error:
        assert _is_clear(error, folder), error.args
        return False
    arrays = [array for array in (found.mu, found.logvar, found.z) if array is not None]
    assert all(array.shape == found.mu.shape and np.isfinite(array).all() for array in arrays)
    assert len(found.rows("train")) + len(found.rows("held_out")) == len(found)
    return True


def measurements(folder: Path, data: st.DataObject) -> bool:
    """Numbers are JSON, cells finite or empty; or the file at fault is named."""
    spoil(_write_measurement, folder, data)
    try:
        found = Measurement.read(folder / "m")
    except UserError as error:
        assert _is_clear(error, folder), error.args
        return False
    json.dumps(found.numbers, allow_nan=False)
    for table in found.tables.values():
        assert not np.isinf(table.select_dtypes("number").to_numpy(dtype=float)).any()
    return True


def directions(folder: Path, data: st.DataObject) -> bool:
    """Directions are finite, one for each name; or the file at fault is named."""
    spoil(_write_directions, folder, data)
    try:
        found = Directions.open(folder / "m", MODEL)
    except UserError as error:
        assert _is_clear(error, folder), error.args
        return False
    for array in found.arrays().values():
        assert len(array) == len(found.names) and np.isfinite(array).all()
    return True


def features(folder: Path, data: st.DataObject) -> bool:
    """Features are finite, of images of the right side of the split; or the file at fault is named."""
    from zpoints.metrics.reference import Reference

    spoil(_write_features, folder, data)
    try:
        found = Reference.open(folder, FEATURES, SPLIT)
    except UserError as error:
        assert _is_clear(error, folder), error.args
        return False
    assert (SPLIT[found.rows["held_out"]] == 1).all()
    assert all(np.isfinite(array).all() for array in found.features.values())
    return True


def model_folders(folder: Path, data: st.DataObject) -> bool:
    """A model is described as one that can be built, and its weights are those it was saved with; or a line."""
    from zpoints.models import model_folder
    from zpoints.models.model_folder import describe, load

    spoil(_write_model, folder, data)
    try:
        description = describe(folder)
        # To build a network takes a hundred times as long as all else.
        if (folder / "model.json").read_bytes() == whole_files(_write_model)["model.json"] or data.draw(LOADED):
            with mock.patch.object(model_folder, "build", _build()):
                assert load(folder).size == description.size
    except UserError as error:
        assert _is_clear(error, folder), error.args
        return False
    return True


@cache
def _build() -> Callable:
    """`build`, which makes each network once: what `load` gives it are other weights."""
    from zpoints.models.autoencoder import build

    return lru_cache(maxsize=8)(build)


def photographs(folder: Path, data: st.DataObject) -> bool:
    """A photograph becomes an image of the model's size, or the file is named."""
    path = folder / "photograph.jpg"
    whole = data.draw(st.sampled_from(_photographs()))
    path.write_bytes(data.draw(spoilt(whole)))
    crop = data.draw(st.sampled_from([None, (0, 20, 178, 198)]))
    try:
        image = read_photograph(path, crop, 8, "lanczos", data.draw(st.sampled_from(["celeba", "folder"])))
    except UserError as error:
        assert _is_clear(error, folder), error.args
        return False
    assert (image.shape, image.dtype) == ((8, 8, 3), np.uint8)
    return True


@cache
def _photographs() -> list[bytes]:
    from PIL import Image

    wholes = [jpeg(1, 178, 218), jpeg(2, 30, 20)]
    for kind in ("PNG", "WEBP"):
        buffer = io.BytesIO()
        Image.open(io.BytesIO(wholes[1])).save(buffer, kind)
        wholes.append(buffer.getvalue())
    return wholes


PROPERTIES = {
    "latents": latents,
    "measurements": measurements,
    "directions": directions,
    "features": features,
    "model folders": model_folders,
    "photographs": photographs,
}
