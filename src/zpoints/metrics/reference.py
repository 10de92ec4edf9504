"""Features of real images, computed once for all models, on disk; no image is in two of the sets."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, RootModel

from zpoints.artifacts import write_array, write_json
from zpoints.config.block import Frozen
from zpoints.config.features import Features
from zpoints.errors import UserError
from zpoints.measurement import NotMeasurable
from zpoints.metrics.controls import CONTROLS
from zpoints.metrics.feature_space import FeatureSpace
from zpoints.metrics.scoring import BATCH, Pictures, Scorer, describe
from zpoints.models.batches import batches
from zpoints.progress import track
from zpoints.reading import read_array, read_json
from zpoints.shards.store import SPLITS, Shards

FORMAT = 3
INDEX = "index.json"
MISSING = "missing.json"  # in place of all else: why there are no features
SETS = {"reference": "train", "scaler": "train", "held_out": "held_out"}


class _Space(Frozen, extra="allow"):
    """As a feature space describes itself."""

    dimension: int = Field(ge=1)


class _Index(Frozen):
    format: Literal[3]
    images: int = Field(ge=1)
    features: _Space
    settings: dict[str, Any]
    sharpness: float = Field(ge=0)


class _Missing(Frozen):
    not_measurable: str


class _Controls(RootModel[dict[str, dict[str, dict[str, float | None]]]]):
    """The scores of pictures of known quality: name, score, part."""


@dataclass(frozen=True)
class Reference:
    """What a features folder holds; make one with `Reference.open`.

    settings: the block `features` that chose the images. space: as the feature space describes itself. sharpness: the
    mean over the reference, in squared grey levels.
    rows: int64 (n,) of each of SETS in the shards, ascending. features: float32 (n, dimension), raw, memory-mapped.
    controls: the scores of pictures of known quality, by name, as `Scorer.scores` gives them.
    """

    settings: Features
    space: dict[str, Any]
    sharpness: float
    rows: dict[str, np.ndarray]
    features: dict[str, np.ndarray]
    controls: dict[str, dict[str, dict[str, float]]]

    @classmethod
    def open(cls, folder: Path, settings: Features, split: np.ndarray) -> "Reference":
        """Open, and check against these settings and the split, uint8 (images,), of the images that were encoded.

        Raises UserError naming the file that is missing, or is not what it should be; NotMeasurable where the stage
        `features` found that there can be none.
        """
        if (folder / MISSING).exists():
            raise NotMeasurable(read_json(folder / MISSING, _Missing).not_measurable)
        if not (folder / INDEX).exists():
            raise UserError(
                f"{folder / INDEX}: expected features of real images, received no such file; run `dvc repro features`"
            )
        index = read_json(folder / INDEX, _Index)
        for key, expected in settings.model_dump(mode="json").items():
            received = index.settings.get(key)
            if received != expected:
                raise UserError(
                    f"{folder}: expected features made with features.{key} = {expected}, received {received}; "
                    "run `dvc repro features`"
                )
        rows = {name: read_array(folder / f"{name}_rows.npy", np.int64, ndim=1) for name in SETS}
        for name, side in SETS.items():
            of_split = index.images == len(split) and ((rows[name] >= 0) & (rows[name] < len(split))).all()
            if not of_split or not (split[rows[name]] == SPLITS[side]).all():
                raise UserError(
                    f"{folder}: expected features of the {len(split)} images that were encoded, split as they were, "
                    "received others; run `dvc repro features`"
                )
        features = {
            name: read_array(
                folder / f"{name}.npy",
                np.float32,
                (len(rows[name]), index.features.dimension),
                mapped=True,
                finite=True,
            )
            for name in SETS
        }
        controls = read_json(folder / "controls.json", _Controls).root
        return cls(settings, index.features.model_dump(), index.sharpness, rows, features, controls)

    def scorer(self, space: FeatureSpace) -> Scorer:
        """What scores pictures against the reference, in this very space. Raises UserError for another one."""
        if space.describe() != self.space:
            raise UserError(
                f"features: expected those of {space.describe()}, received those of {self.space}; "
                "run `dvc repro features`"
            )
        reference, others = self.features["reference"], self.features["scaler"]
        return Scorer.of(reference, others, self.sharpness, space, self.settings.seed)


def choose(shards: Shards, settings: Features) -> dict[str, np.ndarray]:
    """Rows of the three sets, int64, ascending: no image is in two of them.

    Raises NotMeasurable, with the number that there is, where there are too few.
    """
    pools = {side: shards.rows(side) for side in ("train", "held_out")}
    wanted = {"reference": settings.images, "scaler": settings.scaler_images, "held_out": settings.images}
    if reason := settings.shortage(len(pools["train"]), len(pools["held_out"])):
        raise NotMeasurable(reason)
    shuffled = {
        side: np.random.default_rng((settings.seed, place)).permutation(rows)
        for place, (side, rows) in enumerate(pools.items())
    }
    rows, taken = {}, dict.fromkeys(pools, 0)
    for name, side in SETS.items():
        rows[name] = np.sort(shuffled[side][taken[side] : taken[side] + wanted[name]])
        taken[side] += wanted[name]
    return rows


def write_reference(shards: Shards, space: FeatureSpace, settings: Features, folder: Path) -> None:
    """Write the features of real images, and the scores of controls: held-out images and pictures made from them.

    `folder` exists and gets index.json, SET.npy and SET_rows.npy for each of SETS, and controls.json. In memory are all
    features and, as bytes, all held-out pictures.
    """
    rows = choose(shards, settings)
    sets: dict[str, Pictures] = {}
    for name in SETS:
        sets[name] = describe(space, (shards.read(batch) for batch in track(batches(rows[name], BATCH), label=name)))
        write_array(folder / f"{name}_rows.npy", rows[name])
        write_array(folder / f"{name}.npy", sets[name].features)
    sharpness = float(sets["reference"].sharpness.mean())
    scorer = Scorer.of(sets["reference"].features, sets["scaler"].features, sharpness, space, settings.seed)
    controls = {"held_out": scorer.scores(sets["held_out"])}
    originals = shards.read(rows["held_out"])
    for place, (name, made) in enumerate(track(CONTROLS.items(), label="controls")):
        rng = np.random.default_rng((settings.seed, 2, place))
        # The mean is that of all pictures. The others go through floats, which would fill the memory.
        pieces = [originals] if name == "mean_face" else batches(originals, BATCH)
        pictures = (batch for piece in pieces for batch in batches(made(piece, rng), BATCH))
        controls[name] = scorer.scores(describe(space, pictures))
    write_json(folder / "controls.json", controls)
    index = {"format": FORMAT, "images": len(shards), "features": space.describe()}
    write_json(folder / INDEX, index | {"settings": settings.model_dump(mode="json"), "sharpness": sharpness})
