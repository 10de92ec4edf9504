"""How the noise of a VAE is measured."""

from pydantic import Field

from zpoints.config.block import AnalysisConfig, ConfigError


class Config(AnalysisConfig):
    """Components of z - mu beyond `threshold` are counted; logvar's histogram has bins of `bin_width`."""

    threshold: float = Field(0.05, gt=0)
    bin_width: float = Field(0.5, ge=0.01)
    intervals: tuple[tuple[float, float], ...] = Field(
        ((-30.0, -20.0), (-20.0, -15.0), (-15.0, -10.0), (-10.0, -5.0), (-5.0, 0.0), (0.0, 5.0)),
        description="half-open intervals [from, to) of logvar whose components are counted",
    )

    def check(self) -> None:
        for low, high in self.intervals:
            if not low < high:
                raise ConfigError("intervals", "pairs with from < to", [low, high])
