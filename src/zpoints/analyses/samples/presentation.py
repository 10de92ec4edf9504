"""How the samplers are called, and how what they decode to is shown."""

import math
from dataclasses import dataclass
from typing import Any

from zpoints.report.metrics import Metric, MetricGroup
from zpoints.report.numbers import listing
from zpoints.report.results import Drawing, Results

TITLE = "Images from random z-points"
POSITION = 130

METRICS = MetricGroup(
    "Radii that the samplers draw",
    (Metric("drawn_radius", "radius.mean.*", "R of", "two", "Mean radius of the z-points that this sampler draws."),),
)


@dataclass(frozen=True)
class Lead:
    """The figure that opens the page, and its caption, HTML."""

    figure: str
    caption: str


LEAD = Lead(
    "overview",
    "<b>Two ways to choose z</b>, a pair of rows for each model. Above, z is drawn from N(0, I) without a look at "
    "where the z-points lie; below, from a Gaussian with their mean and covariance.",
)
# Blind to where the z-points lie, and led by it.
OVERVIEW = {"normal": "N(0, I)", "gaussian": "a Gaussian fitted to its z-points"}
# The samplers that tell most; the page folds the others.
OPEN = ("normal", "shell", "gaussian", "mixture", "bootstrap")
ROWS, ROWS_FOLDED = 2, 1


@dataclass(frozen=True)
class Draw:
    """The radii that one sampler drew for one model, mean and standard deviation; `expected` where theory says."""

    model: str
    expected: tuple[float, float] | None
    mean: float
    std: float


@dataclass(frozen=True)
class Sampling:
    """One sampler of the report; of its `images`, the first `shown` are in the figure."""

    name: str
    title: str
    same: str  # what the same position in two grids has in common
    open: bool  # shown at once, not only when asked for
    images: int
    shown: int
    draws: list[Draw]


def figures(results: Results) -> dict[str, Drawing]:
    """The overview, originals and reconstructions, and samples_SAMPLER with a block for each model."""
    from zpoints.report.figures.image_grid import blocks

    names = list(results.measurements)
    everyone = listing(names)
    pairs = [
        (f"{name}, z from {words}", name, results.measurements[name].arrays[sampler])
        for name in names
        for sampler, words in OVERVIEW.items()
    ]
    colors = {label: results.colors[name] for label, name, _ in pairs}
    overview = blocks([(label, pictures) for label, _, pictures in pairs], colors, rows=1)
    originals = results.pictures("originals")[0][1]
    rebuilt = [("original images", originals), *results.pictures("reconstructions")]
    drawings = {
        "overview": Drawing(overview, f"Images of {everyone} from random z-points, chosen two ways"),
        "reconstructions": Drawing(
            blocks(rebuilt, results.colors, rows=1), f"Held-out images, and their reconstructions by {everyone}"
        ),
    }
    for sampler in _samplers(results):
        figure = blocks(results.pictures(sampler), results.colors, ROWS if _is_open(sampler) else ROWS_FOLDED)
        drawings[f"samples_{sampler}"] = Drawing(figure, f"Images decoded by {everyone} from {title(sampler)}")
    return drawings


def context(results: Results) -> dict[str, Any]:
    """The samplers with the radii they drew, and how many originals there are and are shown."""
    from zpoints.report.figures.image_grid import COLUMNS

    samplings = [
        Sampling(
            name=sampler,
            title=title(sampler),
            same=same(sampler),
            open=_is_open(sampler),
            images=len(results.pictures(sampler)[0][1]),
            shown=COLUMNS * (ROWS if _is_open(sampler) else ROWS_FOLDED),
            draws=[_draw(results, sampler, name) for name in results.measurements],
        )
        for sampler in _samplers(results)
    ]
    originals = len(results.pictures("originals")[0][1])
    return {"samplings": samplings, "originals": originals, "originals_shown": COLUMNS}


def title(name: str) -> str:
    """A sampler's name for people: `uniform_2` is "uniform in [-2, 2]"."""
    kind, _, value = name.partition("_")
    if kind == "uniform":
        return f"uniform in [-{value}, {value}]"
    if kind == "mixture":
        return f"mixture of {value} Gaussians" if value != "1" else "mixture of one Gaussian"
    if kind == "jitter":
        return f"z-points of images, moved by {value} of their spread"
    return {
        "normal": "N(0, I)",
        "shell": "shell at the radii of the z-points",
        "diagonal": "Gaussian with independent axes",
        "gaussian": "Gaussian fitted to the z-points",
        "elliptical": "one ellipsoid at the Mahalanobis radii of the z-points",
        "permuted": "independent principal components, each with the z-points' own scores",
        "core": "core of that Gaussian",
        "bootstrap": "z-points of training images",
    }.get(name, name)


def same(name: str) -> str:
    """What the same position in the grids of two models has in common, as a sentence."""
    kind = name.partition("_")[0]
    if kind in ("normal", "uniform"):
        return "The same position is the same z-point for every model of one z_dim."
    if kind == "shell":
        return "The same position is the same direction for every model of one z_dim, at the radius of the same image."
    if kind in ("bootstrap", "jitter"):
        return "The same position is the same training image for every model."
    return "The same position is the same draw, stretched to each model's own cloud."


def expected_radius(sampler: str, z_dim: int) -> tuple[float, float] | None:
    """Mean and standard deviation of the radius of points from N(0, I), or from a cube of many dimensions.

    None for a sampler that is fitted to the z-points: its radius is theirs.
    """
    if sampler == "normal":
        mean = math.sqrt(2) * math.exp(math.lgamma((z_dim + 1) / 2) - math.lgamma(z_dim / 2))
        return mean, math.sqrt(z_dim - mean**2)
    if sampler.startswith("uniform_"):
        bound = float(sampler.removeprefix("uniform_"))
        # R² is a sum of squares of mean b²/3 and variance 4b⁴/45; R = sqrt(R²) to first order.
        return bound * math.sqrt(z_dim / 3), bound * math.sqrt(1 / 15)
    return None


def _samplers(results: Results) -> list[str]:
    """The samplers of all models, in their order."""
    return list(
        dict.fromkeys(name for model in results.measurements for name in results.numbers(model)["radius"]["mean"])
    )


def _is_open(sampler: str) -> bool:
    """Whether a sampler is shown at once."""
    return sampler.partition("_")[0] in OPEN


def _draw(results: Results, sampler: str, model: str) -> Draw:
    numbers = results.numbers(model)
    radius, expected = numbers["radius"], expected_radius(sampler, numbers["z_dim"])
    return Draw(model, expected, radius["mean"][sampler], radius["std"][sampler])
