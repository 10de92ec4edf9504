"""Where z-points are drawn that are then decoded."""

from typing import Annotated, Any, Literal

from pydantic import Field

from zpoints.config.block import Block, ConfigError, Frozen


class Samplers(Frozen, Block, key="samplers"):
    """The same seed draws the same points for every model of one z_dim, so that two grids differ in the model alone."""

    uniform: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (2.0, 10.0), description="b of the uniform samplers [-b, b]"
    )
    nulls: tuple[Literal["elliptical", "permuted"], ...] = Field(
        ("elliptical", "permuted"),
        description="nulls besides the Gaussian: one ellipsoid, independent components",
    )
    core: float | None = Field(
        2.0, gt=0, le=10, description="standard deviations to which the core is truncated; null for none"
    )
    mixture: int | None = Field(10, ge=1, le=1000, description="Gaussians of the mixture; null for none")
    jitter: float | None = Field(0.2, gt=0, le=10, description="of the moved z-points, in units of their spread")
    seed: int = Field(0, ge=0)

    def check(self, blocks: dict[str, Any]) -> None:
        if len(set(self.uniform)) < len(self.uniform):
            raise ConfigError("samplers.uniform", "each b once", list(self.uniform))
        if len(set(self.nulls)) < len(self.nulls):
            raise ConfigError("samplers.nulls", "each name once", list(self.nulls))
