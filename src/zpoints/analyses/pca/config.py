"""How the principal axes and the neighborhoods of mu are examined."""

from pydantic import Field

from zpoints.config.block import AnalysisConfig, ConfigError, Minimum


class Config(AnalysisConfig):
    """Subsamples share no point: with few images each is smaller than asked for."""

    subsample: int = Field(2000, ge=20, le=50_000, description="points among which neighbors are searched")
    n_repeats: int = Field(5, ge=2, le=100, description="subsamples, whose scatter gives the intervals")
    n_neighbors: int = Field(10, ge=2, le=100)
    n_plotted: int = Field(2000, ge=2, le=20_000, description="points drawn along the first two axes")
    seed: int = Field(0, ge=0)

    def minimum(self, z_dim: int = 1) -> Minimum:
        why = f"{self.n_neighbors} neighbors in {self.n_repeats} subsamples"
        return Minimum((self.n_neighbors + 1) * self.n_repeats, why)

    def check(self) -> None:
        if self.n_neighbors >= self.subsample:
            raise ConfigError("n_neighbors", f"fewer than the {self.subsample} points of a subsample", self.n_neighbors)
