"""How often do intervals hold the truth, and tests raise a false alarm? Prints a table in Markdown.

    python -m benchmarks.calibration --simulations 500 [NAME ...]

The tests run the same checks with fewer simulations. Each check is a function of a law and a generator: whether one
simulated measurement's interval held the truth, or whether its test rejected a null that is true.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from zpoints.analyses.similarity.method.embedding_similarity import debiased_cka, estimate, gather
from zpoints.metrics.jackknife import Score
from zpoints.metrics.prdc import Neighbourhoods
from zpoints.stats.modality import Cells, dip_test, silverman_rejects
from zpoints.stats.neighbors import describe_neighborhoods, interval
from zpoints.stats.reference_distributions import moments, null_models

ALPHA = 0.05
Law = Callable[[np.random.Generator, int, int], np.ndarray]


def normal(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """N(0, 1) in all axes, float64 (n, d)."""
    return rng.standard_normal((n, d))


def elliptical(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Student's t with 5 degrees of freedom, all axes stretched at once: heavy tails, and one ellipsoid."""
    return rng.standard_normal((n, d)) / np.sqrt(rng.chisquare(5, (n, 1)) / 5)


def skewed(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """Independent gamma axes of shape 2, mean 0 and variance 1."""
    return (rng.gamma(2, 1, (n, d)) - 2) / np.sqrt(2)


LAWS: dict[str, Law] = {"normal": normal, "elliptical": elliptical, "skewed": skewed}


@dataclass(frozen=True)
class Check:
    """A claim: an interval that covers with 95%, or a test whose level is at most 5%.

    outcome: of a law and a generator, 1 where the interval covered or the test rejected.
    floor: the coverage that is promised where it is not 95%. bounded: whether the level is promised on this law.
    """

    title: str
    outcome: Callable[[Law, np.random.Generator], bool]
    covers: bool = True
    floor: float = 1 - ALPHA
    promised: tuple[str, ...] = tuple(LAWS)

    def rate(self, law: str, simulations: int, seed: int = 0) -> float:
        """Share of simulations that covered, or rejected."""
        outcomes = [self.outcome(LAWS[law], np.random.default_rng((seed, run))) for run in range(simulations)]
        return float(np.mean(outcomes))

    def holds(self, rate: float, simulations: int) -> bool:
        """Whether a rate is within chance, 1 in 1,000, of what is promised."""
        from scipy.stats import binom

        if self.covers:
            return rate * simulations >= binom.ppf(0.001, simulations, self.floor)
        return rate * simulations <= binom.isf(0.001, simulations, ALPHA)


def dip(law: Law, rng: np.random.Generator) -> bool:
    """Hartigan's dip test on 500 numbers of one hump."""
    return dip_test(law(rng, 500, 1)[:, 0])["p_value"] < ALPHA


def dip_of_uniform(law: Law, rng: np.random.Generator) -> bool:
    """The same on the hardest law of one hump, whatever the law."""
    return dip_test(rng.random(500))["p_value"] < ALPHA


def silverman(law: Law, rng: np.random.Generator) -> bool:
    """Silverman's test on the same."""
    cells = Cells.of(law(rng, 500, 1)[:, 0])
    assert cells
    return silverman_rejects(cells, ALPHA, 100, (int(rng.integers(2**31)),))


def cka_interval(law: Law, rng: np.random.Generator) -> bool:
    """CKA of 64 axes and a noisy linear image of them, 1,000 images."""
    a, image = law(rng, 1000, 64), np.random.default_rng(0).standard_normal((64, 64)) / 8
    b = a @ image + rng.standard_normal(a.shape)
    variance = 5 / 3 if law is elliptical else 1.0
    within = variance * image.T @ image + np.eye(64)
    truth = np.square(variance * image).sum() / (variance * 8 * np.linalg.norm(within))
    found = estimate(gather([(a, b)], 20, 1, 0), debiased_cka, least=-1)
    return bool(found["low"] <= truth <= found["high"])


@cache
def _expected_prdc(name: str) -> dict[str, float]:
    """Means of the scores over 300 simulations with other seeds."""
    rows = [_prdc(LAWS[name], np.random.default_rng((1, run))) for run in range(300)]
    return {score: float(np.mean([row[score].value for row in rows])) for score in rows[0]}


def _prdc(law: Law, rng: np.random.Generator) -> dict[str, Score]:
    reals, fakes = law(rng, 200, 4), 0.8 * law(rng, 200, 4) + 0.3
    return Neighbourhoods.of(reals).scores(fakes)


def prdc_interval(score: str) -> Callable[[Law, np.random.Generator], bool]:
    """A score of 200 points, pulled in and moved, against 200 in 4 axes; the truth is its mean over both draws."""

    def outcome(law: Law, rng: np.random.Generator) -> bool:
        truth = _expected_prdc(law.__name__)[score]
        found = _prdc(law, rng)[score]
        assert found.low is not None and found.high is not None
        return found.low <= truth <= found.high

    return outcome


def neighbor_ratio(null: str, n: int, d: int) -> Callable[[Law, np.random.Generator], bool]:
    """The ratio of neighbor distances to those of a null that is true: the truth is 1."""

    def outcome(law: Law, rng: np.random.Generator) -> bool:
        points, rows = law(rng, n, d) * np.geomspace(4, 1, d), np.arange(n)
        nulls = null_models(points, rows, moments([points]), (0,))
        found = describe_neighborhoods(points, rows, nulls, 200, 5, 5, int(rng.integers(2**31)))["distance"]
        ratio = found["ratio" if null == "gaussian" else f"over_{null}"]
        return bool(ratio["low"] <= 1 <= ratio["high"])

    return outcome


def mean_of_ratios(law: Law, rng: np.random.Generator) -> bool:
    """The mean of the law's ratio over 32 images, each the mean of 16 axes: Student's t."""
    found = interval((1 + law(rng, 32, 16)).mean(axis=1).tolist())
    assert found["low"] is not None and found["high"] is not None
    return found["low"] <= 1 <= found["high"]


CHECKS = {
    "neighbors": Check(
        "neighbor distance over a Gaussian's, 10 images an axis",
        neighbor_ratio("gaussian", 400, 40),
        floor=0.92,
        promised=("normal",),
    ),
    "neighbors_elliptical": Check(
        "the same over the elliptical null's",
        neighbor_ratio("elliptical", 1000, 10),
        floor=0.92,
        promised=("elliptical",),
    ),
    "neighbors_permuted": Check(
        "the same over the permuted null's", neighbor_ratio("permuted", 1000, 10), floor=0.92, promised=("skewed",)
    ),
    "law_ratio": Check("ratio of the law of logvar, 32 images", mean_of_ratios, floor=0.92),
    **{
        score: Check(f"{score}, 20 groups left out on both sides", prdc_interval(score), floor=0.92)
        for score in ("density", "coverage", "precision", "recall", "nearest_real")
    },
    "cka": Check("CKA, debiased, 20 groups", cka_interval, floor=0.92),
    "dip": Check("dip test, level", dip, covers=False),
    "dip_of_uniform": Check("dip test on a uniform law, level", dip_of_uniform, covers=False, promised=("normal",)),
    "silverman": Check("Silverman's test, level", silverman, covers=False, promised=("normal",)),
}


def main() -> None:
    """Run the checks that are named, or all, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(CHECKS))
    parser.add_argument("--simulations", type=int, default=500)
    arguments = parser.parse_args()
    print(f"| check, {arguments.simulations} simulations | promised | {' | '.join(LAWS)} |")
    print("|---" * (len(LAWS) + 2) + "|")
    for name in arguments.names:
        check = CHECKS[name]
        promise = f"at least {check.floor:.0%}" if check.covers else f"at most {ALPHA:.0%}"
        rates = [f"{check.rate(law, arguments.simulations):.3f}" for law in LAWS]
        print(f"| {check.title} | {promise} | {' | '.join(rates)} |", flush=True)


if __name__ == "__main__":
    main()
