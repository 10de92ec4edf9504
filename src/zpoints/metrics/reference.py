"""Features of real images that every model is held against: computed once, on disk, no image in two of the sets."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zpoints.errors import UserError
from zpoints.metrics.controls import CONTROLS
from zpoints.metrics.feature_space import FeatureSpace
from zpoints.metrics.scoring import Scorer, Seen, look, parts
from zpoints.analyses.evaluation.config import Evaluation
from zpoints.progress import track
from zpoints.shards.store import Shards

FORMAT = 2
INDEX = "index.json"
SETS = {"reference": "train", "units": "train", "held_out": "held_out"}


@dataclass(frozen=True)
class Reference:
    """What a features folder holds; make one with `Reference.open`.

    index: `images` of the shards, `features` as their space describes itself, `settings` (the block evaluation that
    chose the images), and `sharpness`, the mean over the reference in squared grey levels.
    rows: int64 (n,) of each of SETS in the shards, ascending. features: float32 (n, dimension), raw, memory-mapped.
    controls: the scores of pictures of known quality, by name, as `Scorer.scores` gives them.
    """

    index: dict[str, Any]
    rows: dict[str, np.ndarray]
    features: dict[str, np.ndarray]
    controls: dict[str, dict[str, dict[str, float]]]

    @classmethod
    def open(cls, folder: Path, block: Evaluation, split: np.ndarray) -> "Reference":
        """Open, and hold against this block and the split, uint8 (images,), of the images that were encoded.

        Raises UserError naming the file that is missing, or is not what it should be.
        """
        index = _json(folder / INDEX)
        if index.get("format") != FORMAT:
            raise UserError(f"{folder / INDEX}: expected format {FORMAT}, received {index.get('format')}")
        settings = block.model_dump(mode="json")
        if index["settings"] != settings:
            key = next(key for key in settings if index["settings"].get(key) != settings[key])
            received = index["settings"].get(key)
            raise UserError(
                f"{folder}: expected features made with evaluation.{key} = {settings[key]}, received {received}; "
                "run `dvc repro features`"
            )
        rows = {name: _array(folder / f"{name}_rows.npy", np.int64, 1) for name in SETS}
        sides = {"train": 0, "held_out": 1}
        for name, found in rows.items():
            if index["images"] != len(split) or not (split[found] == sides[SETS[name]]).all():
                raise UserError(
                    f"{folder}: expected features of the {len(split)} images that were encoded, split as they were, "
                    "received others; run `dvc repro features`"
                )
        features = {name: _array(folder / f"{name}.npy", np.float32, 2) for name in SETS}
        for name, values in features.items():
            expected = (len(rows[name]), index["features"]["dimension"])
            if values.shape != expected:
                raise UserError(f"{folder / f'{name}.npy'}: expected shape {expected}, received {values.shape}")
        return cls(index, rows, features, _json(folder / "controls.json"))

    def scorer(self, space: FeatureSpace) -> Scorer:
        """What scores pictures against the reference, in this very space. Raises UserError for another one."""
        if space.describe() != self.index["features"]:
            raise UserError(
                f"features: expected those of {space.describe()}, received those of {self.index['features']}; "
                "run `dvc repro features`"
            )
        features, seed = self.features, self.index["settings"]["seed"]
        return Scorer.of(features["reference"], features["units"], self.index["sharpness"], space, seed)


def choose(shards: Shards, block: Evaluation) -> dict[str, np.ndarray]:
    """Rows of the three sets, int64, ascending: no image is in two of them.

    Raises UserError, with the number that there is, where there are too few.
    """
    pools = {side: shards.rows(side) for side in ("train", "held_out")}
    wanted = {"reference": block.images, "units": block.units, "held_out": block.images}
    if len(pools["train"]) < block.images + block.units:
        raise UserError(
            f"evaluation.images and evaluation.units: expected at most {len(pools['train'])} together, the training "
            f"images, received {block.images} and {block.units}"
        )
    if len(pools["held_out"]) < block.images:
        raise UserError(
            f"evaluation.images: expected at most {len(pools['held_out'])}, the held-out images, "
            f"received {block.images}"
        )
    shuffled = {
        side: np.random.default_rng((block.seed, place)).permutation(rows)
        for place, (side, rows) in enumerate(pools.items())
    }
    rows, taken = {}, dict.fromkeys(pools, 0)
    for name, side in SETS.items():
        rows[name] = np.sort(shuffled[side][taken[side] : taken[side] + wanted[name]])
        taken[side] += wanted[name]
    return rows


def write_reference(shards: Shards, space: FeatureSpace, block: Evaluation, folder: Path) -> None:
    """Write the features of real images, and the scores of floors and ceilings made from held-out ones.

    `folder` exists and gets index.json, SET.npy and SET_rows.npy for each of SETS, and controls.json. In memory are all
    features and, as bytes, all held-out pictures.
    """
    rows = choose(shards, block)
    seen: dict[str, Seen] = {}
    for name, found in rows.items():
        pictures = (shards.read(part) for part in track(parts(found), label=name))
        seen[name] = look(space, pictures)
        np.save(folder / f"{name}_rows.npy", found)
        np.save(folder / f"{name}.npy", seen[name].features)
    sharp = float(seen["reference"].sharpness.mean())
    scorer = Scorer.of(seen["reference"].features, seen["units"].features, sharp, space, block.seed)
    controls = {"held_out": scorer.scores(seen["held_out"])}
    originals = shards.read(rows["held_out"])
    for place, (name, made) in enumerate(track(CONTROLS.items(), label="floors and ceilings")):
        rng = np.random.default_rng((block.seed, 2, place))
        # The mean is that of all pictures. The others go through floats, which would fill the memory.
        pieces = [originals] if name == "mean_face" else parts(originals)
        controls[name] = scorer.scores(look(space, (part for piece in pieces for part in parts(made(piece, rng)))))
    _write(folder / "controls.json", controls)
    index = {"format": FORMAT, "images": len(shards), "features": space.describe()}
    _write(folder / INDEX, index | {"settings": block.model_dump(mode="json"), "sharpness": sharp})


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise UserError(
            f"{path}: expected features of real images, received no such file; run `dvc repro features`"
        ) from None
    except ValueError as error:
        raise UserError(f"{path}: expected JSON, received: {error}") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected a mapping, received {type(content).__name__}")
    return content


def _array(path: Path, dtype: type, axes: int) -> np.ndarray:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UserError(f"{path}: expected a .npy array, received: {error}") from None
    if not isinstance(array, np.ndarray) or array.dtype != dtype or array.ndim != axes:
        raise UserError(f"{path}: expected {np.dtype(dtype)} with {axes} axes, received something else")
    return array
