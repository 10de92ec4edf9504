"""Labelled images, an untrained model with its z-points, and a feature space of plain pixels."""

import json

import numpy as np

from tests.lab import AE, make_shards
from zpoints.config.features import Features
from zpoints.config.samplers import Samplers
from zpoints.latents.directions import Directions
from zpoints.latents.labels import Labels
from zpoints.latents.samplers import samplers
from zpoints.latents.store import Latents
from zpoints.latents.trained import Trained
from zpoints.metrics.reference import Reference, write_reference
from zpoints.models.autoencoder import build
from zpoints.shards.store import Shards

SIZE, IMAGES = 16, 450
HOSTILE = "../x $\\frac{$"
NAMES = ("Male/Female", HOSTILE, "Coin", "Rare")  # two that can be seen, a coin's, and one that too few have


class Pixels:
    """A few pixels are the features, and a bright first one is a face."""

    dimension, raw = 48, False

    def describe(self):
        return {"space": "pixels", "dimension": self.dimension}

    def __call__(self, images):
        places = np.linspace(0, images.shape[1] - 1, 4).astype(int)
        return images[:, places][:, :, places].reshape(len(images), -1).astype(np.float32)

    def face_scores(self, features):
        return (features[:, 0] > 127).astype(float)


def make_lab(folder):
    """Everything that measure functions of images ask for, by the names of their arguments."""
    for name in ("shards", "features"):
        (folder / name).mkdir()
    make_shards(folder / "shards", IMAGES, SIZE)
    pixels, rng = np.load(folder / "shards/shard_000.npy"), np.random.default_rng(0)
    values = (rng.random((IMAGES, 4)) < [0.5, 0.5, 0.5, 0]).astype(np.uint8)
    values[:3, 3] = 1
    pixels[values[:, 0] == 1, : SIZE // 2] = 255
    pixels[values[:, 1] == 1, :, : SIZE // 2] = (200, 0, 0)
    np.save(folder / "shards/shard_000.npy", pixels)
    np.save(folder / "shards/attributes.npy", values)
    index = json.loads((folder / "shards/index.json").read_text())
    (folder / "shards/index.json").write_text(json.dumps(index | {"attributes": list(NAMES)}))
    shards = Shards.open(folder / "shards")
    model = Trained("ae", build(AE, SIZE, 0), "print")
    mu = model.encode(shards.read(np.arange(IMAGES)))
    settings = Features(images=100, scaler_images=110)
    write_reference(shards, Pixels(), settings, folder / "features")
    vectors = np.random.default_rng(0).standard_normal((2, 3, AE.z_dim)).astype(np.float32)
    return {
        "model": model,
        "latents": Latents("ae", "print", mu, None, mu, shards.split),
        "labels": Labels.of(shards),
        "shards": shards,
        "feature_space": Pixels(),
        "reference": Reference.open(folder / "features", settings, shards.split),
        "samplers": samplers(Samplers(uniform=(2.0,), core=None, mixture=2, jitter=None)),
        "directions": Directions("print", NAMES[:3], *vectors),
    }
