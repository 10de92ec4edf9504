"""How the latent spaces of all models are set beside one another."""

from typing import ClassVar

from pydantic import Field

from zpoints.config.block import AnalysisConfig, ConfigError, Minimum


class Config(AnalysisConfig):
    """Intervals leave out one of `n_groups` groups of images; p comes from shuffling the images of one model."""

    group: ClassVar[str] = "pair_analyses"

    n_groups: int = Field(20, ge=5, le=100, description="groups of images, left out in turn for the intervals")
    n_permutations: int = Field(999, ge=19, le=100_000, description="times that images are shuffled, for p")
    variance: float = Field(0.99, gt=0, le=1, description="of the principal axes that canonical correlations compare")
    subsample: int = Field(2000, ge=20, le=50_000, description="images among which neighbours are searched")
    n_repeats: int = Field(5, ge=2, le=100, description="subsamples, which share no image")
    n_neighbors: int = Field(10, ge=1, le=100)
    seed: int = Field(0, ge=0)

    def minimum(self, z_dim: int = 1) -> Minimum:
        subsamples = self.n_repeats * (self.n_neighbors + 1)
        why = f"{self.n_groups} groups, and {self.n_neighbors} neighbours in {self.n_repeats} subsamples"
        return Minimum(max(2 * self.n_groups, subsamples), why)

    def check(self) -> None:
        if self.n_neighbors >= self.subsample:
            raise ConfigError("n_neighbors", f"fewer than the {self.subsample} images of a subsample", self.n_neighbors)
