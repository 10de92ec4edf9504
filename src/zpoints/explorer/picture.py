"""A picture of the page: the map that it opens with, and some of its points decoded."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage

from zpoints.config.models import AutoencoderEntry, ExternalEntry
from zpoints.explorer.maps import measured_maps
from zpoints.latents.cloud import Cloud
from zpoints.latents.external_decoder import open_decoding
from zpoints.report.style import MUTED, WIDTH, save, styled
from zpoints.stats.pca import principal_axes

FACES = 14
FACE = 0.48  # inches
N_POINTS = 20_000  # of a map of principal axes


def write_picture(
    path: Path,
    name: str,
    entry: AutoencoderEntry | ExternalEntry,
    size: int,
    latents: Path,
    models: Path,
    measurements: Path,
) -> None:
    """Draw the picture of one model, PNG. latents, models, measurements: hold a folder for each model.

    size: pixels of a side of the images.
    """
    trained = open_decoding(name, entry, models / name, size)
    points = trained.latents(latents / name)
    maps = measured_maps(measurements / name / "tsne", len(points))
    if maps:
        places, rows = maps[0].places, maps[0].rows
    else:
        rows = np.sort(np.random.default_rng(0).permutation(len(points))[:N_POINTS])
        moments = Cloud(points.mu, points.rows("train")).moments
        places = ((points.mu[rows] - moments.mean) @ principal_axes(moments)[1][:, :2]).astype(np.float32)
    chosen = far_apart(places, FACES)
    radii = np.linalg.norm(points.mu[rows], axis=1)
    save(_draw(places, radii, chosen, trained.decode(points.mu[rows[chosen]])), path)


def far_apart(places: np.ndarray, count: int) -> np.ndarray:
    """Indices of at most `count` places (n, 2), each as far from those before it as any; outliers are left out."""
    low, high = np.quantile(places, [0.01, 0.99], axis=0)
    inside = np.flatnonzero(((places >= low) & (places <= high)).all(axis=1))
    scaled = (places[inside] - low) / np.maximum(high - low, 1e-12)
    chosen = [int(np.square(scaled - 0.5).sum(axis=1).argmin())]
    distances = np.full(len(inside), np.inf)
    while len(chosen) < min(count, len(inside)):
        distances = np.minimum(distances, np.square(scaled - scaled[chosen[-1]]).sum(axis=1))
        chosen.append(int(distances.argmax()))
    return inside[chosen]


@styled
def _draw(places: np.ndarray, radii: np.ndarray, chosen: np.ndarray, faces: np.ndarray) -> Figure:
    figure = Figure(figsize=(WIDTH, 0.72 * WIDTH))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    low, high = np.quantile(places, [0.002, 0.998], axis=0)
    margin = 0.09 * np.maximum(high - low, 1e-12)
    axes.set(xlim=(low[0] - margin[0], high[0] + margin[0]), ylim=(low[1] - margin[1], high[1] + margin[1]))
    least, most = np.quantile(radii, [0.01, 0.99])
    axes.scatter(places[:, 0], places[:, 1], c=radii, s=4, linewidths=0, vmin=least, vmax=most)
    for place, face in zip(places[chosen], faces, strict=True):
        box = OffsetImage(face, zoom=72 * FACE / len(face), interpolation="bilinear")  # in points
        axes.add_artist(AnnotationBbox(box, place, pad=0.12, bboxprops={"linewidth": 0.6, "edgecolor": MUTED}))
    return figure
