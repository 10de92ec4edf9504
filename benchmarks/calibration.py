"""How often do intervals hold the truth, and tests raise a false alarm?

    python -m benchmarks.calibration [--simulations 500] [EXPERIMENT ...]

runs the experiments that are named, or all, writes their rates into benchmarks/calibration.json, and from there the
tables of docs/analysis.md, between `<!-- calibration: ANALYSIS -->` and `<!-- calibrated -->`. The tests run the same
with fewer simulations.

An experiment is a function of a law and a generator: one simulated measurement, with the outcome of each of its
checks. Of a test that is whether it rejected a null that is true; of an interval, its two ends and the truth, or in
place of an unknown truth the value itself: the truth then is the mean of the values of all simulations.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from zpoints.analyses.clusters.config import Config as Clusters
from zpoints.analyses.clusters.method import cluster_labels, clustering
from zpoints.analyses.components.method import marginals
from zpoints.analyses.edits.method import edit_curves
from zpoints.analyses.gaussianity.method.multivariate_normality import HenzeZirklerNull, Scores, Subsamples
from zpoints.analyses.paths.method import path_curves
from zpoints.analyses.rate_distortion.method.energy import energy_test
from zpoints.analyses.rate_distortion.method.rate import axis_divergences
from zpoints.analyses.similarity.method import embedding_similarity as similarity
from zpoints.analyses.similarity.method import permutations
from zpoints.analyses.tsne.method import cluster_tendency
from zpoints.metrics.frechet import Frechet
from zpoints.metrics.kid import kid
from zpoints.metrics.knn_realism import KnnRealism
from zpoints.metrics.prdc import Neighbourhoods
from zpoints.stats import probes, radii, tsne
from zpoints.stats.confidence import explained, logit, mean, normal, wilson
from zpoints.stats.envelope import upper_p
from zpoints.stats.modality import Cells, describe_peak, dip_test, silverman_rejects
from zpoints.stats.neighbors import describe_neighborhoods, interval
from zpoints.stats.pca import principal_axes, scores
from zpoints.stats.reference_distributions import Gaussian, moments, null_models

ALPHA = 0.05
STORE, DOCS = Path(__file__).with_suffix(".json"), Path("docs/analysis.md")
BLOCK = re.compile(r"<!-- calibration: (\w+) -->\n.*?<!-- calibrated -->", re.DOTALL)
Law = Callable[[np.random.Generator, int, int], np.ndarray]
Outcome = bool | tuple[float, float, float]  # rejected; or low, truth or value, high
Experiment = Callable[[Law, np.random.Generator], dict[str, Outcome]]


def gaussian(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """N(0, 1) in all axes, float64 (n, d)."""
    return rng.standard_normal((n, d))


def elliptical(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Student's t with 5 degrees of freedom, all axes stretched at once: heavy tails, and one ellipsoid."""
    return rng.standard_normal((n, d)) / np.sqrt(rng.chisquare(5, (n, 1)) / 5)


def skewed(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Independent gamma axes of shape 2, mean 0 and variance 1."""
    return (rng.gamma(2, 1, (n, d)) - 2) / np.sqrt(2)


LAWS: dict[str, Law] = {"normal": gaussian, "elliptical": elliptical, "skewed": skewed}


@dataclass(frozen=True)
class Check:
    """A claim: an interval that covers with 95%, or a test whose level is at most 5%.

    analysis, title: where the number stands, and what it is. floor: the coverage that is promised where it is not 95%;
    None for a test. laws: on which it is measured; a level only where the null is true. promised: on which of them.
    known: the truth is no mean over the simulations.
    """

    analysis: str
    title: str
    floor: float | None = None
    laws: tuple[str, ...] = tuple(LAWS)
    promised: tuple[str, ...] = tuple(LAWS)
    known: bool = True

    def rate(self, outcomes: list[Outcome]) -> float:
        """Share of the simulations that covered, or rejected."""
        if self.floor is None:
            return float(np.mean(outcomes))
        low, truth, high = np.array(outcomes).T
        truth = truth if self.known else truth.mean()
        return float(((low <= truth) & (truth <= high)).mean())

    def holds(self, rate: float, simulations: int) -> bool:
        """Whether a rate is within chance, 1 in 1,000, of what is promised."""
        from scipy.stats import binom

        if self.floor is not None:
            return rate * simulations >= binom.ppf(0.001, simulations, self.floor)
        return rate * simulations <= binom.isf(0.001, simulations, ALPHA)


@cache
def crowd(law: str, d: int, count: int = 400_000) -> np.ndarray:
    """So many points of a law that what is measured of them is the truth."""
    return LAWS[law](np.random.default_rng(99), count, d)


def name_of(law: Law) -> str:
    """Its name in LAWS."""
    return next(name for name, known in LAWS.items() if known is law)


def hump(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """500 numbers of one hump."""
    values = law(rng, 500, 1)[:, 0]
    cells = Cells.of(values)
    assert cells
    seed = (int(rng.integers(2**31)),)
    found = describe_peak(cells, 100, seed)
    many = crowd(name_of(law), 1, 100_000)[:, 0]
    counts, _ = np.histogram(many, np.append(cells.centres - cells.width / 2, cells.centres[-1] + cells.width / 2))
    peak = cells.centres[np.argmax(cells.smoothed(counts.astype(float), cells.bandwidth))]
    return {
        "dip": dip_test(values)["p_value"] < ALPHA,
        "dip_uniform": dip_test(rng.random(500))["p_value"] < ALPHA,
        "silverman": silverman_rejects(cells, ALPHA, 100, seed),
        "density_peak": (found["low"], float(peak), found["high"]),
    }


def shells(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """Radii of 500 points of 8 axes, 3 from the origin."""
    points, truth = law(rng, 500, 8) + SHIFT, _shell(name_of(law))
    lengths, seed = np.linalg.norm(points, axis=1), (int(rng.integers(2**31)),)
    peak = radii.peak_interval(lengths, 0.5, 30, 200, seed)
    near = radii.describe(lengths, 0.5, 30, [(0.0, 2.0)])["share_interval"]["0 to 2"]
    null = radii.gaussian_radii(Gaussian.like(moments([points])), 5000, seed)
    distance = radii.compare(lengths, null, 100, seed)
    assert peak
    return {
        "radius_peak": (peak["low"], truth["peak"], peak["high"]),
        "radius_share": (near["low"], truth["share"], near["high"]),
        "radius_ks": distance["kolmogorov_smirnov"] > distance["kolmogorov_smirnov_chance"],
        "radius_wasserstein": distance["wasserstein"] > distance["wasserstein_chance"],
    }


SHIFT = np.append(3.0, np.zeros(7))


@cache
def _shell(law: str) -> dict[str, float]:
    many = np.linalg.norm(crowd(law, 8) + SHIFT, axis=1)
    return {"peak": radii.describe(many, 0.5, 30, [])["peak"], "share": float((many < 2).mean())}


def core(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """1,000 points of 6 axes: p of Henze and Zirkler's test of the core along the first 4."""
    points = law(rng, 1000, 6)
    scores = Scores.of(lambda: [points], None, 6, 3.0)
    null = core_null()
    found = scores.statistics("core", null.subsamples, (int(rng.integers(2**31)),))
    return {"henze_zirkler": upper_p(float(np.mean(found.tests["first"])), null.means.tolist()) <= ALPHA}


@cache
def core_null() -> HenzeZirklerNull:
    """Its draws do not depend on the points."""
    return HenzeZirklerNull.of(Subsamples(200, 3, 4, ALPHA), 6, 3.0, (0,))


def axes(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """300 points of 8 independent axes: any false alarm among them."""
    points = law(rng, 300, 8)
    matrix = np.corrcoef(points.T)
    return {
        "anderson_darling": marginals.Normality.test(points).describe(ALPHA)["failing"] > 0,
        "correlations": marginals.describe_correlations(matrix, 300, ALPHA)["beyond_chance"] > 0,
    }


TRUE_NULLS = {"normal": "gaussian", "elliptical": "elliptical", "skewed": "permuted"}  # which of them a law obeys


def tails(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """Neighbor distances and dimensions of 1,000 points of 10 axes over those of a null that is true: 1."""
    points, rows = law(rng, 1000, 10) * np.geomspace(4, 1, 10), np.arange(1000)
    nulls = null_models(points, rows, moments([points]), (0,))
    found = describe_neighborhoods(points, rows, nulls, 200, 5, 5, int(rng.integers(2**31)))
    null = TRUE_NULLS[name_of(law)]
    over = "ratio" if null == "gaussian" else f"over_{null}"
    ratios = {name: found[key][over] for name, key in (("distance", "distance"), ("two_nn", "two_nn"))}
    return {name: (ratio["low"], 1.0, ratio["high"]) for name, ratio in ratios.items()}


def cells_of_noise(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """K-means of 200 points of 5 axes beside four Gaussians, and labels that know nothing of the cells."""
    points = law(rng, 200, 5).astype(np.float32)
    null = Gaussian.like(moments([points]))
    config = Clusters(k=(2, 4, 6), k_labels=4, n_init=2, n_nulls=4)
    seed = int(rng.integers(2**31))
    found, partitions = clustering.curves([points] * 2, 2, config.k, n_silhouette=20, k_labels=4, seed=(seed,))
    draws = [null.sample(200, (seed, draw)) for draw in range(4)]
    nulls, _ = clustering.curves(draws, 4, config.k, n_silhouette=20, k_labels=None, seed=(seed, 9))
    labels = (rng.random((200, 5)) < 0.3).astype(np.uint8)
    return {
        "gap": clustering.describe_gap(config.k, found.inertia, nulls.inertia, ALPHA)["p"] <= ALPHA,
        "cells": cluster_labels.agreement(partitions[0].cells, labels, 199, (seed, 1)).p_holm.min() <= ALPHA,
    }


def gaps(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """The gap of 100 points of 5 axes to three Gaussians, and to three draws of the null that is true."""
    points, seed = law(rng, 100, 5).astype(np.float32), int(rng.integers(2**31))
    nulls = null_models(points, np.arange(100), moments([points]), (seed,))

    def logs(clouds: list[np.ndarray], place: int) -> np.ndarray:
        curves, _ = clustering.curves(clouds, len(clouds), (4,), n_silhouette=20, k_labels=None, seed=(seed, place))
        return -np.log(curves.inertia)

    own, outcomes = logs([points] * 2, 0), dict[str, Outcome]()
    for check, name in (("gap_gaussian", "gaussian"), ("gap_true", TRUE_NULLS[name_of(law)])):
        draws = [nulls[name].sample(100, (seed, draw)) for draw in range(3)]
        found = clustering.describe_difference(own, logs(draws, 1), ALPHA)
        outcomes[check] = found["low"], found["mean"] if check == "gap_gaussian" else 0.0, found["high"]
    return outcomes


def spaces(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """A space of 8 axes and a noisy linear image of it, 600 images; and two spaces that know nothing of each other."""
    gathered, near, held_out = _pair(law, rng, 600)
    truth = _truth(name_of(law))
    outcomes: dict[str, Outcome] = {}
    for name, measure in MEASURES.items():
        found = similarity.estimate(gathered, measure, 2, -1)
        outcomes[name] = found["low"], truth[name], found["high"]
    common = interval([similarity.overlap(*both) for both in near])
    assert common["low"] is not None and common["mean"] is not None and common["high"] is not None
    outcomes["neighbours"] = common["low"], common["mean"], common["high"]
    ((errors, spreads), _) = similarity.residuals(held_out, similarity.maps(gathered.whole.spaces()))
    fit = explained(errors, spreads)
    assert fit
    outcomes["r2"] = (normal(*fit)[0], fit[0], normal(*fit)[1])
    a, b = (np.linalg.norm(law(rng, 300, 8) + at, axis=1) for at in (2, 2.5))
    length = similarity.radius_distance(a, b, 20, 19, 0)
    outcomes["radius_distance"] = length["low"], truth["radius_distance"], length["high"]

    a, b, seed = law(rng, 100, 4), law(rng, 100, 4), int(rng.integers(2**31))
    p = permutations.of_covariances(a, b, (np.eye(4), np.eye(4)), 99, seed)
    p["neighbours"] = permutations.of_neighbours(similarity.nearest(a, 5), similarity.nearest(b, 5), 99, seed)
    p["r2"] = permutations.of_map(a, b, 99, seed)
    a, b = np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)
    p["radius_distance"] = similarity.radius_distance(a, b, 5, 99, seed)["p"]
    return outcomes | {f"p_{name}": value <= ALPHA for name, value in p.items()}


MEASURES = {
    "cka": similarity.debiased_cka,
    "procrustes": similarity.procrustes,
    "procrustes_scaled": similarity.procrustes_scaled,
    "unrotated": similarity.unrotated,
    "canonical": lambda both: float(similarity.canonical(both, (6, 6)).mean()),
}


def _pair(
    law: Law, rng: np.random.Generator, images: int
) -> tuple[similarity.Gathered, Iterable[tuple[np.ndarray, np.ndarray]], list[tuple[np.ndarray, np.ndarray]]]:
    """Sums of both spaces, neighbours in five subsamples of both, and 200 further images."""
    a = law(rng, images + 200, 8) * np.geomspace(3, 1, 8)
    b = a @ np.random.default_rng(0).standard_normal((8, 8)) / 3 + rng.standard_normal(a.shape)
    parts = np.split(np.arange(500), 5) if images < 10_000 else []
    near = [(similarity.nearest(a[part], 5), similarity.nearest(b[part], 5)) for part in parts]
    return similarity.gather([(a[:images], b[:images])], 20, 1, 0), near, [(a[images:], b[images:])]


@cache
def _truth(law: str) -> dict[str, float]:
    from scipy.stats import wasserstein_distance

    rng = np.random.default_rng(98)
    both = _pair(LAWS[law], rng, 200_000)[0].whole.spaces()
    lengths = [np.linalg.norm(LAWS[law](rng, 200_000, 8) + at, axis=1) for at in (2, 2.5)]
    return {name: measure(both) for name, measure in MEASURES.items()} | {
        "radius_distance": float(wasserstein_distance(*lengths))
    }


def labels(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """Probes of 300 images: scores of five attributes, a factor, a share, and a mean."""
    noise = law(rng, 300, 5)
    known = (rng.random((300, 5)) < [0.5, 0.4, 0.3, 0.2, 0.1]).astype(int)
    truth = _areas(name_of(law))
    found = [probes.auc(scores, column) for scores, column in zip((noise + known).T, known.T, strict=True)]
    areas = logit(float(np.mean([area for area, _ in found])), np.mean([influence for _, influence in found], axis=0))
    strong = probes.auc(noise[:, 4] + 4 * known[:, 4], known[:, 4])
    area = logit(*found[2])
    near = logit(strong[0], strong[1], int(known[:, 4].sum()))
    columns = list(zip(noise.T, known.T, strict=True))
    p = [probes.two_sided(probes.auc(*both)[0], probes.chance(both[1])) for both in columns]
    factor, guess = noise[:, 0], 0.7 * noise[:, 0] + 0.5 * rng.standard_normal(300)
    fit = explained(np.square(factor - guess), np.square(factor))
    assert fit
    low, high = normal(*fit)
    share = float((noise[:40, 0] < truth["quantile"]).mean())
    bounds, cosine = wilson(share, 40), mean(noise[:, 1])
    return {
        "auc": (area[0], truth["auc"], area[1]),
        "auc_strong": (near[0], truth["strong"], near[1]),
        "auc_mean": (areas[0], truth["auc"], areas[1]),
        "mann_whitney": probes.holm(np.array(p)).min() <= ALPHA,
        "factor": (low, truth["r2"], high),
        "share": (bounds[0], 0.97, bounds[1]),
        "mean": (cosine[0], 0.0, cosine[1]),
    }


@cache
def _areas(law: str) -> dict[str, float]:
    many = crowd(law, 1)[:, 0]
    half = len(many) // 2

    def area(shift: float) -> float:
        kinds = np.repeat([0, 1], half)
        return probes.auc(many + shift * kinds, kinds)[0]

    # The guess leaves 0.3 of the factor, and noise of variance 1/4.
    variance = float(many.var())
    r2 = 1 - (0.09 * variance + 0.25) / variance
    return {"auc": area(1), "strong": area(4), "r2": r2, "quantile": float(np.quantile(many, 0.97))}


def decoded(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """Features of 200 images, pulled in and moved, against 200 real ones, in 4 axes."""
    reals, fakes = law(rng, 200, 4), 0.8 * law(rng, 200, 4) + 0.3
    scores = Neighbourhoods.of(reals).scores(fakes) | {
        "kid": kid(fakes, reals, 0, subsets=2, size=50)[0],
        "frechet": Frechet(reals, 0).score(fakes)[0],
    }
    return {name: (score.low or 0.0, score.value, score.high or 0.0) for name, score in scores.items()}


def compressed(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """Rate of 8 axes, squared error of 48 pixels and what noise adds to it; and z-points of the prior."""
    variance = float(crowd(name_of(law), 1).var())
    logvar, noise = -2.0, 0.05
    rate = 4 * (variance + np.exp(logvar) - 1 - logvar)
    outcomes: dict[str, Outcome] = {}
    for count in (20, 200):
        mu, errors = law(rng, count, 8), 0.1 * law(rng, count, 48)
        low, high = mean(axis_divergences(mu, np.full_like(mu, logvar)).sum(axis=1))
        outcomes[f"rate_{count}"] = low, rate, high
        excess = np.square(errors).sum(axis=1)
        low, high = mean(excess)
        outcomes[f"excess_{count}"] = low, 0.48 * variance, high
        low, high = mean(np.square(errors + noise * rng.standard_normal(errors.shape)).sum(axis=1) - excess)
        outcomes[f"noise_{count}"] = low, 48 * noise**2, high
    for d in (1, 16):
        outcomes[f"energy_{d}"] = energy_test(law(rng, 40, d), 39, (int(rng.integers(2**31)),))["p"] <= ALPHA
    return outcomes


def away(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """Points of 4 axes that are their own features: from 16 of them, and between 8 pairs, among 200 other ones."""
    real, points = law(rng, 700, 4), law(rng, 16, 4)
    realism = KnnRealism.of(real[:400], real[400:], 5, 0.95)
    normal_law = Gaussian.like(moments([real]))
    ways = path_curves.around(normal_law, points, np.linspace(0, 4, 9), 2.0, (int(rng.integers(2**31)),))
    rows = []
    for bundle in [*path_curves.between(points[:8], points[8:], 3, normal_law.mean), *ways]:
        distances = realism.distances(bundle.points.reshape(-1, 4)).reshape(bundle.points.shape[:2])
        rows += path_curves.rows_of(bundle, distances, realism.threshold)
    middle = next(row for row in rows if row["path"] == "linear" and row["position"] == 0.5)
    outcomes: dict[str, Outcome] = {"middle": (middle["low"], middle["distance"], middle["high"])}
    for name in ("images_shaped", "mean_shaped"):
        found = path_curves.width(rows, name, realism.threshold, realism.threshold_interval)
        low, value, high = (float("inf") if (end := found[key]) is None else end for key in ("low", "value", "high"))
        outcomes[name] = low, value, high
    return outcomes


def edited(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """40 faces that lose identity and gain the attribute as an edit grows, each at its own pace."""
    strength, paces = np.linspace(0, 3, 7), law(rng, 40, 2)
    identity = np.exp(-strength * np.exp(0.3 * paces[:, :1]) / 4)
    outcome = edit_curves.Outcome(1.5 * strength + paces[:, 1:] > 2, identity, identity)
    seed = (int(rng.integers(2**31)),)
    found = edit_curves.summary(dict.fromkeys(edit_curves.VARIANTS, outcome), 0.7, seed)
    return {"success": (found["low"], found["success"], found["high"])}


def ratios(law: Law, rng: np.random.Generator) -> dict[str, Outcome]:
    """The mean of the law's ratio over 32 images, each the mean of 16 axes: Student's t."""
    found = interval((1 + law(rng, 32, 16)).mean(axis=1).tolist())
    assert found["low"] is not None and found["high"] is not None
    return {"law_ratio": (found["low"], 1.0, found["high"])}


NULL: Any = {"laws": ("normal",), "promised": ("normal",)}  # of tests whose null a normal law alone obeys
WIDE = 0.92  # coverage that is promised of intervals from few groups or subsamples
EXPERIMENTS: dict[str, tuple[Experiment, dict[str, Check]]] = {
    "hump": (
        hump,
        {
            "dip": Check("radius", "p of the dip test, 500 radii"),
            "dip_uniform": Check("radius", "the same on a uniform law, the hardest", **NULL),
            "silverman": Check("radius", "Silverman's test alone, 500 radii", promised=("normal",)),
            "density_peak": Check("radius", "peak of the density, 500 radii; truth: of the smoothed law", WIDE),
        },
    ),
    "shells": (
        shells,
        {
            "radius_peak": Check("radius", "peak of R (bin), 500 points, 8 axes", WIDE),
            "radius_share": Check(
                "radius",
                "share of R in an interval (Wilson); the skewed law has 1 in 4,000 there",
                WIDE,
                promised=("normal", "elliptical"),
            ),
            "radius_ks": Check("radius", "distance to the Gaussian beyond chance", **NULL),
            "radius_wasserstein": Check("radius", "the same by Wasserstein", **NULL),
        },
    ),
    "core": (
        core,
        {"henze_zirkler": Check("gaussianity", "p of the core, 1,000 points, 4 of 6 axes", **NULL)},
    ),
    "axes": (
        axes,
        {
            "anderson_darling": Check("components", "any of 8 axes not normal (Holm), 300 points", **NULL),
            "correlations": Check(
                "components", "any of 28 pairs correlated (Holm)", laws=("normal", "skewed"), promised=("normal",)
            ),
        },
    ),
    "tails": (
        tails,
        {
            "distance": Check("pca", "neighbor distance over the null that is true, 1,000 points, 10 axes", WIDE),
            "two_nn": Check("pca", "local dimension (TwoNN) over that null", WIDE),
        },
    ),
    "cells": (
        cells_of_noise,
        {
            "gap": Check("clusters", "gap beyond 4 Gaussians', 200 points, 5 axes", **NULL),
            "cells": Check("clusters", "any of 5 attributes predicted (Holm)", **NULL),
        },
    ),
    "gaps": (
        gaps,
        {
            "gap_gaussian": Check("clusters", "gap to 3 Gaussians, 100 points, 5 axes, 4 cells", WIDE, known=False),
            "gap_true": Check("clusters", "gap to 3 draws of the null that is true; truth: 0", WIDE),
        },
    ),
    "spaces": (
        spaces,
        {
            **{
                name: Check("similarity", f"{title}, 600 images, 8 axes", WIDE)
                for name, title in {
                    "cka": "CKA",
                    "procrustes": "distance, rotated",
                    "procrustes_scaled": "distance, rotated and scaled",
                    "unrotated": "distance, as they are",
                    "canonical": "canonical correlation",
                }.items()
            },
            "neighbours": Check("similarity", "common neighbours, 5 subsamples of 100", WIDE, known=False),
            "r2": Check("similarity", "R², 200 held-out images", WIDE, known=False),
            "radius_distance": Check("similarity", "distance of the radii, 300 images", WIDE),
            **{
                f"p_{name}": Check("similarity", f"p of {title}, 100 unrelated images")
                for name, title in {
                    "cka": "CKA",
                    "procrustes": "the distance, rotated",
                    "unrotated": "the distance, as they are",
                    "canonical": "canonical correlation",
                    "neighbours": "common neighbours",
                    "r2": "R²",
                }.items()
            },
            "p_radius_distance": Check("similarity", "p of the distance of equal laws of the radius, 100 images"),
        },
    ),
    "labels": (
        labels,
        {
            "auc": Check("attributes", "AUC near 0.75, 300 images", WIDE),
            "auc_strong": Check("attributes", "AUC near 1, a tenth of the images have it", 0.9),
            "auc_mean": Check("attributes", "mean AUC of 5 attributes", WIDE),
            "mann_whitney": Check("attributes", "any of 5 attributes beyond chance (Holm)"),
            "factor": Check("attributes", "R² of a factor, 300 images", WIDE),
            "share": Check("edits", "success (Wilson), 97% of 40 faces", WIDE),
            "mean": Check("edits", "identity, 300 faces", WIDE),
        },
    ),
    "decoded": (
        decoded,
        {
            name: Check("evaluation", f"{title}, 200 images a side, 4 axes", 0.9, known=False)
            for name, title in {
                "kid": "face-KID",
                "frechet": "face-FD",
                "density": "density",
                "coverage": "coverage",
                "precision": "precision",
                "recall": "recall",
                "nearest_real": "distance to the nearest real image",
            }.items()
        },
    ),
    "compressed": (
        compressed,
        {
            **{
                f"{name}_{count}": Check(
                    "rate_distortion",
                    f"{title}, {count} images",
                    WIDE,
                    promised=("normal", "skewed") if count == 20 and name != "noise" else tuple(LAWS),
                )
                for count in (20, 200)
                for name, title in {
                    "rate": "rate",
                    "excess": "reco above floor and distortion",
                    "noise": "what the noise costs",
                }.items()
            },
            **{
                f"energy_{d}": Check("rate_distortion", f"p of the energy distance, 40 z-points, z_dim {d}", **NULL)
                for d in (1, 16)
            },
        },
    ),
    "away": (
        away,
        {
            "middle": Check("paths", "mean over 8 paths, half way", 0.9, known=False),
            "images_shaped": Check("paths", "width about an image, 16 starts, 300 real images", WIDE, known=False),
            "mean_shaped": Check("paths", "width about the mean", WIDE, known=False),
        },
    ),
    "edited": (edited, {"success": Check("edits", "success at one identity, 40 faces", WIDE, known=False)}),
    "ratios": (ratios, {"law_ratio": Check("curvature", "sigma² (H + fact) / fact, 32 images", WIDE)}),
}


@cache
def rates(experiment: str, law: str, simulations: int, seed: int = 0) -> dict[str, float]:
    """The rate of each check of an experiment that this law has."""
    simulate, checks = EXPERIMENTS[experiment]
    runs = [simulate(LAWS[law], np.random.default_rng((seed, run))) for run in range(simulations)]
    return {name: check.rate([run[name] for run in runs]) for name, check in checks.items() if law in check.laws}


FILAMENTS = 10
SHARES = (0.2, 0.3, 0.4, 0.6, 0.8)  # of the points, on filaments


def filaments_found(share: float, clouds: int = 20) -> float:
    """In how many of 2,000-point clouds of 10 axes are straight filaments found that hold this share of the points?

    They are lines between two normal draws each; found: the interval of the neighbor distance's ratio is below 1.
    """
    found = []
    for cloud in range(clouds):
        rng = np.random.default_rng((7, cloud))
        ends, chosen = rng.standard_normal((2, FILAMENTS, 10)), rng.integers(FILAMENTS, size=2000)
        along, on_line = rng.random((2000, 1)), rng.random(2000) < share
        lines = (1 - along) * ends[0, chosen] + along * ends[1, chosen]
        points = np.where(on_line[:, None], lines, rng.standard_normal((2000, 10))).astype(np.float32)
        nulls = {"gaussian": Gaussian.like(moments([points]))}
        ratio = describe_neighborhoods(points, np.arange(2000), nulls, 400, 5, 5, cloud)["distance"]["ratio"]
        found.append(ratio["high"] is not None and ratio["high"] < 1)
    return float(np.mean(found))


ISLANDS = (0.1, 0.2, 0.3, 0.4, 0.5)  # of the variance, between the clusters


def islands_found(share: float, clouds: int = 20) -> list[float]:
    """In how many maps do Hopkins' statistic and the silhouette find ten clusters, whose centres hold this share?

    Maps of 800 points of 10 axes with 250 iterations, each beside one of a Gaussian of equal mean and covariance;
    found: the excess over it is beyond that of 38 of 39 Gaussian clouds.
    """
    found = np.array([map_excess(share, (8, cloud)) for cloud in range(clouds)])
    return [float(rate) for rate in (found > _critical()).mean(axis=0)]


def map_excess(share: float, seed: tuple[int, ...]) -> np.ndarray:
    """By how much both statistics of one map pass those of the map of its Gaussian null, float64 (2,)."""
    law = Gaussian(np.zeros(10), np.eye(10))
    points = clustering.planted_clusters(law, 800, share, seed)
    cloud = moments([points])
    _, directions = principal_axes(cloud)
    found = []
    with tsne.reproducible():
        for values in (points, Gaussian.like(cloud).sample(800, (*seed, 3))):
            near = tsne.neighbors(values, tsne.needed(30))
            drawn, _ = tsne.embed(scores(values, cloud, directions), near, 30, 12, 250, seed[-1])
            tendency = cluster_tendency.hopkins(drawn, 800, 0)["mean"]
            found.append((tendency, cluster_tendency.silhouette(drawn, 10, 800, 0)))
    return np.array(found[0]) - np.array(found[1])


@cache
def _critical() -> np.ndarray:
    """The second largest excess of 39 clouds without clusters, of both statistics: passed by chance in 5%."""
    return np.sort([map_excess(0.0, (9, cloud)) for cloud in range(39)], axis=0)[-2]


LIMITS: dict[str, tuple[str, str, Callable[[float], Any], tuple[float, ...]]] = {
    "filaments": (
        "pca",
        "Ten straight filaments with a share of 2,000 points of 10 axes are found in so many of 20 clouds",
        filaments_found,
        SHARES,
    ),
    "islands": (
        "tsne",
        "Ten clusters of 800 points of 10 axes, with a share of the variance between them, are found in so many of 20 "
        "maps by Hopkins' statistic and by the silhouette (250 iterations)",
        islands_found,
        ISLANDS,
    ),
}


def laws_of(experiment: str) -> list[str]:
    """The laws that any check of it has."""
    return [law for law in LAWS if any(law in check.laws for check in EXPERIMENTS[experiment][1].values())]


def filled(text: str, stored: dict[str, dict[str, Any]]) -> str:
    """The text of the docs with the tables of the stored rates."""

    def table(block: re.Match[str]) -> str:
        lines = []
        for experiment, (_, checks) in EXPERIMENTS.items():
            for name, check in checks.items():
                if check.analysis == block[1]:
                    promise = "level, 5% at most" if check.floor is None else f"coverage, {check.floor:.0%} at least"
                    promise += "" if set(check.promised) == set(check.laws) else f" ({', '.join(check.promised)})"
                    found = [stored.get(experiment, {}).get(law, {}).get(name) for law in LAWS]
                    cells = ["" if rate is None else f"{rate:.3f}" for rate in found]
                    lines.append(f"| {check.title} | {promise} | {' | '.join(cells)} |")
        if lines:
            titles = f"| measured over simulations | promised | {' | '.join(LAWS)} |"
            lines = [titles, "|---" * (len(LAWS) + 2) + "|", *lines]
        for name, (analysis, what, _, _) in LIMITS.items():
            if analysis == block[1] and name in stored:
                told = [
                    f"{float(share):.0%}: {' and '.join(f'{rate:.2f}' for rate in np.atleast_1d(power))}"
                    for share, power in stored[name].items()
                ]
                lines += [*([""] if lines else []), f"{what}: {', '.join(told)}."]
        return "\n".join([f"<!-- calibration: {block[1]} -->", *lines, "<!-- calibrated -->"])

    return BLOCK.sub(table, text)


def main() -> None:
    """Run the experiments that are named, or all; store and write what they gave after each law."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = [*EXPERIMENTS, *LIMITS]
    parser.add_argument("names", nargs="*", default=known, metavar="EXPERIMENT", help=", ".join(known))
    parser.add_argument("--simulations", type=int, default=500)
    arguments = parser.parse_args()
    for name in arguments.names:
        if name in LIMITS:
            _, _, found_at, sizes = LIMITS[name]
            _store(name, {f"{size:g}": found_at(size) for size in sizes})
        for law in laws_of(name) if name in EXPERIMENTS else ():
            found = rates(name, law, arguments.simulations)
            _store(name, {law: {"simulations": arguments.simulations} | found})
            print(name, law, {check: round(rate, 3) for check, rate in found.items()}, flush=True)


def _store(name: str, found: dict[str, Any]) -> None:
    """Add what an experiment found, and write it into the docs."""
    stored = json.loads(STORE.read_text(encoding="utf-8")) if STORE.exists() else {}
    stored[name] = stored.get(name, {}) | found
    STORE.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    DOCS.write_text(filled(DOCS.read_text(encoding="utf-8"), stored), encoding="utf-8")


if __name__ == "__main__":
    main()
