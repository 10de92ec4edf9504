"""How clusters of mu are searched for."""

import math
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from zpoints.config.block import AnalysisConfig, ConfigError, Minimum

ATTRIBUTES = 40  # of CelebA: as many tests are corrected for


class Config(AnalysisConfig):
    """Numbers of clusters to try, and how often; those of `k_labels` are compared with the attributes."""

    k: tuple[Annotated[int, Field(ge=2, le=1000)], ...] = Field(
        tuple(range(2, 81, 2)), min_length=3, max_length=200, description="numbers of clusters, ascending"
    )
    points: int = Field(20_000, ge=50, le=100_000, description="subsample in which clusters are searched for")
    n_init: int = Field(5, ge=2, le=100, description="of MiniBatchKMeans, for each k")
    n_nulls: int = Field(5, ge=3, le=100, description="Gaussians that go through the same, for each k")
    n_silhouette: int = Field(2000, ge=20, le=5000, description="points of the silhouette")
    k_labels: int = Field(40, ge=2, le=1000, description="the one of k whose clusters are compared with the attributes")
    n_permutations: int = Field(1999, ge=99, le=100_000, description="of the attributes")
    alpha: float = Field(0.05, gt=0, lt=1, description="chance of any false alarm among attributes; of the gap")
    seed: int = Field(0, ge=0)

    def minimum(self, z_dim: int = 1) -> Minimum:
        return Minimum(2 * self.k[-1], f"{self.k[-1]} clusters")

    def check(self) -> None:
        if any(more <= less for less, more in pairwise(self.k)):
            raise ConfigError("k", "ascending numbers of clusters", list(self.k))
        if self.k_labels not in self.k:
            raise ConfigError("k_labels", f"one of k ({', '.join(map(str, self.k))})", self.k_labels)
        if self.points < 2 * self.k[-1]:
            raise ConfigError("points", f"at least {2 * self.k[-1]}, two for each cluster", self.points)
        if ATTRIBUTES / (self.n_permutations + 1) > self.alpha:
            needed = math.ceil(ATTRIBUTES / self.alpha - 1e-9) - 1
            raise ConfigError("n_permutations", f"at least {needed}, which alpha asks for", self.n_permutations)
