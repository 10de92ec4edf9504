"""How mu is compared with a multivariate normal."""

import math

from pydantic import Field

from zpoints.config.block import AnalysisConfig, ConfigError, Minimum

SPARE = 0.9  # of the points that are sure to be left in a core may go into subsamples: chance varies


def min_subsample(axes: int) -> int:
    """Points that a subsample needs at least: two for each axis, and 20."""
    return max(2 * axes, 20)


def core_of_a_gaussian(axes: int, n_sigma: float) -> float:
    """The share of a Gaussian that has none of its independent scores beyond `n_sigma` standard deviations."""
    from scipy.special import ndtr

    return float((1 - 2 * ndtr(-n_sigma)) ** axes)


class Config(AnalysisConfig):
    """Subsamples share no point: with few images each is smaller than asked for."""

    variance: float = Field(0.99, gt=0, le=1, description="that the kept principal axes hold; the rest collapsed")
    n_sigma: float = Field(3.0, ge=1, le=10, description="points with a score beyond so many deviations are removed")
    subsample: int = Field(2000, ge=20, le=5000, description="points of Shapiro-Wilk's and Henze-Zirkler's tests")
    n_repeats: int = Field(5, ge=2, le=100, description="subsamples, whose scatter gives the intervals")
    n_axes: int = Field(10, ge=1, le=1000, description="first principal axes of the test in a few dimensions")
    n_nulls: int = Field(39, ge=4, le=1000, description="Gaussians that go through the same; a draw is dear")
    alpha: float = Field(0.05, gt=0, lt=1, description="of any false alarm among the axes, and in the Q-Q")
    seed: int = Field(0, ge=0)

    def minimum(self, z_dim: int = 1) -> Minimum:
        axes = f"{z_dim} axes" if z_dim > 1 else "an axis"
        needed = self.n_repeats * min_subsample(z_dim) / (SPARE * core_of_a_gaussian(z_dim, self.n_sigma))
        return Minimum(math.ceil(needed), f"{self.n_repeats} subsamples of the core along {axes}")

    def check(self) -> None:
        needed = math.ceil(1 / self.alpha - 1e-9) - 1
        if self.n_nulls < needed:
            raise ConfigError("n_nulls", f"at least {needed}, which alpha asks for", self.n_nulls)
