"""How mu is examined along each axis."""

from pydantic import Field

from zpoints.config.block import AnalysisConfig, Minimum

MIN_POINTS = 8  # from here on the law of the Anderson-Darling statistic hardly depends on their number


class Config(AnalysisConfig):
    """More points see smaller deviations from a normal: one size of the subsample makes models comparable."""

    subsample: int = Field(2000, ge=20, le=100_000, description="points of the test of normality")
    alpha: float = Field(0.05, gt=0, lt=1, description="chance of any false alarm among all axes, or all pairs of them")
    seed: int = Field(0, ge=0)

    def minimum(self, z_dim: int = 1) -> Minimum:
        return Minimum(train=MIN_POINTS)
