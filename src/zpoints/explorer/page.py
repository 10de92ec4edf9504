"""The whole folder: index.html, its scripts, and the data of all models as chunks."""

import hashlib
import io
import math
import shutil
from collections.abc import Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.metrics import pairwise_distances_argmin

from zpoints.config.explorer import Explorer
from zpoints.config.models import AutoencoderEntry, ExternalEntry
from zpoints.config.samplers import Samplers
from zpoints.errors import UserError
from zpoints.explorer.chunks import Chunks
from zpoints.explorer.export import decoder_bytes, refuse_missing_extra, to_onnx
from zpoints.explorer.maps import measured_maps
from zpoints.explorer.space import Rounding, write_space
from zpoints.interactive.placing import ORIGINALS, Box
from zpoints.latents.cloud import Cloud
from zpoints.latents.directions import UNITS, Directions
from zpoints.latents.external_decoder import Decoding, ExternalModel, open_decoding
from zpoints.latents.fitted import fit_mixture
from zpoints.latents.images import expect_images
from zpoints.latents.labels import Labels
from zpoints.latents.store import Latents, chunks
from zpoints.measurement import NotMeasurable
from zpoints.models.batches import batches
from zpoints.progress import track, workers
from zpoints.reading import read_array
from zpoints.shards.store import Shards

WEB = Path(__file__).parent / "web"
STATIC = ("index.html", "explorer.css", "explorer.js", "licences.txt")
RUNTIME = {"runtime/wasm": "ort-wasm-simd-threaded.wasm.gz", "runtime/glue": "ort-wasm-simd-threaded.mjs.gz"}
FORMAT = 1
SHEET = 16  # originals in a row and in a column of a sheet
QUALITY = 90  # of its WebP
BATCH = 512  # images that are decoded at once
N_ROUNDED = 256  # images with which the effect of rounding is measured


def write_explorer(
    folder: Path,
    entries: Mapping[str, AutoencoderEntry | ExternalEntry],
    shards: Shards,
    latents: Path,
    models: Path,
    measurements: Path,
    config: Explorer,
    samplers: Samplers,
    crop: Box | None = None,
) -> str:
    """Write the page of these models into an existing folder; returns what it weighs and how exact it is, as text.

    entries: models that have decoders. latents, models, measurements: hold a folder for each of them. What is not
    measured, t-SNE maps or directions of attributes, is left out. crop: of the training images, by which a photograph
    is placed.
    Raises UserError without the extra `explorer`, and for inputs that do not belong together.
    """
    refuse_missing_extra()
    for file in STATIC:
        shutil.copy(WEB / "bundle" / file, folder / file)
    data = folder / "data"
    data.mkdir()
    out = Chunks(data)
    for name, file in RUNTIME.items():
        out.add_compressed(name, (WEB / "bundle" / file).read_bytes())

    labels = _write_labels(Labels.of(shards), shards, out)
    pool = ThreadPoolExecutor(max(1, workers() - 1))  # one core is left to the models
    try:
        sheets = _start_originals(shards, data, pool) if _may_copy(config, shards) else None
        own = Chunks(data)
        described = [
            _write_model(name, entries[name], shards, latents, models, measurements, config, samplers, own)
            for name in track(entries, label="models")
        ]
        originals = [sheet.result() for sheet in track(sheets or (), label="originals")]
    finally:
        pool.shutdown(cancel_futures=True)
    run = {
        "format": FORMAT,
        "images": len(shards),
        "size": shards.size,
        "source": shards.source,
        "placing": {"crop": crop, "original": ORIGINALS.get(shards.source)},
        "samplers": samplers.model_dump(mode="json"),
        "units": UNITS,
        **labels,
        "originals": None if sheets is None else {"columns": SHEET, "count": SHEET * SHEET},
        "models": described,
    }
    index = [chunks.index for chunks in (out, *originals, own)]
    out.add_json("run", run | {"chunks": {name: entry for part in index for name, entry in part.items()}})
    lines = [f"{model['name']}: {rounding_text(model)}" for model in described]
    return "\n".join([*lines, describe_sizes(sizes(folder, tuple(entries)))])


def rounding_text(model: dict[str, Any]) -> str:
    """How exact the page's z-points are, in a sentence."""
    exact = f"z rounded to 1/{2 ** model['bits'] - 1} of each axis' range"
    return f"{exact}: decoded images differ by {model['rounding']:.2g} grey levels on average"


def sizes(folder: Path, names: tuple[str, ...]) -> dict[str, int]:
    """Bytes of the page, of the runtime, of what all models share, and of each model."""
    parts = dict.fromkeys(("page", "runtime", "images", *names), 0)
    for path in folder.rglob("*"):
        if path.is_file():
            kind = path.name.partition("-")[0] if path.parent.name == "data" else "page"
            parts[kind if kind in parts else "images"] += path.stat().st_size
    return parts


def sources_digest() -> str:
    """SHA-256 of all that build.mjs makes the bundle from; it writes the same into bundle/sources.sha256."""
    digest = hashlib.sha256()
    paths = [*(WEB / "src").glob("*"), WEB / "build.mjs", WEB / "package.json", WEB / "package-lock.json"]
    for path in sorted(paths, key=lambda path: path.name):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _may_copy(config: Explorer, shards: Shards) -> bool:
    return config.originals == "all" or (config.originals == "toy" and shards.source == "toy")


def _write_labels(labels: Labels, shards: Shards, out: Chunks) -> dict[str, Any]:
    out.add_json("ids", shards.ids.tolist())
    out.add_array("split", shards.split)
    factors: list[dict[str, Any]] = []
    if labels.attributes is not None:
        out.add_array("attributes", labels.attributes.T)
    if labels.factors is not None:
        values = labels.factors.astype(np.float64)  # the span of float32 values may be more than float32 holds
        low, high = values.min(axis=0), values.max(axis=0)
        span = np.where(high > low, high - low, 1)
        out.add_array("factors", np.rint(255 * ((values - low) / span)).astype(np.uint8).T)
        ends = zip(labels.factor_names, low, high, strict=True)
        factors = [{"name": name, "low": float(least), "high": float(most)} for name, least, most in ends]
    return {"attributes": list(labels.attribute_names), "factors": factors}


def _start_originals(shards: Shards, folder: Path, pool: Executor) -> list[Future[Chunks]]:
    """Sheets of SHEET x SHEET images, WebP, which the pool writes while the models are written."""

    def write(number: int) -> Chunks:
        start = number * SHEET * SHEET
        images = shards.read(np.arange(start, min(start + SHEET * SHEET, len(shards))))
        full = np.zeros((SHEET * SHEET, *images.shape[1:]), np.uint8)
        full[: len(images)] = images
        edge = SHEET * shards.size
        pixels = full.reshape(SHEET, SHEET, shards.size, shards.size, 3).swapaxes(1, 2).reshape(edge, edge, 3)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "WEBP", quality=QUALITY)
        out = Chunks(folder)
        out.add_bytes(f"originals_{number}", file.getvalue())
        return out

    return [pool.submit(write, number) for number in range(math.ceil(len(shards) / SHEET**2))]


def _write_model(
    name: str,
    entry: AutoencoderEntry | ExternalEntry,
    shards: Shards,
    latents: Path,
    models: Path,
    measurements: Path,
    config: Explorer,
    samplers: Samplers,
    out: Chunks,
) -> dict[str, Any]:
    trained = open_decoding(name, entry, models / name, shards.size)
    points = trained.latents(latents / name)
    expect_images(points, shards)
    if trained.size != shards.size:
        raise UserError(f"{models / name}: expected images of {shards.size} pixels, received {trained.size}")
    out.add_bytes(f"{name}/decoder", decoder_bytes(trained, config.precision))
    encoder = config.encoder and not isinstance(trained, ExternalModel)
    if encoder:
        out.add_bytes(f"{name}/encoder", to_onnx(trained.model.encoder, config.precision))
    rounding = Rounding.of(points, config.bits)
    space = write_space(points, rounding, out, name)
    out.add_rounded(f"{name}/error", _errors(trained, shards, points))
    return {
        "name": name,
        **space,
        "kind": entry.kind,
        "rounding": _rounding_error(trained, points, rounding),
        "encoder": encoder,
        "directions": _write_directions(name, measurements / name / "attributes", trained, points.z_dim, out),
        "maps": _write_maps(name, measurements / name / "tsne", len(shards), out),
        "clusters": _write_clusters(name, measurements / name / "clusters", points, out),
        "mixture": _write_mixture(name, points, samplers, out),
    }


def _write_directions(name: str, folder: Path, trained: Decoding, z_dim: int, out: Chunks) -> list[str]:
    """The attributes whose directions were measured."""
    if not folder.exists():
        return []
    try:
        directions = Directions.open(folder, trained.fingerprint)
    except NotMeasurable:
        return []
    for kind, values in directions.arrays().items():
        if values.shape[1] != z_dim:
            raise UserError(f"{folder}: expected directions of {z_dim} dimensions, received {values.shape[1]}")
        out.add_array(f"{name}/{kind}", values)
    return list(directions.names)


def _write_maps(name: str, folder: Path, images: int, out: Chunks) -> list[dict[str, Any]]:
    """The t-SNE maps that were measured."""
    maps = []
    for found in measured_maps(folder, images):
        out.add_array(f"{name}/map_{found.number}", found.places.T)
        out.add_array(f"{name}/map_{found.number}_rows", found.rows)
        maps.append({"number": found.number, "title": found.title})
    return maps


def _write_clusters(name: str, folder: Path, points: Latents, out: Chunks) -> int:
    """The cluster of each image among those that were compared with the attributes; their number, 0 for none."""
    path = folder / "centers.npy"
    if not path.exists():
        return 0
    centers = read_array(path, np.floating, (None, points.z_dim), finite=True)
    if not len(centers):
        raise UserError(f"{path}: expected centres of clusters, received none")
    cells = [pairwise_distances_argmin(points.mu[rows], centers) for rows in chunks(np.arange(len(points)))]
    out.add_array(f"{name}/cluster", np.concatenate(cells).astype(np.uint16))
    return len(centers)


def _errors(trained: Decoding, shards: Shards, points: Latents) -> np.ndarray:
    """Of each image decoded from mu, the root of the mean squared error in grey levels: float32 (n,)."""
    errors = np.empty(len(points), np.float32)
    for rows in track(batches(np.arange(len(points)), BATCH), label=f"{trained.name}: reconstruction errors"):
        differences = trained.decode(points.mu[rows]).astype(np.float32) - shards.read(rows)
        errors[rows] = np.sqrt(np.square(differences).mean(axis=(1, 2, 3)))
    return errors


def _rounding_error(trained: Decoding, points: Latents, rounding: Rounding) -> float:
    """Mean absolute difference of images decoded from mu and from mu as the page has it, in grey levels."""
    rows = np.sort(np.random.default_rng(0).permutation(len(points))[:N_ROUNDED])
    differences = 0.0
    for part in batches(rows, BATCH):
        exact, rounded = (trained.decode(z) for z in (points.mu[part], rounding.rounded(points.mu[part])))
        differences += np.abs(exact.astype(np.float32) - rounded).mean(axis=(1, 2, 3)).sum()
    return float(differences / len(rows))


def _write_mixture(name: str, points: Latents, samplers: Samplers, out: Chunks) -> int:
    """Number of Gaussians of the mixture, 0 for none."""
    count = samplers.mixture
    cloud = Cloud(points.mu, points.rows("train"))
    if count is None or len(cloud.rows) < 2 * count:
        return 0
    model, centre, scale = fit_mixture(cloud, count, samplers.seed)
    out.add_array(f"{name}/mixture_weights", model.weights_.astype(np.float32))
    out.add_array(f"{name}/mixture_means", (centre + scale * model.means_).astype(np.float32))
    out.add_array(f"{name}/mixture_factors", (scale * np.linalg.cholesky(model.covariances_)).astype(np.float32))
    return count


def describe_sizes(parts: dict[str, int]) -> str:
    """The sizes in a line each, in MB."""
    width = max(map(len, parts))
    return "\n".join(
        f"{name:<{width}} {count / 1e6:8.1f} MB" for name, count in (*parts.items(), ("all", sum(parts.values())))
    )
