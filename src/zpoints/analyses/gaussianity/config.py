"""How mu is compared with a multivariate normal."""

import math

from pydantic import Field

from zpoints.config.block import AnalysisConfig, ConfigError, Minimum

MIN_SUBSAMPLE = 20  # points, whatever the axes


class Config(AnalysisConfig):
    """Subsamples share no point: with few images each is smaller than asked for."""

    variance: float = Field(0.99, gt=0, le=1, description="that the kept principal axes hold; the rest collapsed")
    n_sigma: float = Field(3.0, ge=1, le=10, description="points with a score beyond so many deviations are removed")
    subsample: int = Field(2000, ge=20, le=5000, description="points of Shapiro-Wilk's and Henze-Zirkler's tests")
    n_repeats: int = Field(5, ge=2, le=100, description="subsamples, whose scatter gives the intervals")
    n_axes: int = Field(10, ge=1, le=1000, description="first principal axes of the test in a few dimensions")
    n_nulls: int = Field(39, ge=4, le=1000, description="Gaussians that go through the same; 39 for a level of 5%")
    alpha: float = Field(0.05, gt=0, lt=1, description="of any false alarm among the axes, and in the Q-Q")
    seed: int = Field(0, ge=0)

    def minimum(self) -> Minimum:
        return Minimum(MIN_SUBSAMPLE * self.n_repeats, f"{self.n_repeats} subsamples; twice the axes in each")

    def check(self) -> None:
        needed = math.ceil(1 / self.alpha - 1e-9) - 1
        if self.n_nulls < needed:
            raise ConfigError("n_nulls", f"at least {needed}, which alpha asks for", self.n_nulls)
