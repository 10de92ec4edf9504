"""Which ways through the latent space are taken, and what the images along them are held against."""

from typing import Annotated, Any

from pydantic import Field

from zpoints.config.block import Block, Frozen, Misfit


class Paths(Frozen, Block, key="paths"):
    """Starts, pairs and directions are the same for every model of one z_dim."""

    pairs: int = Field(100, ge=2, le=10_000, description="of held-out images, joined by a line and by an arc")
    steps: int = Field(11, ge=3, le=1000, description="images along each path, both ends among them")
    axes: int = Field(5, ge=2, le=100, description="principal axes that are walked along, the largest first")
    reach: float = Field(4.0, gt=0, le=100, description="standard deviations to which an axis is walked, both ways")
    starts: int = Field(200, ge=2, le=100_000, description="z-points whose neighbourhood is explored")
    distances: tuple[Annotated[float, Field(ge=0, le=1000)], ...] = Field(
        (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0),
        min_length=2,
        description="from the start, in units of the cloud's spread: ascending from 0",
    )
    reference: int = Field(10_000, ge=200, description="training images that decoded ones are held against")
    neighbours: int = Field(5, ge=1, le=100, description="nearest of them, to which the distance is taken")
    level: float = Field(0.95, ge=0.5, lt=1, description="share of real held-out images that count as near enough")
    seed: int = Field(0, ge=0)

    def check(self, blocks: dict[str, Any]) -> None:
        if self.steps % 2 == 0:
            raise Misfit("paths.steps", "an odd number, so that a path has a middle", self.steps)
        if self.distances[0] != 0 or list(self.distances) != sorted(set(self.distances)):
            raise Misfit("paths.distances", "ascending numbers from 0, each once", list(self.distances))
