"""How the radii of the z-points are measured."""

from pydantic import Field

from zpoints.config.block import AnalysisConfig, ConfigError


class Config(AnalysisConfig):
    """The posts' histogram: 70 half-open bins of 0.5 from 0; what lies beyond is counted as overflow.

    The level's range is that of Hall and York's calibration.
    """

    bin_width: float = Field(0.5, gt=0)
    bins: int = Field(70, ge=1, le=10_000)
    intervals: tuple[tuple[float, float], ...] = Field(
        ((12.0, 24.0), (14.0, 19.0)), description="half-open intervals [from, to) whose share of the points is stated"
    )
    bootstrap: int = Field(1000, ge=100, le=100_000, description="resamples behind each interval and each test")
    alpha: float = Field(0.05, ge=0.002, le=0.25, description="chance that the test finds a second maximum in one hump")
    null_points: int = Field(
        100_000, ge=1000, le=10_000_000, description="radii drawn from the Gaussian of equal moments"
    )
    seed: int = Field(0, ge=0)

    def check(self) -> None:
        for low, high in self.intervals:
            if not 0 <= low < high:
                raise ConfigError("intervals", "pairs with 0 <= from < to", [low, high])
