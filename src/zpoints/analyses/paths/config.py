"""Which ways through the latent space are taken, and what the images along them are compared with."""

from typing import Annotated, ClassVar

from pydantic import Field

from zpoints.config.block import AnalysisConfig, ConfigError, Minimum


class Config(AnalysisConfig):
    """Starts, pairs and directions are the same for every model of one z_dim."""

    group: ClassVar[str] = "image_analyses"

    n_pairs: int = Field(100, ge=2, le=10_000, description="of held-out images, joined by a line and by an arc")
    n_steps: int = Field(11, ge=3, le=1000, description="images along each path, both ends among them")
    n_axes: int = Field(5, ge=2, le=100, description="principal axes that are walked along, the largest first")
    n_sigma: float = Field(4.0, gt=0, le=100, description="standard deviations to which an axis is walked, both ways")
    n_starts: int = Field(200, ge=2, le=100_000, description="z-points whose neighbourhood is explored")
    distances: tuple[Annotated[float, Field(ge=0, le=1000)], ...] = Field(
        (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0),
        min_length=2,
        description="from the start, in units of the cloud's spread: ascending from 0",
    )
    n_reference: int = Field(10_000, ge=200, description="training images that decoded ones are compared with")
    n_neighbors: int = Field(5, ge=1, le=100, description="nearest of them, to which the distance is taken")
    quantile: float = Field(0.95, ge=0.5, lt=1, description="share of real held-out images that count as near enough")
    seed: int = Field(0, ge=0)

    def minimum(self, z_dim: int = 1) -> Minimum:
        return Minimum(2 * self.n_neighbors, f"{self.n_neighbors} neighbours", held_out=2)

    def check(self) -> None:
        if self.n_steps % 2 == 0:
            raise ConfigError("n_steps", "an odd number, so that a path has a middle", self.n_steps)
        if self.distances[0] != 0 or list(self.distances) != sorted(set(self.distances)):
            raise ConfigError("distances", "ascending numbers from 0, each once", list(self.distances))
