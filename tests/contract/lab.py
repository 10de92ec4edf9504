"""A small laboratory in memory and on disk: everything that an analysis may ask for, for three models."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.lab import make_shards
from zpoints.analyses import discovery
from zpoints.analyses.inputs import Folders, Inputs
from zpoints.config.models import Models
from zpoints.config.reader import Params, read
from zpoints.latents.labels import Labels
from zpoints.latents.store import Latents
from zpoints.measurement import Measurement

ROOT = Path(__file__).resolve().parents[2]
IMAGES, TRAIN, SIZE, Z_DIM = 900, 600, 16, 6
ATTRIBUTES = ("Smiling", "Eyeglasses", "Male", "Blond_Hair")
Z_ONLY = tuple(name for name in discovery.names() if discovery.config_class(name).group == "analyses")

# Of params.yaml, as small as the blocks allow.
SMALL = (
    "analyses.radius.bootstrap=100",
    "analyses.radius.null_points=2000",
    "analyses.components.subsample=300",
    "analyses.pca.subsample=100",
    "analyses.pca.n_plotted=50",
    "analyses.gaussianity.subsample=100",
    "analyses.clusters.k=[2, 3, 4, 6]",
    "analyses.clusters.k_labels=4",
    "analyses.clusters.n_nulls=3",
    "analyses.clusters.n_init=2",
    "analyses.clusters.n_silhouette=60",
    "analyses.tsne.points=[120]",
    "analyses.tsne.settings=[{perplexity: 5, iterations: 8}]",
    "analyses.tsne.n_neighbors=3",
    "analyses.tsne.subsample=60",
    "analyses.tsne.n_plotted=60",
    "analyses.attributes.subsample=400",
    "image_analyses.curvature.images=4",
    "image_analyses.curvature.n_draws=2",
    "image_analyses.rate_distortion.images=40",
    "image_analyses.rate_distortion.points=100",
    "image_analyses.rate_distortion.subsample=50",
    "image_analyses.rate_distortion.n_permutations=19",
    "image_analyses.paths.n_pairs=2",
    "image_analyses.paths.n_starts=3",
    "image_analyses.paths.n_reference=200",
    "image_analyses.paths.distances=[0, 1, 4]",
    "sampler_analyses.samples.images=4",
    "sampler_analyses.evaluation.n_plotted=3",
    "samplers={uniform: [2], core: 2, mixture: 2, jitter: null, seed: 0}",
    "features.min_faces=0",
    "features.images=100",
    "features.scaler_images=150",
    "direction_analyses.edits.images=20",
    "direction_analyses.edits.n_train=300",
    "direction_analyses.edits.min_auc=0.5",
    "direction_analyses.edits.strengths=[1, 2]",
    "pair_analyses.similarity.subsample=60",
    "pair_analyses.similarity.n_groups=5",
    "pair_analyses.similarity.n_repeats=2",
    "images.size=16",
    "split.train=600",
    "models={ae: {kind: ae, z_dim: 6, filters: [4, 8]}, vae_tiny: {kind: vae, z_dim: 6, filters: [4, 8], fact: 1.0e-5},"
    " vae: {kind: vae, z_dim: 6, filters: [4, 8], fact: 5.0}}",
)


def small_params() -> Params:
    """The quick start's params, smaller."""
    return read(ROOT / "params.yaml", SMALL)


def make_latents(
    n_train: int = TRAIN, n_held_out: int = IMAGES - TRAIN, z_dim: int = Z_DIM, vae: bool = True, seed: int = 0
) -> Latents:
    """z-points with correlated axes of unequal widths, off the origin; in memory."""
    rng = np.random.default_rng(seed)
    n = n_train + n_held_out
    mixing = np.eye(z_dim) + 0.3 * rng.standard_normal((z_dim, z_dim))
    mu = (rng.standard_normal((n, z_dim)) * np.linspace(1.5, 0.5, z_dim)) @ mixing + 1.0
    logvar = rng.normal(-4, 0.5, (n, z_dim)) if vae else None
    z = mu if logvar is None else mu + np.exp(logvar / 2) * rng.standard_normal((n, z_dim))
    split = np.r_[np.zeros(n_train, np.uint8), np.ones(n_held_out, np.uint8)]
    arrays = [None if array is None else array.astype(np.float32) for array in (mu, logvar, z)]
    return Latents("vae" if vae else "ae", "none", arrays[0], arrays[1], arrays[2], split)


def make_labels(latents: Latents, seed: int = 0) -> Labels:
    """Attributes that depend on the first axes, and two factors."""
    rng = np.random.default_rng((seed, 1))
    noise = rng.standard_normal((len(latents), len(ATTRIBUTES)))
    axes = latents.mu[:, np.arange(len(ATTRIBUTES)) % latents.z_dim]
    attributes = (axes - np.median(axes, axis=0) + 0.5 * noise > 0).astype(np.uint8)
    factors = np.c_[latents.mu[:, 0] + 0.1 * noise[:, 0], rng.random(len(latents))].astype(np.float32)
    return Labels(ATTRIBUTES, attributes, ("width", "hue"), factors)


@dataclass(frozen=True)
class Lab:
    """Shards, tiny models, their z-points, features and measurements below one folder, laid out as in data/."""

    folder: Path
    params: Params

    @classmethod
    def build(cls, folder: Path) -> "Lab":
        """Models with random weights, encoded; nothing measured."""
        from zpoints.config.encoding import Encoding
        from zpoints.config.features import Features
        from zpoints.config.training import Training
        from zpoints.latents.encode import encode_images
        from zpoints.metrics.feature_space import open_space
        from zpoints.metrics.reference import write_reference
        from zpoints.models.autoencoder import build
        from zpoints.models.model_folder import fingerprint, save
        from zpoints.shards.store import Shards

        params = small_params()
        for name in ("shards", "features"):
            (folder / name).mkdir(parents=True)
        make_labelled_shards(folder / "shards")
        shards = Shards.open(folder / "shards")
        for name in params[Models]:
            trained, encoded = folder / "models" / name, folder / "latents" / name
            trained.mkdir(parents=True)
            encoded.mkdir(parents=True)
            model = build(params[Models][name], SIZE, seed=3)
            save(trained, model, params[Training])
            encode_images(model, fingerprint(trained), shards, params[Encoding], encoded)
        features = params[Features]
        write_reference(shards, open_space(features), features, folder / "features")
        return cls(folder, params)

    def copy(self, folder: Path) -> "Lab":
        """The same below another folder."""
        shutil.copytree(self.folder, folder)
        return Lab(folder, self.params)

    def write_reasons(self) -> None:
        """In place of every measurement, why there is none."""
        for name in {*discovery.presented(), *discovery.names()}:
            stage = f"measure {name}" if name in discovery.names() else "train"
            for model in [*self.params[Models], discovery.PAIRS]:
                Measurement.missing("nothing was measured").write(self.folder / "measurements" / model / name, stage)

    def measure(self, analysis: str, model: str | None) -> Measurement:
        """Measure, and keep it where the pipeline would."""
        folders = Folders(*(self.folder / name for name in ("shards", "latents", "models", "features", "measurements")))
        function = discovery.measure_function(analysis)
        found = function(**Inputs(self.params, folders, model).of(function, self.params.analysis(analysis)))
        found.write(self.folder / "measurements" / (model or discovery.PAIRS) / analysis, f"measure {analysis}")
        return found


def make_labelled_shards(folder: Path) -> Path:
    """Smooth random images whose brightness goes with the attributes."""
    make_shards(folder, IMAGES, SIZE)
    pixels = np.load(folder / "shard_000.npy")
    brightness = pixels.reshape(IMAGES, -1, 3).mean(axis=1) + np.random.default_rng(1).normal(0, 5, (IMAGES, 3))
    columns = np.c_[brightness, brightness.mean(axis=1)]
    np.save(folder / "attributes.npy", (columns > np.median(columns, axis=0)).astype(np.uint8))
    np.save(folder / "factors.npy", columns[:, :2].astype(np.float32))
    index = json.loads((folder / "index.json").read_text())
    index |= {"attributes": list(ATTRIBUTES), "factors": ["red", "green"]}
    (folder / "index.json").write_text(json.dumps(index))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """The files in a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def measured(name: str, latents: Latents, params: Params, labels: Labels | None = None) -> Measurement:
    """What an analysis of z-points and labels finds in these."""
    given = {"latents": latents, "labels": labels or make_labels(latents), "config": params.analysis(name)}
    function = discovery.measure_function(name)
    return function(**{key: given[key] for key in discovery.needs(function)})
